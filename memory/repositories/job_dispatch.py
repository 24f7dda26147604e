"""The dispatcher's view of the jobs: who has room, what is ready, what was lost."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

PRIORITIES = (10, 5, 1)


@dataclass(frozen=True)
class ReadyJob:
    """A job that may be sent now, and how many more jobs its queue can take."""

    id: str
    queue: str
    priority: int
    agent: str
    tool: str
    attempts: int
    room: int


@dataclass(frozen=True)
class SentJob:
    """A job that was handed to the transport; `entry` is the transport's own id for this attempt."""

    id: str
    queue: str
    attempts: int

    @property
    def entry(self) -> str:
        """Return `<job_id>-<attempt>`."""
        return f"{self.id}-{self.attempts + 1}"


@dataclass(frozen=True)
class Backlog:
    """How many due jobs wait for room, and the seconds until the next waiting retry is due, if one waits."""

    waiting: int
    due_in_s: float | None


@dataclass(frozen=True)
class LostJob:
    """A job whose worker vanished, and what became of it."""

    id: str
    state: str
    kills: int
    worker: str
    queue: str
    attempts: int

    @property
    def entry(self) -> str:
        """Return the transport's id of the attempt that was lost."""
        return f"{self.id}-{self.attempts}"


# Read once a statement: a handful at most.
_PAUSED = "run_id = any (array(select id from runs where status = 'paused'))"
_READY = text(
    f"""
    with live as (
        select queue, count(*) as workers from workers
        where state in ('idle', 'busy') and heartbeat_at > now() - make_interval(secs => :alive) group by queue
    ), flying as (
        select queue, count(*) as jobs from jobs where state in ('dispatched', 'running') group by queue
    ), room as (
        select l.queue, l.workers + 1 - coalesce(f.jobs, 0) as room from live l left join flying f using (queue)
    )
    select c.id, r.queue, p.priority, c.agent, c.tool, c.attempts, r.room
    from room r cross join (values (10), (5), (1)) as p (priority)
    cross join lateral (
        select id, agent, tool, attempts from jobs
        where queue = r.queue and priority = p.priority and state = 'queued' and next_attempt_at <= now()
            and not exists (select 1 from brakes b where b.scope = 'tool:' || tool and b.expires_at > now()) and not {_PAUSED}
        order by next_attempt_at, id limit :batch
    ) c
    where r.room > 0
    """  # noqa: S608 - a constant of this module  # nosec B608
)
_SEND = text("update jobs set state = 'dispatched', dispatched_at = now() where id = any(:ids) and state = 'queued' returning id, queue, attempts")
_UNSEND = text("update jobs set state = 'queued', next_attempt_at = now() + interval '1 second' where id = any(:ids) and state = 'dispatched'")
_RECALL = text(f"update jobs set state = 'queued' where state = 'dispatched' and {_PAUSED} returning id")  # noqa: S608 - as above  # nosec B608
_DENY = text(
    """
    with denied as (
        update jobs set state = 'dead', finished_at = now(), error = jsonb_build_object('code', 'tool_denied', 'message', cast(:message as text))
        where id = :id and state = 'queued' returning id
    )
    select pg_notify('jobs', id || ' dead') from denied
    """
)
_STALE = text("select id, queue, attempts from jobs where state = 'dispatched' and dispatched_at < now() - make_interval(secs => :older)")
_RESEND = text("update jobs set dispatched_at = now() where id = any(:ids) and state = 'dispatched' returning id, queue, attempts")
_LOST = text(
    """
    with lost as (
        select id, lease_token, lease_owner from jobs
        where state = 'running' and ((:expired and lease_expires_at < now()) or lease_owner = any(:dead)) for update skip locked
    ), moved as (
        update jobs j set kills = j.kills + 1, state = case when j.kills + 1 >= :limit then 'quarantined' else 'queued' end,
            finished_at = case when j.kills + 1 >= :limit then now() end, next_attempt_at = now() + make_interval(secs => j.kills),
            lease_owner = null, lease_expires_at = null,
            error = jsonb_build_object('code', 'worker_lost', 'message', 'the worker ' || l.lease_owner || ' vanished while it ran the job')
        from lost l where j.id = l.id returning j.id, j.state, j.kills, j.queue, j.attempts, l.lease_token, l.lease_owner as worker
    ), history as (
        update job_attempts a set ended_at = now(), outcome = 'lost' from moved m where a.job_id = m.id and a.token = m.lease_token
    )
    select id, state, kills, worker, queue, attempts, pg_notify('jobs', id || ' ' || state) from moved
    """
)
_OVERDUE = text(
    """
    select j.id, w.id as worker, w.host, w.pid, w.process_started from jobs j join workers w on w.id = j.lease_owner
    where j.state = 'running' and j.started_at + make_interval(secs => j.timeout_s + :grace) < now() and w.host = :host
    """
)
_BACKLOG = text(
    f"""
    select cast(extract(epoch from min(next_attempt_at) filter (where next_attempt_at > now()) - now()) as double precision) as due_in_s,
        count(*) filter (where next_attempt_at <= now()) as waiting
    from jobs where state = 'queued' and not {_PAUSED}
    """  # noqa: S608 - as above  # nosec B608
)


@dataclass(frozen=True)
class OverdueJob:
    """A job past its hard limit, and the process on this host that runs it."""

    id: str
    worker: str
    host: str
    pid: int
    process_started: float


class DispatchRepository:
    """What the one active dispatcher reads and moves, inside one unit of work; times are the database's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list_ready(self, alive_s: float, batch: int) -> tuple[ReadyJob, ...]:
        """Return at most `batch` due jobs per queue and priority, oldest first, for queues whose workers have room for them."""
        rows = self._session.execute(_READY, {"alive": alive_s, "batch": batch})
        return tuple(ReadyJob(**row._mapping) for row in rows)

    def mark_sent(self, job_ids: list[str]) -> tuple[SentJob, ...]:
        """Move queued jobs to `dispatched`; the push to the transport follows after the commit."""
        return tuple(SentJob(**row._mapping) for row in self._session.execute(_SEND, {"ids": job_ids}))

    def mark_unsent(self, job_ids: list[str]) -> None:
        """Take back jobs that the transport did not accept; they are due again in a second."""
        self._session.execute(_UNSEND, {"ids": job_ids})

    def recall_paused(self) -> int:
        """Take back what was sent just as its run was paused; returns how many."""
        return len(self._session.execute(_RECALL).all())

    def deny(self, job_id: str, message: str) -> None:
        """Bury a queued job that its agent may not ask for."""
        self._session.execute(_DENY, {"id": job_id, "message": message})

    def list_stale(self, older_s: float) -> tuple[SentJob, ...]:
        """Return jobs sent more than `older_s` seconds ago that nobody claimed."""
        return tuple(SentJob(**row._mapping) for row in self._session.execute(_STALE, {"older": older_s}))

    def mark_resent(self, job_ids: list[str]) -> tuple[SentJob, ...]:
        """Restart the clock of jobs that are pushed once more."""
        return tuple(SentJob(**row._mapping) for row in self._session.execute(_RESEND, {"ids": job_ids}))

    def reclaim_lost(self, dead_workers: list[str], kill_limit: int, *, expired: bool) -> tuple[LostJob, ...]:
        """Take jobs back from dead workers and, if `expired`, from leases that ran out; `kill_limit` losses quarantine a job."""
        rows = self._session.execute(_LOST, {"dead": dead_workers, "limit": kill_limit, "expired": expired})
        return tuple(LostJob(**{name: row._mapping[name] for name in LostJob.__dataclass_fields__}) for row in rows)

    def list_overdue(self, host: str, grace_s: float) -> tuple[OverdueJob, ...]:
        """Return jobs that a worker of `host` runs for longer than their limit plus `grace_s` seconds."""
        return tuple(OverdueJob(**row._mapping) for row in self._session.execute(_OVERDUE, {"host": host, "grace": grace_s}))

    def backlog(self) -> Backlog:
        """Return what is still to be sent."""
        return Backlog(**self._session.execute(_BACKLOG).one()._mapping)
