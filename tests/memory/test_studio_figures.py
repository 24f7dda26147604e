"""How the studio does over time: every day is there, what waited is counted at its moments, faults last until the work was done, waits are no faults."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from memory.studio_figures import Span, StudioFigures
from tests.memory.conftest import Studio

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def ago(**back: float) -> datetime:
    return NOW - timedelta(**back)


class Write:
    """Rows as the kernel and the graphs leave them, at times of the test's choosing."""

    def __init__(self, studio: Studio, url: str) -> None:
        self._studio, self._url = studio, url

    def row(self, table: str, **values: object) -> None:
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        with psycopg.connect(self._url) as connection:
            connection.execute(f"insert into {table} ({names}) values ({places})", [*values.values()])

    def job(self, job_id: str, queue: str = "cpu", **values: object) -> None:
        run = {"run_id": self._studio.run, "node": job_id, "iteration": 0, "ordinal": 0, "agent": "production", "tool": "render_video", "args": "{}"}
        fixed = {"input_hash": "x", "provenance": "demo", "max_attempts": 3, "timeout_s": 60}
        done = {"completions": 1} if values.get("state") == "done" else {}
        self.row("jobs", id=job_id, queue=queue, **run, **fixed, **done, **values)

    def run(self, run_id: str, status: str, finished_at: datetime) -> None:
        self._studio.add_run(run_id)
        with psycopg.connect(self._url) as connection:
            connection.execute("update runs set status = %s, finished_at = %s where id = %s", (status, finished_at, run_id))


@pytest.fixture
def write(studio: Studio, admin_database_url: str) -> Write:
    """A hand that writes rows."""
    return Write(studio, admin_database_url)


def test_every_day_is_told_and_so_is_how_its_productions_ended(studio: Studio, write: Write) -> None:
    write.run("a", "published", ago(hours=1))
    write.run("b", "failed", ago(hours=2))
    write.run("c", "published", ago(days=1))
    write.run("d", "published", ago(days=9))
    with studio.database.unit_of_work() as session:
        told = StudioFigures(session).productions(Span.of_days(3, NOW))
        assert [one.day.isoformat() for one in told] == ["2026-11-27", "2026-11-28", "2026-11-29"]
        assert [one.ended["published"] for one in told] == [0, 1, 1]
        assert told[-1].ended == {"published": 1, "refused": 0, "rejected": 0, "failed": 1}
        assert sum(sum(one.ended.values()) for one in StudioFigures(session).productions(Span.of_days(3, NOW), "other")) == 0


def test_what_waits_is_counted_at_each_moment_until_it_is_taken(studio: Studio, write: Write) -> None:
    write.job("soon", created_at=ago(hours=10), started_at=ago(hours=4), finished_at=ago(hours=3), state="done", attempts=1)
    write.job("never", created_at=ago(hours=2), state="queued")
    write.job("again", "io", created_at=ago(hours=9), started_at=ago(hours=1), next_attempt_at=ago(minutes=20), state="queued", attempts=1)
    write.job("other", "publish:x", created_at=ago(hours=30), finished_at=ago(hours=20), state="cancelled")
    request = {"run_id": studio.run, "gate": "video", "interrupt_id": "i", "manifest_digest": "0" * 64, "request": "{}"}
    write.row("approvals", id="approval_1", created_at=ago(hours=6), **request)
    with studio.database.unit_of_work() as session:
        told = StudioFigures(session).waited(Span.of_hours(24, NOW))
    assert len(told) == 49
    assert (told[0].at, told[-1].at) == (ago(hours=24), NOW)
    at = {round((NOW - one.at).total_seconds() / 3600, 1): one for one in told}
    assert at[24.0].queues == {"publish": 1}
    assert at[11.0].queues == {}
    assert at[5.0].queues == {"cpu": 1, "io": 1}
    assert at[0.5].queues == {"cpu": 1}
    assert at[0.0].queues == {"cpu": 1, "io": 1}
    assert [(at[hours].approvals, at[hours].oldest_approval_s) for hours in (7.0, 5.0, 0.0)] == [(0, 0), (1, 3600), (1, 21_600)]


def test_a_fault_lasts_until_what_it_stopped_is_done_and_a_wait_is_none(studio: Studio, write: Write) -> None:
    write.job("lost", created_at=ago(hours=3), finished_at=ago(hours=1), state="done", attempts=2)
    write.row("job_attempts", job_id="lost", token=1, attempt=1, worker="w", ended_at=ago(hours=2), outcome="lost", error=None)
    write.row("job_attempts", job_id="lost", token=2, attempt=2, worker="w", ended_at=ago(hours=1), outcome="done", error=None)
    write.job("failed", created_at=ago(hours=3), state="queued", failures=1, attempts=1)
    write.row("job_attempts", job_id="failed", token=1, attempt=1, worker="w", ended_at=ago(minutes=5), outcome="retry", error='{"code": "timeout"}')
    write.job("paused", created_at=ago(hours=3), state="queued", failures=0, attempts=1)
    write.row("job_attempts", job_id="paused", token=1, attempt=1, worker="w", ended_at=ago(minutes=5), outcome="retry", error='{"code": "quota_exhausted"}')
    trouble = {"key": "k", "kind": "strike", "severity": "critical", "summary": "A strike"}
    write.row("incidents", id="incident_1", status="resolved", opened_at=ago(hours=5), resolved_at=ago(hours=4), **trouble)
    with studio.database.unit_of_work() as session:
        told = StudioFigures(session).recoveries(Span.of_days(2, NOW))
    assert [(one.fault, one.what, one.said, one.seconds, one.lasts) for one in told] == [
        ("call failed", "render_video", "timeout", None, True),
        ("worker lost", "render_video", "", 3600, False),
        ("incident", "strike", "critical", 3600, False),
    ]


def test_a_forecast_is_told_beside_what_was_measured_or_why_it_was_not(studio: Studio, write: Write) -> None:
    for name, difference, settled in (("seen", '{"attention_48h": {"expected": 0.4, "measured": 0.1}}', NOW), ("open", None, None)):
        publication = {"key": name, "run_id": studio.run, "channel_id": studio.channel, "tenant_id": "tenant_local", "publisher": "library"}
        write.row("publications", id=name, provenance="demo", manifest_digest="0" * 64, **publication)
        about = {"publication_id": name, "channel_id": studio.channel, "provenance": "demo", "predicted": '{"title": "Tides"}', "predicted_at": ago(days=8)}
        write.row("outcomes", id=f"outcome_{name}", happened="{}" if settled else None, difference=difference, settled_at=settled, **about)
    with studio.database.unit_of_work() as session:
        told = {one.publication: one for one in StudioFigures(session).forecasts(studio.channel)}
        assert StudioFigures(session).forecasts("other") == ()
    assert (told["seen"].title, told["seen"].expected, told["seen"].measured, told["seen"].why) == ("Tides", 0.4, 0.1, "")
    assert (told["open"].measured, told["open"].why) == (None, "its last look is still to come")
