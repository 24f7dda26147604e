"""The audit trail: append-only for everybody, and honest about tampering by whoever owns the database."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from infra.database import Database
from memory.repositories.audit import AuditBroken, AuditRepository, details_of


def _append(database: Database, count: int = 5) -> str:
    head = ""
    for number in range(count):
        with database.unit_of_work() as session:
            event = AuditRepository(session).append("ada", "channel.paused", f"channel_{number}", {"cost": 1.10, "name": "Grüße", "big": 10**20})
            head = event.hash
    return head


def test_the_chain_holds_and_details_come_back_as_they_were(database: Database) -> None:
    head = _append(database)
    with database.unit_of_work() as session:
        audit = AuditRepository(session)
        assert audit.verify(expected_head=head) == 5
        first = audit.list_(limit=1)[0]
        assert details_of(first) == {"cost": 1.10, "name": "Grüße", "big": 10**20}
        assert first.previous_hash == "0" * 64


def test_an_empty_trail_is_sound(database: Database) -> None:
    with database.unit_of_work() as session:
        assert AuditRepository(session).verify() == 0


def test_parallel_appends_make_one_chain_without_forks_or_gaps(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _append(database, 4), range(8)))
    with database.unit_of_work() as session:
        assert AuditRepository(session).verify() == 32


def test_a_transaction_that_fails_leaves_no_gap(database: Database) -> None:
    _append(database, 1)
    with pytest.raises(TypeError), database.unit_of_work() as session:
        [AuditRepository(session).append("ada", "x.done", "x", details) for details in ({}, {"at": object()})]
    _append(database, 1)
    with database.unit_of_work() as session:
        assert AuditRepository(session).verify() == 2


@pytest.mark.parametrize("statement", ["update audit_events set actor = 'eve'", "delete from audit_events", "truncate audit_events"])
def test_even_the_owner_is_refused_by_the_trigger(database: Database, admin_database_url: str, statement: str) -> None:
    _append(database)
    with psycopg.connect(admin_database_url) as connection, pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("update audit_events set actor = 'eve' where seq = 3", 3),
        ("update audit_events set at = at + interval '1 microsecond' where seq = 2", 2),
        ("""update audit_events set details = '{"cost":1}' where seq = 1""", 1),
        ("update audit_events set hash = repeat('a', 64) where seq = 4", 4),
        ("delete from audit_events where seq = 2", 3),
        ("delete from audit_events where seq = 1", 2),
        ("update audit_events set seq = seq + 10 where seq = 5", 15),
    ],
)
def test_tampering_with_the_trigger_switched_off_is_found_and_named(database: Database, admin_database_url: str, statement: str, seq: int) -> None:
    _append(database)
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("alter table audit_events disable trigger all")
        connection.execute(statement)
    with pytest.raises(AuditBroken) as broken, database.unit_of_work() as session:
        AuditRepository(session).verify()
    assert broken.value.details == {"seq": seq}


def test_a_trail_cut_short_is_found_by_the_hash_kept_elsewhere(database: Database, admin_database_url: str) -> None:
    head = _append(database)
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("alter table audit_events disable trigger all")
        connection.execute("delete from audit_events where seq > 3")
    with database.unit_of_work() as session:
        assert AuditRepository(session).verify() == 3
        with pytest.raises(AuditBroken):
            AuditRepository(session).verify(expected_head=head)
