"""A running job's tie to its row: renewed in the background, asked before every outside effect."""

import threading

from infra.clock import SYSTEM_CLOCK
from infra.database import Database, DatabaseUnavailable
from infra.log import get_logger
from memory.repositories.job_leases import Lease, LeaseRepository
from memory.repositories.workers import WorkerRepository
from tools.worker_faults import LeaseLost
from tools.worker_process import resident_bytes

_PROGRESS_EVERY_S = 0.25
_log = get_logger("worker")


class HeldLease:
    """The lease of the job that runs now."""

    def __init__(self, database: Database, worker_id: str, lease: Lease, ttl_s: float) -> None:
        self.lease = lease
        self._database = database
        self._worker_id = worker_id
        self._ttl_s = ttl_s
        self._lost = threading.Event()
        self._told_at = float("-inf")

    def renew(self) -> None:
        """Extend the lease; a stale token marks it lost."""
        with self._database.one_statement() as session:
            if not LeaseRepository(session, self._worker_id).renew(self.lease, self._ttl_s):
                self._lost.set()

    def ensure_live(self) -> None:
        """Return while the job is this worker's; raises LeaseLost, or DatabaseUnavailable when that cannot be told."""
        if not self._lost.is_set():
            with self._database.one_statement() as session:
                if LeaseRepository(session, self._worker_id).is_live(self.lease):
                    return
        raise LeaseLost(f"job {self.lease.id} belongs to another worker now", job_id=self.lease.id, token=self.lease.token)

    def progress(self, fraction: float, note: str) -> None:
        """Record progress, at most four times a second; raises LeaseLost once the job is another's, so that work stops early."""
        if self._lost.is_set():
            raise LeaseLost(f"job {self.lease.id} belongs to another worker now", job_id=self.lease.id, token=self.lease.token)
        now = SYSTEM_CLOCK.monotonic()
        if now - self._told_at < _PROGRESS_EVERY_S and fraction < 1.0:
            return
        self._told_at = now
        try:
            with self._database.one_statement() as session:
                LeaseRepository(session, self._worker_id).progress(self.lease, fraction, note)
        except DatabaseUnavailable:
            _log.warning("progress.dropped", job_id=self.lease.id)


class Heart(threading.Thread):
    """Tells Postgres every third of a lease that this worker lives, and renews the lease of the job it runs.

    Past a job's hard limit it stops renewing, so that a hung worker loses the job even on a host whose processes nobody can kill.
    """

    def __init__(self, database: Database, worker_id: str, lease_ttl_s: float) -> None:
        super().__init__(name="heart", daemon=True)
        self._database = database
        self._worker_id = worker_id
        self._beat_s = lease_ttl_s / 3
        self._stopped = threading.Event()
        self._held: tuple[HeldLease, float] | None = None

    def hold(self, held: HeldLease, give_up_s: float) -> None:
        """Renew `held` with every beat for at most `give_up_s` seconds."""
        self._held = (held, SYSTEM_CLOCK.monotonic() + give_up_s)

    def let_go(self) -> None:
        """Renew nothing any more."""
        self._held = None

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def run(self) -> None:
        """Beat until stopped; a database that is away is asked again at the next beat."""
        while not self._stopped.wait(self._beat_s):
            try:
                self.beat()
            except DatabaseUnavailable as error:
                _log.warning("heartbeat.missed", worker=self._worker_id, error=error.message)

    def beat(self) -> None:
        """Beat once; raises DatabaseUnavailable."""
        held = self._held
        with self._database.one_statement() as session:
            WorkerRepository(session).beat(self._worker_id, resident_bytes(), held[0].lease.id if held else None)
        if held is not None and SYSTEM_CLOCK.monotonic() < held[1]:
            held[0].renew()
