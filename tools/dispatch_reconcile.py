"""The reconciler: takes jobs back from dead workers, sends lost deliveries again, kills what hangs."""

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.log import get_logger
from infra.queues import Transport, TransportDown
from infra.settings import Settings
from memory.repositories.job_dispatch import DispatchRepository, LostJob, SentJob
from memory.repositories.workers import WorkerRepository
from tools.worker_process import host_identity, is_running, kill_verified

KILL_LIMIT = 3
_SILENT_LEASES = 10
_FORGET_EVERY_S = 3600.0
_log = get_logger("reconcile")


class Reconciler:
    """Compares what Postgres says with what is really there. Made anew with each connection to the database.

    For one lease after it was made it does not judge leases: after an outage of the database every lease looks expired
    until its worker has had the time to renew it.
    """

    def __init__(self, database: Database, transport: Transport, settings: Settings) -> None:
        self._database = database
        self._transport = transport
        self._settings = settings
        self._host = host_identity()
        self._judges_leases_at = SYSTEM_CLOCK.monotonic() + settings.job_lease_s
        self._forgets_at = 0.0

    def reconcile(self) -> None:
        """Put right what is wrong now."""
        self._kill_overdue()
        dead = self._dead_workers()
        with self._database.unit_of_work() as session:
            if dead:
                WorkerRepository(session).mark_dead(dead)
            silent = WorkerRepository(session).mark_silent(self._host, _SILENT_LEASES * self._settings.job_lease_s)
            expired = SYSTEM_CLOCK.monotonic() >= self._judges_leases_at
            lost = DispatchRepository(session).reclaim_lost(dead, KILL_LIMIT, expired=expired)
        for worker in silent:
            _log.warning("worker.silent", worker=worker)
        for job in lost:
            _log.warning("job.reclaimed", job_id=job.id, worker=job.worker, state=job.state, kills=job.kills)
            self._forget_entry(job)
        self._resend_lost()
        self._forget_old()

    def _dead_workers(self) -> list[str]:
        """Return the workers of this host whose process is gone; those that stayed silent for ten leases are ended first."""
        with self._database.one_statement() as session:
            workers = [worker for worker in WorkerRepository(session).list_living() if worker.host == self._host]
        for worker in workers:
            if worker.silent_s > _SILENT_LEASES * self._settings.job_lease_s and kill_verified(worker.pid, worker.process_started):
                _log.warning("worker.killed", worker=worker.id, pid=worker.pid, silent_s=worker.silent_s)
        return [worker.id for worker in workers if not is_running(worker.pid, worker.process_started)]

    def _kill_overdue(self) -> None:
        with self._database.one_statement() as session:
            overdue = DispatchRepository(session).list_overdue(self._host, self._settings.job_hard_grace_s)
        for job in overdue:
            if kill_verified(job.pid, job.process_started):
                _log.warning("worker.killed", worker=job.worker, pid=job.pid, job_id=job.id)

    def _resend_lost(self) -> None:
        """Send again what nobody claimed and no queue holds: popped by a worker that died, or swept away with Redis."""
        with self._database.one_statement() as session:
            DispatchRepository(session).recall_paused()
        with self._database.one_statement() as session:
            stale = DispatchRepository(session).list_stale(self._settings.job_resend_s)
        try:
            missing = [job for job in stale if job.entry not in self._transport.waiting(job.queue)]
            for job in missing:
                self._resend(job)
        except TransportDown as error:
            _log.warning("transport.missed", error=error.message)

    def _resend(self, job: SentJob) -> None:
        with self._database.unit_of_work() as session:
            resent = DispatchRepository(session).mark_resent([job.id])
        for again in resent:
            self._transport.forget_popped(again.queue, [again.entry])
            self._transport.push(again.queue, again.entry, again.id)
            _log.warning("job.resent", job_id=again.id, queue=again.queue)

    def _forget_entry(self, job: LostJob) -> None:
        try:
            self._transport.forget_popped(job.queue, [job.entry])
        except TransportDown as error:
            _log.warning("transport.missed", error=error.message)

    def _forget_old(self) -> None:
        if SYSTEM_CLOCK.monotonic() >= self._forgets_at:
            self._forgets_at = SYSTEM_CLOCK.monotonic() + _FORGET_EVERY_S
            with self._database.unit_of_work() as session:
                WorkerRepository(session).forget_old()
