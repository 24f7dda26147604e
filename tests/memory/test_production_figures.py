"""What productions took: measured on what was published, without the time of people and without what an upload waited for the platform."""

from datetime import timedelta

import psycopg

from infra.database import Database
from memory.production_figures import measured_productions
from memory.records.runs import RunRecord
from memory.repositories.channels import ChannelRepository


def published(database: Database, admin_url: str, run_id: str, minutes: float) -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("field-notes", "field-notes", "Field Notes")
        session.add(RunRecord(id=run_id, channel_id="field-notes", request={}, provenance="demo"))
    _write(
        admin_url,
        "update runs set status = 'published', outcome = '{}', finished_at = now(), started_at = now() - make_interval(mins => %s) where id = %s",
        minutes,
        run_id,
    )


def job(admin_url: str, run_id: str, queue: str, waited_minutes: float) -> None:
    _write(
        admin_url,
        "insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s, "
        "created_at, started_at) "
        "values (%s, %s, %s, 0, 0, 'publisher', 'upload_video', %s, '{}', 'x', 'demo', 3, 60, now() - make_interval(mins => %s), now())",
        f"job_{run_id}_{queue}",
        run_id,
        queue,
        queue,
        waited_minutes,
    )


def _write(admin_url: str, statement: str, *values: object) -> None:
    with psycopg.connect(admin_url) as connection:
        connection.execute(statement, values)


def test_what_an_upload_waited_for_the_platform_is_none_of_its_productions_time(database: Database, admin_database_url: str) -> None:
    published(database, admin_database_url, "run_1", minutes=100)
    with database.unit_of_work() as session:
        assert measured_productions(session).slow == timedelta(minutes=100)
    job(admin_database_url, "run_1", "cpu", waited_minutes=20)
    job(admin_database_url, "run_1", "publish", waited_minutes=92)
    with database.unit_of_work() as session:
        assert measured_productions(session).slow == timedelta(minutes=8)
