"""The stage of the API bench: a database and Redis of its own, rows to read, users with tokens, and two servers to ask."""

import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from infra.embedded.redis import EmbeddedRedis
from infra.errors import Unavailable
from infra.processes import environment
from infra.settings import CHECKOUT
from memory.migrations import migrate
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.api_tokens import ApiTokenRepository
from memory.repositories.users import UserRepository
from tools.registry import load_constant

CHANNELS, FEW, MANY = 300, 10, 1_000
CROWDED = "tenant_crowded"
SCOPES = ["channels:read", "incidents:read", "approvals:read", "live:read", "metrics:read"]
_READY_WITHIN_S, _LOOK_AGAIN_S = 60.0, 2.0
_SEED = """
    insert into tenants (id, name) values ('tenant_crowded', 'Crowded') on conflict do nothing;
    insert into channels (id, tenant_id, name, personality_id, created_at)
        select 'bench-' || n, 'tenant_local', 'Channel ' || n, 'pulse', now() - n * interval '1 minute' from generate_series(1, {channels}) n;
    insert into channels (id, tenant_id, name, personality_id) values ('crowded', 'tenant_crowded', 'Crowded', 'pulse');
    insert into runs (id, channel_id, request, provenance, status)
        select 'run_few_' || n, 'bench-1', '{{}}'::jsonb, 'demo', 'waiting' from generate_series(1, {few}) n
        union all select 'run_many_' || n, 'crowded', '{{}}'::jsonb, 'demo', 'waiting' from generate_series(1, {many}) n;
    insert into approvals (id, run_id, gate, interrupt_id, manifest_digest, request)
        select 'approval_' || id, id, 'video', 'i', repeat('0', 64), '{{"action_request": {{"action": "approve_video", "args": {{}}}}}}'::jsonb from runs;
    analyze;
"""


@dataclass(frozen=True)
class Stage:
    """Where to ask, and by which tokens."""

    urls: PostgresUrls
    port: int
    hello_port: int
    token: str
    crowded_token: str
    tokens: tuple[str, ...]


@contextmanager
def staged(users: int) -> Iterator[Stage]:
    """Set the stage for the block."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-"))
    home.chmod(0o711)
    postgres, redis = EmbeddedPostgres(home), EmbeddedRedis(home)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        stack.callback(postgres.stop)
        urls = postgres.start()
        stack.callback(redis.stop)
        redis.start()
        migrate(urls.admin)
        with psycopg.connect(urls.admin) as connection:
            connection.execute(_SEED.format(channels=CHANNELS, few=FEW, many=MANY).encode())
        tokens = _tokens(urls, users)
        with psycopg.connect(urls.admin, autocommit=True) as connection:
            connection.execute("vacuum analyze")
        addresses = {"DATABASE_URL": urls.app, "DATABASE_API_URL": urls.api, "REDIS_URL": redis.url(), "YTEMPIRE_HOME": str(home), "YTEMPIRE_NETWORK": "off"}
        # One caller asks as fast as it is answered; requests are counted all the same.
        addresses["YTEMPIRE_RATE_READS"] = "10000000"
        port = stack.enter_context(_served("api.server", "/healthz", environment(**addresses)))
        hello = stack.enter_context(_served("evals.bench_api_hello", "/hello", environment(YTEMPIRE_HOME=str(home))))
        yield Stage(urls, port, hello, tokens[0], tokens[1], tuple(tokens[2:]))


def _tokens(urls: PostgresUrls, users: int) -> list[str]:
    prefix, database = str(load_constant("api.auth.authenticator:TOKEN_PREFIX")), Database(urls.app)
    made = []
    with database.unit_of_work() as session:
        people, tokens = UserRepository(session), ApiTokenRepository(session)
        for number in range(users + 2):
            token = prefix + secrets.token_urlsafe(32)
            user = people.add(f"bench{number}@example.com", "admin", tenant_id=CROWDED if number == 1 else LOCAL_TENANT)
            tokens.create(user, token, "bench", SCOPES, None)
            made.append(token)
    database.dispose()
    return made


@contextmanager
def _served(module: str, path: str, env: dict[str, str]) -> Iterator[int]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    port = int(listening.getsockname()[1])
    command = [sys.executable, "-m", module, str(listening.fileno())]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(listening.fileno(),))
    try:
        _await(process, f"http://127.0.0.1:{port}{path}")
        yield port
    finally:
        process.terminate()
        process.wait(30)
        listening.close()


def _await(process: "subprocess.Popen[bytes]", address: str) -> None:
    gives_up_at = SYSTEM_CLOCK.monotonic() + _READY_WITHIN_S
    while SYSTEM_CLOCK.monotonic() < gives_up_at and process.poll() is None:
        try:
            # The socket is open before the server is there, so that one which never comes would be waited for to the end.
            with urlopen(address, timeout=_LOOK_AGAIN_S):  # noqa: S310 - our own server on this machine  # nosec B310
                return
        except (URLError, TimeoutError):
            continue
    raise Unavailable(f"{address} did not answer within {_READY_WITHIN_S:g} s")
