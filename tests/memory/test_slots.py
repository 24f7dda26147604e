"""Slots and tasks: planned once, launched once, never lost; reports written once."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from memory.records.runs import RunRecord
from memory.repositories.autonomous_runs import Wake, WakeLost
from memory.repositories.run_reports import NewReport, RunReportRepository
from memory.repositories.slots import NewSlot, SlotMissing, SlotMoved, SlotRepository
from memory.repositories.tasks import NewTask, TaskClosed, TaskKeyReused, TaskMissing, TaskRepository
from tests.memory.autonomy_desk import START, begin, wake
from tests.memory.conftest import Studio


@pytest.fixture
def held(studio: Studio) -> Wake:
    """The wake-up of an autonomous run."""
    begin(studio.database)
    return wake(studio.database)


def _slot(key: str, hours: int, **changed: object) -> NewSlot:
    values = {"key": key, "channel_id": "tide_lines", "publish_at": START + timedelta(hours=hours), "launch_at": START}
    return NewSlot(**{**values, **changed})  # type: ignore[arg-type]


def _run(run_id: str) -> RunRecord:
    return RunRecord(id=run_id, channel_id="tide_lines", request={}, provenance="demo")


def _take_over(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        session.execute(text("update autonomous_runs set lease_expires_at = now() - interval '1 second'"))
    wake(studio.database, "conductor_b")


def test_planning_again_plans_nothing_twice(studio: Studio, held: Wake) -> None:
    with studio.database.unit_of_work() as session:
        slots = SlotRepository(session)
        made = slots.plan(held, [_slot("b", 2), _slot("a", 1, why={"reasons": ["audience"]})])
        assert len(made) == 2
        assert slots.plan(held, [_slot("a", 5), _slot("c", 3)])[0].key == "c"
        assert [slot.key for slot in slots.list_open(held.run_id)] == ["a", "b", "c"]
        assert slots.list_open(held.run_id)[0].why == {"reasons": ["audience"]}
        assert [slot.key for slot in slots.list_of_channels(["tide_lines"], START + timedelta(hours=2), START + timedelta(hours=9))] == ["b", "c"]


def test_a_slot_is_launched_once_with_its_production(studio: Studio, held: Wake) -> None:
    with studio.database.unit_of_work() as session:
        (slot,) = SlotRepository(session).plan(held, [_slot("a", 1)])
        launched = SlotRepository(session).launch(held, slot.id, _run("run_9"))
        assert (launched.status, launched.production_run_id, launched.attempts) == ("launched", "run_9", 1)
    with pytest.raises(SlotMoved, match="is launched by now"), studio.database.unit_of_work() as session:
        SlotRepository(session).launch(held, slot.id, _run("run_10"))
    with studio.database.unit_of_work() as session:
        assert session.execute(text("select id, autonomous_run_id from runs where autonomous_run_id is not null")).all() == [("run_9", held.run_id)]


def test_a_slot_goes_only_where_it_may_and_its_history_says_where_it_was(studio: Studio, held: Wake) -> None:
    with studio.database.unit_of_work() as session:
        slots = SlotRepository(session)
        (slot,) = slots.plan(held, [_slot("a", 1)])
        with pytest.raises(SlotMoved, match="planned cannot become published"):
            slots.move(held, slot.id, "published", "too early")
        with pytest.raises(SlotMoved, match="waits for nobody"):
            slots.answer(slot.id, "planned", "catch up")
        slots.move(held, slot.id, "asked", "late by 2 h")
        later = START + timedelta(hours=9)
        slots.answer(slot.id, "planned", "the operator catches up", publish_at=later)
        done = slots.move(held, slot.id, "skipped", "nothing to tell")
        assert [entry["to"] for entry in done.history] == ["planned", "asked", "planned", "skipped"]
        assert (done.publish_at, done.finished_at is not None) == (later, True)
        with pytest.raises(SlotMoved):
            slots.move(held, slot.id, "planned", "again")
        with pytest.raises(SlotMissing):
            slots.move(held, "slot_9", "planned", "again")


def test_a_wake_up_that_was_taken_over_plans_and_launches_nothing(studio: Studio, held: Wake) -> None:
    with studio.database.unit_of_work() as session:
        (slot,) = SlotRepository(session).plan(held, [_slot("a", 1)])
        task = TaskRepository(session).add(NewTask("topic", {"topic": "tides"}, "ada"))
    _take_over(studio)
    with pytest.raises(WakeLost), studio.database.unit_of_work() as session:
        SlotRepository(session).plan(held, [_slot("b", 1)])
    with pytest.raises(WakeLost), studio.database.unit_of_work() as session:
        SlotRepository(session).launch(held, slot.id, _run("run_9"))
    with pytest.raises(WakeLost), studio.database.unit_of_work() as session:
        TaskRepository(session).take(held, task.id)
    with pytest.raises(WakeLost), studio.database.unit_of_work() as session:
        RunReportRepository(session).write(held, NewReport("final", "final", START, START, {}, "x"))


def test_tasks_join_by_priority_are_taken_once_and_end(studio: Studio, held: Wake) -> None:
    with studio.database.unit_of_work() as session:
        tasks = TaskRepository(session)
        plain = tasks.add(NewTask("topic", {"topic": "tides"}, "ada", key="k"))
        urgent = tasks.add(NewTask("topic", {"topic": "storm"}, "ada", priority=10, channel_id="tide_lines"))
        assert tasks.add(NewTask("topic", {"topic": "tides"}, "bob", key="k")).id == plain.id
        with pytest.raises(TaskKeyReused, match="another payload"):
            tasks.add(NewTask("topic", {"topic": "waves"}, "ada", key="k"))
        assert [task.id for task in tasks.list_queued("tenant_local", ("tide_lines",))] == [urgent.id, plain.id]
        assert [task.id for task in tasks.list_queued("tenant_local", ("other",))] == [plain.id]
        assert tasks.take(held, urgent.id)
        assert not tasks.take(held, urgent.id)
        tasks.give_back(held, urgent.id, "the run ended first")
        assert tasks.take(held, urgent.id)
        tasks.finish(held, urgent.id, "done", "published")
        with pytest.raises(TaskClosed, match="is done"):
            tasks.cancel(urgent.id, "too late")
        assert tasks.cancel(plain.id, "not wanted").status == "cancelled"
        assert {task.status for task in tasks.list_().items} == {"done", "cancelled"}
        with pytest.raises(TaskMissing):
            tasks.cancel("task_9", "x")


def test_a_report_is_written_once(studio: Studio, held: Wake) -> None:
    with studio.database.unit_of_work() as session:
        reports = RunReportRepository(session)
        first = reports.write(held, NewReport("morning/2026-11-29", "morning", START, START, {"published": 2}, "two videos"))
        assert reports.write(held, NewReport("morning/2026-11-29", "morning", START, START, {"published": 3}, "three")).id == first.id
        assert [report.body for report in reports.list_of_run(held.run_id)] == [{"published": 2}]
