"""Events: the tables write them, numbers come in the order of what is visible, and reads that are kept are told of changes."""

import threading

import psycopg
import pytest

from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.reads import ReadPool
from memory.reads.events import EventReads
from memory.records.tenants import LOCAL_TENANT, TenantRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.events import EventRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.retention import RetentionRepository

OTHER = "tenant_other"


@pytest.fixture
def database(database_urls: PostgresUrls) -> Database:
    made = Database(database_urls.app)
    with made.unit_of_work() as session:
        session.add(TenantRecord(id=OTHER, name="Other"))
        session.flush()
        ChannelRepository(session).create("pulse", "pulse", "Pulse", LOCAL_TENANT)
    return made


def number(database: Database) -> None:
    with database.unit_of_work() as session:
        assert not EventRepository(session).number()


def numbers(url: str) -> list[tuple[str, int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select tenant_id, seq, kind from events order by tenant_id desc, seq").fetchall()


def test_each_tenants_events_are_counted_without_gaps(database: Database, database_urls: PostgresUrls) -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).create("blueprint", "blueprint", "Blueprint", OTHER)
        ChannelRepository(session).pause("pulse", "holidays")
    number(database)
    with database.unit_of_work() as session:
        ChannelRepository(session).resume("pulse")
        MessageRepository(session).queue("k", "test", "Hello", "World")
    number(database)
    assert numbers(database_urls.admin) == [
        (OTHER, 1, "channel.created"),
        (LOCAL_TENANT, 1, "channel.created"),
        (LOCAL_TENANT, 2, "channel.changed"),
        (LOCAL_TENANT, 3, "channel.changed"),
        (LOCAL_TENANT, 4, "message.created"),
    ]
    database.dispose()


def test_a_message_is_told_to_the_tenant_that_it_is_about(database: Database, database_urls: PostgresUrls) -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).create("blueprint", "blueprint", "Blueprint", OTHER)
        IncidentRepository(session).open("strike:blueprint", "strike", "critical", "A strike", channel_id="blueprint")
        queue = MessageRepository(session).queue
        for key, about in (("pulse", {"channel": "pulse"}), ("paid", {"tenant": OTHER}), ("backup", {}), ("gone", {"channel": "nobody", "tenant": "nobody"})):
            queue(key, "test", key, "World", about=about)
    number(database)
    with psycopg.connect(database_urls.admin) as connection:
        told = connection.execute("select tenant_id, data ->> 'subject' from events where kind = 'message.created'").fetchall()
    assert sorted(told) == [(LOCAL_TENANT, "backup"), (LOCAL_TENANT, "gone"), (LOCAL_TENANT, "pulse"), (OTHER, "critical: strike"), (OTHER, "paid")]
    theirs = Database(database_urls.api)
    with theirs.unit_of_work(tenant=OTHER) as session:
        assert {one.subject for one in MessageRepository(session).list_().items} == {"critical: strike", "paid"}
        assert MessageRepository(session).queue("mine", "test", "by a tenant's own request", "World")
    theirs.dispose()
    database.dispose()


def test_what_commits_late_is_numbered_late_and_numbering_waits_for_nobody(database: Database, database_urls: PostgresUrls) -> None:
    with database.unit_of_work() as early:
        ChannelRepository(early).create("blueprint", "blueprint", "Blueprint", LOCAL_TENANT)
        with database.unit_of_work() as late:
            ChannelRepository(late).pause("pulse", "holidays")
        number(database)
    number(database)
    assert [kind for _, _, kind in numbers(database_urls.admin)] == ["channel.created", "channel.changed", "channel.created"]
    database.dispose()


def test_many_may_number_at_once(database: Database, database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.admin) as connection:
        connection.execute("insert into events (tenant_id, kind, subject) select 'tenant_local', 'x', n::text from generate_series(1, 300) n")
    threads = [threading.Thread(target=number, args=(database,)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [seq for _, seq, _ in numbers(database_urls.admin)] == list(range(1, 302))
    database.dispose()


async def test_a_tenant_reads_its_own_and_knows_what_is_kept(database: Database, database_urls: PostgresUrls) -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).create("blueprint", "blueprint", "Blueprint", OTHER)
        IncidentRepository(session).open("k", "test", "info", "It smells", channel_id="pulse")
    number(database)
    async with ReadPool(database_urls.api) as reads:
        ours, theirs = EventReads(reads, LOCAL_TENANT), EventReads(reads, OTHER)
        assert [(line.kind, line.channel, line.alert) for line in await ours.after(0, 10)] == [
            ("channel.created", "pulse", False),
            ("incident.created", "pulse", True),
        ]
        assert [line.channel for line in await theirs.after(0, 10)] == ["blueprint"]
        assert (await ours.knows("channel", "pulse"), await theirs.knows("channel", "pulse")) == (True, False)
        with psycopg.connect(database_urls.admin) as connection:
            connection.execute("update events set at = at - interval '8 days' where seq = 1")
        with database.unit_of_work() as session:
            assert RetentionRepository(session).sweep(days=90)["events"] == 2
        assert ((await ours.bounds()).oldest, (await ours.bounds()).last) == (2, 2)
        assert ((await theirs.bounds()).oldest, (await theirs.bounds()).last) == (2, 1)
    database.dispose()


def test_changes_are_announced_by_tenant_and_table_and_leases_are_not(database: Database, database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.app, autocommit=True) as listening:
        listening.execute("listen live")
        with database.unit_of_work() as session:
            ChannelRepository(session).pause("pulse", "holidays")
            ChannelRepository(session).resume("pulse")
            IncidentRepository(session).open("k", "test", "info", "It smells")
        with database.unit_of_work() as session:
            session.connection().exec_driver_sql("update runs set lease_token = lease_token + 1")
        heard = [notice.payload for notice in listening.notifies(timeout=0.2)]
    assert sorted(heard) == ["- written", f"{LOCAL_TENANT} channels", f"{LOCAL_TENANT} incidents"]
    database.dispose()


# One row each of what is part of a run, of an approval or of a topic, and the notice that it is told by.
_PARTS = {
    "insert into decisions (run_id, node, iteration, ordinal, agent, decision) values ('r', 'scout', 0, 0, 'trend_scout', '{}')": "decisions",
    "insert into approval_voices (id, approval_id, principal, kind, manifest_digest, decision) values ('v', 'a', 'p', 'proposal', repeat('0', 64), '{}')": (
        "approval_voices"
    ),
    "insert into trend_observations (topic_id, series, at, value, unit) select 't', 's', now() + n * interval '1 s', n, '' from generate_series(1, 500) n": (
        "trend_topics"
    ),
    "insert into trend_sightings (topic_id, source_id, source_name, url, title, first_seen_at, last_seen_at) values ('t', 's', 'S', 'u', 'T', now(), now())": (
        "trend_topics"
    ),
    "update trend_observations set value = 1": "trend_topics",
}


def test_parts_are_announced_under_what_they_belong_to(database: Database, database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.app, autocommit=True) as connection, psycopg.connect(database_urls.app, autocommit=True) as listening:
        connection.execute("insert into channels (id, tenant_id, name, personality_id) values ('theirs', 'tenant_other', 'Theirs', 'pulse')")
        connection.execute("insert into runs (id, channel_id, request, provenance) values ('r', 'theirs', '{}', 'real')")
        connection.execute(
            "insert into approvals (id, run_id, gate, interrupt_id, manifest_digest, request) values ('a', 'r', 'video', 'i', repeat('0', 64), '{}')"
        )
        connection.execute(
            "insert into trend_topics (id, tenant_id, provenance, label, model, vector, first_seen_at, last_seen_at)"
            " values ('t', 'tenant_other', 'real', 'T', 'm', array_fill(0.1, array[384])::halfvec, now(), now())"
        )
        listening.execute("listen live")
        for statement, noun in _PARTS.items():
            connection.execute(statement.encode())
            assert [notice.payload for notice in listening.notifies(timeout=5, stop_after=1)] == [f"{OTHER} {noun}"]
    database.dispose()


def test_whoever_asks_for_a_tenant_cannot_write_another_tenants_events(database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.api) as connection:
        connection.execute("select set_config('ytempire.tenant', 'tenant_a', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select note_event('tenant_b', 'x', 'x', null, null, true, '{}')")
