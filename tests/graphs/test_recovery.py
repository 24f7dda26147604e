"""What a killed, cut off or overtaken runner leaves behind, and how another one goes on."""

import asyncio
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import text

from graphs import orchestrator as orchestrator_module
from graphs.checkpoint import Checkpointers, open_checkpointers, setup_checkpoints, strict_serializer
from graphs.gate_answers import HumanAnswer
from graphs.orchestrator import Orchestrator, RunStopped
from graphs.runbook import RunBook
from graphs.troubles import PASSING, MachineTrouble, code_of
from infra.database import DatabaseUnavailable
from infra.embedded.postgres import PostgresUrls
from infra.errors import Unavailable
from memory.media import DiskFull
from memory.repositories.runs import RunBusy, RunFinished, RunLeaseLost, RunRepository
from tests.fixtures.production import World, failed_job
from tools.call import JobFailed
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs

STAGES = ["scout", "write", "narrate", "design_thumbnail", "illustrate", "render", "inspect", "screen", "publish", "remember"]


class Killed(BaseException):
    """The process ends here: nothing after this runs."""


async def kill_at(world: World, run_id: str, node: str) -> None:
    """Drive a run and end the runner when a job of `node` is about to run."""
    reached = asyncio.Event()

    async def stop(running: str) -> None:
        if running == node:
            reached.set()
            await asyncio.sleep(3600)

    world.caller.before = stop
    work = asyncio.create_task(world.drive(run_id))
    await asyncio.wait({work, asyncio.ensure_future(reached.wait())}, return_when=asyncio.FIRST_COMPLETED)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    world.caller.before = None


@pytest.mark.parametrize("node", STAGES)
async def test_a_runner_killed_at_any_stage_is_continued_and_only_the_unfinished_node_runs_again(world: World, node: str) -> None:
    run_id = await world.begin()
    await kill_at(world, run_id, node)
    assert world.run(run_id).status == "running"
    before = world.counted()
    asked_before = list(world.cast.path)
    assert (await world.drive(run_id)).status == "published"
    again = {job for job, times in world.counted().items() if times > 1}
    assert {job.split(".")[0] for job in again} == {node}
    assert {job: world.counted()[job] for job in before if job not in again} == {job: 1 for job in before if job not in again}
    finished = {"scout", "write", "review"} & set(asked_before[:-1])
    assert all(world.cast.path.count(one) == 1 for one in finished)
    assert world.one("select count(*) from publications") == 1


async def test_a_branch_that_finished_before_the_kill_is_not_run_again(world: World) -> None:
    run_id = await world.begin()
    await kill_at(world, run_id, "narrate")
    assert (await world.drive(run_id)).status == "published"
    assert world.cast.path.count("design Draft 0") <= 2
    assert world.counted()["design_thumbnail.0"] == 1


async def test_a_runner_that_dies_after_the_last_node_leaves_an_ending_to_write_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = await world.begin()

    async def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(RunBook, "finish", die)
        with pytest.raises(Killed):
            await world.drive(run_id)
    assert world.run(run_id).status == "running"
    before = list(world.caller.ran)
    assert (await world.drive(run_id)).status == "published"
    assert world.caller.ran == before


async def test_a_database_that_goes_away_right_after_the_ending_was_written_is_no_lost_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = await world.begin()
    finish, calls = RunBook.finish, []

    async def finish_then_lose_the_answer(*args: Any) -> None:
        calls.append(1)
        await finish(*args)
        raise DatabaseUnavailable("the answer was lost")

    monkeypatch.setattr(RunBook, "finish", finish_then_lose_the_answer)
    monkeypatch.setattr(orchestrator_module, "RECOVERY_PAUSE_S", 0.01)
    assert (await world.drive(run_id)).status == "published"
    assert (len(calls), world.one("select count(*) from checkpoints")) == (1, 0)


async def test_checkpoints_that_a_killed_runner_did_not_prune_are_swept_and_those_of_waiting_runs_are_kept(world: World) -> None:
    done, waiting = await world.begin("review"), await world.begin("review")
    for run_id in (done, waiting):
        await world.drive(run_id)
    with world.database.unit_of_work() as session:
        session.execute(text("update runs set status = 'failed', finished_at = now(), outcome = '{}' where id = :run"), {"run": done})
    assert await world.orchestrator.sweep() == 1
    assert world.one("select string_agg(distinct thread_id, ',') from checkpoints") == waiting


async def test_all_backends_terminated_between_and_within_steps_are_survived(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestrator_module, "RECOVERY_PAUSE_S", 0.05)
    run_id = await world.begin()

    async def cut(node: str) -> None:
        if node in {"scout", "narrate", "render", "publish"}:
            await asyncio.to_thread(terminate_all, world.urls)

    world.caller.before = cut
    assert (await world.drive(run_id)).status == "published"
    # A step that was cut off before its checkpoint runs again, under the same job keys; nothing else does.
    assert max(world.counted().values()) <= 2
    assert world.one("select count(*) from publications where state = 'verified'") == 1


def terminate_all(urls: PostgresUrls) -> None:
    """End every session of the test's database but this one."""
    with psycopg.connect(urls.admin, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")


async def test_a_database_that_stays_away_stops_the_run_for_a_later_resume(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestrator_module, "RECOVERY_PAUSE_S", 0.0)
    run_id = await world.begin()

    async def away(*_: object) -> None:
        raise DatabaseUnavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(RunBook, "mark_running", away)
        with pytest.raises(RunStopped, match="resume it when the database answers"):
            await world.drive(run_id)
    assert (await world.drive(run_id)).status == "published"


async def test_of_two_runners_one_works_and_the_other_is_told_who_does(world: World) -> None:
    run_id = await world.begin()
    told = await asyncio.gather(world.drive(run_id), world.drive(run_id), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Ended", "RunBusy"]
    assert set(world.counted().values()) == {1}
    with pytest.raises(RunFinished, match="published"):
        await world.drive(run_id)


async def test_another_process_holding_the_run_is_a_conflict_until_its_lease_runs_out(world: World) -> None:
    run_id = await world.begin()
    script = (
        "import sys, time; from infra.database import Database; from memory.repositories.runs import RunRepository\n"
        "with Database(sys.argv[1]).unit_of_work() as session: RunRepository(session).claim_lease(sys.argv[2], 'other', 1.5)\n"
        "print('held', flush=True); time.sleep(60)"
    )
    with await asyncio.to_thread(lambda: subprocess.Popen([sys.executable, "-c", script, world.urls.app, run_id], stdout=subprocess.PIPE, text=True)) as other:
        assert other.stdout is not None
        assert await asyncio.to_thread(other.stdout.readline) == "held\n"
        try:
            with pytest.raises(RunBusy, match="held by other"):
                await world.drive(run_id)
        finally:
            other.send_signal(signal.SIGKILL)
    assert (await world.drive(run_id, wait_for_lease_s=10)).status == "published"
    assert world.run(run_id).recovery_attempts == 1


async def test_a_runner_that_was_killed_on_this_machine_holds_nobody_up(world: World) -> None:
    run_id = await world.begin()
    script = "import time; from graphs.recoveries import runner_name; print(runner_name(), flush=True); time.sleep(60)"
    with await asyncio.to_thread(lambda: subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)) as other:
        assert other.stdout is not None
        owner = (await asyncio.to_thread(other.stdout.readline)).strip()
        await world.book.claim(run_id, owner, 600)
        try:
            with pytest.raises(RunBusy, match="held by"):
                await world.drive(run_id)
        finally:
            other.send_signal(signal.SIGKILL)
    assert (await world.drive(run_id)).status == "published"
    assert world.run(run_id).recovery_attempts == 1


async def test_a_runner_whose_lease_was_taken_over_stops_and_writes_nothing_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestrator_module, "LEASE_S", 0.3)
    run_id = await world.begin()

    async def overtaken(node: str) -> None:
        if node == "write":
            with world.database.unit_of_work() as session:
                session.execute(text("update runs set lease_expires_at = now() - interval '1 s'"))
                RunRepository(session).claim_lease(run_id, "usurper", 60)
            await asyncio.sleep(1.0)

    world.caller.before = overtaken
    with pytest.raises(RunLeaseLost):
        await world.drive(run_id)
    assert world.run(run_id).lease_owner == "usurper"
    assert world.one("select count(*) from decisions where node = 'write'") == 0


async def test_a_heartbeat_that_finds_its_own_run_ended_takes_nothing_for_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestrator_module, "LEASE_S", 0.15)
    prune, run_id = Checkpointers.prune, await world.begin()

    async def prune_late(self: Checkpointers, thread_id: str) -> None:
        await asyncio.sleep(1.0)
        await prune(self, thread_id)

    monkeypatch.setattr(Checkpointers, "prune", prune_late)
    assert (await world.drive(run_id)).status == "published"
    assert world.one("select count(*) from checkpoints") == 0


async def test_a_node_of_an_overtaken_runner_cannot_record_its_decisions(world: World) -> None:
    run_id = await world.begin()
    lease = await world.book.claim(run_id, "first", 0.0)
    studio = await world.book.studio(run_id, lease)
    await world.book.claim(run_id, "second", 60)
    with pytest.raises(RunLeaseLost):
        await studio.decide("write", 0, ())


@pytest.mark.parametrize("error", [DiskFull("no room; free some"), OSError(28, "No space left on device"), Unavailable("the server is away")])
async def test_trouble_that_may_pass_leaves_the_run_unfinished(world: World, error: Exception) -> None:
    run_id = await world.begin()

    async def fail(node: str) -> None:
        if node == "render":
            raise error

    world.caller.before = fail
    with pytest.raises(RunStopped, match=f"resume` continues run {run_id}"):
        await world.drive(run_id)
    assert (world.run(run_id).status, world.run(run_id).lease_owner) == ("running", None)
    world.caller.before = None
    assert (await world.drive(run_id)).status == "published"


@pytest.mark.parametrize(("code", "raised"), [("disk_full", MachineTrouble), ("tool_failed", JobFailed)])
async def test_an_agent_hears_of_a_tool_that_refused_but_never_of_a_full_disk(world: World, code: str, raised: type[Exception]) -> None:
    run_id = await world.begin()
    context = (await world.book.studio(run_id)).node("illustrate", 0, "thumbnail_designer", "real")

    async def fail(_: str) -> None:
        raise failed_job("make_visual", code, "no")

    world.caller.before = fail
    with pytest.raises(raised) as caught:
        await context.call(EMBED_TEXT, EmbedTextArgs(texts=("a",)))
    assert (type(caught.value), code_of(caught.value)) == (raised, code)


async def test_a_bug_ends_the_run_as_failed_with_its_name_and_what_was_reached(world: World) -> None:
    run_id = await world.begin()

    async def fail(node: str) -> None:
        if node == "render":
            raise ZeroDivisionError("by zero")

    world.caller.before = fail
    ended = await world.drive(run_id)
    run = world.run(run_id)
    assert (ended.status, ended.reasons, run.error) == ("failed", ("ZeroDivisionError: by zero",), {"code": "bug", "message": "ZeroDivisionError: by zero"})
    assert "narration" in await world.orchestrator.state(run_id)
    assert world.one("select count(*) from checkpoints") == 0


async def test_a_resume_replays_what_died_of_trouble_and_not_what_an_agent_took_for_an_answer(world: World) -> None:
    run_id = await world.begin()
    columns = "id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, seed, priority, max_attempts, timeout_s, state, error"
    rows = [("render", "disk_full"), ("render", "tool_failed"), ("scout", "disk_full"), ("render.gather", "network_down")]
    with world.database.unit_of_work() as session:
        for number, (node, code) in enumerate(rows):
            values = f"'{number}', :run, '{node}', 0, {number}, 'production', 't', 'io', '{{}}', 'h', 'real', 0, 1, 3, 9, 'dead', '{{\"code\": \"{code}\"}}'"
            session.execute(text(f"insert into jobs ({columns}) values ({values})".replace('": "', '"\\: "')), {"run": run_id})
    assert await world.book.replay_dead_jobs(run_id, ("render",)) == 2
    assert world.one("select string_agg(id, ',' order by id) from jobs where state = 'queued'") == "0,3"
    assert {"render"} <= {job.node for job in await world.book.jobs(run_id)}
    assert PASSING.isdisjoint({"tool_failed", "bug", "invalid"})


def test_a_forged_checkpoint_that_names_a_class_brings_no_object_to_life() -> None:
    permissive = JsonPlusSerializer(allowed_msgpack_modules=True)
    forged = permissive.dumps_typed({"evil": HumanAnswer(type="accept", by="nobody")})
    assert isinstance(permissive.loads_typed(forged)["evil"], HumanAnswer)
    assert not isinstance(strict_serializer().loads_typed(forged)["evil"], HumanAnswer)
    with pytest.raises(RuntimeError, match="Unknown serialization type: pickle"):
        strict_serializer().loads_typed(("pickle", pickle.dumps({"state": 1})))


async def test_commands_that_start_at_once_create_the_checkpoint_tables_in_turn(database_urls: PostgresUrls) -> None:
    await asyncio.wait_for(asyncio.gather(*(asyncio.to_thread(setup_checkpoints, database_urls.admin) for _ in range(4))), 60)
    async with open_checkpointers(database_urls.app) as opened:
        assert await opened.list_threads() == ()


async def test_a_runner_of_its_own_needs_nothing_that_another_one_held(world: World) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    async with open_checkpointers(world.urls.app) as others:
        await world.answer(run_id, [{"type": "accept"}])
        assert (await Orchestrator(world.book, others).drive(run_id)).status == "published"
