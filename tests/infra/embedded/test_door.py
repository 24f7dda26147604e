"""The door to the embedded servers: TLS, a password and the right role, or nothing."""

import asyncio
import contextlib
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
import redis

from infra.embedded.certificate import Certificate, ensure_certificate, unpack_certificate
from infra.embedded.door import check_address, check_logins, refusal
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from infra.embedded.redis import EmbeddedRedis
from infra.errors import Conflict, Forbidden, Invalid
from infra.settings import CHECKOUT


@dataclass(frozen=True)
class Doorway:
    """An open door before the session's servers."""

    postgres_port: int
    redis_port: int
    certificate: Path
    postgres: PostgresUrls
    redis: EmbeddedRedis

    def database(self, url: str, **changes: str) -> str:
        """Return a URL of the embedded server as another machine would write it."""
        parts = urlsplit(url)
        told = {"sslmode": "verify-full", "sslnegotiation": "direct", "sslrootcert": str(self.certificate), **changes}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in told.items())
        return f"postgresql://{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self.postgres_port}{parts.path}?{query}"

    def queue(self, login: str, scheme: str = "rediss") -> str:
        """Return the URL of the queue for a login."""
        trust = f"?ssl_ca_certs={self.certificate}" if scheme == "rediss" else ""
        return f"{scheme}://{login}127.0.0.1:{self.redis_port}/0{trust}"

    @property
    def login(self) -> str:
        """The login of the embedded queue."""
        return urlsplit(self.redis.url()).netloc.rpartition("@")[0] + "@"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def doorway(postgres_server: EmbeddedPostgres, redis_server: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doorway]:
    folder = tmp_path_factory.mktemp("door")
    pair = ensure_certificate(folder, "127.0.0.1")
    found = Doorway(_free_port(), _free_port(), pair.certificate, postgres_server.urls(), redis_server)
    argv = [sys.executable, "-m", "infra.embedded.door", "--address", "127.0.0.1", "--certificate", str(pair.certificate), "--key", str(pair.key)]
    argv += ["--postgres", str(found.postgres_port), str(postgres_server.socket_folder / ".s.PGSQL.5432")]
    argv += ["--redis", str(found.redis_port), str(redis_server.socket)]
    with (folder / "door.log").open("wb") as log, subprocess.Popen(argv, cwd=CHECKOUT, stdout=log, stderr=log) as process:
        for port in (found.postgres_port, found.redis_port):
            _until_open(port)
        yield found
        process.terminate()
        assert process.wait(10) == 0


def _until_open(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens at port {port}")


def test_another_machine_reaches_both_servers_with_the_certificate_and_the_password(doorway: Doorway) -> None:
    for url in (doorway.postgres.app, doorway.postgres.publish):
        with psycopg.connect(doorway.database(url)) as connection:
            assert connection.execute("select current_user").fetchone() == (urlsplit(url).username,)
            # More than fits a socket's buffer, both ways.
            assert connection.execute("select length(%s), repeat('x', 3000000)", ["y" * 3_000_000]).fetchone() == (3_000_000, "x" * 3_000_000)
    with redis.Redis.from_url(doorway.queue(doorway.login)) as client:
        assert client.set("door", "x" * 2_000_000)
        assert client.get("door") == b"x" * 2_000_000
        client.delete("door")


@pytest.mark.parametrize("changes", [{"sslmode": "disable", "sslnegotiation": "postgres"}, {"sslnegotiation": "postgres"}])
def test_without_tls_at_once_there_is_no_answer(doorway: Doorway, changes: dict[str, str]) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(doorway.database(doorway.postgres.app, connect_timeout="5", **changes)).close()


def test_a_server_with_another_certificate_is_not_believed(doorway: Doorway, tmp_path: Path) -> None:
    other = ensure_certificate(tmp_path, "127.0.0.1")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(doorway.database(doorway.postgres.app, sslrootcert=str(other.certificate))).close()
    wrong = doorway.queue(doorway.login).replace(str(doorway.certificate), str(other.certificate))
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(wrong) as client:
        client.ping()


def test_the_owner_of_the_database_and_replication_stay_at_home(doorway: Doorway) -> None:
    with pytest.raises(psycopg.OperationalError, match="role 'postgres' may not come from another machine"):
        psycopg.connect(doorway.database(doorway.postgres.admin)).close()
    with pytest.raises(psycopg.OperationalError, match="replication is not offered"):
        psycopg.connect(doorway.database(doorway.postgres.app, replication="database")).close()


def test_a_wrong_or_missing_password_is_refused(doorway: Doorway) -> None:
    known = urlsplit(doorway.postgres.app)
    for login in (f"{known.username}:wrong", str(known.username)):
        with pytest.raises(psycopg.OperationalError, match="password|supplied"):
            psycopg.connect(doorway.database(f"postgresql://{login}@/{known.path.lstrip('/')}")).close()
    for login in ("", "studio:wrong@", "default:@"):
        with pytest.raises(redis.exceptions.RedisError), redis.Redis.from_url(doorway.queue(login)) as client:
            client.ping()


def test_a_running_query_can_be_cancelled_from_afar(doorway: Doorway) -> None:
    with psycopg.connect(doorway.database(doorway.postgres.app)) as connection:
        asyncio.run(_cancelled(connection))


async def _cancelled(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    asking = asyncio.get_running_loop().run_in_executor(None, lambda: connection.execute("select pg_sleep(30)"))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(connection.cancel_safe)
    with pytest.raises(psycopg.errors.QueryCanceled):
        await asking


@pytest.mark.parametrize(("code", "refused"), [(80877103, True), (2 << 16, True), (3 << 16, False), ((3 << 16) + 2, False), (80877102, False)])
def test_only_logins_of_protocol_3_and_cancellations_are_passed_on(code: int, refused: bool) -> None:
    message = struct.pack("!ii", 0, code) + b"user\0ytempire_app\0database\0ytempire\0\0"
    assert bool(refusal(message)) is refused


def test_a_certificate_is_kept_for_its_address_and_travels_in_one_line(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path, "10.0.0.5")
    assert first.key.stat().st_mode & 0o077 == 0
    made = first.certificate.read_bytes()
    assert ensure_certificate(tmp_path, "10.0.0.5").certificate.read_bytes() == made
    assert unpack_certificate(first.copy(), tmp_path / "there" / "studio.pem").read_bytes() == made
    assert Certificate(first.certificate, first.key).copy() == first.copy()
    assert ensure_certificate(tmp_path, "studio.example").certificate.read_bytes() != made
    with pytest.raises(Invalid, match="YTEMPIRE_STUDIO_CERT is not the base64 of a certificate"):
        unpack_certificate("not a certificate", tmp_path / "x.pem")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "*", ""])
def test_the_address_must_be_one_that_others_can_name(address: str) -> None:
    with pytest.raises(Invalid, match="give the one that the other machines reach"):
        check_address(address, [1])


def test_an_address_or_port_that_cannot_be_had_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Conflict, match=r"cannot listen at 127\.0\.0\.1 port \d+: Address already in use"):
        check_address("127.0.0.1", [taken.getsockname()[1]])
    with pytest.raises(Conflict, match="give an address of this machine"):
        check_address("192.0.2.1", [15432])


def test_a_cluster_that_trusts_anybody_is_not_opened(postgres_server: EmbeddedPostgres, tmp_path: Path) -> None:
    check_logins(postgres_server.data)
    (tmp_path / "pg_hba.conf").write_text("# local\nlocal all all trust\n")
    with pytest.raises(Forbidden, match="local all all trust"):
        check_logins(tmp_path)
