"""The sign of life for the outside: a file, and an address that is asked over real HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from infra.deadman import DeadManSignal


class Receiver(HTTPServer):
    """A receiver that keeps what it was told and answers as the test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[dict[str, object]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/abc"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.told.append({"path": self.path, **body})
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_file_moves_with_each_sign_and_the_address_is_asked_now_and_then(receiver: Receiver, tmp_path: Path) -> None:
    signal = DeadManSignal(tmp_path / "run" / "watchdog.signal", receiver.url, every_s=60.0)
    assert (signal.send({"worst": "ok"}), signal.send({"worst": "warning"})) == (True, False)
    assert json.loads((tmp_path / "run" / "watchdog.signal").read_text())["worst"] == "warning"
    assert [(one["path"], one["worst"]) for one in receiver.told] == [("/ping/abc", "ok")]


def test_an_address_that_refuses_is_told_and_asked_again_with_the_next_sign(receiver: Receiver, tmp_path: Path) -> None:
    signal = DeadManSignal(tmp_path / "signal", receiver.url)
    receiver.status = 503
    assert (signal.send({}), signal.refused) == (False, "it answered 503")
    receiver.status = 200
    assert (signal.send({}), signal.refused, len(receiver.told)) == (True, "", 2)


def test_an_address_that_is_not_there_hinders_nothing(tmp_path: Path) -> None:
    signal = DeadManSignal(tmp_path / "signal", "http://127.0.0.1:9/ping")
    assert signal.send({}) is False
    assert "ConnectError" in signal.refused
    assert (tmp_path / "signal").exists()
