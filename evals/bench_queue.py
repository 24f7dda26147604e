"""How long a job takes to start and a caller to resume, beside what RQ and Postgres take by themselves, measured in one run."""

import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.bench_queue_tool import ALLOWED, STAMP, StampArgs
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.redis import EmbeddedRedis
from infra.errors import Unavailable
from infra.events import EventBus
from infra.ids import new_id
from infra.queues import BareQueue
from infra.settings import CHECKOUT, Settings
from memory.migrations import migrate
from memory.repositories.workers import WorkerRepository
from tools.call import JobKey, RunScope, ToolCaller

_READY_WITHIN_S = 30.0
_BARE = "bench_bare"


class Delays(BaseModel):
    """Median and 95th percentile in milliseconds."""

    model_config = ConfigDict(frozen=True)

    p50_ms: float
    p95_ms: float


class QueueBench(BaseModel):
    """Delays of the kernel and their floors. Starting: call (bare: enqueue) to the first line of the body. Resuming: last line of the body to the caller."""

    model_config = ConfigDict(frozen=True)

    rounds: int
    bare_start: Delays
    start: Delays
    start_ratio: float
    bare_notify: Delays
    resume: Delays
    resume_ratio: float


def bench(rounds: int = 60) -> QueueBench:
    """Measure on a Postgres and a Redis started for this alone, so that no other worker takes part."""
    home = Path(tempfile.mkdtemp(prefix="ytempire-bench-"))
    home.chmod(0o711)
    postgres, redis = EmbeddedPostgres(home), EmbeddedRedis(home)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        stack.callback(postgres.stop)
        urls = postgres.start()
        stack.callback(redis.stop)
        redis.start()
        migrate(urls.admin)
        return asyncio.run(measure(Settings(_env_file=None, home=home, database_url=urls.app, redis_url=redis.url(), network="off"), rounds))


async def measure(settings: Settings, rounds: int = 40) -> QueueBench:
    """Measure on the servers of `settings`, which no other worker may serve; floors and kernel take turns, so load falls on both alike."""
    if settings.database_url is None or settings.redis_url is None:
        raise Unavailable("the queue benchmark needs DATABASE_URL and REDIS_URL; `ytempire bench queue` starts both")
    database = Database(settings.database_url)
    with ExitStack() as stack:
        stack.callback(database.dispose)
        stack.enter_context(_processes(settings))
        await asyncio.to_thread(_wait_for_worker, database)
        stamps = settings.home / "bench_queue.txt"
        stamps.unlink(missing_ok=True)
        async with EventBus(settings.database_url) as bus:
            caller = ToolCaller(database, bus, settings, ALLOWED)
            return await _rounds(caller, _Bare(settings.redis_url, stamps), bus, rounds)


async def _rounds(caller: ToolCaller, bare: "_Bare", bus: EventBus, rounds: int) -> QueueBench:
    starts: list[float] = []
    resumes: list[float] = []
    floors: list[float] = []
    notices: list[float] = []
    for number in range(rounds + 5):
        start, resume = await _call(caller, f"bench_{new_id('run')}")
        floor, notice = await bare.delay(), await _notice(bus)
        if number >= 5:
            starts.append(start)
            resumes.append(resume)
            floors.append(floor)
            notices.append(notice)
    bare_start, started, bare_notify, resumed = (_delays(each) for each in (floors, starts, notices, resumes))
    return QueueBench(
        rounds=rounds,
        bare_start=bare_start,
        start=started,
        start_ratio=round(started.p50_ms / bare_start.p50_ms, 2),
        bare_notify=bare_notify,
        resume=resumed,
        resume_ratio=round(resumed.p50_ms / bare_notify.p50_ms, 2),
    )


async def _call(caller: ToolCaller, run_id: str) -> tuple[float, float]:
    sent = SYSTEM_CLOCK.monotonic()
    result = await caller.call(STAMP, StampArgs(sent=sent), key=JobKey(run_id, "bench", 0, 0), agent="bench", run=RunScope(run_id))
    return result.began - sent, SYSTEM_CLOCK.monotonic() - result.ended


async def _notice(bus: EventBus) -> float:
    subject = new_id("bench")
    with bus.watch(subject) as watch:
        sent = SYSTEM_CLOCK.monotonic()
        await bus.announce(subject, "bench")
        await watch.changed(5.0)
        return SYSTEM_CLOCK.monotonic() - sent


class _Bare:
    """A queue of RQ's own with its own SimpleWorker."""

    def __init__(self, url: str, stamps: Path) -> None:
        self._queue = BareQueue(url, _BARE)
        self._stamps = stamps
        self._seen = 0

    async def delay(self) -> float:
        """Return the seconds from enqueueing a job to its first line."""
        await asyncio.to_thread(self._queue.enqueue, "evals.bench_queue_tool.stamp", sent=SYSTEM_CLOCK.monotonic(), path=str(self._stamps))
        self._seen += 1
        for _ in range(2000):
            lines = self._stamps.read_text().splitlines() if self._stamps.exists() else []
            if len(lines) >= self._seen:
                return float(lines[-1])
            await asyncio.sleep(0.005)
        raise Unavailable("the bare worker did not answer within 10 s")


def _delays(seconds: Sequence[float]) -> Delays:
    return Delays(p50_ms=round(statistics.median(seconds) * 1000, 2), p95_ms=round(statistics.quantiles(seconds, n=20)[-1] * 1000, 2))


@contextmanager
def _processes(settings: Settings) -> Iterator[None]:
    kernel = {
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": str(settings.redis_url),
        "YTEMPIRE_HOME": str(settings.home),
        "YTEMPIRE_LOG_LEVEL": "ERROR",
    }
    started = [
        _start(["tools.dispatch", "--allowed", "evals.bench_queue_tool:ALLOWED"], kernel),
        _start(["tools.worker", "--queue", "io", "--registry", "evals.bench_queue_tool:TOOLS"], kernel),
        _start(["rq.cli", "worker", "--worker-class", "rq.SimpleWorker", "--serializer", "json", "--url", str(settings.redis_url), "--quiet", _BARE], kernel),
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _start(arguments: Sequence[str], env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(CHECKOUT), **env}
    return subprocess.Popen([sys.executable, "-m", *arguments], cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL)


def _wait_for_worker(database: Database) -> None:
    gives_up_at = SYSTEM_CLOCK.monotonic() + _READY_WITHIN_S
    while SYSTEM_CLOCK.monotonic() < gives_up_at:
        with database.unit_of_work() as session:
            if "io" in WorkerRepository(session).served_queues():
                return
    raise Unavailable(f"no worker served the queue within {_READY_WITHIN_S:g} s")
