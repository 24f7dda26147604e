"""A home's stack as a command sees it: join the one that runs, or start one that ends with its last client."""

import atexit
import json
import socket
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Self

from api.stack_host import START_BYTES, StackUrls, stack_note
from infra.control import ControlClient
from infra.embedded.postgres import require_postgres
from infra.embedded.redis import require_redis
from infra.errors import Conflict, StudioError, Unavailable
from infra.files import tail
from infra.homelock import HomeLock
from infra.processes import Launch, deadline, environment, start_process
from infra.room import require_room
from infra.settings import CHECKOUT, Settings

_START_WITHIN_S = 180.0
_STOP_WITHIN_S = 90.0
_SERVICES_WITHIN_S = 20.0
_LOOK_AGAIN_S = 0.2
# Hosts that this process started and that now serve others: kept, since dropping a running child's handle is reported as a leak.
_LEFT_RUNNING: list["subprocess.Popen[bytes]"] = []


class Stack:
    """Postgres, Redis, dispatcher and workers of one home: `with Stack(settings) as stack: ... stack.urls ...`.

    The stack runs in a process of its own. It stays up while any command is connected to it and ends, in order, when the last one has gone; after a
    kill of the last one it waits some seconds for another, which takes over warm workers and running jobs. One started by `ytempire up` ends when that
    command does.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.model_copy(update={"home": settings.home.resolve()})
        self._client: ControlClient | None = None
        self._host: subprocess.Popen[bytes] | None = None
        self._urls: StackUrls | None = None

    @property
    def urls(self) -> StackUrls:
        """Where the services are; raises Unavailable before the stack was started or joined."""
        if self._urls is None:
            raise Unavailable("the stack was neither started nor joined")
        return self._urls

    @property
    def connected(self) -> Settings:
        """The settings with the stack's URLs filled in, for code that takes Settings."""
        return self.settings.model_copy(update={"database_url": self.urls.database, "redis_url": self.urls.redis})

    def start(self) -> StackUrls:
        """Start the stack; raises Conflict when the home is in use, Unavailable when a service does not answer."""
        log = self.settings.home / "logs" / "stack.log"
        ours, theirs = socket.socketpair()
        with theirs:
            argv = [sys.executable, "-m", "api.stack_host", str(theirs.fileno())]
            env = environment(**{**self.settings.environment(), "YTEMPIRE_HOME": str(self.settings.home)})
            # No death signal: the stack notices the end of its last client by itself, and may have others by then.
            self._host = start_process(Launch(argv, log, env, cwd=CHECKOUT, death_signal=None, pass_fds=(theirs.fileno(),)))
        self._client = ControlClient(ours)
        try:
            return self._accept(self._client.receive(_START_WITHIN_S))
        except Unavailable as error:
            raise Unavailable(f"the stack did not start: {error.message}\n{tail(log)}", log=str(log)) from error
        finally:
            if self._urls is None:
                self.stop()

    def join(self) -> StackUrls | None:
        """Join the home's running stack and return its URLs once both services answered a real query; None when there is none to join."""
        note = stack_note(self.settings)
        try:
            door = Path(json.loads(note.read_text())["control"])
            self._client = ControlClient.connect(door)
            urls = self._accept(self._client.receive(10.0))
            _wait_answered(urls)
        except (FileNotFoundError, ValueError, KeyError, Unavailable):
            self.stop()
            return None
        return urls

    def join_or_start(self, within_s: float = _START_WITHIN_S) -> StackUrls:
        """Join the home's stack or start one; waits while another command is starting or stopping it. Raises DiskFull before anything is written."""
        limit = deadline(within_s)
        while True:
            if (urls := self.join()) is not None:
                return urls
            require_room(self.settings.home, START_BYTES, "the stack")
            try:
                if not HomeLock(self.settings.home).is_held():
                    return self.start()
            except Conflict:  # another command was faster; its stack will be there to join
                if deadline(0) > limit:
                    raise
            if deadline(0) > limit:
                HomeLock(self.settings.home).acquire()
            time.sleep(_LOOK_AGAIN_S)

    def processes(self) -> dict[str, int]:
        """Return the pid of every process of the stack by name."""
        if self._client is None:
            raise Unavailable("the stack was neither started nor joined")
        found = self._client.request({"processes": True})["processes"]
        return {str(name): int(pid) for name, pid in found.items()} if isinstance(found, dict) else {}

    def stop(self) -> None:
        """Leave the stack; when this was its last client and had started it, return once it has ended."""
        if self._client is None:
            return
        last = self._urls is None or self._is_last(self._client)
        self._client.close()
        self._client = self._urls = None
        if self._host is not None and last:
            try:
                self._host.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._host.terminate()
                self._host.wait()
        elif self._host is not None:
            _LEFT_RUNNING.append(self._host)
            _reap()
        self._host = None

    def _is_last(self, client: ControlClient) -> bool:
        try:
            return bool(client.request({"leave": True}).get("last"))
        except Unavailable:
            return True

    def _accept(self, greeting: dict[str, object]) -> StackUrls:
        if "error" in greeting:
            kind: type[StudioError] = Conflict if greeting.get("code") == Conflict.code else Unavailable
            raise kind(str(greeting["error"]))
        self._urls = StackUrls(**{one.name: str(greeting[one.name]) for one in fields(StackUrls)})
        return self._urls

    def __enter__(self) -> Self:
        self.join_or_start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


@atexit.register
def _reap() -> None:
    """Let go of the hosts that have ended since."""
    _LEFT_RUNNING[:] = [host for host in _LEFT_RUNNING if host.poll() is None]


def _wait_answered(urls: StackUrls) -> None:
    """Return once both services answered a real query. One that was killed is being restarted: it is waited for, and not given up at the first miss."""
    limit = deadline(_SERVICES_WITHIN_S)
    while True:
        try:
            require_postgres(urls.database)
            require_redis(urls.redis)
            return
        except Unavailable:
            if deadline(0) > limit:
                raise
        time.sleep(_LOOK_AGAIN_S)
