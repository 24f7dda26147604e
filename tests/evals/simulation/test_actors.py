"""Simulated processes: kills leave everything where it was, the supervisor starts anew, and in the end all is dissolved."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from evals.simulation.actors import Machine
from evals.simulation.clock import VirtualClock
from evals.simulation.log import EventLog
from evals.simulation.loop import VirtualLoop
from tools.worker_process import is_running, kill_verified, processes_of, this_worker


def live(work: Callable[[Machine], Coroutine[Any, Any, None]]) -> str:
    clock = VirtualClock(datetime(2026, 11, 1, tzinfo=UTC))
    log = EventLog(clock)
    machine = Machine(log)

    async def play() -> None:
        with processes_of(machine):
            await work(machine)
            await machine.end()

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock, 1)) as runner:
        runner.run(play())
    return log.digest


def test_a_killed_process_is_started_again_and_the_first_life_goes_no_further() -> None:
    said: list[str] = []

    async def program() -> None:
        try:
            said.append("born")
            await asyncio.sleep(10)
            said.append("done")
            await asyncio.Event().wait()
        finally:
            said.append("released")

    async def play(machine: Machine) -> None:
        machine.run("worker", program)
        await asyncio.sleep(5)
        assert machine.strike("worker")
        await asyncio.sleep(20)
        assert said == ["born", "born", "done"]

    live(play)
    assert said.count("released") == 2  # when all is over, and not before


def test_a_fuse_kills_at_a_step_and_not_between_them() -> None:
    reached: list[int] = []

    async def program() -> None:
        for step in range(10):
            await asyncio.sleep(1)
            reached.append(step)
        await asyncio.Event().wait()

    async def play(machine: Machine) -> None:
        machine.run("worker", program)
        await asyncio.sleep(0.5)
        machine.strike("worker", after_steps=6)
        await asyncio.sleep(8)
        first = reached[: reached.index(0, 1)] if 0 in reached[1:] else reached
        assert 0 < len(first) < 8

    live(play)


def test_a_process_knows_itself_and_the_dead() -> None:
    async def play(machine: Machine) -> None:
        workers = []

        async def program() -> None:
            workers.append(this_worker("cpu"))
            await asyncio.Event().wait()

        machine.run("worker", program)
        await asyncio.sleep(1)
        me = workers[0]
        assert is_running(me.pid, me.process_started)
        assert kill_verified(me.pid, me.process_started)
        assert not is_running(me.pid, me.process_started)
        await asyncio.sleep(10)
        assert len(workers) == 2
        assert workers[1].pid != me.pid

    live(play)


def test_a_crash_is_kept_and_the_program_started_again_with_growing_pauses() -> None:
    births: list[float] = []

    async def program() -> None:
        births.append(asyncio.get_running_loop().time())
        raise ValueError("a bug")

    async def play(machine: Machine) -> None:
        machine.run("conductor", program)
        await asyncio.sleep(12)
        assert {type(error) for error in machine.crashes} == {ValueError}

    live(play)
    pauses = [later - earlier for earlier, later in zip(births, births[1:], strict=False)]
    assert len(pauses) >= 3
    assert pauses == sorted(pauses)


def test_two_runs_leave_the_same_log() -> None:
    async def play(machine: Machine) -> None:
        async def program() -> None:
            await asyncio.to_thread(lambda: None)
            await asyncio.Event().wait()

        for number in range(5):
            machine.run(f"worker-{number}", program)
        await asyncio.sleep(1)
        machine.strike("worker-3")
        await asyncio.sleep(5)

    assert live(play) == live(play)
