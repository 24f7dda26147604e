"""How often somebody may ask: by caller and kind, told with the time to wait, in bounded memory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry

from api.app import create_app
from api.http.pace import MOST, Pace, network_of
from tests.fixtures.service import Service
from tests.fixtures.sources import FixedClock


class _Clock(FixedClock):
    """A clock that stands until it is moved."""

    at_s = 1000.0

    def monotonic(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> _Clock:
    return _Clock(datetime(2026, 11, 29, tzinfo=UTC))


@pytest.fixture
async def paced(service: Service, clock: _Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The service where little may be asked, at a time that stands still."""
    few = {"rate_reads": 6, "rate_changes": 3, "rate_work": 2, "rate_unknown": 4}
    settings = service.state.settings.model_copy(update=few)
    app = create_app(replace(service.state, settings=settings, clock=clock, registry=CollectorRegistry()), service.asking.authenticate)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        yield client


def test_a_minutes_worth_may_come_at_once_and_then_one_by_one(clock: _Clock) -> None:
    pace = Pace(60, clock)
    assert [pace.take("ada") for _ in range(61)] == [0.0] * 60 + [pytest.approx(1.0)]
    clock.at_s += 1.0
    assert (pace.take("ada"), pace.take("ada") > 0) == (0.0, True)
    clock.at_s += 3600.0
    assert sum(pace.take("ada") == 0.0 for _ in range(100)) == 60


def test_of_many_callers_so_many_are_remembered_and_no_more(clock: _Clock) -> None:
    pace = Pace(60, clock)
    for number in range(MOST + 500):
        pace.take(f"caller {number}")
    assert len(pace) == MOST


def test_none_is_any_number(clock: _Clock) -> None:
    pace = Pace(0, clock)
    assert {pace.take("ada") for _ in range(1000)} == {0.0}
    assert len(pace) == 0


@pytest.mark.parametrize(("address", "counted"), [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("", ""), ("unix", "unix")])
def test_one_customer_is_one_caller(address: str, counted: str) -> None:
    assert network_of(address) == counted


@pytest.mark.parametrize(
    ("kind", "free", "method", "path", "body"),
    [
        ("reads", 6, "GET", "/v1/channels", None),
        ("reads", 6, "GET", "/v1/channels/none", None),
        ("changes", 3, "POST", "/v1/switches/engage", {"scope": "all", "reason": "x"}),
        ("work", 2, "POST", "/v1/tasks", {"kind": "topic", "topic": "ice"}),
        ("work", 2, "GET", "/v1/memory/search?channel=none&q=ice", None),
    ],
)
async def test_beyond_it_is_a_problem_with_the_time_to_wait(
    paced: httpx.AsyncClient, service: Service, clock: _Clock, kind: str, free: int, method: str, path: str, body: object
) -> None:
    for _ in range(free):
        assert (await paced.request(method, path, json=body)).status_code != 429
    refused = await paced.request(method, path, json=body)
    told = refused.json()
    assert (refused.status_code, refused.headers["content-type"], told["code"], told["kind"]) == (429, "application/problem+json", "rate_limited", kind)
    assert refused.headers["retry-after"] == str(told["retry_after_s"]) == str(60 // free + 1)
    assert told["retryable"]
    service.asking.sign_in("user_2")
    assert (await paced.request(method, path, json=body)).status_code != 429
    service.asking.sign_in("user_1", via="token")
    assert (await paced.request(method, path, json=body)).status_code != 429
    service.asking.sign_in("user_1")
    clock.at_s += 60 / free
    assert (await paced.request(method, path, json=body)).status_code != 429


async def test_reading_leaves_changing_alone(paced: httpx.AsyncClient) -> None:
    assert [(await paced.get("/v1/channels")).status_code for _ in range(8)] == [200] * 6 + [429] * 2
    assert (await paced.post("/v1/switches/engage", json={"scope": "all", "reason": "x"})).status_code == 200


async def test_whoever_is_not_known_is_counted_by_address(paced: httpx.AsyncClient, service: Service) -> None:
    service.asking.principal = None
    assert [(await paced.get("/v1/channels")).status_code for _ in range(3)] == [401] * 3
    assert [(await paced.get("/openapi.json")).status_code for _ in range(2)] == [200, 429]
    assert (await paced.get("/healthz")).status_code == 200
    assert (await paced.get("/v1/channels")).json()["code"] == "rate_limited"
    service.asking.sign_in()
    assert (await paced.get("/v1/channels")).status_code == 200


async def test_by_the_settings_as_they_come_a_console_is_never_in_the_way(service: Service) -> None:
    """Ten tabs that each ask ten times a second for a minute."""
    asked = type(service.state.settings)(_env_file=None)
    assert asked.rate_reads >= 10 * 10 * 60
    assert timedelta(minutes=asked.confirm_minutes) == timedelta(minutes=15)
