"""The supervisor's door: a unix socket whose open connections say who still needs the stack, and that takes requests."""

import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.errors import StudioError, Unavailable
from infra.supervisor import Supervisor

Message = Mapping[str, object]
_LONGEST_LINE = 65_536


class ControlServer:
    """Greets each client, answers its requests line by line as JSON, and calls `on_empty` when the last one has gone.

    `on_empty` is told whether that one took leave (asked to `leave` before it hung up); a client that was killed did not.
    """

    def __init__(self, path: Path, supervisor: Supervisor, greeting: Message, answer: Callable[[Message], Message]) -> None:
        self._supervisor = supervisor
        self._greeting = greeting
        self._answer = answer
        self.on_empty: Callable[[bool], None] = _nothing
        self._leaving: set[int] = set()
        self._clients: dict[int, socket.socket] = {}
        self.path = path
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(32)
        supervisor.watch(self._listener.fileno(), self._accept)

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def adopt(self, client: socket.socket) -> None:
        """Take over a connected socket: greet it and listen to it."""
        self._clients[client.fileno()] = client
        self._supervisor.watch(client.fileno(), lambda: self._read(client))
        self._send(client, self._greeting)

    def close(self) -> None:
        """Refuse further clients and hang up on the present ones."""
        self._supervisor.unwatch(self._listener.fileno())
        self._listener.close()
        self.path.unlink(missing_ok=True)
        self.on_empty = _nothing
        for client in list(self._clients.values()):
            self._drop(client)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        self.adopt(client)

    def _read(self, client: socket.socket) -> None:
        try:
            data = client.recv(_LONGEST_LINE)
        except ConnectionError:
            data = b""
        if not data:
            self._drop(client)
            return
        for line in data.splitlines():
            try:
                message = json.loads(line)
                if "leave" in message:
                    self._leaving.add(client.fileno())
                self._send(client, self._answer(message))
            except StudioError as error:
                self._send(client, {"error": error.message, "code": error.code})
            except ValueError:
                self._send(client, {"error": "a request is one line of JSON", "code": "invalid"})

    def _send(self, client: socket.socket, message: Message) -> None:
        try:
            client.sendall(json.dumps(message).encode() + b"\n")
        except ConnectionError:
            pass  # the read side notices and drops it

    def _drop(self, client: socket.socket) -> None:
        number = client.fileno()
        if self._clients.pop(number, None) is not None:
            took_leave = number in self._leaving
            self._leaving.discard(number)
            self._supervisor.unwatch(number)
            client.close()
            if not self._clients:
                self.on_empty(took_leave)


def _nothing(_took_leave: bool) -> None:
    """Do nothing about the last client's end."""


class ControlClient:
    """One connection to a running stack; the stack stays up at least as long as it is open."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._reader = connected.makefile("r", encoding="utf-8")

    @classmethod
    def connect(cls, path: Path, timeout_s: float = 5.0) -> "ControlClient":
        """Connect to the stack that listens at `path`; raises Unavailable when none does."""
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.settimeout(timeout_s)
        try:
            door.connect(str(path))
        except OSError as error:
            door.close()
            raise Unavailable(f"no stack answers at {path}: {error}", path=str(path)) from error
        return cls(door)

    def receive(self, timeout_s: float) -> dict[str, object]:
        """Return the next message; raises Unavailable when the stack hangs up or stays silent for `timeout_s` seconds."""
        self._socket.settimeout(timeout_s)
        try:
            line = self._reader.readline()
        except OSError as error:
            raise Unavailable(f"the stack did not answer within {timeout_s:g} s: {error}") from error
        if not line:
            raise Unavailable("the stack ended before it answered")
        message: dict[str, object] = json.loads(line)
        return message

    def request(self, message: Message, timeout_s: float = 5.0) -> dict[str, object]:
        """Send a request and return its answer."""
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise Unavailable(f"the stack is gone: {error}") from error
        return self.receive(timeout_s)

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._socket.close()


def request_kill(path: Path, pid: int) -> str:
    """Ask the supervisor that listens at `path` to kill its child `pid` and all that child started; return the child's name.

    Raises Unavailable when no supervisor listens or the pid is not a process of its own.
    """
    client = ControlClient.connect(path)
    try:
        client.receive(5.0)
        answer = client.request({"kill": pid})
    finally:
        client.close()
    if "error" in answer:
        raise Unavailable(str(answer["error"]), pid=pid)
    return str(answer["killed"])
