"""A worker process: takes job ids from one queue, claims their rows, runs tools, writes results under the lease token."""

import argparse
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, TypeVar

from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.worker import WorkerStatus

from infra.database import Database, DatabaseUnavailable, shared_engines
from infra.errors import Invalid, StudioError
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly
from infra.queues import EntryRefused, GuardedJob, open_redis
from infra.settings import Settings, load_settings
from memory.repositories.audit import AuditRepository
from memory.repositories.job_leases import LeaseRepository
from memory.repositories.workers import WorkerRepository, WorkerView
from tools.queue_names import checked_queue
from tools.registry import Registry, load_constant
from tools.worker_joining import joined, supervised
from tools.worker_lease import Heart, HeldLease
from tools.worker_process import die_with_parent, resident_bytes
from tools.worker_run import JobRunner
from tools.worker_settlement import Settlement

_SETTLE_PATIENCE = 240
_SETTLE_PAUSE_S = 0.5
T = TypeVar("T")
_log = get_logger("worker")


@dataclass(frozen=True)
class Desk:
    """What a worker works with."""

    database: Database
    settings: Settings
    registry: Registry
    me: WorkerView


class JobExecutor:
    """Claims, runs and settles one job at a time."""

    def __init__(self, desk: Desk, heart: Heart) -> None:
        self._desk = desk
        self._heart = heart
        self._runner = JobRunner(desk.registry, desk.settings)
        self._settlement = Settlement(desk.database, desk.me.id, desk.settings)
        self._held: HeldLease | None = None
        self._settling = threading.Lock()
        self.jobs_run = 0

    def execute(self, job_id: str) -> None:
        """Run a job if it waits for a worker. An id delivered twice, finished or cancelled is ignored and costs no attempt."""
        lease = self._patiently(lambda: self._settlement.claim(job_id))
        if lease is None:
            return
        held = HeldLease(self._desk.database, self._desk.me.id, lease, self._desk.settings.job_lease_s)
        self._held = held
        self._heart.hold(held, lease.timeout_s + self._desk.settings.job_hard_grace_s)
        try:
            result = self._runner.run(held)
        except Exception as error:
            with self._settling:
                self._patiently(partial(self._settlement.bury_or_retry, lease, error))
        else:
            with self._settling:
                self._patiently(partial(self._settlement.keep, lease, result))
        finally:
            self._heart.let_go()
            self._held = None
            self.jobs_run += 1
            self._runner.clean(lease)

    def report(self, refused: EntryRefused) -> None:
        """Put a queue entry that was not ours on record: somebody else can write to Redis."""
        _log.error("entry.refused", error=refused.message)
        with self._desk.database.unit_of_work() as session:
            AuditRepository(session).append(
                "worker", "queue_entry.refused", self._desk.me.queue, {"entry": str(refused.details["entry"]), "message": refused.message}
            )

    def leave(self) -> None:
        """Give the running job back and sign off: this process ends now, and nobody should wait for it."""
        self.release()
        with self._desk.database.unit_of_work() as session:
            WorkerRepository(session).mark_stopped(self._desk.me.id)

    def release(self) -> None:
        """Give the job that runs now back to the queue, unless its end is being written already."""
        held = self._held
        if held is not None and self._settling.acquire(blocking=False):
            # The lock is kept: the tool may return before this process ends, and must find nothing left to write.
            with self._desk.database.unit_of_work() as session:
                LeaseRepository(session, self._desk.me.id).release(held.lease)
            _log.info("job.released", job_id=held.lease.id)

    def _patiently(self, work: Callable[[], T]) -> T:
        """Do one step of a job's settlement; a database that restarts is waited for, because the token keeps a late write harmless."""
        for _ in range(_SETTLE_PATIENCE):
            try:
                return work()
            except DatabaseUnavailable as error:
                _log.warning("database.missed", error=error.message)
                threading.Event().wait(_SETTLE_PAUSE_S)
        return work()


class QueueWorker(SimpleWorker):
    """RQ's in-process worker on one queue: JSON only, one allowed function, no remote commands, recycled by count, size or idleness."""

    job_class = GuardedJob
    max_connection_wait_time = 2.0
    log_result_lifespan = False

    def attend(self, executor: JobExecutor, settings: Settings) -> None:
        """Bind the executor; entries of this process go nowhere else."""
        self._executor = executor
        self._settings = settings
        self.job_class.handler = executor.execute

    def subscribe(self) -> None:
        """Take no commands over Redis: whoever can write there must not stop or kill work."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed."""

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Never: RQ's registries are not used, and what is lost is found from Postgres."""
        return False

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Say nothing to Redis: the heart tells Postgres."""

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, _max_idle_time: int | None = None) -> Any:
        """Wait for an entry; a worker that has loaded something and then idles for `worker_idle_s` ends, which is how models are unloaded."""
        return super().dequeue_job_and_maintain_ttl(timeout, math.ceil(self._settings.worker_idle_s) if self._executor.jobs_run else None)

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run the entry, then end the process in good order when it has grown old or large; the supervisor starts a fresh one.

        RQ's registries are left out: a job whose worker dies is found by its row, and the reconciler removes what is left of the entry.
        """
        self._state = WorkerStatus.BUSY
        try:
            job.perform()
        except EntryRefused as refused:
            self._executor.report(refused)
        with self.connection.pipeline() as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 0, job.id)
            pipeline.delete(job.key)
            pipeline.execute()
        self._state = WorkerStatus.IDLE
        too_many = self._executor.jobs_run >= self._settings.worker_max_jobs
        too_large = resident_bytes() > self._settings.worker_max_rss_mb << 20
        if too_many or too_large:
            _log.info("worker.recycled", jobs=self._executor.jobs_run, rss_bytes=resident_bytes())
            self._stop_requested = True

    def request_stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Finish the running job, or give it back after `worker_stop_s` seconds and end."""
        timer = threading.Timer(self._settings.worker_stop_s, self._give_back)
        timer.daemon = True
        timer.start()
        self._stop_requested = True
        if self._state != WorkerStatus.BUSY:
            raise StopRequested

    def _give_back(self) -> None:
        self._executor.leave()
        # The tool cannot be interrupted in general; what it still does is fenced off by its stale token.
        os.kill(os.getpid(), signal.SIGKILL)


def serve(queue: str, settings: Settings, registry: Registry, *, joins: bool = False) -> None:
    """Serve one queue until told to stop or until recycled; one that `joins` a studio from elsewhere has to fit first."""
    if settings.database_url is None or settings.redis_url is None:
        raise Invalid("a worker needs DATABASE_URL and REDIS_URL; `ytempire up` sets both")
    database = Database(settings.database_url, pool_size=2, checked=False)
    me = joined(queue, settings, database) if joins else supervised(queue, settings)
    with database.unit_of_work() as session:
        WorkerRepository(session).register(me)
    heart = Heart(database, me.id, settings.job_lease_s)
    heart.start()
    worker = QueueWorker([queue], name=me.id, connection=open_redis(settings.redis_url), serializer="json")
    worker.attend(JobExecutor(Desk(database, settings, registry, me), heart), settings)
    _log.info("worker.started", worker=me.id, queue=queue, pid=me.pid)
    try:
        # What each call of a tool opens and closes is then one pool of this process.
        with shared_engines():
            worker.work(logging_level="WARNING")
    finally:
        heart.stop()
        with database.unit_of_work() as session:
            WorkerRepository(session).mark_stopped(me.id)
        database.dispose()
        _log.info("worker.stopped", worker=me.id)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a worker from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.worker", description=__doc__)
    parser.add_argument("--queue", required=True, help="the one queue to serve, or a part of one such as gpu:a100")
    parser.add_argument("--registry", default="tools.registry:TOOLS", help="package.module:NAME of the tools to run")
    parser.add_argument("--parent", type=int, help="pid of the supervisor; the worker refuses to start when it is gone")
    parser.add_argument("--standalone", action="store_true", help="live on when the parent process ends")
    chosen = parser.parse_args(arguments)
    if not chosen.standalone:
        die_with_parent(chosen.parent)
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    try:
        serve(checked_queue(chosen.queue), settings, Registry(load_constant(chosen.registry)), joins=chosen.standalone)
    except StudioError as error:
        if not chosen.standalone:
            raise
        _log.error("worker.refused", queue=chosen.queue, code=error.code, error=error.message)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
