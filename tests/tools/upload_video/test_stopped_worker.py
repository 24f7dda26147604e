"""A publisher that is stopped past its lease: another one finishes, and what the stale one wakes up to do reaches nobody."""

import asyncio
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.events import EventBus
from memory.artifacts import Provenance
from tests.fixtures.kernel import Kernel, new_kernel
from tests.tools.upload_video.conftest import Rig
from tools.call import JobKey, RunScope, ToolCaller
from tools.sandbox import Fault
from tools.sandbox_faults import FaultKind
from tools.upload_video.schema import SPEC

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
CITE = "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.5"
UPLOADS = "/upload/youtube/v3/videos"
HELD_S = 4.0
# (what the publisher waits for when it is stopped, whether the platform had done it by then): before the session is asked for, and three in flight.
STOPS: tuple[tuple[str, str, int, FaultKind], ...] = (
    ("GET", "/youtube/v3/playlistItems", 0, "late"),
    ("POST", UPLOADS, 0, "late"),
    ("PUT", UPLOADS, 1, "delay"),
    ("PUT", UPLOADS, 3, "delay"),
)
TAKER = "select w.pid from job_attempts a join workers w on w.id = a.worker join jobs j on j.id = a.job_id where j.run_id = :run order by a.token limit 1"
FATE = "select a.outcome from job_attempts a join jobs j on j.id = a.job_id where j.run_id = :run order by a.token limit 1"


@pytest.fixture
def publishers(rig: Rig, services_home: Path) -> Iterator[Kernel]:
    """A dispatcher and two workers of the publish queue, as processes of the studio."""
    assert rig.settings.database_url is not None
    with new_kernel(rig.settings.database_url, Path(tempfile.mkdtemp(dir=services_home))) as kernel:
        kernel.start("tools.dispatch")
        given = {**rig.settings.environment(), "REDIS_URL": kernel.redis.url()}
        workers = [kernel.start("tools.worker", "--queue", "publish", **given) for _ in range(2)]
        pids = [worker.pid for worker in workers]
        kernel.until(lambda: kernel.one("select count(*) from workers where pid = any(:pids) and state = 'idle'", pids=pids) == 2, 60)
        yield kernel


async def test_a_stopped_publisher_that_wakes_up_after_another_has_finished_asks_for_nothing_more(rig: Rig, publishers: Kernel) -> None:
    waiting = threading.Event()
    rig.server.watch(lambda _request, _fault: waiting.set())
    settings = rig.settings.model_copy(update={"redis_url": publishers.redis.url(), "job_lease_s": 1.5})
    async with EventBus(publishers.database_url) as events:
        caller = ToolCaller(publishers.database, events, settings)
        for method, path, skip, kind in STOPS:
            task = rig.task()
            waiting.clear()
            rig.server.faults.play(path, Fault(kind, CITE, seconds=HELD_S), method=method, skip=skip)
            scope = RunScope(task.key, "tides", Provenance.REHEARSAL)
            published = asyncio.create_task(caller.call(SPEC, task, key=JobKey(task.key, "publish", 0, 0), agent="publisher", run=scope))
            assert await asyncio.to_thread(waiting.wait, 30)
            stale = publishers.one(TAKER, run=task.key)
            os.kill(stale, signal.SIGSTOP)
            result = await published
            asked = len(rig.server.seen)
            os.kill(stale, signal.SIGCONT)
            await publishers.eventually(f"select ({FATE}) = 'discarded'", run=task.key)
            assert [f"{one.method} {one.path}" for one in rig.server.seen[asked:]] == []
            assert (result.verified, rig.videos_of(task)) == (True, 1), (method, path)
    assert len(rig.world.videos) == len(STOPS)
