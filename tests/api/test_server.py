"""The serving process at a real socket: it answers, it is started anew without refusing anybody, and it ends in order."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.front import Front, PortTaken, listen_at
from infra.errors import Invalid
from infra.processes import environment
from infra.settings import CHECKOUT, Settings

_WITHIN_S = 60.0


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket that this process holds, as a stack does."""
    held = listen_at("127.0.0.1", 0)
    yield held
    held.close()


def start(listening: socket.socket, settings: Settings, log: Path) -> "subprocess.Popen[bytes]":
    env = environment(**settings.environment())
    command = [sys.executable, "-m", "api.server", str(listening.fileno())]
    with log.open("ab") as told:
        return subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=told, stderr=told, pass_fds=(listening.fileno(),))


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]


@pytest.mark.slow
def test_it_answers_ends_in_order_and_its_successor_takes_who_waited(listening: socket.socket, service_settings: Settings, tmp_path: Path) -> None:
    log, address = tmp_path / "server.log", "http://{}:{}".format(*listening.getsockname())
    with start(listening, service_settings, log) as first, httpx.Client(base_url=address, timeout=_WITHIN_S) as client:
        assert client.get("/readyz").json()["status"] == "ready"
        assert client.get("/v1/channels").status_code == 401
        first.send_signal(signal.SIGTERM)
        assert first.wait(_WITHIN_S) == 0
    events = [line["event"] for line in lines(log)]
    assert events == ["request.served", "server.stopped"]
    # Nobody serves now, and the socket is open: the request waits for the next server.
    begun = time.monotonic()
    with httpx.Client(base_url=address, timeout=_WITHIN_S) as client, start(listening, service_settings, log) as second:
        assert client.get("/healthz").json() == {"status": "ok"}
        second.send_signal(signal.SIGTERM)
        assert second.wait(_WITHIN_S) == 0
    assert time.monotonic() - begun < 2 * _WITHIN_S


def test_a_port_in_use_is_refused_by_name_with_the_fix(listening: socket.socket, settings: Settings) -> None:
    port = listening.getsockname()[1]
    with pytest.raises(PortTaken, match=f"YTEMPIRE_PORT: port {port}.*--port"):
        Front(settings.model_copy(update={"port": port})).open()


@pytest.mark.parametrize("host", ["no such host", "999.1.1.1"])
def test_an_address_that_is_none_is_refused_by_name(host: str) -> None:
    with pytest.raises((Invalid, PortTaken), match="YTEMPIRE_"):
        listen_at(host, 0)
