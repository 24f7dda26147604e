"""Jobs as callers and operators see them: admission under a key, reading, cancelling, replaying."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound, Unavailable
from infra.ids import canonical_json

TERMINAL = frozenset({"done", "dead", "quarantined", "cancelled"})
# A recycled worker is away for a moment: its queue still counts as served.
_SERVED_WITHIN_S = 60.0


class JobKeyReused(Conflict):
    """The same key was used before with another input."""

    code = "job_key_reused"


class JobMissing(NotFound):
    """There is no job of that id."""

    code = "job_missing"


class QueueUnserved(Unavailable):
    """No worker serves the queue, so a job for it would wait for ever."""

    code = "queue_unserved"


class JobNotReplayable(Conflict):
    """Only a dead or quarantined job can be replayed."""

    code = "job_not_replayable"


@dataclass(frozen=True)
class NewJob:
    """A job to be admitted: its key (run, node, iteration, ordinal), what to do, for whom, and its limits."""

    id: str
    run_id: str
    node: str
    iteration: int
    ordinal: int
    channel_id: str | None
    agent: str
    tool: str
    queue: str
    args: dict[str, Any]
    input_hash: str
    provenance: str
    seed: int
    priority: int
    max_attempts: int
    timeout_s: float
    schedule_to_close_s: float | None = None


@dataclass(frozen=True)
class JobView:
    """A job as it stands now; `error` holds `code`, `message` and `details` of the last failure."""

    id: str
    run_id: str
    node: str
    iteration: int
    ordinal: int
    agent: str
    tool: str
    queue: str
    priority: int
    state: str
    attempts: int
    failures: int
    kills: int
    completions: int
    progress: float
    progress_note: str
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lease_expires_at: datetime | None = None
    next_attempt_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the job will not change any more by itself."""
        return self.state in TERMINAL


@dataclass(frozen=True)
class AttemptView:
    """One attempt of a job and how it ended."""

    attempt: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    error: dict[str, Any] | None


_VIEW = ", ".join(f"j.{name}" for name in JobView.__dataclass_fields__)
# Admission does not wait for the disk: the claim that follows does, and a crash of Postgres in between leaves a caller that admits again.
_ADMIT = text(
    f"""
    with crew as (
        select count(*) as known, count(*) filter (where state in ('idle', 'busy') and heartbeat_at > now() - make_interval(secs => :alive)) as ready
        from workers where queue = :queue and state <> 'dead' and heartbeat_at > now() - make_interval(secs => :served_within)
    ), load as (
        select count(*) filter (where state = 'queued') as waiting, count(*) filter (where state <> 'queued') as flying
        from jobs where queue = :queue and state in ('queued', 'dispatched', 'running')
    ), turn as (
        select :direct and l.waiting = 0 and l.flying < c.ready
            and not exists (select 1 from brakes where scope = 'tool:' || cast(:tool as text) and expires_at > now())
            and not exists (select 1 from runs where id = :run_id and status = 'paused') as is_free
        from crew c, load l where c.known > 0 or :served
    ), inserted as (
        insert into jobs as j (id, run_id, node, iteration, ordinal, channel_id, agent, tool, queue, args, input_hash, provenance, seed,
                               priority, max_attempts, timeout_s, schedule_to_close, state, dispatched_at)
        select :id, :run_id, :node, :iteration, :ordinal, :channel_id, :agent, :tool, :queue, cast(:args as jsonb), :input_hash, :provenance, :seed,
               :priority, :max_attempts, :timeout_s, now() + make_interval(secs => :schedule_to_close_s),
               case when is_free then 'dispatched' else 'queued' end, case when is_free then now() end
        from turn
        on conflict (run_id, node, iteration, ordinal) do nothing
        returning {_VIEW}
    )
    select j.*, pg_notify('jobs', j.id || ' ' || j.state), set_config('synchronous_commit', 'off', true) from inserted j
    """  # noqa: S608 - column names are constants of this module  # nosec B608
)
_SERVED = text("select exists (select from workers where queue = :queue and state <> 'dead' and heartbeat_at > now() - make_interval(secs => :served_within))")
_BY_KEY = text(
    f"select j.input_hash, {_VIEW} from jobs j where (run_id, node, iteration, ordinal) = (:run_id, :node, :iteration, :ordinal)"  # noqa: S608 - column names of this module  # nosec B608
)
_BY_ID = text(f"select {_VIEW} from jobs j where id = :id")  # noqa: S608 - column names of this module  # nosec B608
_OF_RUN = text(f"select {_VIEW} from jobs j where run_id = :run_id order by created_at, id")  # noqa: S608 - column names of this module  # nosec B608
_DEAD = text(f"select {_VIEW} from jobs j where state in ('dead', 'quarantined') order by finished_at desc, id limit :limit offset :offset")  # noqa: S608 - column names of this module  # nosec B608
_ATTEMPTS = text("select attempt, worker, started_at, ended_at, outcome, error from job_attempts where job_id = :id order by token")
_CANCEL = text(
    """
    with cancelled as (
        update jobs set state = 'cancelled', finished_at = now(), lease_owner = null, lease_expires_at = null, lease_token = lease_token + 1
        where id = :id and state in ('queued', 'dispatched', 'running') returning id
    )
    select pg_notify('jobs', id || ' cancelled') from cancelled
    """
)
# Whoever would send or claim one of them meanwhile waits for this transaction, and then finds its run paused.
_HOLD = text("update jobs set state = 'queued' where run_id = :run_id and state in ('queued', 'dispatched') returning id")
_REPLAY = text(
    """
    with replayed as (
        update jobs set state = 'queued', failures = 0, kills = 0, error = null, finished_at = null, next_attempt_at = now(),
            schedule_to_close = null, progress = 0, progress_note = ''
        where id = :id and state in ('dead', 'quarantined') returning id
    )
    select pg_notify('jobs', id || ' queued') from replayed
    """
)


class JobRepository:
    """The jobs of every run, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def admit(self, job: NewJob, alive_s: float = 0.0, *, direct: bool = False, served: bool = False) -> JobView:
        """Insert a job, or return the one already under its key.

        With `direct`, a job whose queue has an idle worker (heard of within `alive_s` seconds) and nobody waiting is `dispatched` at once:
        it overtakes nobody, and the caller must push it. Everything else is `queued` for the dispatcher.
        `served` says that the queue has workers, for a tenant's request, which sees none.
        Raises JobKeyReused when the key holds another input, QueueUnserved when no worker of the queue was heard of for a minute.
        """
        values = {
            **job.__dict__,
            "args": canonical_json(job.args).decode(),
            "served_within": _SERVED_WITHIN_S,
            "alive": alive_s,
            "direct": direct,
            "served": served,
        }
        inserted = self._session.execute(_ADMIT, values).one_or_none()
        if inserted is not None:
            return _view(inserted)
        existing = self._session.execute(_BY_KEY, values).one_or_none()
        if existing is None:
            raise QueueUnserved(f"no worker serves the queue {job.queue!r} that {job.tool} needs; start one and try again", queue=job.queue, tool=job.tool)
        if existing.input_hash != job.input_hash:
            key = f"{job.run_id}/{job.node}/{job.iteration}/{job.ordinal}"
            raise JobKeyReused(f"job key {key} was used before with another input", key=key, job_id=existing.id)
        return _view(existing)

    def is_served(self, queue: str) -> bool:
        """Whether a worker of the queue was heard of within a minute; for the studio, since a tenant's request sees no workers."""
        return bool(self._session.scalar(_SERVED, {"queue": queue, "served_within": _SERVED_WITHIN_S}))

    def get(self, job_id: str) -> JobView:
        """Return a job; raises JobMissing."""
        row = self._session.execute(_BY_ID, {"id": job_id}).one_or_none()
        if row is None:
            raise JobMissing(f"there is no job {job_id}", job_id=job_id)
        return _view(row)

    def list_of_run(self, run_id: str) -> tuple[JobView, ...]:
        """Return every job of a run in the order of their creation."""
        return tuple(_view(row) for row in self._session.execute(_OF_RUN, {"run_id": run_id}))

    def list_dead(self, limit: int = 50, offset: int = 0) -> tuple[JobView, ...]:
        """Return a page of the dead letters, latest first."""
        return tuple(_view(row) for row in self._session.execute(_DEAD, {"limit": limit, "offset": offset}))

    def list_attempts(self, job_id: str) -> tuple[AttemptView, ...]:
        """Return every attempt of a job, oldest first."""
        return tuple(AttemptView(**row._mapping) for row in self._session.execute(_ATTEMPTS, {"id": job_id}))

    def cancel(self, job_id: str) -> bool:
        """Cancel a job that is not finished and fence its worker off; says whether anything was cancelled."""
        return self._session.execute(_CANCEL, {"id": job_id}).one_or_none() is not None

    def hold(self, run_id: str) -> int:
        """Take back what is sent and not begun of a run that the same transaction pauses; what a worker runs ends. Returns how many wait now."""
        return len(self._session.execute(_HOLD, {"run_id": run_id}).all())

    def replay(self, job_id: str) -> None:
        """Queue a dead or quarantined job again with a new budget of attempts; raises JobNotReplayable."""
        if self._session.execute(_REPLAY, {"id": job_id}).one_or_none() is None:
            state = self.get(job_id).state
            raise JobNotReplayable(f"job {job_id} is {state}; only a dead or quarantined job can be replayed", job_id=job_id, state=state)


def _view(row: Row[Any]) -> JobView:
    values = row._mapping
    return JobView(**{name: values[name] for name in JobView.__dataclass_fields__})
