"""Paused runs among the rows of jobs and vitals: nothing of them begins, nobody calls them stuck, and what a worker runs ends."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from memory.artifacts import Provenance
from memory.repositories.job_dispatch import DispatchRepository
from memory.repositories.job_leases import LeaseRepository
from memory.repositories.jobs import JobRepository, NewJob
from memory.repositories.runs import RunPaused, RunRepository
from memory.repositories.vitals import VitalsRepository
from tests.memory.conftest import Studio

ALIVE_S = 60.0


@pytest.fixture
def session(studio: Studio) -> Iterator[Session]:
    """A session on a studio with two idle workers, whose run the stack drives."""
    with studio.database.unit_of_work() as session:
        row = "'host', 1, 1.0, '', '', 0"
        session.execute(
            text(
                f"insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s) values ('w1', 'io', {row}), ('w2', 'io', {row})"
            )
        )
        RunRepository(session).conduct(studio.run)
        yield session


def admit(session: Session, ordinal: int, run_id: str = "run_1") -> str:
    """Admit a job that would go straight to an idle worker, and return its state."""
    job = NewJob(f"job_{run_id}_{ordinal}", run_id, "write", 0, ordinal, None, "scriptwriter", "write_text", "io", {}, "0", Provenance.DEMO, 0, 1, 3, 60.0)
    return JobRepository(session).admit(job, ALIVE_S, direct=True).state


def ready(session: Session) -> list[str]:
    return [job.id for job in DispatchRepository(session).list_ready(ALIVE_S, 32)]


def test_what_is_sent_is_taken_back_what_is_new_waits_and_all_of_it_is_ready_once_the_run_goes_on(session: Session, studio: Studio) -> None:
    jobs, dispatch, runs = JobRepository(session), DispatchRepository(session), RunRepository(session)
    assert admit(session, 1) == "dispatched"
    assert runs.pause(studio.run)
    assert jobs.hold(studio.run) == 1
    assert admit(session, 2) == "queued"
    assert (ready(session), dispatch.backlog().waiting, dispatch.backlog().due_in_s) == ([], 0, None)
    session.execute(text("update jobs set state = 'dispatched' where id = 'job_run_1_1'"))  # sent in the very moment of the pause
    assert LeaseRepository(session, "w1").claim("job_run_1_1", 30) is None
    assert dispatch.recall_paused() == 1
    vitals = VitalsRepository(session)
    assert [queue.waiting for queue in vitals.queues(ALIVE_S)] == [0]
    assert vitals.runs() == ()
    studio.add_run("run_2")
    runs.conduct(studio.run)
    assert ready(session) == ["job_run_1_1", "job_run_1_2"]
    assert [run.id for run in vitals.runs()] == ["run_1", "run_2"]


def test_a_job_that_a_worker_runs_ends_with_its_result(session: Session, studio: Studio) -> None:
    assert admit(session, 1) == "dispatched"
    leases = LeaseRepository(session, "w1")
    lease = leases.claim("job_run_1_1", 30)
    assert lease is not None
    RunRepository(session).pause(studio.run)
    assert JobRepository(session).hold(studio.run) == 0
    assert leases.renew(lease, 30)
    assert leases.finish(lease, {"text": "said"})
    assert JobRepository(session).get(lease.id).result == {"text": "said"}


def test_who_drives_a_run_can_write_nothing_while_it_is_paused_and_goes_on_when_it_is_resumed_at_once(session: Session, studio: Studio) -> None:
    runs = RunRepository(session)
    lease = runs.claim_lease(studio.run, "me", 30)
    runs.pause(studio.run)
    assert not runs.pause(studio.run)
    for write in (lambda: runs.renew(lease, 30), lambda: runs.verify_lease(lease), lambda: runs.mark_running(lease), lambda: runs.mark_waiting(lease)):
        with pytest.raises(RunPaused, match="is paused"):
            write()
    runs.conduct(studio.run)
    runs.renew(lease, 30)
    runs.pause(studio.run)
    runs.release(lease)
    with pytest.raises(RunPaused):
        runs.claim_lease(studio.run, "other", 30)
    ending = runs.claim_lease(studio.run, "other", 30, also_paused=True)
    runs.mark_finished(ending, "failed", {})
    assert runs.get(studio.run).status == "failed"
