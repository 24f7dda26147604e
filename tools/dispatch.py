"""The dispatcher: sends due jobs to the workers by fair shares, and puts right what crashes left behind."""

import argparse
import signal
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from infra.clock import SYSTEM_CLOCK
from infra.database import Database, DatabaseUnavailable
from infra.errors import Invalid
from infra.events import EventsLost, LockedListener, Stop
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly
from infra.queues import JobTransport, Transport, TransportDown
from infra.settings import Settings, load_settings
from memory.repositories.audit import AuditRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.job_dispatch import Backlog, DispatchRepository, ReadyJob, SentJob
from tools.allowlist import AllowList, ToolDenied, ensure_allowed
from tools.dispatch_fair import FairShare
from tools.dispatch_reconcile import Reconciler
from tools.registry import load_constant
from tools.worker_process import die_with_parent

NAME = "dispatch"
_LOCK = 0x79744A6F  # "ytJo": one active dispatcher in a database
SWEEP_S, BEAT_S = 1.0, 20.0
_BATCH = 32
_MAKES_WORK = frozenset({"queued"})
_MAKES_ROOM = frozenset({"done", "dead", "quarantined", "cancelled"})
_log = get_logger("dispatch")


class Dispatcher:
    """Moves jobs from Postgres to the transport, never more than the workers are about to take."""

    def __init__(self, database: Database, transport: Transport, settings: Settings, allowed: AllowList) -> None:
        self._database = database
        self._transport = transport
        self._settings = settings
        self._allowed = allowed
        self._shares: dict[str, FairShare] = defaultdict(FairShare)

    def dispatch(self) -> Backlog:
        """Send what is due and fits; returns what is left to be sent."""
        with self._database.one_statement() as session:
            jobs = DispatchRepository(session)
            chosen = [job.id for job in self._choose(jobs.list_ready(self._settings.job_lease_s, _BATCH)) if self._may_run(job)]
            sent = jobs.mark_sent(chosen) if chosen else ()
        self._push(sent)
        with self._database.one_statement() as session:
            return DispatchRepository(session).backlog()

    def beat(self) -> None:
        """Say that dispatching goes on."""
        with self._database.one_statement() as session:
            HeartbeatRepository(session).beat(NAME, None, 2 * BEAT_S)

    def _choose(self, ready: Iterable[ReadyJob]) -> list[ReadyJob]:
        queues: dict[str, dict[int, deque[ReadyJob]]] = defaultdict(lambda: defaultdict(deque))
        for job in ready:
            queues[job.queue][job.priority].append(job)
        chosen: list[ReadyJob] = []
        for queue, classes in queues.items():
            room = next(iter(classes.values()))[0].room
            while classes and room > 0:
                priority = self._shares[queue].next(classes)
                chosen.append(classes[priority].popleft())
                room -= 1
                if not classes[priority]:
                    del classes[priority]
        return chosen

    def _may_run(self, job: ReadyJob) -> bool:
        try:
            ensure_allowed(job.agent, job.tool, self._allowed)
        except ToolDenied as denied:
            _log.warning("tool.denied", job_id=job.id, agent=job.agent, tool=job.tool)
            with self._database.unit_of_work() as session:
                DispatchRepository(session).deny(job.id, denied.message)
                AuditRepository(session).append(job.agent, "tool.denied", job.tool, {"job_id": job.id, "message": denied.message})
            return False
        return True

    def _push(self, sent: Iterable[SentJob]) -> None:
        """Hand committed jobs to the transport; what it does not take is due again in a second."""
        refused: list[str] = []
        for job in sent:
            try:
                self._transport.push(job.queue, job.entry, job.id)
            except TransportDown as error:
                _log.warning("push.failed", job_id=job.id, error=error.message)
                refused.append(job.id)
        if refused:
            with self._database.unit_of_work() as session:
                DispatchRepository(session).mark_unsent(refused)


def serve(settings: Settings, allowed: AllowList, stop: Stop) -> None:
    """Dispatch until told to stop, whenever this process is the one that holds the lock."""
    if settings.database_url is None or settings.redis_url is None:
        raise Invalid("the dispatcher needs DATABASE_URL and REDIS_URL; `ytempire up` sets both")
    # Whatever a crash of Postgres takes back of the dispatcher's writes, the next sweep writes again: it need not wait for the disk.
    database = Database(settings.database_url, pool_size=2, checked=False, options="-c synchronous_commit=off")
    transport = JobTransport(settings.redis_url)
    dispatcher = Dispatcher(database, transport, settings, allowed)
    try:
        while not stop:
            try:
                _serve_connected(dispatcher, Reconciler(database, transport, settings), settings.database_url, stop)
            except (EventsLost, DatabaseUnavailable) as error:
                _log.warning("database.missed", error=error.message)
                stop.wait(0.25)
    finally:
        transport.close()
        database.dispose()


def _serve_connected(dispatcher: Dispatcher, reconciler: Reconciler, url: str, stop: Stop) -> None:
    """Work over one listening connection; raises EventsLost or DatabaseUnavailable when it ends."""
    listener = LockedListener(url, _LOCK)
    try:
        while not listener.acquire():
            if stop.wait(SWEEP_S):
                return
        _log.info("dispatcher.elected")
        reconcile_at = beat_at = 0.0
        while not stop:
            now = SYSTEM_CLOCK.monotonic()
            if now >= reconcile_at:
                reconciler.reconcile()
                reconcile_at = now + SWEEP_S
            if now >= beat_at:
                dispatcher.beat()
                beat_at = now + BEAT_S
            _wait(listener, dispatcher.dispatch(), stop)
    finally:
        listener.close()


def waking(left: Backlog, sweep_s: float = SWEEP_S) -> tuple[frozenset[str], float]:
    """Return which events are worth a turn before a sweep's time or the next retry is up, and the seconds until then.

    Room matters only while jobs wait for it.
    """
    kinds = _MAKES_WORK | _MAKES_ROOM if left.waiting else _MAKES_WORK
    return kinds, sweep_s if left.due_in_s is None else min(sweep_s, max(0.01, left.due_in_s))


def _wait(listener: LockedListener, left: Backlog, stop: Stop) -> None:
    """Return when the next turn is due, or sooner when something happens that is worth one, or a stop."""
    kinds, within_s = waking(left)
    deadline = SYSTEM_CLOCK.monotonic() + within_s
    while (remaining := deadline - SYSTEM_CLOCK.monotonic()) > 0 and not stop:
        if any(event.kind in kinds for event in listener.wait(remaining, stop)):
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the dispatcher from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.dispatch", description=__doc__)
    parser.add_argument("--allowed", default="tools.allowlist:ALLOWED", help="package.module:NAME of the allow-list")
    parser.add_argument("--parent", type=int, help="pid of the supervisor; the dispatcher refuses to start when it is gone")
    parser.add_argument("--standalone", action="store_true", help="live on when the parent process ends")
    chosen = parser.parse_args(arguments)
    if not chosen.standalone:
        die_with_parent(chosen.parent)
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    stop = Stop()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    serve(settings, load_constant(chosen.allowed), stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
