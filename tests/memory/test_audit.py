"""The audit trail: append-only for everybody, and honest about tampering by whoever owns the database."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text

from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from memory.audit_sealing import AuditSealer
from memory.migrations import downgrade, migrate
from memory.repositories.audit import AuditBroken, AuditRepository, details_of


def _append(database: Database, count: int = 5, *, seal: bool = True) -> str:
    for number in range(count):
        with database.unit_of_work() as session:
            AuditRepository(session).append("ada", "channel.paused", f"channel_{number}", {"cost": 1.10, "name": "Grüße", "big": 10**20})
    if seal:
        AuditSealer(database).turn()
    with database.unit_of_work() as session:
        head = AuditRepository(session).head()
        return head.hash if head else ""


def _verify(database: Database, expected_head: str | None = None) -> int:
    with database.unit_of_work() as session:
        return AuditRepository(session).verify(expected_head)


def _tamper(admin_url: str, *statements: str) -> None:
    """Do what only the owner of the database can: switch the triggers off and change the trail."""
    with psycopg.connect(admin_url) as connection:
        for table in ("audit_events", "audit_seals"):
            connection.execute(f"alter table {table} disable trigger all")
        for statement in statements:
            connection.execute(statement)


def test_the_chain_holds_and_details_come_back_as_they_were(database: Database) -> None:
    head = _append(database)
    _append(database, 1)
    assert _verify(database, expected_head=head) == 6
    with database.unit_of_work() as session:
        first = AuditRepository(session).list_(limit=1)[0]
        assert details_of(first) == {"cost": 1.10, "name": "Grüße", "big": 10**20}


def test_an_empty_trail_is_sound(database: Database) -> None:
    assert (AuditSealer(database).turn(), _verify(database)) == (0, 0)


def test_parallel_appends_and_sealers_make_one_chain_without_forks_or_gaps(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _append(database, 4), range(8)))
    assert _verify(database) == 32


def test_an_event_is_there_before_it_is_sealed_and_is_sealed_in_a_later_turn(database: Database) -> None:
    _append(database, 2, seal=False)
    with database.unit_of_work() as session:
        trail = AuditRepository(session)
        assert (len(trail.list_()), trail.unsealed(), trail.verify(), trail.head()) == (2, 2, 2, None)
        assert (trail.seal(limit=1), trail.unsealed()) == (1, 1)
    assert (AuditSealer(database).turn(), AuditSealer(database).turn(), _verify(database)) == (1, 0, 2)


def test_writers_do_not_wait_for_each_other(database: Database) -> None:
    with database.unit_of_work() as first, database.unit_of_work() as second:
        second.execute(text("set local lock_timeout = '2s'"))
        AuditRepository(first).append("ada", "x.done", "first", {})
        AuditRepository(second).append("ada", "x.done", "second", {})
    AuditSealer(database).turn()
    assert _verify(database) == 2


def test_what_was_rolled_back_is_not_in_the_trail(database: Database) -> None:
    _append(database, 1)
    with pytest.raises(TypeError), database.unit_of_work() as session:
        [AuditRepository(session).append("ada", "x.done", "x", details) for details in ({}, {"at": object()})]
    _append(database, 1)
    assert _verify(database) == 2


def test_an_event_of_a_tenants_request_is_that_tenants(database: Database, database_urls: PostgresUrls) -> None:
    api = Database(database_urls.api, pool_size=1)
    with api.unit_of_work(tenant="tenant_local") as session:
        AuditRepository(session).append("ada", "x.done", "x", {})
    with pytest.raises(Exception, match="permission denied"), api.unit_of_work(tenant="tenant_local") as session:
        AuditRepository(session).seal()
    api.dispose()
    _append(database, 1)
    with database.unit_of_work() as session:
        assert [event.tenant_id for event in AuditRepository(session).list_()] == ["tenant_local", None]
        assert AuditRepository(session).verify() == 2


@pytest.mark.parametrize("table", ["audit_events", "audit_seals"])
@pytest.mark.parametrize("statement", ["update {} set {}", "delete from {}", "truncate {}"])
def test_even_the_owner_is_refused_by_the_trigger(database: Database, admin_database_url: str, table: str, statement: str) -> None:
    _append(database, 1)
    change = "actor = 'eve'" if table == "audit_events" else "seq = 7"
    with psycopg.connect(admin_database_url) as connection, pytest.raises(psycopg.errors.RestrictViolation, match=f"{table} is append-only"):
        connection.execute(statement.format(table, change))


@pytest.mark.parametrize(
    ("statements", "at"),
    [
        (("update audit_events set actor = 'eve' where id = 3",), {"seq": 3, "event": 3}),
        (("update audit_events set at = at + interval '1 microsecond' where id = 2",), {"seq": 2, "event": 2}),
        (("""update audit_events set details = '{"cost":1}' where id = 1""",), {"seq": 1, "event": 1}),
        (("update audit_events set tenant_id = 'tenant_local' where id = 1",), {"seq": 1, "event": 1}),
        (("update audit_seals set hash = repeat('a', 64) where seq = 4",), {"seq": 4, "event": 4}),
        (("delete from audit_events where id = 2",), {"seq": 2, "event": 2}),
        (("delete from audit_events where id = 2", "delete from audit_seals where seq = 2"), {"seq": 2, "event": 3}),
        (("delete from audit_seals where seq = 5",), {"event": 5}),
        (("update audit_seals set seq = seq + 10 where seq = 5",), {"seq": 5, "event": 5}),
        (("insert into audit_events (actor, action, subject, details) values ('eve', 'x.done', 'x', '{}')",), {"event": 6}),
        (("insert into audit_unsealed values (77)",), {"event": 77}),
    ],
)
def test_tampering_with_the_triggers_switched_off_is_found_and_named(
    database: Database, admin_database_url: str, statements: tuple[str, ...], at: dict[str, int]
) -> None:
    _append(database)
    _tamper(admin_database_url, *statements)
    with pytest.raises(AuditBroken) as broken:
        _verify(database)
    assert broken.value.details == at


def test_a_trail_cut_short_is_found_by_the_hash_kept_elsewhere(database: Database, admin_database_url: str) -> None:
    head = _append(database)
    _tamper(admin_database_url, "delete from audit_events where id > 3", "delete from audit_seals where seq > 3")
    assert _verify(database) == 3
    with pytest.raises(AuditBroken):
        _verify(database, expected_head=head)


def test_a_trail_from_before_the_seals_stays_whole(database: Database, database_urls: PostgresUrls) -> None:
    head = _append(database, 3)
    downgrade(database_urls.admin, "0012_outcomes")
    migrate(database_urls.admin)
    assert _verify(database, expected_head=head) == 3
    _append(database, 1, seal=False)
    with pytest.raises(Exception, match="not sealed"):
        downgrade(database_urls.admin, "0012_outcomes")
    AuditSealer(database).turn()
    assert _verify(database) == 4
