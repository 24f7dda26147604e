"""Hostile bytes at the real socket: requests that are none, that two servers would read differently, that are too large or too slow."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from api.http.wire import MOST_HEAD_BYTES, MOST_HEADERS, GuardedProtocol
from api.server import Server, server_config
from tests.fixtures.service import Service

_WITHIN_S = 10.0
_HOST = "host: localhost\r\n"


class _Hasty(GuardedProtocol):
    """The same with little patience."""

    head_s, grace_s, stall_s = 0.2, 0.2, 0.2


@dataclass
class Wire:
    """A served application, at a port of this machine."""

    port: int
    server: Server

    async def say(self, *parts: bytes | str, wait_s: float = 0.0) -> bytes:
        """Send parts and return everything that comes until the server ends the connection, at most 10 s."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(_WITHIN_S):
                for part in parts:
                    writer.write(part.encode() if isinstance(part, str) else part)
                    await writer.drain()
                    await asyncio.sleep(wait_s)
                return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    async def holds(self, connections: int) -> bool:
        """Wait until the server holds so many connections, at most 10 s; return whether it does."""
        for _ in range(1000):
            if len(self.server.server_state.connections) == connections:
                return True
            await asyncio.sleep(0.01)
        return False


def answers(said: bytes) -> list[int]:
    """Return the status of every answer in what came."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


@pytest.fixture
async def wire(service: Service) -> AsyncIterator[Wire]:
    """The service at a socket, with little patience."""
    server = Server(server_config(service.app, _Hasty), service.state.feed)
    listening = await asyncio.get_running_loop().create_server(lambda: asyncio.Protocol(), "127.0.0.1", 0)
    found = listening.sockets[0].dup()
    listening.close()
    found.listen(64)
    serving = asyncio.create_task(server.serve([found]))
    try:
        yield Wire(found.getsockname()[1], server)
    finally:
        server.should_exit = True
        await serving
        found.close()


def post(*lines: str, body: str = "") -> str:
    """Return a POST that would stop everything, with these headers."""
    return "\r\n".join(("POST /v1/switches/engage HTTP/1.1", "host: localhost", "content-type: application/json", *lines, "", body))


_STOP = '{"scope":"all","reason":"smuggled"}'
_SMUGGLED = f"POST /v1/switches/engage HTTP/1.1\r\n{_HOST}content-type: application/json\r\ncontent-length: {len(_STOP)}\r\n\r\n{_STOP}"
AMBIGUOUS = {
    "length and chunks": post(f"content-length: {len(_STOP)}", "transfer-encoding: chunked", body=f"0\r\n\r\n{_SMUGGLED}"),
    "chunks and length": post("transfer-encoding: chunked", f"content-length: {len(_STOP)}", body=f"0\r\n\r\n{_SMUGGLED}"),
    "two lengths": post("content-length: 0", f"content-length: {len(_STOP)}", body=_STOP),
    "lengths in one": post(f"content-length: {len(_STOP)}, {len(_STOP)}", body=_STOP),
    "length with a sign": post(f"content-length: +{len(_STOP)}", body=_STOP),
    "length below zero": post("content-length: -1", body=_STOP),
    "length in hex": post("content-length: 0x23", body=_STOP),
    "length without end": post("content-length: 99999999999999999999999999", body=_STOP),
    "a space before the colon": post("transfer-encoding : chunked", body=f"0\r\n\r\n{_SMUGGLED}"),
    "chunks that are not last": post("transfer-encoding: chunked, identity", body=f"0\r\n\r\n{_SMUGGLED}"),
    "nearly chunks": post("transfer-encoding: xchunked", body=f"0\r\n\r\n{_SMUGGLED}"),
    "a chunk of no number": post("transfer-encoding: chunked", body=f"zz\r\n{_STOP}\r\n0\r\n\r\n"),
    "a chunk below zero": post("transfer-encoding: chunked", body=f"-1\r\n{_STOP}\r\n0\r\n\r\n"),
    "a chunk without end": post("transfer-encoding: chunked", body=f"ffffffffffffffffff\r\n{_STOP}"),
    "a folded header": post("x-a: b", " transfer-encoding: chunked", f"content-length: {len(_STOP)}", body=_STOP),
    "a zero byte in a header": post("x-a: b\x00c", f"content-length: {len(_STOP)}", body=_STOP),
    "a line end in a header": post("x-a: b\rc: d", f"content-length: {len(_STOP)}", body=_STOP),
    "no name": post(": b", f"content-length: {len(_STOP)}", body=_STOP),
    "two hosts": post("host: evil.example", f"content-length: {len(_STOP)}", body=_STOP),
    "no version": f"GET /healthz\r\n{_HOST}\r\n",
    "another version": f"GET /healthz HTTP/9.9\r\n{_HOST}\r\n",
    "a host to connect to": f"CONNECT evil.example:443 HTTP/1.1\r\n{_HOST}\r\n",
    "no request": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another protocol": "SSH-2.0-OpenSSH_9.9\r\n",
    "a path of other letters": f"GET /\xff\xfe HTTP/1.1\r\n{_HOST}\r\n",
}


async def test_what_two_servers_would_read_differently_is_refused_and_nothing_is_done(wire: Wire, service: Service) -> None:
    for kind, sent in AMBIGUOUS.items():
        said = await wire.say(sent.encode("latin-1"))
        assert answers(said) == [400], (kind, said)
        assert b"content-type: application/problem+json" in said, kind
        assert b"connection: close" in said, kind
    assert (await service.client.get("/v1/switches")).json()["items"] == []


async def test_requests_behind_each_other_are_answered_each_by_its_own(wire: Wire) -> None:
    one = f"GET /healthz HTTP/1.1\r\n{_HOST}\r\n"
    said = await wire.say(one + f"GET /v1/nothing HTTP/1.1\r\n{_HOST}\r\n" + one.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"))
    assert answers(said) == [200, 404, 200]


async def test_a_good_request_in_pieces_is_answered(wire: Wire, service: Service) -> None:
    half = len(_SMUGGLED) // 2
    said = await wire.say(_SMUGGLED[:20], _SMUGGLED[20:half], _SMUGGLED[half:].replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"), wait_s=0.02)
    assert answers(said) == [200], said
    assert [one["reason"] for one in (await service.client.get("/v1/switches")).json()["items"]] == ["smuggled"]


HEADS = {
    "address": f"GET /{'a' * MOST_HEAD_BYTES} HTTP/1.1\r\n{_HOST}\r\n",
    "header": f"GET /healthz HTTP/1.1\r\n{_HOST}x-a: {'b' * MOST_HEAD_BYTES}\r\n\r\n",
    "header without end": f"GET /healthz HTTP/1.1\r\n{_HOST}{'x-a: b' * MOST_HEAD_BYTES}",
    "headers": f"GET /healthz HTTP/1.1\r\n{_HOST}" + "x-a: b\r\n" * (MOST_HEADERS + 1) + "\r\n",
    "headers without end": f"GET /healthz HTTP/1.1\r\n{_HOST}" + "x-a: b\r\n" * 100_000,
}


async def test_a_head_beyond_the_limit_is_refused_however_it_comes(wire: Wire) -> None:
    for (kind, head), size in itertools.product(HEADS.items(), (3 * MOST_HEAD_BYTES, 4096)):
        said = await wire.say(*(head[at : at + size] for at in range(0, min(len(head), 3 * MOST_HEAD_BYTES), size)))
        # The connection is closed while the rest is on its way: the answer may be lost, the request must be.
        assert answers(said) in ([431], []), (kind, said[:200])


async def test_as_many_headers_as_are_taken_are_taken(wire: Wire) -> None:
    said = await wire.say(f"GET /healthz HTTP/1.1\r\n{_HOST}connection: close\r\n" + "x-a: b\r\n" * (MOST_HEADERS - 2) + "\r\n")
    assert answers(said) == [200]


IDLE: dict[str, tuple[str, ...]] = {
    "silence": (),
    "one byte": ("G",),
    "no end": (f"GET /healthz HTTP/1.1\r\n{_HOST}",),
    "a byte at a time": tuple(f"GET /healthz HTTP/1.1\r\nx-a: {'b' * 40}"),
    "no body": (post("content-length: 1000"),),
    "a body by bytes": (post("content-length: 1000", body="{"), *" " * 40),
    "a body by chunks": (post("transfer-encoding: chunked"), *("1\r\n \r\n",) * 40),
}


async def test_whoever_keeps_a_connection_for_nothing_loses_it(wire: Wire) -> None:
    for kind, said in zip(IDLE, await asyncio.gather(*(wire.say(*parts, wait_s=0.03) for parts in IDLE.values())), strict=True):
        assert answers(said) in (([] if kind == "silence" else [408]), []), (kind, said)
        if said:
            assert json.loads(said.split(b"\r\n\r\n")[-1])["code"] == "too_slow"
    assert answers(await wire.say(f"GET /healthz HTTP/1.1\r\n{_HOST}connection: close\r\n\r\n")) == [200]


async def test_whoever_does_not_take_the_answer_loses_the_connection(wire: Wire) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", wire.port, limit=1024)
    writer.write(f"GET /openapi.json HTTP/1.1\r\n{_HOST}\r\n".encode() * 60)
    begun, gone = await wire.holds(1), await wire.holds(0)
    writer.close()
    assert (begun, gone) == (True, True)


HOSTS = (
    ("GET http://evil.example/healthz HTTP/1.1", "localhost", 200),
    ("GET http://localhost/healthz HTTP/1.1", "evil.example", 421),
    ("GET /healthz HTTP/1.1", "localhost:8000", 200),
    ("GET /healthz HTTP/1.1", "localhost:80@evil.example", 421),
    ("GET /healthz HTTP/1.1", "localhost:evil.example", 421),
    ("GET /healthz HTTP/1.1", "localhost.evil.example", 421),
    ("GET /healthz HTTP/1.1", "evil-localhost", 421),
    ("GET /healthz HTTP/1.1", "localhost, evil.example", 421),
    ("GET /healthz HTTP/1.1", "[::1].evil.example", 421),
    ("GET /healthz HTTP/1.1", "169.254.169.254", 421),
    ("GET /healthz HTTP/1.1", "", 421),
)


async def test_only_the_host_header_counts_and_only_hosts_of_ours(wire: Wire) -> None:
    for line, host, status in HOSTS:
        said = await wire.say(f"{line}\r\nhost: {host}\r\nx-forwarded-host: localhost\r\nconnection: close\r\n\r\n")
        assert answers(said) == [status], (line, host)
        assert b"evil.example" not in said


async def test_a_body_that_says_too_much_is_refused_before_it_comes(wire: Wire) -> None:
    for head in (post("content-length: 1000001"), post("content-length: 9000000000", "expect: 100-continue")):
        said = await wire.say(head)
        assert answers(said) == [413], said


async def test_a_body_without_a_length_is_counted_as_it_comes(wire: Wire) -> None:
    chunk = "8000\r\n" + " " * 0x8000 + "\r\n"
    said = await wire.say(post("transfer-encoding: chunked"), *(chunk for _ in range(40)))
    assert answers(said) in ([413], []), said[:300]
