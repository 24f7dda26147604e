"""What is let go after its time, and what stays for ever."""

import psycopg
import pytest

from infra.database import Database
from memory.repositories import retention
from memory.repositories.retention import RetentionRepository
from tests.memory.conftest import Studio

JOB = (
    "insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s, state, completions)"
    " values "
)
COST = "insert into cost_entries (id, provider, operation, status, reserved_microusd, settled_microusd, tenant_id, closed_at) values "


def fill(admin_database_url: str) -> None:
    """Write an old and a young run with everything that hangs on them."""
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("update runs set status = 'published', finished_at = now() - interval '40 days', outcome = '{}' where id = 'run_1'")
        for run in ("run_1", "run_2"):
            connection.execute(f"{JOB} ('job_{run}', '{run}', 'n', 0, 0, 'a', 't', 'io', '{{}}', 'h', 'demo', 3, 20, 'done', 1)".encode())
            connection.execute(f"insert into job_attempts (job_id, token, attempt, worker) values ('job_{run}', 1, 1, 'w')".encode())
            connection.execute(f"insert into run_events (run_id, seq, kind, payload) values ('{run}', 1, 'k', '{{}}')".encode())
        old = "now() - interval '40 days'"
        connection.execute(f"{COST} ('free', 'feeds', 'get', 'settled', 0, 0, 't', {old}), ('paid', 'openai', 'write', 'settled', 9, 9, 't', {old})".encode())
        connection.execute(f"{COST} ('young', 'feeds', 'get', 'settled', 0, 0, 't', now())".encode())
        message = "insert into messages (id, key, kind, severity, subject, body, created_at) values "
        connection.execute(f"{message} ('told', 'told', 'k', 'info', 's', 'b', {old}), ('untold', 'untold', 'k', 'info', 's', 'b', {old})".encode())
        delivery = "insert into message_deliveries (message_id, address, label, status, ended_at) values "
        connection.execute(f"{delivery} ('told', 'a', 'mail', 'sent', {old}), ('untold', 'a', 'mail', 'waiting', null)".encode())


def test_what_ended_long_ago_goes_and_what_was_paid_or_is_open_stays(studio: Studio, database: Database, admin_database_url: str) -> None:
    studio.add_run("run_2")
    fill(admin_database_url)
    with database.unit_of_work() as session:
        assert RetentionRepository(session).sweep(days=30) == {
            "job_attempts": 1,
            "jobs": 1,
            "run_events": 1,
            "cost_entries": 1,
            "message_deliveries": 1,
            "messages": 1,
        }
        assert RetentionRepository(session).sweep(days=30) == {}
    with psycopg.connect(admin_database_url) as connection:
        assert connection.execute("select id from runs order by id").fetchall() == [("run_1",), ("run_2",)]
        assert connection.execute("select id from jobs").fetchall() == [("job_run_2",)]
        assert connection.execute("select id from cost_entries order by id").fetchall() == [("paid",), ("young",)]
        assert connection.execute("select id from messages").fetchall() == [("untold",)]


def test_a_sweep_takes_a_bounded_number_at_a_time(studio: Studio, database: Database, admin_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(admin_database_url)
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("insert into run_events (run_id, seq, kind, payload) select 'run_1', n, 'k', '{}' from generate_series(2, 10) n")
    monkeypatch.setattr(retention, "BATCH", 4)
    counts = []
    for _ in range(3):
        with database.unit_of_work() as session:
            counts.append(RetentionRepository(session).sweep(days=30).get("run_events", 0))
    assert counts == [4, 4, 2]
