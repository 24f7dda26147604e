"""The door by which other machines reach the embedded servers: TLS on two ports, passed on to their unix sockets.

The binaries of the embedded servers speak no TLS, so the servers themselves never listen on a network. Whoever comes through the door still has to
log in (SCRAM at Postgres, an ACL user at Redis), and only as one of the roles that other machines are given.
"""

import argparse
import asyncio
import signal
import socket
import ssl
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.postgres import APP_ROLE, PUBLISH_ROLE
from infra.errors import Conflict, Forbidden, Invalid
from infra.log import configure_logging, get_logger

DOOR_OPENED, GUEST_REFUSED = "door.opened", "guest.refused"
ROLES = (APP_ROLE, PUBLISH_ROLE)
MOST_GUESTS = 400
_HANDSHAKE_S = 10.0
_CHUNK = 1 << 16
_PROTOCOL_3, _CANCEL = 3, 80877102
_LONGEST_STARTUP = 10_000
_log = get_logger("door")


@dataclass(frozen=True)
class Entrance:
    """One port and the socket behind it; `postgres` says that logins are those of a Postgres server."""

    port: int
    socket: Path
    postgres: bool


class Door:
    """Passes connections on between TLS and the sockets of the embedded servers."""

    def __init__(self, address: str, certificate: Path, key: Path) -> None:
        self._address = address
        self._pair = (certificate, key)
        self._guests = 0

    async def open(self, entrance: Entrance) -> asyncio.Server:
        """Listen at an entrance."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(*self._pair)
        if entrance.postgres:
            # libpq asks for this name when it begins with TLS at once, and takes no server that does not confirm it.
            context.set_alpn_protocols(["postgresql"])

        async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._welcome(entrance, reader, writer)
            writer.close()

        server = await asyncio.start_server(welcome, self._address, entrance.port, ssl=context, ssl_handshake_timeout=_HANDSHAKE_S)
        _log.info(DOOR_OPENED, address=self._address, port=entrance.port)
        return server

    async def _welcome(self, entrance: Entrance, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._guests >= MOST_GUESTS:
            _log.warning(GUEST_REFUSED, reason="too many connections", limit=MOST_GUESTS)
            return
        self._guests += 1
        try:
            _notice_loss(writer.get_extra_info("socket"))
            first = b""
            if entrance.postgres:
                first = await asyncio.wait_for(_startup(reader), _HANDSHAKE_S)
                if reason := refusal(first):
                    _log.warning(GUEST_REFUSED, reason=reason, peer=str(writer.get_extra_info("peername")))
                    writer.write(_error(reason))
                    await writer.drain()
                    return
            await _pass_on(first, reader, writer, entrance.socket)
        finally:
            self._guests -= 1


def refusal(startup: bytes) -> str:
    """Return why a first message of Postgres' protocol is not passed on; nothing when it may."""
    (code,) = struct.unpack("!i", startup[4:8])
    if code == _CANCEL:
        return ""
    if code >> 16 != _PROTOCOL_3:
        return f"protocol {code >> 16}.{code & 0xFFFF} is not spoken here"
    words = startup[8:].split(b"\0")
    told = {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in zip(words[::2], words[1::2], strict=False) if name}
    if told.get("user") not in ROLES:
        return f"role {told.get('user', '')!r} may not come from another machine; the roles are {' and '.join(ROLES)}"
    return "replication is not offered to other machines" if "replication" in told else ""


def _notice_loss(guest: socket.socket) -> None:
    """Have the kernel end the connection within about half a minute of a guest's machine vanishing: its session holds locks until then."""
    guest.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3), (socket.TCP_USER_TIMEOUT, 25_000)):
        guest.setsockopt(socket.IPPROTO_TCP, option, value)


async def _startup(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    (length,) = struct.unpack("!i", head)
    if not 8 <= length <= _LONGEST_STARTUP:
        raise asyncio.IncompleteReadError(head, length)
    return head + await reader.readexactly(length - 4)


def _error(reason: str) -> bytes:
    """Return the message by which Postgres refuses a login (SQLSTATE 28000)."""
    fields = b"".join(kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", "28000"), (b"M", reason)))
    return b"E" + struct.pack("!i", len(fields) + 5) + fields + b"\0"


async def _pass_on(first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: Path) -> None:
    """Copy both ways until one side ends, then let the other go as well."""
    inner_reader, inner_writer = await asyncio.open_unix_connection(str(behind))
    try:
        inner_writer.write(first)
        ways = [asyncio.create_task(_copy(reader, inner_writer)), asyncio.create_task(_copy(inner_reader, writer))]
        _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in left:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    finally:
        inner_writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(_CHUNK):
        target.write(chunk)
        await target.drain()


def check_address(address: str, ports: Sequence[int]) -> None:
    """Return when this machine can listen at an address that others can name; raises Invalid or Conflict."""
    if address in {"0.0.0.0", "::", "*", ""}:
        raise Invalid(f"YTEMPIRE_LISTEN={address!r} names every address of the machine; give the one that the other machines reach, such as 10.0.0.5")
    for port in ports:
        try:
            socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET).close()
        except OSError as error:
            fix = "give an address of this machine in YTEMPIRE_LISTEN, or other ports in YTEMPIRE_LISTEN_POSTGRES_PORT and YTEMPIRE_LISTEN_REDIS_PORT"
            raise Conflict(f"cannot listen at {address} port {port}: {error.strerror or error}; {fix}", address=address, port=port) from error


def check_logins(data: Path) -> None:
    """Return when every login of the Postgres cluster in `data` needs a SCRAM password; raises Forbidden naming the line that does not."""
    for line in (data / "pg_hba.conf").read_text("utf-8").splitlines():
        words = line.split("#", 1)[0].split()
        if words and not {"scram-sha-256", "reject"} & set(words):
            raise Forbidden(f"the embedded Postgres is not opened to other machines while pg_hba.conf lets somebody in without a password: {line.strip()!r}")


async def serve(door: Door, entrances: Sequence[Entrance]) -> None:
    """Keep the entrances open until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    servers = [await door.open(entrance) for entrance in entrances]
    await stopped.wait()
    for server in servers:
        server.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the door from the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.embedded.door", description=__doc__)
    parser.add_argument("--address", required=True, help="the address to listen at")
    parser.add_argument("--certificate", type=Path, required=True, help="PEM file of the certificate")
    parser.add_argument("--key", type=Path, required=True, help="PEM file of its key")
    parser.add_argument("--postgres", nargs=2, metavar=("PORT", "SOCKET"), help="the port for Postgres and the socket behind it")
    parser.add_argument("--redis", nargs=2, metavar=("PORT", "SOCKET"), help="the port for Redis and the socket behind it")
    chosen = parser.parse_args(arguments)
    configure_logging("INFO")
    pairs = ((chosen.postgres, True), (chosen.redis, False))
    entrances = [Entrance(int(pair[0]), Path(pair[1]), postgres) for pair, postgres in pairs if pair]
    asyncio.run(serve(Door(chosen.address, chosen.certificate, chosen.key), entrances))
    return 0


if __name__ == "__main__":
    sys.exit(main())
