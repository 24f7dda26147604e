"""What an autonomous run does about failures, refusals, lateness, silence, budgets, switches, tasks and breaking stories."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.clock import SYSTEM_CLOCK
from memory.artifacts import Provenance
from memory.attention import Outlook, OutlookPoint
from memory.records.tasks import PRIORITIES
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.brakes import LAUNCHES, BrakeRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.quota import QuotaLedger
from memory.repositories.slots import SlotRepository
from memory.repositories.switches import SwitchRepository
from memory.repositories.tasks import NewTask, TaskRepository
from memory.repositories.trends import NewTopic, TrendRepository
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import World, measured

ONE = ("deep-orbit",)


@pytest.fixture
def skies(world: World) -> Skies:
    """A studio in which autonomous runs fly."""
    return Skies(world)


def _statuses(skies: Skies) -> list[str]:
    return [slot.status for slot in skies.slots()]


async def _planned(skies: Skies, **changes: Any) -> None:
    skies.begin(**{"channels": ONE, "videos": 1, **changes})
    await skies.wake()
    skies.due_now()


async def test_a_refused_topic_is_tried_again_with_another_and_given_up_after_three(skies: Skies) -> None:
    skies.world.players.inspections = [measured("render")]
    await _planned(skies)
    for _ in range(3):
        await skies.cycle()
    slot = skies.slots()[0]
    assert (slot.status, slot.attempts) == ("failed", 3)
    asked = skies.world.one("select string_agg(request->>'avoid', '|' order by created_at) from runs where autonomous_run_id is not null")
    assert asked.split("|")[0] == "[]"
    assert "lighthouse" in asked.split("|")[1].lower() or "harbour" in asked.split("|")[1].lower() or len(asked.split("|")[1]) > 4
    assert "channel.given_up" in skies.events()
    with skies.world.database.unit_of_work() as session:
        assert any(message.kind == "channel" for message in MessageRepository(session).list_().items)


async def test_a_channel_whose_every_topic_is_refused_rests_for_a_day_and_is_reported(skies: Skies) -> None:
    skies.world.players.refusal = "no story was good enough"
    await _planned(skies, videos=3, hours=120)
    skies.execute("update slots set launch_at = now() + interval '2 hours' where id <> (select id from slots order by publish_at limit 1)")
    await skies.cycle()
    assert sorted(_statuses(skies)) == ["failed", "skipped", "skipped"]
    assert all("the channel rests until" in slot.history[-1]["note"] for slot in skies.slots() if slot.status == "skipped")
    resting = datetime.fromisoformat(skies.run().notes["given_up"]["deep-orbit"])
    assert timedelta(hours=23) < resting - SYSTEM_CLOCK.now() <= timedelta(hours=24)
    assert skies.world.one("select count(*) from runs where autonomous_run_id is not null") == 1
    await skies.wake()
    assert len(skies.slots()) == 3


async def test_a_bug_is_tried_again_later_with_a_production_of_its_own(skies: Skies, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    await _planned(skies)
    with monkeypatch.context() as patch:
        patch.setattr(skies.world.cast, "_work", broken)
        await skies.cycle()
    slot = skies.slots()[0]
    assert (slot.status, slot.attempts) == ("planned", 1)
    assert slot.retry_at is not None
    skies.execute("update slots set retry_at = now()")
    await skies.cycle()
    assert (_statuses(skies), skies.slots()[0].attempts) == (["launched"], 2)


@pytest.mark.parametrize(("missed", "ends"), [("skip", "missed"), ("ask", "asked"), ("catch_up", "planned")])
async def test_a_time_that_passed_before_it_began_follows_the_policy(skies: Skies, missed: str, ends: str) -> None:
    await _planned(skies, missed=missed)
    skies.execute("update slots set publish_at = now() - interval '2 hours', launch_at = now() - interval '3 hours'")
    skies.execute("update autonomous_runs set status = 'paused', paused_reason = 'away'")
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        AutonomousRunRepository(session).change("auto_1", status="running", paused_reason=None)
    await skies.wake()
    assert _statuses(skies) == [ends]
    assert skies.world.one("select count(*) from runs") == 0
    if missed == "ask":
        assert skies.world.one("select count(*) from messages where kind = 'question'") == 1
        await skies.wake()
        assert skies.world.one("select count(*) from messages where kind = 'question'") == 1


async def test_catching_up_never_becomes_a_flood(skies: Skies) -> None:
    await _planned(skies, missed="catch_up", videos=3, hours=120)
    skies.execute("update slots set publish_at = now() - interval '2 hours' - interval '1 minute' * length(key), launch_at = now() - interval '3 hours'")
    skies.execute("update autonomous_runs set status = 'paused', paused_reason = 'away'")
    await skies.wake()
    skies.execute("update autonomous_runs set status = 'running', paused_reason = null")
    await skies.wake()
    assert sorted(_statuses(skies)) == ["missed", "missed", "planned"]


async def test_a_run_resumed_after_a_month_ends_with_one_report_and_publishes_nothing(skies: Skies) -> None:
    await _planned(skies, videos=2, hours=72)
    skies.execute("update autonomous_runs set status = 'paused', paused_reason = 'away'")
    await skies.wake()
    skies.pass_time(days=30)
    with skies.world.database.unit_of_work() as session:
        AutonomousRunRepository(session).change("auto_1", status="running", paused_reason=None)
    for _ in range(2):
        await skies.wake()
    assert skies.run().status == "ended"
    assert skies.world.one("select count(*) from run_reports") == 1
    assert skies.world.one("select count(*) from runs") == 0
    assert set(_statuses(skies)) <= {"cancelled", "missed"}


@pytest.mark.parametrize(("missed", "ends"), [("skip", "missed"), ("ask", "asked"), ("catch_up", "launched")])
async def test_a_video_that_nobody_approved_in_time_is_not_published(skies: Skies, missed: str, ends: str) -> None:
    await _planned(skies, missed=missed, autonomy="review")
    await skies.cycle()
    assert skies.world.one("select status from runs") == "waiting"
    skies.pass_time(hours=1.5)
    await skies.wake()
    assert _statuses(skies) == [ends]
    await skies.drive()
    assert skies.world.one("select count(*) from publications") == 0
    assert skies.world.one("select status from runs") == ("failed" if missed == "skip" else "waiting")
    if missed == "ask":
        run_id = skies.world.one("select id from runs")
        await skies.world.answer(run_id, {"type": "accept"})
        await skies.drive()
        assert skies.world.one("select status from runs") == "published"


async def test_what_a_person_rejects_is_skipped_and_not_made_again(skies: Skies) -> None:
    await _planned(skies, autonomy="review")
    await skies.cycle()
    await skies.world.answer(skies.world.one("select id from runs"), {"type": "ignore", "args": "too dull"})
    await skies.cycle()
    assert _statuses(skies) == ["skipped"]
    assert "too dull" in skies.slots()[0].history[-1]["note"]


async def test_an_urgent_task_gets_a_slot_at_once_and_a_normal_one_takes_the_next_of_its_channel(skies: Skies) -> None:
    skies.begin(channels=ONE, videos=2)
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        tasks = TaskRepository(session)
        urgent = tasks.add(NewTask("topic", {"topic": "A comet returns"}, "ada", priority=PRIORITIES["urgent"]))
        normal = tasks.add(NewTask("topic", {"topic": "Quiet moons"}, "ada", channel_id="deep-orbit"))
        other = tasks.add(NewTask("topic", {"topic": "Elsewhere"}, "ada", channel_id="slow-water")) if _has(skies, "slow-water") else None
    await skies.wake()
    slots = skies.slots()
    assert len(slots) == 3
    assert [slot.task_id for slot in slots] == [urgent.id, normal.id, None]
    assert slots[0].publish_at - SYSTEM_CLOCK.now() < timedelta(minutes=10)
    await skies.wake()
    await skies.drive()
    assert skies.world.one("select request->>'topic' from runs") == "A comet returns"
    assert other is None or other.status == "queued"
    skies.pass_time(minutes=12)
    await skies.cycle()
    with skies.world.database.unit_of_work() as session:
        assert TaskRepository(session).get(urgent.id).status == "done"


def _has(skies: Skies, channel: str) -> bool:
    with skies.world.database.unit_of_work() as session:
        ChannelRepository(session).ensure(channel, channel, channel)
    return True


async def test_nothing_is_begun_for_a_time_in_which_the_channel_is_held(skies: Skies) -> None:
    await _planned(skies)
    with skies.world.database.unit_of_work() as session:
        ChannelRepository(session).hold("deep-orbit", "a wave of harmful comments", SYSTEM_CLOCK.now() + timedelta(hours=24))
    await skies.cycle()
    assert skies.world.one("select count(*) from runs") == 0
    skies.pass_time(hours=2)
    await skies.wake()
    assert "skipped" in _statuses(skies)
    assert any("is held until" in slot.history[-1]["note"] for slot in skies.slots() if slot.status == "skipped")


async def test_a_task_waits_while_the_platform_takes_no_upload(skies: Skies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.fleet_tasks.platform_of", lambda _session, _settings, request: frozenset(request.channels))
    await _planned(skies)
    with skies.world.database.unit_of_work() as session:
        QuotaLedger(session, SYSTEM_CLOCK.now()).close_bucket("", "videos.insert")
        task = TaskRepository(session).add(NewTask("topic", {"topic": "A comet returns"}, "ada", priority=PRIORITIES["urgent"])).id
    await skies.wake()
    assert skies.world.one(f"select status from tasks where id = '{task}'") == "queued"
    skies.execute("delete from quota_blocks")
    await skies.wake()
    assert skies.world.one(f"select status from tasks where id = '{task}'") == "planned"


async def test_a_refused_task_fails_with_the_reason_and_its_slot_goes_on_without_it(skies: Skies) -> None:
    skies.begin(channels=ONE, videos=1)
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        task = TaskRepository(session).add(NewTask("topic", {"topic": "Nonsense"}, "ada", priority=PRIORITIES["high"]))
    await skies.wake()
    skies.due_now()
    skies.world.players.refusal = "no evidence"
    await skies.cycle()
    with skies.world.database.unit_of_work() as session:
        found = TaskRepository(session).get(task.id)
    assert (found.status, "no evidence" in found.reason) == ("failed", True)
    assert (skies.slots()[0].status, skies.slots()[0].task_id) == ("planned", None)


async def test_a_cancelled_task_leaves_its_slot_to_the_scout(skies: Skies) -> None:
    skies.begin(channels=ONE, videos=1)
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        task = TaskRepository(session).add(NewTask("topic", {"topic": "Nonsense"}, "ada"))
    await skies.wake()
    assert skies.slots()[0].task_id == task.id
    with skies.world.database.unit_of_work() as session:
        TaskRepository(session).cancel(task.id, "not wanted")
    skies.due_now()
    await skies.wake()
    assert skies.world.one("select request->>'topic' from runs") is None


async def test_a_task_of_a_run_that_ends_first_waits_for_the_next_run(skies: Skies) -> None:
    skies.begin(channels=ONE, videos=1)
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        task = TaskRepository(session).add(NewTask("topic", {"topic": "Quiet moons"}, "ada"))
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        AutonomousRunRepository(session).change("auto_1", status="stopping", stop_reason="stopped by the operator: enough")
    await skies.wake()
    assert skies.run().status == "ended"
    with skies.world.database.unit_of_work() as session:
        assert TaskRepository(session).get(task.id).status == "queued"


async def test_a_breaking_story_gets_an_urgent_slot_once_a_day_within_the_cadence(skies: Skies) -> None:
    skies.begin(channels=ONE, videos=1, offline=False)
    await skies.wake()
    skies.execute("update slots set publish_at = now() + interval '40 hours', launch_at = now() + interval '39 hours'")
    now = datetime.now(UTC)  # noqa: TID251 - a row as the scout leaves it
    with skies.world.database.unit_of_work() as session:
        trends = TrendRepository(session, "tenant_local", Provenance.REAL)
        for number, growth in ((1, 2.5), (2, 1.5)):
            trends.add_topic(NewTopic(f"topic_{number}", f"Comet {number}", "space", ("comet",), (1.0, *([0.0] * 383))), now)
            trends.conclude(f"topic_{number}", {"total": 0.9}, _outlook(growth, now))
    await skies.wake()
    urgent = [slot for slot in skies.slots() if slot.why.get("breaking")]
    assert [(slot.priority, slot.why["topic"]) for slot in urgent] == [(10, "Comet 1")]
    await skies.wake()
    assert len([slot for slot in skies.slots() if slot.why.get("breaking")]) == 1


def _outlook(growth: float, now: datetime) -> dict[str, object]:
    point = OutlookPoint(at=now, value=1.0, low=0.5, high=2.0)
    made = Outlook(
        series="readers",
        source="wikipedia",
        unit="readers",
        length=40,
        method="theta",
        verdict="skill",
        statement="better than naive",
        growth=growth,
        peak_at=now + timedelta(hours=30),
        points=(point,),
        made_at=now,
    )
    return made.model_dump(mode="json")


async def test_a_paused_channel_a_brake_or_a_switch_launches_nothing_and_says_why_once(skies: Skies) -> None:
    await _planned(skies)
    with skies.world.database.unit_of_work() as session:
        BrakeRepository(session).put(LAUNCHES, "2000 MB are free", "watchdog", 60)
    for _ in range(3):
        await skies.wake()
    assert _statuses(skies) == ["planned"]
    assert skies.events().count("run.held_back") == 1
    assert "2000 MB are free" in skies.run().notes["held"]["deep-orbit"]
    with skies.world.database.unit_of_work() as session:
        BrakeRepository(session).release(LAUNCHES)
        ChannelRepository(session).pause("deep-orbit", "a strike")
    await skies.wake()
    assert "a strike" in skies.run().notes["held"]["deep-orbit"]
    with skies.world.database.unit_of_work() as session:
        ChannelRepository(session).resume("deep-orbit")
    await skies.wake()
    assert (_statuses(skies), skies.run().notes["held"]) == (["launched"], {})


async def test_a_kill_switch_ends_the_run_and_what_is_being_made(skies: Skies) -> None:
    await _planned(skies, videos=2)
    await skies.wake()
    with skies.world.database.unit_of_work() as session:
        SwitchRepository(session).engage("all", "everything must stop", "ada")
    await skies.wake()
    await skies.fleet.drive_due()
    await skies.wake()
    run = skies.run()
    assert (run.status, run.ended_reason) == ("ended", "at once: all is stopped by ada: everything must stop")
    assert set(_statuses(skies)) == {"cancelled"}
    assert skies.world.one("select count(*) from runs where finished_at is null") == 0
    assert "everything must stop" in skies.world.one("select outcome->'reasons'->>0 from runs limit 1")


async def test_a_spent_budget_launches_nothing_and_ends_the_run(skies: Skies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.fleet_launch.worst_microusd", lambda *_: 4_000_000)
    await _planned(skies, videos=2, budget_usd=5.0)
    await skies.wake()
    assert sorted(_statuses(skies)) == ["launched", "planned"]
    assert "budget: $1.00 are left" in skies.run().notes["held"]["deep-orbit"]
    skies.execute(
        "insert into cost_entries (id, provider, operation, status, reserved_microusd, settled_microusd, tenant_id, run_id) "
        "select 'cost_1', 'openai', 'write', 'settled', 4000000, 4000000, 'tenant_local', id from runs"
    )
    await skies.drive()
    skies.pass_time(hours=1.1)
    await skies.cycle()
    await skies.wake()
    assert skies.run().status == "ended"
    assert "its budget is spent: $1.00 are left" in str(skies.run().ended_reason)
    assert sorted(_statuses(skies)) == ["missed", "published"]


async def test_an_operators_stop_finishes_what_is_being_made_and_leaves_a_waiting_video_to_its_person(skies: Skies) -> None:
    await _planned(skies, channels=["deep-orbit", "field-notes"], videos=2)
    skies.execute("update slots set launch_at = now() + interval '5 hours' where key not in (select min(key) from slots group by channel_id)")
    await skies.wake()
    one, other = skies.world.one("select min(id) from runs"), skies.world.one("select max(id) from runs")
    skies.execute("update runs set request = jsonb_set(request, '{autonomy}', '\"review\"') where id = :run", run=other)
    with skies.world.database.unit_of_work() as session:
        AutonomousRunRepository(session).change("auto_1", status="stopping", stop_reason="stopped by the operator: enough")
    await skies.wake()
    assert sorted(_statuses(skies)) == ["cancelled", "cancelled", "launched", "launched"]
    await skies.drive()
    for _ in range(2):
        await skies.wake()
    assert skies.run().status == "ended"
    by_run = {slot.production_run_id: slot for slot in skies.slots()}
    assert (by_run[one].status, by_run[other].status) == ("published", "asked")
    await skies.world.answer(other, {"type": "accept"})
    await skies.drive()
    with skies.world.database.unit_of_work() as session:
        assert SlotRepository(session).get(by_run[other].id).status == "published"


async def test_a_production_that_passing_trouble_stops_again_and_again_is_given_up(skies: Skies) -> None:
    await _planned(skies)
    await skies.wake()
    run_id = skies.world.one("select id from runs")
    skies.execute(
        "insert into run_events (run_id, seq, kind, payload) select :run, n, 'run.stopped', '{\"reason\": \"disk_full\"}' from generate_series(1, 14) n",
        run=run_id,
    )
    assert await skies.fleet.drive_due() == 0
    await skies.wake()
    assert "stopped 14 times by disk_full" in skies.slots()[0].history[-1]["note"]
    await skies.fleet.drive_due()
    assert skies.world.one("select status from runs") == "failed"


async def test_a_morning_report_tells_what_was_made_and_a_month_of_mornings_is_one(skies: Skies) -> None:
    await _planned(skies, hours=700, videos=1, report_hour=(SYSTEM_CLOCK.now() - timedelta(hours=2)).hour)
    await skies.cycle()
    skies.pass_time(hours=1.1)
    await skies.show()
    await skies.wake()
    skies.pass_time(hours=3)
    await skies.wake()
    assert skies.world.one("select count(*) from run_reports where kind = 'morning'") == 1
    told = skies.world.one("select text from run_reports")
    assert "Published: 1" in told
    assert "Draft 0" in told
    assert "Spent $0.00 of $5.00" in told
    skies.execute("update run_reports set key = 'morning/before'")
    skies.pass_time(days=20)
    await skies.wake()
    assert skies.world.one("select count(*) from run_reports where kind = 'morning'") == 2
    await skies.wake()
    assert skies.world.one("select count(*) from run_reports") == 2
