"""Faults around the service's own work: what it did, what the client heard, and that the right request was hit."""

import http.client

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.clock import SYSTEM_CLOCK
from tools.sandbox import Fault, Sandbox, SeenRequest
from tools.sandbox_faults import FaultKind

CITE = "https://www.rfc-editor.org/rfc/rfc9112#section-9.5"


class Desk:
    """A service that counts what it did."""

    def __init__(self) -> None:
        self.done = 0

    def app(self) -> Starlette:
        async def work(_: Request) -> Response:
            self.done += 1
            return JSONResponse({"done": self.done})

        return Starlette(routes=[Route("/work", work, methods=["GET", "POST"])])


@pytest.mark.parametrize(("kind", "done"), [("drop", 0), ("lost", 1), ("torn", 1)])
def test_a_connection_is_cut_before_the_work_or_after_it(kind: FaultKind, done: int) -> None:
    desk, told = Desk(), list[int]()
    with Sandbox(desk.app(), observe=lambda _request, status, _fault: told.append(status)) as server:
        server.faults.play("/work", Fault(kind, CITE))
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            httpx.post(f"{server.url}/work")
        assert desk.done == done
        assert httpx.post(f"{server.url}/work").json() == {"done": done + 1}
    assert told == [200 if done else 0, 200]


def test_a_connection_may_end_after_the_answer() -> None:
    desk = Desk()
    with Sandbox(desk.app()) as server:
        server.faults.play("/work", Fault("hang_up", CITE))
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        line.request("POST", "/work")
        assert line.getresponse().read() == b'{"done":1}'
        assert line.sock is not None
        assert line.sock.recv(1) == b""
        line.close()


@pytest.mark.parametrize(("kind", "done_when_held"), [("delay", 0), ("late", 1)])
def test_a_request_that_waits_is_told_when_it_begins_to_wait(kind: FaultKind, done_when_held: int) -> None:
    desk, held = Desk(), list[tuple[str, int]]()

    def tell(request: SeenRequest, fault: Fault) -> None:
        held.append((f"{request.method} {request.path} {fault.kind}", desk.done))
        assert request.port

    with Sandbox(desk.app(), held=tell) as server:
        server.faults.play("/work", Fault(kind, CITE, seconds=0.2))
        began = SYSTEM_CLOCK.monotonic()
        assert httpx.post(f"{server.url}/work").json() == {"done": 1}
        assert SYSTEM_CLOCK.monotonic() - began >= 0.2
    assert held == [(f"POST /work {kind}", done_when_held)]


def test_a_fault_waits_for_its_method_and_its_turn() -> None:
    desk = Desk()
    with Sandbox(desk.app()) as server:
        server.faults.play("/work", Fault("status", CITE, status=503), method="POST", skip=1)
        assert [httpx.post(f"{server.url}/work").status_code, httpx.get(f"{server.url}/work").status_code] == [200, 200]
        assert [httpx.post(f"{server.url}/work").status_code for _ in range(2)] == [503, 200]
