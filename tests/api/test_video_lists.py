"""Lists of videos: found by status, time and words, in every order and page by page; and what is kept for them stays what the rows say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.clock import SYSTEM_CLOCK
from memory.records.costs import CostEntryRecord
from memory.records.runs import RunRecord
from memory.records.videos import VideoRecord
from memory.repositories.channels import ChannelRepository
from tests.fixtures.production import World
from tests.fixtures.service import Service

NOON = datetime(2030, 5, 6, 12, tzinfo=UTC)
# Title, topic, and hours from noon at which it is to be shown; None for at once.
MADE: tuple[tuple[str, str, int | None], ...] = (("Rings", "saturn", 2), ("", "An ice age", None), ("éclair", "food", -1), ("rings again", "saturn", 2))


@pytest.fixture
def shelf(service: Service) -> Service:
    """A tenant with four videos that are being made, each a minute younger than the one before."""
    begun = SYSTEM_CLOCK.now()
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("pulse", "pulse", "Pulse")
        for at, (title, topic, hours) in enumerate(MADE):
            about: dict[str, Any] = {"format": "landscape", "seconds": 30, "provenance": "demo"}
            session.add(VideoRecord(id=f"video_{at}", channel_id="pulse", topic=topic, title=title, created_at=begun + timedelta(minutes=at), **about))
            session.flush()
            request = {} if hours is None else {"publish_at": (NOON + timedelta(hours=hours)).isoformat()}
            session.add(RunRecord(id=f"run_{at}", channel_id="pulse", video_id=f"video_{at}", request=request, provenance="demo"))
    return service


async def asked(service: Service, **query: Any) -> list[str]:
    answer = await service.client.get("/v1/videos", params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"].removeprefix("video_") for one in answer.json()["items"]]


ORDERS = {"newest": "3210", "oldest": "0123", "publish_at": "2031", "-publish_at": "3021", "title": "1032", "-title": "2301"}


@pytest.mark.parametrize(("sort", "order"), ORDERS.items())
async def test_every_order_holds_over_pages_and_what_has_no_time_comes_last(shelf: Service, sort: str, order: str) -> None:
    assert await asked(shelf, sort=sort) == list(order)
    seen, cursor = "", None
    while True:
        page = (await shelf.client.get("/v1/videos", params={"sort": sort, "limit": 1, **({"cursor": cursor} if cursor else {})})).json()
        seen += "".join(one["id"].removeprefix("video_") for one in page["items"])
        if (cursor := page["next"]) is None:
            break
    assert seen == order


async def test_videos_are_found_by_time_words_and_statuses_together(shelf: Service) -> None:
    day = {"publish_from": NOON.isoformat(), "publish_to": (NOON + timedelta(hours=3)).isoformat()}
    assert await asked(shelf, **day, sort="publish_at") == ["0", "3"]
    assert await asked(shelf, publish_to=NOON.isoformat()) == ["2"]
    assert await asked(shelf, publish_to="2030-05-07T11:00:00+23:00") == ["2"]
    assert await asked(shelf, search="RINGS") == ["3", "0"]
    assert await asked(shelf, search="ÉCL") == ["2"]
    assert await asked(shelf, search="ice", sort="title") == ["1"]
    assert await asked(shelf, search="%") == []
    with shelf.state.studio.unit_of_work() as session:
        ended = session.get_one(RunRecord, "run_1")
        ended.status, ended.finished_at = "failed", SYSTEM_CLOCK.now()
    assert await asked(shelf, status="failed") == ["1"]
    assert await asked(shelf, status=["failed", "making", "scheduled"], search="i") == ["3", "2", "1", "0"]
    assert await asked(shelf, status="failed", **day) == []
    shelf.asking.sign_in(tenant="tenant_other")
    assert await asked(shelf) == []


async def test_a_row_tells_what_it_costs_without_money_that_was_only_played(shelf: Service) -> None:
    with shelf.state.studio.unit_of_work() as session:
        for at, (provenance, spent) in enumerate((("demo", 420_000), ("real", 5), ("simulated", 900_000))):
            about: dict[str, Any] = {"provider": "openai", "operation": "write", "tenant_id": "tenant_local", "day": SYSTEM_CLOCK.now().date()}
            what = {"status": "settled", "reserved_microusd": spent, "settled_microusd": spent, "provenance": provenance}
            session.add(CostEntryRecord(id=f"cost_{at}", video_id="video_0", **about, **what))
    rows = {one["id"]: one["cost_usd"] for one in (await shelf.client.get("/v1/videos")).json()["items"]}
    assert rows == {"video_0": pytest.approx(0.420005), "video_1": 0, "video_2": 0, "video_3": 0}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"sort": "cost"}, "sort"),
        ({"sort": ["title", "newest; drop"]}, "sort"),
        ({"status": ["failed", "gone"]}, "status"),
        ({"status": ["failed"] * 15}, "status"),
        ({"publish_from": "tomorrow"}, "publish_from"),
        ({"publish_from": "0"}, "publish_from"),
        ({"publish_to": "2030-05-06T12:00:00"}, "publish_to"),
        ({"publish_from": "2030-05-06T12:00:00Z", "publish_to": "2030-05-06T14:00:00+02:00"}, "publish_to"),
        ({"publish_from": "0001-01-01T00:00:00+14:00"}, "publish_from"),
        ({"publish_to": "9999-12-31T23:59:59-14:00"}, "publish_to"),
        ({"search": ""}, "search"),
        ({"search": "x" * 101}, "search"),
        ({"search": "a\x00b"}, "search"),
        ({"limit": 201}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10="}, "cursor"),
        ({"cursor": "WyJuZXdlc3QiLCAiMjAzMC1XMDEtMVQwMDowMDowMCIsICJhIl0="}, "cursor"),
        ({"cursor": "WyJuZXdlc3QiLCAiMjAzMC0wMS0wMVQwMDowMDowMCsyMzowMCIsICJhIl0="}, "cursor"),
        ({"cursor": "WyJuZXdlc3QiLCJ4IiwiYSJd"}, "cursor"),
        ({"cursor": "WyJuZXdlc3QiLCIyMDMwLTAxLTAxIDAwOjAwOjAwKzAwIiwiXHVkODAwIl0="}, "cursor"),
        ({"cursor": "WyJ0aXRsZSIsIngiLCJhIl0="}, "cursor"),
        ({"cursor": "WyJuZXdlc3QiLFsxXSwiYSJd"}, "cursor"),
    ],
)
async def test_what_no_list_is_of_is_refused_by_its_name(service: Service, query: dict[str, Any], named: str) -> None:
    answer = await service.client.get("/v1/videos", params=query)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["detail"].startswith(f"{named}:") or [one["field"].split(".")[1] for one in problem["errors"]][0] == named, problem


async def test_what_a_list_says_follows_every_step_and_the_time_that_people_chose(world: World, service: Service) -> None:
    soon = (SYSTEM_CLOCK.now() + timedelta(hours=2)).replace(microsecond=0)
    run = await world.begin("review", publish_at=soon)

    async def listed(status: str) -> dict[str, Any]:
        where = f"/v1/videos/{world.run(run).video_id}"
        (row,) = (await service.client.get("/v1/videos", params={"status": status, "sort": "publish_at"})).json()["items"]
        one = (await service.client.get(where)).json()
        assert {name: one[name] for name in row} == row
        return dict(one)

    await world.drive(run)
    waiting = await listed("waiting_for_video")
    assert (datetime.fromisoformat(waiting["publish_at"]), waiting["why_fixed"]) == (soon, "")
    later = soon + timedelta(days=1)
    where = f"/v1/videos/{waiting['id']}"
    moved = await service.client.patch(where, json={"publish_at": later.isoformat()}, headers={"if-match": "*"})
    assert (moved.status_code, moved.json()["status"], datetime.fromisoformat(moved.json()["publish_at"])) == (202, "making", later)
    making = await listed("making")
    assert (datetime.fromisoformat(making["publish_at"]), making["why_fixed"]) == (later, "it is being made; wait until it asks")
    await world.drive(run)
    assert datetime.fromisoformat((await listed("waiting_for_video"))["publish_at"]) == later
    await world.answer(run, {"type": "accept"})
    await world.drive(run)
    scheduled = await listed("scheduled")
    assert datetime.fromisoformat(scheduled["published_at"]) == later
    assert (await service.client.get("/v1/videos", params={"status": "published"})).json()["items"] == []
