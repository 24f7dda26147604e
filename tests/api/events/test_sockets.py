"""Sockets: who may open one, what they are told, and how they end."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from api.events.watcher import Limits
from tests.fixtures.watching import Watching, closed, hear, hear_until, say


async def test_a_change_reaches_whoever_subscribed(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    watching.create()
    watching.create("blueprint")
    async with watching.socket(browser, "channel:pulse") as socket:
        watching.rename(channel="blueprint")
        watching.rename()
        event = await hear(socket)
        assert (event["type"], event["kind"], event["subject"], event["channel"]) == ("event", "channel.changed", "pulse", "pulse")
        assert event["data"]["name"].startswith("name 0")


async def test_a_change_by_request_is_told_in_the_same_way(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com", role="admin")
    async with watching.socket(browser, "tenant") as socket:
        made = await browser.post("/v1/channels", json={"personality": "pulse"})
        assert made.status_code == 201
        assert (await hear(socket))["kind"] == "channel.created"


async def test_from_the_past_into_the_present_without_gap_or_double(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    watching.create()
    watching.rename(30)

    async def keep_changing() -> None:
        for _ in range(30):
            await asyncio.to_thread(watching.rename, 1)

    changing = asyncio.create_task(keep_changing())
    async with watching.socket(browser, "tenant", after=0) as first:
        half = await hear_until(first, 20)
    async with watching.socket(browser, "tenant", after=half[-1]) as second:
        rest = await hear_until(second, 61)
    await changing
    assert half + rest == list(range(1, 62))


async def test_another_tenant_hears_nothing_of_it(watching: Watching) -> None:
    theirs = await watching.door.sign_in("b@example.com", tenant="tenant_other")
    watching.create()
    async with watching.socket(theirs, "tenant", "system:alerts", after=0) as socket:
        await say(socket, type="subscribe", topics=["channel:pulse"])
        refused = await hear(socket)
        assert (refused["type"], refused["code"]) == ("error", "topic_missing")
        watching.rename()
        watching.create("blueprint", "tenant_other")
        event = await hear(socket)
        assert (event["id"], event["subject"]) == (1, "blueprint")


async def test_a_token_is_told_of_what_its_scopes_let_it_read(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    made = await browser.post("/v1/me/tokens", json={"name": "bot", "scopes": ["live:read", "incidents:read"]})
    assert made.status_code == 201, made.text
    program = watching.door.client()
    program.headers["authorization"] = f"Bearer {made.json()['token']}"
    watching.create()
    async with watching.socket(program, "tenant") as socket:
        await say(socket, type="subscribe", topics=["channel:pulse"])
        assert (await hear(socket))["code"] == "not_allowed"
        watching.rename()
        watching.door.run("insert into incidents (id, key, kind, severity, summary, signal) values ('inc_1', 'k', 'test', 'warning', 'It smells', 'test')")
        assert (await hear(socket))["kind"] == "incident.created"


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ({"type": "authenticate", "ticket": "never issued"}, "ticket: it was used"),
        ({"type": "subscribe", "topics": ["tenant"]}, "subscribe before authenticate"),
        ({"type": "dance"}, "Input tag 'dance'"),
    ],
)
async def test_without_a_good_ticket_it_is_closed(watching: Watching, first: dict[str, object], reason: str) -> None:
    async with watching.bare() as socket:
        await say(socket, **first)
        code, why = await closed(socket)
        assert code == 1008
        assert reason in str(why)


async def test_a_ticket_opens_one_socket(watching: Watching) -> None:
    ticket = await watching.ticket(await watching.door.sign_in("a@example.com"))
    async with watching.bare() as first, watching.bare() as second:
        await say(first, type="authenticate", ticket=ticket)
        assert (await hear(first))["type"] == "ready"
        await say(second, type="authenticate", ticket=ticket)
        assert (await closed(second))[0] == 1008


async def test_pages_of_other_origins_and_names_of_other_hosts_are_refused(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    async with watching.bare(origin="https://evil.example") as socket:
        code, why = await closed(socket)
        assert (code, str(why).partition(":")[0]) == (1008, "origin")
    with pytest.raises(InvalidStatus, match="403"):
        async with watching.bare(named="evil.example"):
            pass
    async with watching.socket(browser, "tenant", origin=f"http://127.0.0.1:{watching.port}"):
        pass


async def test_the_end_of_the_session_closes_its_sockets(watching: Watching) -> None:
    browser, other = await watching.door.sign_in("a@example.com"), await watching.door.sign_in("b@example.com")
    async with watching.socket(browser, "tenant") as mine, watching.socket(other, "tenant") as theirs:
        assert (await browser.post("/v1/auth/logout")).status_code in {200, 204}
        code, why = await closed(mine)
        assert (code, str(why)[:11]) == (1008, "the session")
        watching.create()
        assert (await hear(theirs))["kind"] == "channel.created"


async def test_a_message_that_is_too_long_unreadable_or_one_too_many_ends_it(watching: Watching) -> None:
    browser = await watching.door.sign_in("a@example.com")
    async with watching.socket(browser) as socket:
        await say(socket, type="subscribe", topics=["x" * 100, "tenant"])
        assert (await hear(socket))["code"] == "invalid"
        await socket.send("x" * 70_000)
        assert (await closed(socket))[0] == 1009
    async with watching.socket(browser) as socket:
        await socket.send(b"bytes")
        assert (await closed(socket))[0] == 1003
    async with watching.socket(browser) as socket:
        for _ in range(Limits().messages):
            await say(socket, type="ping")
        assert (await closed(socket))[0] == 1008


async def test_a_user_opens_so_many_and_no_more(watching: Watching) -> None:
    watching.door.app.state.room.limits = Limits(of_one_user=2)
    browser = await watching.door.sign_in("a@example.com")
    async with watching.socket(browser), watching.socket(browser), watching.bare() as third:
        await say(third, type="authenticate", ticket=await watching.ticket(browser))
        code, why = await closed(third)
        assert (code, str(why)[:25]) == (1013, "one user may watch 2 time")


async def test_silence_is_filled_with_heartbeats(watching: Watching) -> None:
    watching.door.app.state.room.limits = Limits(heartbeat_s=0.05, authenticate_s=0.05)
    browser = await watching.door.sign_in("a@example.com")
    async with watching.bare() as silent:
        assert (await closed(silent))[0] == 1008
    watching.door.app.state.room.limits = Limits(heartbeat_s=0.05)
    async with watching.socket(browser, "tenant") as socket:
        assert [(await hear(socket))["type"] for _ in range(2)] == ["heartbeat", "heartbeat"]
