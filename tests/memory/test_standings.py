"""What rows keep of where they stand: a call of a tool as its job does, and a video also when two writers end at the same moment."""

import threading
from typing import Any

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from memory.records.jobs import JobRecord
from memory.records.runs import RunRecord
from memory.records.tasks import TaskRecord
from memory.records.videos import VideoRecord
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.tasks import NewTask, TaskRepository
from tests.memory.conftest import Studio


def _stands(database: Database, task: str) -> str:
    with database.unit_of_work() as session:
        return session.get_one(TaskRecord, task).stands


def test_a_call_of_a_tool_stands_as_its_job_does_and_everything_else_as_it_says(database: Database) -> None:
    with database.unit_of_work() as session:
        tasks = TaskRepository(session)
        call = tasks.add(NewTask("tool", {"tool": "embed_text"}, "user_1", status="planned")).id
        topic, agent = (tasks.add(NewTask(kind, {}, "user_1")).id for kind in ("topic", "agent"))
        tasks.begin_agent(agent)
    assert [_stands(database, one) for one in (call, topic, agent)] == ["planned", "queued", "running"]
    about: dict[str, Any] = {"run_id": call, "channel_id": None, "node": "call", "iteration": 0, "ordinal": 0, "agent": "hand", "queue": "io"}
    how: dict[str, Any] = {"tool": "embed_text", "args": {}, "input_hash": "0" * 64, "provenance": "demo", "max_attempts": 3, "timeout_s": 60.0}
    with database.unit_of_work() as session:
        session.add(JobRecord(id="job_1", **about, **how))
    assert _stands(database, call) == "queued"
    with database.unit_of_work() as session:
        job = session.get_one(JobRecord, "job_1")
        job.state, job.finished_at, job.error = "dead", SYSTEM_CLOCK.now(), {"code": "tool_failed", "message": "it failed"}
    assert _stands(database, call) == "failed"
    with database.unit_of_work() as session:
        TaskRepository(session).cancel(call, "not needed")
    assert _stands(database, call) == "cancelled"


def test_of_two_who_write_at_once_the_later_one_counts_both(studio: Studio) -> None:
    both = threading.Barrier(2, timeout=10)

    def ask() -> None:
        with studio.database.unit_of_work() as session:
            ApprovalRepository(session).request(NewApproval(studio.run, "video", "interrupt", "0" * 64, {}))
            both.wait()

    def stop() -> None:
        with studio.database.unit_of_work() as session:
            run = session.get_one(RunRecord, studio.run)
            run.stop_reason, run.stopped_by = "enough", "user_1"
            session.flush()
            both.wait()

    writers = [threading.Thread(target=one) for one in (ask, stop)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    with studio.database.unit_of_work() as session:
        assert session.get_one(VideoRecord, studio.video).stands == "stopping"


def test_a_time_that_is_none_keeps_no_run_from_being_written(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        session.get_one(RunRecord, studio.run).request = {"publish_at": "whenever"}
    with studio.database.unit_of_work() as session:
        found = session.get_one(VideoRecord, studio.video)
        assert (found.stands, found.shows_at) == ("making", None)
