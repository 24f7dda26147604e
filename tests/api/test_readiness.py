"""An autonomous run is refused before it starts for whatever it would lack, each with the field, the limit and the fix."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from pydantic import SecretStr

from api import autonomous_runs, readiness
from api.readiness import NotReady, Readiness, ensure_edit, every_channel, look
from graphs.autonomous_request import read_request, read_task
from infra.database import Database
from infra.errors import Conflict, Invalid
from infra.settings import Settings
from memory.repositories.autonomous_runs import AutonomousRunEnded, AutonomousRunRepository, ChannelsTaken
from memory.repositories.channels import ChannelRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.tasks import NewTask, TaskRepository
from tests.memory.autonomy_desk import wake

ASKED = {"channels": ["deep-orbit"], "hours": 48, "budget_usd": 5, "offline": True}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The test's own migrated database."""
    found = Database(database_url)
    yield found
    found.dispose()


@pytest.fixture
def served(database: Database) -> Database:
    """A database in which every queue is served and every process is heard of."""
    with database.unit_of_work() as session:
        for name in readiness.NEEDED_PROCESSES:
            HeartbeatRepository(session).beat(name)
        for queue in ("io", "cpu", "publish"):
            values = f"'{queue}', '{queue}', 'host', 1, 1.0, '', '', 0"
            session.connection().exec_driver_sql(
                f"insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s) values ({values})"
            )
    return database


async def _look(database: Database, settings: Settings, **changes: Any) -> Readiness:
    return await look(settings, database, read_request({**ASKED, **changes}))


def _said(found: Readiness) -> str:
    with pytest.raises(NotReady) as refused:
        found.ensure()
    assert all(
        {"field", "said", "fix", "code", "channel"} == set(one) and one["fix"] and one["code"]
        for one in cast(list[dict[str, str]], refused.value.details["problems"])
    )
    return refused.value.message


async def test_a_run_for_which_everything_is_there_may_start_and_its_plan_is_shown(served: Database, settings: Settings) -> None:
    found = await _look(served, settings)
    found.ensure()
    assert len(found.preview.plan.slots) == 1
    assert any("YTEMPIRE_NOTIFY" in note for note in found.notes)


async def test_a_stack_that_nobody_keeps_up_is_named(database: Database, settings: Settings) -> None:
    said = _said(await _look(database, settings))
    assert "workers: nobody serves cpu, io, publish; start `ytempire up`" in said
    assert "stack: no conductor and no watcher is heard of; keep `ytempire up` running" in said


async def test_no_channel_ready(served: Database, settings: Settings) -> None:
    with served.unit_of_work() as session:
        ChannelRepository(session).ensure("deep-orbit", "deep-orbit", "Deep Orbit")
        ChannelRepository(session).pause("deep-orbit", "a strike")
        assert "deep-orbit" not in every_channel(session)
        assert len(every_channel(session)) == 19
    said = _said(await _look(served, settings, channels=["deep-orbit", "nobody"]))
    assert "channels: deep-orbit is paused (a strike); resume it with" in said
    assert "channels: 'nobody' has no personality; leave it out, or name one of" in said


async def test_a_budget_below_one_video_and_below_its_plan(served: Database, settings: Settings) -> None:
    paying = settings.model_copy(update={"openai_api_key": SecretStr("k"), "network": "auto", "limit_video_usd": 2.0})
    low = {"offline": False, "budget_usd": 1.5}
    assert "budget: $1.50 is less than one video may cost ($2.00); raise the budget, or lower YTEMPIRE_LIMIT_VIDEO_USD" in _said(
        await _look(served, paying, **low)
    )
    # At any hour of the day three times fit into five days.
    many = {"offline": False, "budget_usd": 5, "videos": 3, "hours": 120}
    assert "budget: $5.00 pays for 2 of the 3 planned videos at $2.00 each; raise the budget to 6.00" in _said(await _look(served, paying, **many))
    (await _look(served, paying, offline=False, budget_usd=6, videos=3, hours=120)).ensure()


async def test_a_run_longer_than_a_consent_holds(served: Database, settings: Settings) -> None:
    with served.unit_of_work() as session:
        ChannelRepository(session).ensure("deep-orbit", "deep-orbit", "Deep Orbit")
        session.connection().exec_driver_sql(
            "insert into platform_channels (channel_id, external_id, title, project, provenance, uploads_playlist, scopes, connected_at) "
            "values ('deep-orbit', 'UC1', 'Deep', 'client', 'real', 'UU1', '[]', now() - interval '5 days')"
        )
    known = {"youtube_client_id": "client", "youtube_client_secret": SecretStr("s"), "youtube_consent_days": 7, "network": "auto"}
    connected = settings.model_copy(update=known)
    said = _said(await _look(served, connected, offline=False, hours=72))
    assert "hours: 72 is longer than the consent of deep-orbit still holds (48 h, YOUTUBE_CONSENT_DAYS=7); take at most 48" in said
    (await _look(served, connected, offline=False, hours=24)).ensure()
    with served.unit_of_work() as session:
        session.connection().exec_driver_sql("update platform_channels set state = 'needs_owner', reason = 'revoked'")
    assert "its owner's consent has ended (revoked)" in _said(await _look(served, connected, offline=False, hours=24))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"budget_usd": 1.5}, "budget: $1.50 is less than one video may cost ($2.00)"),
        ({"hours": 72}, "hours: 72 is longer than the consent of deep-orbit still holds (48 h"),
        ({"channels": ["deep-orbit", "wild-minute"]}, "channels: wild-minute is paused (a strike)"),
        ({"channels": ["deep-orbit", "nobody"]}, "channels: 'nobody' has no personality"),
        ({"hours": 0.001}, "hours: 0.001 is too short"),
        ({"report_hour": 9, "missed": "ask", "budget_usd": 3, "hours": 30}, ""),
    ],
)
def test_an_edit_is_looked_at_as_a_start_is_where_it_changes_something(served: Database, settings: Settings, changes: dict[str, Any], said: str) -> None:
    known = {"youtube_client_id": "client", "youtube_consent_days": 7, "network": "auto", "openai_api_key": SecretStr("k"), "limit_video_usd": 2.0}
    before, now = {**ASKED, "offline": False, "hours": 24}, datetime.now(UTC)  # noqa: TID251 - compared with the database's
    with served.unit_of_work() as session:
        for channel in ("deep-orbit", "wild-minute"):
            ChannelRepository(session).ensure(channel, channel, channel)
        ChannelRepository(session).pause("wild-minute", "a strike")
        session.connection().exec_driver_sql(
            "insert into platform_channels (channel_id, external_id, title, project, provenance, uploads_playlist, scopes, connected_at) "
            "values ('deep-orbit', 'UC1', 'Deep', 'client', 'real', 'UU1', '[]', now() - interval '5 days')"
        )
        rules = pytest.raises(NotReady) if said else nullcontext()
        with rules as refused:
            ensure_edit(session, settings.model_copy(update=known), read_request(before), read_request({**before, **changes}), now)
    assert refused is None or said in refused.value.message


async def test_uploads_beyond_the_platforms_quota(served: Database, settings: Settings) -> None:
    with served.unit_of_work() as session:
        ChannelRepository(session).ensure("wild-minute", "wild-minute", "Wild Minute")
        session.connection().exec_driver_sql(
            "insert into platform_channels (channel_id, external_id, title, project, provenance, uploads_playlist, scopes) "
            "values ('wild-minute', 'UC1', 'Wild', 'client', 'real', 'UU1', '[]')"
        )
    known = {"youtube_client_id": "client", "youtube_client_secret": SecretStr("s"), "youtube_quota": "insert_calls=1,units=1200", "network": "auto"}
    scarce = settings.model_copy(update=known)
    said = _said(await _look(served, scarce, channels=["wild-minute"], offline=False, videos=6, hours=40))
    assert "planned uploads do not fit YouTube's quota" in said


async def test_too_little_disk_or_time_or_a_voice_whose_consent_ends(served: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "free_bytes", lambda _: 50_000_000)
    folder = settings.home / "voices"
    folder.mkdir(parents=True)
    until: date = (datetime.now(UTC) + timedelta(hours=24)).date()  # noqa: TID251 - compared with the day of the run
    words = 'statement = "I agree to this voice being used."'
    (folder / "consents.toml").write_text(f'[[consent]]\nvoice_id = "v1"\nspeaker = "Ada"\nagreed_on = 2026-01-01\n{words}\nuntil = {until}\n')
    said = _said(await _look(served, settings))
    assert "disk: 50 MB are free" in said
    assert "when the consent to voice v1 ends" in said
    assert "hours: 0.001 is too short" in _said(await _look(served, settings, hours=0.001))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hours": 0}, "hours: "),
        ({"hours": 1000}, "hours: "),
        ({"budget_usd": -1}, "budget_usd: "),
        ({"channels": []}, "channels: "),
        ({"channels": ["a", "a"]}, "a is named twice"),
        ({"missed": "never"}, "missed: "),
        ({"zone": "Mars/Olympus"}, "is no time zone"),
        ({"report_hour": 24}, "report_hour: "),
        ({"seconds": 5}, "seconds: "),
    ],
)
def test_a_request_that_breaks_a_limit_is_refused_by_its_field(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_request({**ASKED, **changes})


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("poem", {}, "kind: 'poem' is unknown"),
        ("topic", {"topic": "x"}, "topic: "),
        ("topic", {}, "topic: Field required"),
        ("sources", {"sources": []}, "sources: "),
        ("video", {"seconds": 5}, "seconds: "),
    ],
)
def test_a_task_that_cannot_be_made_is_refused(kind: str, payload: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_task(kind, payload)


def test_an_operator_starts_pauses_edits_resumes_and_stops_a_run(database: Database, settings: Settings) -> None:
    request = read_request(ASKED)
    with database.unit_of_work() as session:
        run = autonomous_runs.create(session, settings, request, autonomous_runs.Order("monday"))
        assert autonomous_runs.find_started(session, request, autonomous_runs.Order("monday")) is not None
        assert autonomous_runs.create(session, settings, request, autonomous_runs.Order("monday")).id == run.id
        with pytest.raises(ChannelsTaken):
            autonomous_runs.find_started(session, request, autonomous_runs.Order())
        assert autonomous_runs.the_run(session, None) == run.id
    wake(database)
    with database.unit_of_work() as session:
        assert autonomous_runs.pause(session, run.id, "lunch").status == "paused"
        with pytest.raises(Conflict, match="nothing to change"):
            autonomous_runs.edit(session, run.id, {})
        edited = autonomous_runs.edit(session, run.id, {"hours": 24.0, "budget_usd": 2.0})
        assert (edited.ends_at - edited.starts_at, edited.budget_microusd, edited.revision) == (timedelta(hours=24), 2_000_000, 3)
        assert autonomous_runs.resume(session, run.id).status == "running"
        with pytest.raises(Conflict, match="not paused"):
            autonomous_runs.resume(session, run.id)
        stopped = autonomous_runs.stop(session, run.id, "enough", at_once=True)
        assert (stopped.status, stopped.stop_reason) == ("stopping", "at once: stopped by the operator: enough")
        with pytest.raises(Conflict, match="cannot be paused"):
            autonomous_runs.pause(session, run.id, "again")
        assert [entry["what"] for entry in autonomous_runs.log_of(session, run.id)] == [
            f"operator.{what}" for what in ("paused", "edited", "resumed", "stopped")
        ]
        session.connection().exec_driver_sql("update autonomous_runs set status = 'ended', ended_at = now(), ended_reason = 'over'")
    with database.unit_of_work() as session:
        with pytest.raises(AutonomousRunEnded, match="has ended"):
            autonomous_runs.stop(session, run.id, "again", at_once=False)
        with pytest.raises(Conflict, match="no autonomous run is going on"):
            autonomous_runs.the_run(session, None)
        assert autonomous_runs.describe(session, AutonomousRunRepository(session).get(run.id))["status"] == "ended"
        task = TaskRepository(session).add(NewTask("topic", {"topic": "tides"}, "ada"))
        assert autonomous_runs.wake_for_tasks(session, None) == 0
        assert autonomous_runs.cancel_task(session, task.id, "not wanted") == task.id
