"""A kill switch during a call: whatever library waits for the answer, its connection is cut, and the call is booked as unknown."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import httplib2
import httpx
import httpx2
import openai
import pytest
import requests

from infra.database import Database
from infra.settings import Settings
from memory.ledger import Ledger
from memory.repositories.switches import SwitchRepository
from tests.fixtures.spending import job
from tools.gateway import Answer, Gateway, PaidCall, Stopped
from tools.gateway_sockets import FLIGHTS

LONG_S = 60.0
CALL = PaidCall("acme", "work", {"prompt": "hello"}, worst_microusd=50_000)


def _http_client(port: int) -> object:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG_S)
    connection.request("GET", "/")
    return connection.getresponse()


def _openai(port: int) -> object:
    with openai.OpenAI(api_key="sk-none", base_url=f"http://127.0.0.1:{port}", max_retries=2, timeout=LONG_S) as client:
        return client.models.list()


def _anthropic(port: int) -> object:
    with anthropic.Anthropic(api_key="sk-none", base_url=f"http://127.0.0.1:{port}", max_retries=2, timeout=LONG_S) as client:
        return client.messages.create(model="any", max_tokens=5, messages=[{"role": "user", "content": "hello"}])


LIBRARIES: dict[str, Callable[[int], Any]] = {
    "httpx2": lambda port: httpx2.get(f"http://127.0.0.1:{port}/", timeout=LONG_S),
    "httpx of elevenlabs": lambda port: httpx.get(f"http://127.0.0.1:{port}/", timeout=LONG_S),
    "httplib2 of googleapiclient": lambda port: httplib2.Http(timeout=LONG_S).request(f"http://127.0.0.1:{port}/"),
    "requests of google-auth": lambda port: requests.get(f"http://127.0.0.1:{port}/", timeout=LONG_S),
    "http.client": _http_client,
    "openai": _openai,
    "anthropic": _anthropic,
}


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(params=LIBRARIES, ids=list(LIBRARIES))
def library(request: pytest.FixtureRequest) -> Callable[[int], Any]:
    found: Callable[[int], Any] = LIBRARIES[request.param]
    return found


def engage_once_connected(database: Database, scope: str) -> threading.Thread:
    def engage() -> None:
        while not any(flight.lines for flight in FLIGHTS.list_()):
            time.sleep(0.01)
        with database.unit_of_work() as session:
            SwitchRepository(session).engage(scope, "spend looks wrong", "ada")

    thread = threading.Thread(target=engage)
    thread.start()
    return thread


# A library may leave the socket that was shut down under it to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_stop_cuts_the_connection_of_any_library(settings: Settings, database: Database, tmp_path: Path, silent: int, library: Callable[[int], Any]) -> None:
    gateway = Gateway(job(settings, database.url, tmp_path), database)
    engaged = engage_once_connected(database, "provider:acme")
    began = time.monotonic()
    with pytest.raises(Stopped, match="stopped by ada: spend looks wrong"):
        gateway.call(CALL, lambda: Answer(str(library(silent)), 1))
    assert time.monotonic() - began < LONG_S / 2
    engaged.join()
    with database.unit_of_work() as session:
        (entry,) = Ledger(session).list_()
        assert (entry.status, entry.outcome, entry.counted_microusd) == ("unknown", "stopped", 50_000)


@pytest.mark.parametrize("scope", ["all", "run:run_1", "tenant:tenant_local"])
def test_every_scope_that_covers_the_call_cuts_it(settings: Settings, database: Database, tmp_path: Path, silent: int, scope: str) -> None:
    engaged = engage_once_connected(database, scope)
    with pytest.raises(Stopped):
        Gateway(job(settings, database.url, tmp_path), database).call(CALL, lambda: Answer(str(LIBRARIES["httpx2"](silent)), 1))
    engaged.join()


def test_a_stopped_call_opens_no_further_connection(settings: Settings, database: Database, tmp_path: Path, silent: int) -> None:
    refused: list[type[BaseException]] = []

    def make() -> Answer:
        for _ in range(2):
            try:
                httpx2.get(f"http://127.0.0.1:{silent}/", timeout=LONG_S)
            except httpx2.HTTPError as error:
                refused.append(type(error))
        return Answer("it went on", 1)

    engaged = engage_once_connected(database, "all")
    assert Gateway(job(settings, database.url, tmp_path), database).call(CALL, make) == "it went on"
    engaged.join()
    assert refused == [httpx2.RemoteProtocolError, httpx2.ConnectError]


def test_a_switch_for_somebody_else_leaves_the_call_alone(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.unit_of_work() as session:
        SwitchRepository(session).engage("provider:other", "down", "ada")

    def make() -> Answer:
        time.sleep(1.5)
        return Answer("done", 1)

    assert Gateway(job(settings, database.url, tmp_path), database).call(CALL, make) == "done"


def test_a_connection_kept_open_by_an_earlier_call_is_cut_too(settings: Settings, database: Database, tmp_path: Path) -> None:
    answered = threading.Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            answered.set()
            while connection.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server, httpx2.Client(timeout=LONG_S) as client:
        serving = threading.Thread(target=serve, args=(server,))
        serving.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        gateway = Gateway(job(settings, database.url, tmp_path), database)
        assert gateway.call(PaidCall("acme", "work", 1, 1), lambda: Answer(client.get(url).text, 1)) == "ok"

        def engage() -> None:
            while not FLIGHTS.list_():
                time.sleep(0.01)
            time.sleep(0.3)
            with database.unit_of_work() as session:
                SwitchRepository(session).engage("all", "enough", "ada")

        engaging = threading.Thread(target=engage)
        engaging.start()
        with pytest.raises(Stopped):
            gateway.call(PaidCall("acme", "work", 2, 1), lambda: Answer(client.get(url).text, 1))
        engaging.join()
        serving.join()
