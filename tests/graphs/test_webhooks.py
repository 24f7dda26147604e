"""The courier before a receiver that misbehaves: signed, once, again later, never for longer than a day, and nobody else waits for it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from graphs.webhooks import ID, KIND, Courier, rest_s, wait_s
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.settings import Settings
from infra.signing import SIGNATURE, TIMESTAMP, sign, verify
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.channels import ChannelExists, ChannelRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.webhooks import TRIPS_AFTER, Posting, WebhookRepository, endpoint_of
from memory.webhook_secrets import WebhookSecrets, new_secret
from tests.fixtures.receiver import Receiver, receiver

SECRET, NEW = new_secret(), new_secret()
_QUICK_S = 0.3


@pytest.fixture
def database(database_urls: PostgresUrls) -> Iterator[Database]:
    made = Database(database_urls.app)
    yield made
    made.dispose()


@pytest.fixture
async def taker() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
def own(settings: Settings, taker: Receiver) -> Settings:
    return settings.model_copy(update={"webhook_private": f"http://127.0.0.1:{taker.port}", "network": "auto"})


def endpoint(database: Database, settings: Settings, url: str, kinds: tuple[str, ...] = ("channel",)) -> str:
    row = endpoint_of(LOCAL_TENANT, url, kinds, "user_1")
    row.secret = WebhookSecrets(settings).seal(SECRET, row.id)
    with database.unit_of_work() as session:
        return WebhookRepository(session).add(row).id


def happen(database: Database, name: str = "pulse") -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).create(name, name, name, LOCAL_TENANT)


def run(database: Database, statement: str) -> None:
    with database.unit_of_work() as session:
        session.connection().exec_driver_sql(statement)


def log_of(database: Database, endpoint_id: str) -> list[tuple[str, int, list[str]]]:
    with database.unit_of_work() as session:
        rows = WebhookRepository(session).deliveries(endpoint_id).items
        return [(row.status, row.attempts, [str(one["said"]) for one in row.tries]) for row in rows]


async def test_an_event_comes_signed_once_and_only_where_it_was_asked_for(database: Database, own: Settings, taker: Receiver) -> None:
    mine = endpoint(database, own, taker.url, ("channel.created",))
    other = endpoint(database, own, taker.url, ("approval", "channel.deleted"))
    happen(database)
    assert await Courier(own, database).turn() == 1
    assert await Courier(own, database).turn() == 0
    (said,), (head,) = taker.said, taker.heads
    assert (said["kind"], said["subject"], said["data"]["name"], said["id"]) == ("channel.created", "pulse", "pulse", head[ID])
    assert head[KIND] == "channel.created"
    verify([SECRET], (head[SIGNATURE], head[TIMESTAMP]), taker.bodies[0], SYSTEM_CLOCK.now().timestamp())
    assert log_of(database, mine) == [("sent", 1, ["taken"])]
    assert log_of(database, other) == []


async def test_what_did_not_happen_is_not_told(database: Database, own: Settings, taker: Receiver) -> None:
    endpoint(database, own, taker.url, ("*",))
    happen(database, "other")
    with suppress(ChannelExists), database.unit_of_work() as session:
        ChannelRepository(session).create("pulse", "pulse", "pulse", LOCAL_TENANT)
        ChannelRepository(session).create("other", "other", "other", LOCAL_TENANT)
    assert await Courier(own, database).turn() == 1
    assert await Courier(own, database).turn() == 0


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("fail", "the receiver answered 500"),
        ("move", "redirects, which is not followed"),
        ("hang up", "the connection failed"),
        ("hang", "no answer within"),
        ("drip", "no answer within"),
    ],
)
async def test_one_that_misbehaves_is_asked_again_later(database: Database, own: Settings, taker: Receiver, does: str, told: str) -> None:
    mine = endpoint(database, own, taker.url)
    happen(database)
    taker.does = does
    assert await Courier(own, database, total_s=_QUICK_S).turn() == 0
    ((status, attempts, said),) = log_of(database, mine)
    assert (status, attempts) == ("waiting", 1)
    assert told in said[0]
    assert await Courier(own, database).turn() == 0, "not before its time"
    taker.does = "take"
    run(database, "update webhook_deliveries set next_at = now()")
    assert await Courier(own, database).turn() == 1
    assert len({head[ID] for head in taker.heads}) == 1
    assert log_of(database, mine)[0][:2] == ("sent", 2)


async def test_an_answer_without_end_is_not_read(database: Database, own: Settings, taker: Receiver) -> None:
    mine = endpoint(database, own, taker.url)
    happen(database)
    taker.does = "flood"
    assert await Courier(own, database).turn() == 1
    assert log_of(database, mine)[0][0] == "sent"


async def test_one_that_is_down_rests_and_one_delivery_tries_it_after(database: Database, own: Settings, taker: Receiver) -> None:
    mine = endpoint(database, own, taker.url)
    for name in ("a", "b", "c", "d", "e", "f", "g"):
        happen(database, name)
    taker.does = "fail"
    courier = Courier(own, database)
    while len(taker.heads) < TRIPS_AFTER:
        await courier.turn()
    seen = len(taker.heads)
    run(database, "update webhook_deliveries set next_at = now()")
    await courier.turn()
    assert len(taker.heads) == seen, "it rests"
    run(database, "update webhook_endpoints set rests_until = now()")
    await courier.turn()
    assert len(taker.heads) == seen + 1, "one tries it"
    taker.does = "take"
    run(database, "update webhook_endpoints set rests_until = now()")
    run(database, "update webhook_deliveries set next_at = now()")
    assert await courier.turn() == 1
    assert await courier.turn() >= 1
    assert {status for status, *_ in log_of(database, mine)} <= {"sent", "waiting"}


async def test_after_a_day_it_is_given_up_and_said_and_may_be_sent_again(database: Database, own: Settings, taker: Receiver) -> None:
    mine = endpoint(database, own, taker.url)
    happen(database)
    taker.does = "fail"
    courier = Courier(own, database)
    await courier.turn()
    run(database, "update webhook_deliveries set give_up_at = now()")
    assert await courier.turn() == 0
    assert log_of(database, mine)[0][0] == "failed"
    with database.unit_of_work() as session:
        (incident,) = IncidentRepository(session).list_().items
        assert (incident.kind, incident.key) == ("webhook_failed", f"webhook:{mine}")
        assert taker.url in incident.summary
        (failed,) = WebhookRepository(session).deliveries(mine, "failed").items
        WebhookRepository(session).replay(failed.id)
    taker.does = "take"
    assert await courier.turn() == 1
    assert len({head[ID] for head in taker.heads}) == 1


async def test_while_a_secret_is_replaced_both_sign(database: Database, own: Settings, taker: Receiver) -> None:
    mine = endpoint(database, own, taker.url)
    with database.unit_of_work() as session:
        WebhookRepository(session).rotate(mine, WebhookSecrets(own).seal(NEW, mine), timedelta(hours=1))
    happen(database)
    await Courier(own, database).turn()
    run(database, "update webhook_endpoints set old_secret_until = now()")
    happen(database, "other")
    await Courier(own, database).turn()
    both, one = (
        [sign(secret, int(head[TIMESTAMP]), body) for secret in secrets]
        for head, body, secrets in zip(taker.heads, taker.bodies, ((NEW, SECRET), (NEW,)), strict=True)
    )
    assert [head[SIGNATURE].split(",") for head in taker.heads] == [both, one]


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/", "https://localhost/", "http://169.254.169.254/", "https://10.0.0.1/"])
async def test_an_address_of_the_inside_is_not_reached(database: Database, own: Settings, url: str) -> None:
    mine = endpoint(database, own, url)
    happen(database)
    assert await Courier(own, database).turn() == 0
    assert "address_forbidden" in log_of(database, mine)[0][2][0]


async def test_two_couriers_send_it_once(database: Database, own: Settings, taker: Receiver) -> None:
    endpoint(database, own, taker.url)
    happen(database)
    with database.unit_of_work() as session:
        assert len(WebhookRepository(session).claim_due(60, 20)) == 1
    assert await Courier(own, database).turn() == 0
    assert taker.heads == []


async def test_with_the_network_off_everything_waits(database: Database, own: Settings, taker: Receiver) -> None:
    mine = endpoint(database, own, taker.url)
    happen(database)
    assert await Courier(own.model_copy(update={"network": "off"}), database).turn() == 0
    assert log_of(database, mine) == [("waiting", 0, [])]


def test_waits_grow_differ_and_end() -> None:
    waits = [wait_s(Posting(f"d{one}", "e", "", "", {}, (), attempts, 0)) for one in range(20) for attempts in (0, 5, 40)]
    assert all(5 <= one <= 3600 for one in waits)
    assert len(set(waits)) > 50
    assert [rest_s(one) for one in (TRIPS_AFTER - 1, TRIPS_AFTER, TRIPS_AFTER + 1, 100)] == [0, 60, 120, 3600]
