"""Statements that read how a studio fares, for the watchdog; they change nothing but what their names say."""

from typing import Any, TypeVar

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from memory.vitals import DeadLetters, Overdue, PendingApproval, QueueState, RunPulse, SessionState

T = TypeVar("T")

_RUNS = text(
    """
    select r.id, r.channel_id, r.lease_owner as owner, coalesce(r.lease_expires_at > now(), false) as held, coalesce(j.busy, false) as busy,
        cast(extract(epoch from now() - greatest(r.created_at, r.started_at, j.moved, e.moved, a.moved)) as double precision) as quiet_s
    from runs r
    left join lateral (
        select max(greatest(created_at, dispatched_at, started_at, finished_at)) as moved,
            bool_or(state = 'running' and started_at + make_interval(secs => timeout_s) > now()) as busy
        from jobs where run_id = r.id
    ) j on true
    left join lateral (select max(created_at) as moved from run_events where run_id = r.id) e on true
    left join lateral (select max(decided_at) as moved from approvals where run_id = r.id) a on true
    where r.finished_at is null and r.status not in ('waiting', 'paused') order by quiet_s desc limit 100
    """
)
_APPROVALS = text(
    """
    select id, run_id, gate, cast(extract(epoch from now() - created_at) as double precision) as age_s
    from approvals where status = 'pending' order by created_at limit 100
    """
)
_QUEUES = text(
    """
    with crew as (
        select queue, count(*) as workers from workers
        where state in ('idle', 'busy') and heartbeat_at > now() - make_interval(secs => :alive) group by queue
    ), load as (
        select queue, count(*) filter (where state = 'queued' and next_attempt_at <= now()) as waiting,
            count(*) filter (where state in ('dispatched', 'running')) as flying,
            min(next_attempt_at) filter (where state = 'queued' and next_attempt_at <= now()) as oldest
        from jobs where state in ('dispatched', 'running')
            or (state = 'queued' and not run_id = any (array(select id from runs where status = 'paused'))) group by queue
    )
    select coalesce(c.queue, l.queue) as queue, coalesce(l.waiting, 0) as waiting, coalesce(l.flying, 0) as flying, coalesce(c.workers, 0) as workers,
        cast(coalesce(extract(epoch from now() - l.oldest), 0) as double precision) as oldest_s
    from crew c full join load l using (queue) order by 1
    """
)
_DEAD = text(
    """
    select count(*) filter (where finished_at > now() - interval '1 hour') as last_hour, count(*) filter (where state = 'quarantined') as quarantined
    from jobs where state in ('dead', 'quarantined')
    """
)
_CHECKS = text(
    """
    select count(*) as count, cast(coalesce(extract(epoch from now() - min(due_at)), 0) as double precision) as oldest_s from checks
    where due_at < now() and (status = 'scheduled' or (status = 'running' and lease_expires_at < now()))
    """
)
_WAKES = text(
    """
    select count(*) as count, cast(coalesce(extract(epoch from now() - min(wake_at)), 0) as double precision) as oldest_s from autonomous_runs
    where status <> 'ended' and wake_at < now() and (lease_expires_at is null or lease_expires_at < now())
    """
)
_UNTOLD = text(
    """
    select count(*) as count, cast(coalesce(extract(epoch from now() - min(m.created_at)), 0) as double precision) as oldest_s
    from message_deliveries d join messages m on m.id = d.message_id where d.status = 'waiting' and m.severity = 'critical'
    """
)
_BACKUP_AGE = text(
    """
    select cast(extract(epoch from now() - coalesce(max(finished_at) filter (where status = 'done'), min(started_at))) as double precision)
    from backups
    """
)
_CLOCK = text("select clock_timestamp() as now")
_CONNECTIONS = text("select count(*) as connections, cast(current_setting('max_connections') as integer) as allowed from pg_stat_activity")
# The server stamps its sessions by its own clock, also where a simulation gives every other statement another one.
_SESSIONS = text(
    """
    select pid, application_name as application, state,
        cast(extract(epoch from pg_catalog.clock_timestamp() - xact_start) as double precision) as transaction_s,
        cast(extract(epoch from pg_catalog.clock_timestamp() - state_change) as double precision) as state_s
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and backend_type = 'client backend'
    order by xact_start limit 100
    """
)
_END = text(
    """
    select pg_terminate_backend(pid) from pg_stat_activity
    where pid = :pid and datname = current_database() and state like 'idle in transaction%'
        and state_change < pg_catalog.clock_timestamp() - make_interval(secs => :older)
    """
)
_TABLES = text("select tablename from pg_tables where schemaname = 'public' order by tablename")
_RUNNING = text("select id from jobs where state = 'running'")


class VitalsRepository:
    """Figures about runs, queues, approvals and the database itself, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def runs(self) -> tuple[RunPulse, ...]:
        """Return the unfinished runs that do not wait for a person and are not paused, the quietest first."""
        return self._all(RunPulse, _RUNS)

    def approvals(self) -> tuple[PendingApproval, ...]:
        """Return what people were asked and did not answer, oldest first."""
        return self._all(PendingApproval, _APPROVALS)

    def queues(self, alive_s: float) -> tuple[QueueState, ...]:
        """Return every queue that has work or workers; a worker heard of within `alive_s` seconds counts."""
        return self._all(QueueState, _QUEUES, alive=alive_s)

    def dead_letters(self) -> DeadLetters:
        """Count the jobs that ended without a result."""
        return self._all(DeadLetters, _DEAD)[0]

    def overdue_checks(self) -> Overdue:
        """Count the looks at publications that have their time and that nobody took."""
        return self._all(Overdue, _CHECKS)[0]

    def overdue_wakes(self) -> Overdue:
        """Count the autonomous runs whose time to wake has come and that nobody holds."""
        return self._all(Overdue, _WAKES)[0]

    def untold(self) -> Overdue:
        """Count the critical messages that an address still waits for; the age is the oldest one's."""
        return self._all(Overdue, _UNTOLD)[0]

    def backup_age_s(self) -> float | None:
        """Return how old the newest good backup is, or, while none is good, for how long one has been tried; None where none was ever begun."""
        age: float | None = self._session.scalar(_BACKUP_AGE)
        return age

    def clock(self) -> Any:
        """Return the database's time of this very moment."""
        return self._session.scalar(_CLOCK)

    def connections(self) -> tuple[int, int]:
        """Return how many connections the server has, and how many it allows."""
        row = self._session.execute(_CONNECTIONS).one()
        return int(row.connections), int(row.allowed)

    def sessions(self) -> tuple[SessionState, ...]:
        """Return this database's sessions that keep a transaction open, as far as our role sees them, the longest first."""
        return self._all(SessionState, _SESSIONS)

    def end_session(self, pid: int, older_s: float) -> bool:
        """End a session that has been idle in its transaction for longer than `older_s` seconds; False when it no longer is."""
        return bool(self._session.scalar(_END, {"pid": pid, "older": older_s}))

    def running_jobs(self) -> frozenset[str]:
        """Return the jobs that some worker runs."""
        return frozenset(self._session.execute(_RUNNING).scalars())

    def row_counts(self) -> dict[str, int]:
        """Count the rows of every table, the checkpoints' too."""
        names = self._session.execute(_TABLES).scalars().all()
        return {name: int(self._session.execute(text(f'select count(*) from "{name}"')).scalar_one()) for name in names}  # noqa: S608 - the catalogue's own names  # nosec B608

    def _all(self, kind: type[T], statement: TextClause, **values: object) -> tuple[T, ...]:
        return tuple(kind(**row._mapping) for row in self._session.execute(statement, values))
