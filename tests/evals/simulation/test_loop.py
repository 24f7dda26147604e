"""The virtual loop: no waiting, one order, and kills after which nothing of the killed runs."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from evals.simulation.clock import VirtualClock
from evals.simulation.loop import OWNER, NothingLeft, VirtualLoop

START = datetime(2026, 11, 1, tzinfo=UTC)


T = TypeVar("T")


def live(work: Callable[[VirtualClock], Coroutine[Any, Any, T]], seed: int = 1) -> tuple[T, VirtualClock]:
    clock = VirtualClock(START)
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock, seed)) as runner:
        return runner.run(work(clock)), clock


@dataclass
class Process:
    """A simulated process."""

    alive: bool = True
    dropped: list[asyncio.Handle] = field(default_factory=list)

    def step(self) -> bool:
        return self.alive

    def drop(self, handle: asyncio.Handle) -> None:
        self.dropped.append(handle)

    def adopt(self, task: "asyncio.Task[Any]") -> None:
        assert not task.done()


def test_a_day_takes_no_time() -> None:
    async def sleep(clock: VirtualClock) -> datetime:
        await asyncio.sleep(86_400)
        return clock.now()

    began = time.monotonic()
    now, _ = live(sleep)
    assert now == datetime(2026, 11, 2, tzinfo=UTC)
    assert time.monotonic() - began < 1


def test_a_timeout_ends_at_its_virtual_moment() -> None:
    async def wait(_clock: VirtualClock) -> None:
        async with asyncio.timeout(7):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        live(wait)


def test_work_of_threads_runs_inline_and_its_errors_arrive() -> None:
    async def work(_clock: VirtualClock) -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(threading.get_ident)

    ident, clock = live(work)
    assert ident == threading.get_ident()
    assert 0.002 <= clock.monotonic() <= 0.012


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    async def race(_clock: VirtualClock) -> list[int]:
        order: list[int] = []

        async def runner(number: int) -> None:
            for _ in range(5):
                await asyncio.to_thread(order.append, number)

        await asyncio.wait({asyncio.create_task(runner(number)) for number in range(6)})
        return order

    first, again, other = (live(race, seed)[0] for seed in (1, 1, 2))
    assert first == again != other


def test_sets_of_tasks_are_walked_in_the_order_of_creation() -> None:
    async def walk(_clock: VirtualClock) -> list[str]:
        done, _ = await asyncio.wait([asyncio.create_task(asyncio.sleep(1), name=f"{number}") for number in range(30)])
        return [task.get_name() for task in done]

    assert live(walk)[0] == live(walk)[0]


def test_nothing_of_a_killed_process_runs_any_more_not_even_its_finally() -> None:
    async def kill(_clock: VirtualClock) -> list[str]:
        said: list[str] = []
        process = Process()

        async def child() -> None:
            await asyncio.sleep(3)
            said.append("child")

        async def main() -> None:
            OWNER.set(process)
            task = asyncio.create_task(child())
            try:
                await asyncio.sleep(1)
                said.append("main")
                await asyncio.sleep(1)
            finally:
                said.append("released")
            await task

        kept = asyncio.create_task(main())
        await asyncio.sleep(1.5)
        process.alive = False
        await asyncio.sleep(10)
        assert not kept.done()
        found = list(said)
        process.alive = True  # so that the test can end it
        kept.cancel()
        for handle in process.dropped:
            handle._run()
        await asyncio.wait({kept})
        return found

    assert live(kill)[0] == ["main"]


def test_a_standstill_is_said_instead_of_waited_for() -> None:
    async def wait(_clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    loop = VirtualLoop(VirtualClock(START), 1)
    work = wait(VirtualClock(START))
    task = loop.create_task(work)
    with pytest.raises(NothingLeft):
        loop.run_until_complete(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()


def test_a_clock_that_is_set_wrong_moves_no_timer() -> None:
    async def jump(clock: VirtualClock) -> tuple[datetime, datetime, float]:
        clock.wall_offset_s = -3600
        await asyncio.sleep(60)
        return clock.now(), clock.true_now(), clock.monotonic()

    shown, true, elapsed = live(jump)[0]
    assert (true - shown).total_seconds() == 3600
    assert elapsed == 60
