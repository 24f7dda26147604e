"""The feed under trouble: many watchers, slow ones, a server that restarts, and events that are not there any more."""

import asyncio
import json
from contextlib import AsyncExitStack

import httpx
import pytest

from api.events.follower import MOST_REPLAYED
from api.events.watcher import Limits
from tests.fixtures.watching import WITHIN_S, Watching, closed, hear, hear_until

CUT = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename = current_user"
LISTENING = "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%%live%%'"


@pytest.mark.slow
async def test_two_hundred_watch_over_one_listening_connection(watching: Watching) -> None:
    watching.door.app.state.room.limits = Limits(of_one_user=200)
    browser = await watching.door.sign_in("a@example.com")
    watching.create()
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(watching.socket(browser, "tenant", compression=None)) for _ in range(200)]
        watching.rename(3)
        heard = await asyncio.gather(*(hear_until(one, 4) for one in sockets))
        assert {tuple(one) for one in heard} == {(2, 3, 4)}
        with watching.door.state.studio.unit_of_work() as session:
            assert session.connection().exec_driver_sql(LISTENING).scalar() == 1


async def test_a_slow_one_is_let_go_and_the_others_go_on(watching: Watching) -> None:
    watching.door.app.state.room.limits = Limits(send_s=1, most_behind=100)
    browser = await watching.door.sign_in("a@example.com")
    async with watching.socket(browser, "tenant", max_queue=1, compression=None) as slow, watching.socket(browser, "tenant", compression=None) as quick:
        slow.transport.pause_reading()
        watching.pad(300, size=60_000)
        assert await hear_until(quick, 300) == list(range(1, 301))
        watching.create()
        assert await hear_until(quick, 301) == [301]
        room = watching.door.app.state.room
        async with asyncio.timeout(WITHIN_S):
            with watching.door.state.feed.bus.watch("never") as pause:
                while room.by_user.total() > 1:
                    await pause.changed(0.02)
        slow.transport.resume_reading()
        code, why = await closed(slow)
        assert (code, str(why)[:8]) == (1013, "too slow")


async def test_after_the_database_was_away_nothing_is_missing(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    watching.create()
    async with watching.socket(browser, "tenant", after=0) as socket:
        assert await hear_until(socket, 1) == [1]
        watching.door.run(CUT)
        watching.rename(5)
        assert await hear_until(socket, 6) == [2, 3, 4, 5, 6]


async def test_what_cannot_be_vouched_for_is_said(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    watching.create()
    watching.rename(2)
    async with watching.socket(browser, "tenant", after=99) as socket:
        assert await hear(socket) == {"type": "resync", "last": 3, "why": "unknown_id"}
        watching.rename()
        assert await hear_until(socket, 4) == [4]
    watching.door.run("delete from events where seq <= 2")
    async with watching.socket(browser, "tenant", after=1) as socket:
        assert await hear(socket) == {"type": "resync", "last": 4, "why": "too_old"}
    async with watching.socket(browser, "tenant", after=2) as socket:
        assert await hear_until(socket, 4) == [3, 4]
    async with watching.socket(browser, "tenant") as socket:
        watching.pad(MOST_REPLAYED)
        assert len(await hear_until(socket, MOST_REPLAYED + 4)) == MOST_REPLAYED
    async with watching.socket(browser, "tenant", after=3) as socket:
        assert (await hear(socket))["why"] == "too_many"


async def test_a_restored_database_counts_on_from_an_older_number(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    watching.create()
    watching.rename(5)
    async with watching.socket(browser, "tenant", after=5) as socket:
        assert await hear_until(socket, 6) == [6]
        watching.door.run("update event_counters set last = 2; delete from events where seq > 2")
        watching.door.run(CUT)
        assert await hear(socket) == {"type": "resync", "last": 2, "why": "restored"}
        watching.rename()
        assert await hear_until(socket, 3) == [3]


async def test_programs_get_the_same_as_a_stream(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    made = await browser.post("/v1/me/tokens", json={"name": "bot", "scopes": ["live:read", "channels:read"]})
    watching.create()
    watching.rename(2)
    headers = {"authorization": f"Bearer {made.json()['token']}", "last-event-id": "1"}
    address = f"http://127.0.0.1:{watching.port}/events"
    async with httpx.AsyncClient(headers=headers, timeout=WITHIN_S) as client:
        assert (await client.get(address, params={"topics": "run:none"})).status_code == 403
        assert (await client.get(address, params={"topics": "channel:none"})).status_code == 404
        assert (await client.get(address, headers={"last-event-id": "x"})).status_code == 422
        async with client.stream("GET", address, params={"topics": "channel:pulse"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            ids: list[int] = []
            async for line in lines:
                if line.startswith("data: "):
                    ids.append(json.loads(line.removeprefix("data: "))["id"])
                if ids == [2, 3]:
                    watching.rename()
                if len(ids) == 3:
                    break
            assert ids == [2, 3, 4]
            assert (await browser.delete(f"/v1/me/tokens/{made.json()['id']}")).status_code in {200, 204}
            async with asyncio.timeout(WITHIN_S):
                rest = [line async for line in lines]
            assert "event: closed" in rest
