"""The stand-in server: it plays what it is told, in order, and every fault names where it is known from."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tools import sandbox
from tools.sandbox import Fault, Sandbox


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse((await request.body()).decode() or "empty")


APP = Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST"])])
FAULTS: tuple[Fault, ...] = (
    sandbox.rate_limited(),
    sandbox.server_error(),
    sandbox.gone(),
    sandbox.not_modified(),
    sandbox.delayed(0),
    sandbox.cut_connection(),
    sandbox.huge_body(1),
    sandbox.slow_body(0.1),
    sandbox.gzip_bomb(b""),
    sandbox.wrong_content_type(),
    sandbox.redirect("/x"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
def test_every_fault_cites_its_source(fault: Fault) -> None:
    assert fault.cite.startswith("https://")


def test_faults_play_in_order_for_their_prefix_and_then_the_service_answers() -> None:
    with Sandbox(APP) as box, httpx2.Client(base_url=box.url, trust_env=False) as client:
        box.faults.play("/a", sandbox.server_error(503), sandbox.rate_limited("9"))
        answers = [client.get(path) for path in ("/b", "/a/1", "/a/2", "/a/3")]
        assert [answer.status_code for answer in answers] == [200, 503, 429, 200]
        assert answers[2].headers["retry-after"] == "9"
        box.faults.always("/b", sandbox.gone())
        assert client.get("/b").status_code == 410
        box.faults.always("/b", None)
        assert client.get("/b").status_code == 200


def test_requests_are_recorded_with_their_bodies_and_reach_the_service() -> None:
    with Sandbox(APP) as box, httpx2.Client(base_url=box.url, trust_env=False) as client:
        assert client.post("/x?y=1", content=b"hello").text == "hello"
        (seen,) = box.seen
        assert (seen.method, seen.path, seen.query, seen.body) == ("POST", "/x", "y=1", b"hello")


def test_a_cut_connection_is_seen_as_one() -> None:
    with Sandbox(APP) as box, httpx2.Client(base_url=box.url, trust_env=False) as client:
        box.faults.play("/", sandbox.cut_connection())
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/")


def test_two_stand_ins_run_side_by_side_on_ports_of_their_own() -> None:
    with Sandbox(APP) as one, Sandbox(APP) as other:
        assert one.port != other.port
        assert httpx2.get(other.url, trust_env=False).text == "empty"
