"""Worker processes as Postgres knows them: born, heard of, gone."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class WorkerView:
    """One worker process; `process_started` tells it from another process that was given the same pid.

    `code` is the version it runs, `media_place` where it keeps media, `clock_ahead_s` by how much its wall clock was ahead of the database's when it joined.
    """

    id: str
    queue: str
    host: str
    pid: int
    process_started: float
    state: str
    job_id: str | None
    silent_s: float
    code: str = ""
    media_place: str = ""
    clock_ahead_s: float | None = None


_REGISTER = text(
    """
    insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s)
    values (:id, :queue, :host, :pid, :process_started, :code, :media_place, :clock_ahead_s)
    """
)
_BEAT = text(
    """
    update workers set heartbeat_at = now(), rss_bytes = :rss, job_id = :job_id, state = case when cast(:job_id as text) is null then 'idle' else 'busy' end
    where id = :id and state <> 'stopped'
    """
)
_MARK = text("update workers set state = :state, job_id = null, heartbeat_at = now() where id = :id")
_LIST = text(
    """
    select id, queue, host, pid, process_started, state, job_id, cast(extract(epoch from now() - heartbeat_at) as double precision) as silent_s,
        code, media_place, clock_ahead_s
    from workers where state in ('idle', 'busy') order by id
    """
)
_MARK_SILENT = text(
    """
    update workers set state = 'dead', job_id = null
    where state in ('idle', 'busy') and host <> :host and heartbeat_at < now() - make_interval(secs => :silent) returning id
    """
)
_MARK_DEAD = text("update workers set state = 'dead', job_id = null where id = any(:ids)")
_FORGET = text("delete from workers where heartbeat_at < now() - interval '1 day'")
_SERVED = text("select distinct queue from workers where state in ('idle', 'busy') and heartbeat_at > now() - make_interval(secs => :alive)")


class WorkerRepository:
    """The worker processes of every host, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def register(self, worker: WorkerView) -> None:
        """Record a process that starts to serve its queue."""
        self._session.execute(_REGISTER, worker.__dict__)

    def beat(self, worker_id: str, rss_bytes: int, job_id: str | None) -> None:
        """Note that a worker lives and what it runs; one that was given up for dead is back."""
        self._session.execute(_BEAT, {"id": worker_id, "rss": rss_bytes, "job_id": job_id})

    def mark_stopped(self, worker_id: str) -> None:
        """Note that a worker ended of its own accord."""
        self._session.execute(_MARK, {"id": worker_id, "state": "stopped"})

    def mark_dead(self, worker_ids: list[str]) -> None:
        """Note that the processes of these workers are gone."""
        self._session.execute(_MARK_DEAD, {"ids": worker_ids})

    def mark_silent(self, host: str, silent_s: float) -> tuple[str, ...]:
        """Give up workers of other hosts than `host` that were not heard of for `silent_s` seconds; return them. A beat brings one back."""
        return tuple(self._session.execute(_MARK_SILENT, {"host": host, "silent": silent_s}).scalars())

    def list_living(self) -> tuple[WorkerView, ...]:
        """Return every worker that neither stopped nor was found dead."""
        return tuple(WorkerView(**row._mapping) for row in self._session.execute(_LIST))

    def served_queues(self, alive_s: float = 15.0) -> frozenset[str]:
        """Return the queues with a worker heard of within `alive_s` seconds."""
        return frozenset(self._session.execute(_SERVED, {"alive": alive_s}).scalars())

    def forget_old(self) -> None:
        """Drop workers not heard of for a day."""
        self._session.execute(_FORGET)
