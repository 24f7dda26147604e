"""An asyncio loop whose time is virtual: it never waits, it jumps to the next timer, and the same program runs in the same order every time."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from functools import partial
from typing import Any, Protocol, TypeVar

from evals.simulation.clock import VirtualClock
from infra.errors import Unavailable
from infra.ids import seeded

T = TypeVar("T")
# Work that is handed to the executor (database calls above all) takes this long, drawn by the seed, so that seeds differ in who is first.
_LEAST_S, _MOST_S = 0.001, 0.006
_MANY_CANCELLED = 500


class Owner(Protocol):
    """A simulated process: what runs in its name runs only while it lives."""

    def step(self) -> bool:
        """Say whether it lives to take one more step."""
        ...

    def drop(self, handle: asyncio.Handle) -> None:
        """Keep a callback that came too late."""
        ...

    def adopt(self, task: "asyncio.Task[Any]") -> None:
        """Know a task that was begun in its name."""
        ...


OWNER: ContextVar[Owner | None] = ContextVar("owner", default=None)


class NothingLeft(Unavailable):
    """Every task waits for something that nobody will do."""

    code = "simulation_stuck"


class _Numbered:
    """Counts what the loop makes, so that sets of it are walked in the order of creation and not of addresses."""

    count = 0

    @classmethod
    def next(cls) -> int:
        cls.count += 1
        return cls.count


class NumberedFuture(asyncio.Future[Any]):
    """A future whose hash is its number."""

    def __init__(self, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._number = _Numbered.next()

    def __hash__(self) -> int:
        return self._number


class NumberedTask(asyncio.Task[Any]):
    """A task whose hash is its number."""

    _number = 0

    def __hash__(self) -> int:
        # Asyncio puts a task into a set before its constructor has ended.
        if not self._number:
            self._number = _Numbered.next()
        return self._number


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in order at one moment of virtual time, then moves to the next timer.

    Nothing here touches a socket or a thread: what is handed to the executor runs inline, a drawn moment later. A callback whose owner (the simulated
    process in whose context it was made) is dead is dropped: that is a kill, after which no `finally` of it runs.
    """

    # Of asyncio's own base class, which does not declare them.
    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _timer_cancelled_count: int

    def __init__(self, clock: VirtualClock, seed: int) -> None:
        super().__init__()
        _Numbered.count = 0
        self._virtual = clock
        self._draw = seeded("loop", seed)
        self.steps = 0
        self.set_task_factory(_numbered_task)  # type: ignore[arg-type]

    def time(self) -> float:
        """Return the virtual monotonic time."""
        return self._virtual.monotonic()

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future with a number."""
        return NumberedFuture(loop=self)

    def run_in_executor(self, _executor: Any, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Run `work` inline, some milliseconds from now; one whose caller is gone by then was never begun."""
        return self.create_task(self._inline(partial(work, *args)))

    async def _inline(self, work: Callable[[], T]) -> T:
        await asyncio.sleep(self._draw.uniform(_LEAST_S, _MOST_S))
        return work()

    def _process_events(self, _events: list[Any]) -> None:
        """Nothing comes from outside."""

    def _write_to_self(self) -> None:
        """Nobody has to be woken."""

    def _run_once(self) -> None:
        """Run what is ready, after moving to the next timer when nothing is."""
        ready, timers = self._ready, self._scheduled
        self._forget_cancelled()
        if not ready:
            if not timers:
                raise NothingLeft("every task waits for something that nobody will do; no timer is set either")
            self._virtual.advance_to(timers[0].when())
        now = self.time()
        while timers and timers[0].when() <= now:
            timer = heapq.heappop(timers)
            timer._scheduled = False  # type: ignore[attr-defined]
            ready.append(timer)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if handle.cancelled():
                continue
            owner = handle._context.get(OWNER)  # type: ignore[attr-defined]
            if owner is None or owner.step():
                self.steps += 1
                handle._run()
            else:
                owner.drop(handle)

    def _forget_cancelled(self) -> None:
        """Take cancelled timers away: from the top of the heap, and from all of it when they are many."""
        timers = self._scheduled
        if self._timer_cancelled_count > _MANY_CANCELLED:
            for timer in timers:
                timer._scheduled = not timer.cancelled()  # type: ignore[attr-defined]
            timers[:] = [timer for timer in timers if not timer.cancelled()]
            heapq.heapify(timers)
            self._timer_cancelled_count = 0
        while timers and timers[0].cancelled():
            self._timer_cancelled_count -= 1
            heapq.heappop(timers)._scheduled = False  # type: ignore[attr-defined]


def _numbered_task(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T], **named: Any) -> asyncio.Task[T]:
    task = NumberedTask(work, loop=loop, **named)
    context: Context | None = named.get("context")
    owner = OWNER.get() if context is None else context.get(OWNER)
    if owner is not None:
        owner.adopt(task)
    return task
