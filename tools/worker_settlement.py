"""How a worker takes a job and writes down how it ended: each step one unit of work under the lease token."""

from dataclasses import dataclass
from typing import Any

from infra.database import Database
from infra.log import get_logger
from infra.settings import Settings
from memory.repositories.job_leases import Lease, LeaseRepository
from tools.worker_faults import LeaseLost, judge

_log = get_logger("worker")


@dataclass(frozen=True)
class Settlement:
    """The jobs of one worker. Every method raises DatabaseUnavailable, and may then be called again: the token keeps a late write harmless."""

    database: Database
    worker_id: str
    settings: Settings

    def claim(self, job_id: str) -> Lease | None:
        """Take a job that was sent; None for an id delivered twice, finished or cancelled, which costs no attempt."""
        with self.database.one_statement() as session:
            lease = LeaseRepository(session, self.worker_id).claim(job_id, self.settings.job_lease_s)
        if lease is None:
            _log.info("delivery.ignored", job_id=job_id)
        return lease

    def keep(self, lease: Lease, result: dict[str, Any]) -> None:
        """Record the result, or throw it away when the job is another's."""
        with self.database.one_statement() as session:
            kept = LeaseRepository(session, self.worker_id).finish(lease, result)
        if not kept:
            return self.discard(lease)
        _log.info("job.finished", job_id=lease.id, tool=lease.tool, run_id=lease.run_id, attempt=lease.attempt)
        return None

    def bury_or_retry(self, lease: Lease, error: Exception) -> None:
        """Judge the error of a failed attempt and queue the job again or bury it."""
        if isinstance(error, LeaseLost):
            return self.discard(lease)
        verdict = judge(error, lease.id, lease.failures, self.settings.job_retry_base_s)
        with self.database.one_statement() as session:
            state = LeaseRepository(session, self.worker_id).fail(lease, verdict.error, verdict.retry_in_s, verdict.cost)
        if state is None:
            return self.discard(lease)
        log = _log.error if verdict.is_bug else _log.warning
        log("job.failed", job_id=lease.id, tool=lease.tool, run_id=lease.run_id, state=state, **verdict.error, exc_info=error if verdict.is_bug else None)
        return None

    def discard(self, lease: Lease) -> None:
        """Note that what a stale token made is thrown away."""
        with self.database.one_statement() as session:
            LeaseRepository(session, self.worker_id).discard(lease)
        _log.warning("result.discarded", job_id=lease.id, token=lease.token)
