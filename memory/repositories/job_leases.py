"""A worker's hold on a job: claim, renew, finish, fail, release; every write is conditional on the lease token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from infra.ids import canonical_json


@dataclass(frozen=True)
class Lease:
    """A claimed job: what to run, and the token that every write must show."""

    id: str
    token: int
    attempt: int
    failures: int
    run_id: str
    channel_id: str | None
    agent: str
    tool: str
    args: dict[str, Any]
    provenance: str
    seed: int
    timeout_s: float
    lease_expires_at: datetime


_CLAIM = text(
    """
    with candidate as (
        select id from jobs where id = :id and state = 'dispatched'
            and not exists (select 1 from runs r where r.id = jobs.run_id and r.status = 'paused') for update skip locked
    ), claimed as (
        update jobs j set state = 'running', attempts = j.attempts + 1, lease_owner = :worker, lease_token = j.lease_token + 1,
            lease_expires_at = now() + make_interval(secs => :ttl), heartbeat_at = now(), started_at = now(), progress = 0, progress_note = ''
        from candidate c where j.id = c.id
        returning j.id, j.lease_token as token, j.attempts as attempt, j.failures, j.run_id, j.channel_id, j.agent, j.tool, j.args,
            j.provenance, j.seed, j.timeout_s, j.lease_expires_at
    ), history as (
        insert into job_attempts (job_id, token, attempt, worker) select id, token, attempt, :worker from claimed
    )
    select * from claimed
    """
)
_RENEW = text(
    """
    update jobs set lease_expires_at = now() + make_interval(secs => :ttl), heartbeat_at = now()
    where id = :id and lease_token = :token and state = 'running' returning id
    """
)
_LIVE = text("select 1 from jobs where id = :id and lease_token = :token and state = 'running' and lease_expires_at > now()")
_PROGRESS = text(
    """
    with noted as (
        update jobs set progress = :fraction, progress_note = :note where id = :id and lease_token = :token and state = 'running' returning id
    )
    select pg_notify('jobs', id || ' progress') from noted
    """
)
_FINISH = text(
    """
    with finished as (
        update jobs set state = 'done', completions = completions + 1, progress = 1, result = cast(:result as jsonb), error = null,
            finished_at = now(), lease_owner = null, lease_expires_at = null
        where id = :id and lease_token = :token and state = 'running' returning id
    ), history as (
        update job_attempts a set ended_at = now(), outcome = 'done' from finished f where a.job_id = f.id and a.token = :token
    )
    select pg_notify('jobs', id || ' done') from finished
    """
)
_FAIL = text(
    """
    with failed as (
        update jobs set failures = failures + :cost, error = cast(:error as jsonb), lease_owner = null, lease_expires_at = null,
            state = case when :again and failures + :cost < max_attempts
                and (schedule_to_close is null or now() + make_interval(secs => :wait) <= schedule_to_close) then 'queued' else 'dead' end,
            finished_at = case when :again and failures + :cost < max_attempts
                and (schedule_to_close is null or now() + make_interval(secs => :wait) <= schedule_to_close) then null else now() end,
            next_attempt_at = now() + make_interval(secs => :wait)
        where id = :id and lease_token = :token and state = 'running' returning id, state
    ), history as (
        update job_attempts a set ended_at = now(), outcome = case f.state when 'queued' then 'retry' else 'dead' end, error = cast(:error as jsonb)
        from failed f where a.job_id = f.id and a.token = :token
    )
    select state, pg_notify('jobs', id || ' ' || state) from failed
    """
)
_RELEASE = text(
    """
    with released as (
        update jobs set state = 'queued', next_attempt_at = now(), lease_owner = null, lease_expires_at = null
        where id = :id and lease_token = :token and state = 'running' returning id
    ), history as (
        update job_attempts a set ended_at = now(), outcome = 'released' from released r where a.job_id = r.id and a.token = :token
    )
    select pg_notify('jobs', id || ' queued') from released
    """
)
_DISCARD = text("update job_attempts set ended_at = now(), outcome = 'discarded' where job_id = :id and token = :token and outcome in ('running', 'lost')")


class LeaseRepository:
    """Leases of one worker process, inside one unit of work; times are the database's."""

    def __init__(self, session: Session, worker: str) -> None:
        self._session = session
        self._worker = worker

    def claim(self, job_id: str, ttl_s: float) -> Lease | None:
        """Take a dispatched job for `ttl_s` seconds; None when it is not waiting (delivered twice, done, cancelled, paused) or being taken."""
        row = self._session.execute(_CLAIM, {"id": job_id, "worker": self._worker, "ttl": ttl_s}).one_or_none()
        return None if row is None else Lease(**row._mapping)

    def renew(self, lease: Lease, ttl_s: float) -> bool:
        """Extend the lease to `ttl_s` seconds from now; False when the token is stale."""
        return self._changed(_RENEW, lease, ttl=ttl_s)

    def is_live(self, lease: Lease) -> bool:
        """Whether the job still runs under this token and the lease has not expired."""
        return self._changed(_LIVE, lease)

    def progress(self, lease: Lease, fraction: float, note: str) -> bool:
        """Record progress 0..1 and tell listeners; False when the token is stale."""
        return self._changed(_PROGRESS, lease, fraction=min(1.0, max(0.0, fraction)), note=note[:500])

    def finish(self, lease: Lease, result: dict[str, Any]) -> bool:
        """Record the result and tell listeners; False, with nothing written, when the token is stale."""
        return self._changed(_FINISH, lease, result=canonical_json(result).decode())

    def fail(self, lease: Lease, error: dict[str, Any], retry_in_s: float | None, cost: int = 1) -> str | None:
        """Record a failure: queued again in `retry_in_s` seconds while the budget lasts, else dead; None when the token is stale.

        `cost` is what it takes from the budget of attempts: nothing when the job only has to wait.
        """
        values = {"error": canonical_json(error).decode(), "again": retry_in_s is not None, "wait": retry_in_s or 0.0, "cost": cost}
        row = self._session.execute(_FAIL, {**self._fence(lease), **values}).one_or_none()
        return None if row is None else str(row.state)

    def release(self, lease: Lease) -> bool:
        """Give the job back unfinished, at no cost to its budget; False when the token is stale."""
        return self._changed(_RELEASE, lease)

    def discard(self, lease: Lease) -> None:
        """Note in the history that the work of a stale token was thrown away."""
        self._session.execute(_DISCARD, self._fence(lease))

    def _changed(self, statement: Any, lease: Lease, **values: object) -> bool:
        return self._session.execute(statement, {**self._fence(lease), **values}).first() is not None

    def _fence(self, lease: Lease) -> dict[str, object]:
        return {"id": lease.id, "token": lease.token, "worker": self._worker}
