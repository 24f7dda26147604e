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


def test_what_was_handed_in_goes_once_no_task_can_be_made_from_it(studio: Studio, database: Database, admin_database_url: str) -> None:
    old = "now() - interval '40 days'"
    upload = "insert into uploads (id, tenant_id, digest, name, media_type, bytes, created_by, created_at) values "
    task = "insert into tasks (id, tenant_id, key, kind, payload, status, created_by, finished_at) values "
    with psycopg.connect(admin_database_url) as connection:
        for name, at in (("used", old), ("told", old), ("loose", old), ("young", "now()")):
            connection.execute(f"{upload} ('upload_{name}', 'tenant_local', rpad('{name}', 64, '0'), 'a.txt', 'text/plain', 1, 'u', {at})".encode())
        sources = "json_build_object('sources', json_build_array('upload:' || rpad('{}', 64, '0') || '/a.txt'))"
        connection.execute(f"{task} ('task_1', 'tenant_local', 'k1', 'sources', {sources.format('used')}, 'queued', 'u', null)".encode())
        connection.execute(f"{task} ('task_2', 'tenant_local', 'k2', 'sources', {sources.format('told')}, 'done', 'u', now())".encode())
        connection.execute(
            f"insert into stripe_events (id, type, livemode, effect, made_at, taken_at) values ('e1', 't', false, 'none', {old}, {old})".encode()
        )
        connection.execute(b"insert into stripe_events (id, type, livemode, effect, made_at) values ('e2', 't', false, 'none', now())")
        page = "insert into stripe_checkouts (id, tenant_id, livemode, opened_at) values "
        connection.execute(f"{page} ('cs_1', 'tenant_local', false, {old}), ('cs_2', 'tenant_local', false, now())".encode())
        asked = "insert into consent_requests (id, tenant_id, channel_id, user_id, state_digest, redirect_uri, expires_at) "
        connection.execute(f"{asked} select 'consent_1', tenant_id, id, 'u', repeat('0', 64), 'http://127.0.0.1', {old} from channels limit 1".encode())
        connection.execute(b"insert into consent_secrets (request_id, verifier) values ('consent_1', 'v')")
    with database.unit_of_work() as session:
        assert RetentionRepository(session).sweep(days=30) == {"uploads": 2, "stripe_events": 1, "stripe_checkouts": 1, "consent_requests": 1}
    with psycopg.connect(admin_database_url) as connection:
        assert connection.execute("select id from uploads order by id").fetchall() == [("upload_used",), ("upload_young",)]
        assert connection.execute("select count(*) from consent_secrets").fetchone() == (0,)


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
