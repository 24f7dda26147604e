"""Statements that number events, so that whoever has seen a number has seen every smaller one."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# "ytEv": one numbers at a time. The lock is held until the numbers are there for all to see.
_LOCK = text("select pg_advisory_xact_lock(2037663094)")
_BATCH = 2_000
_NUMBER = text(
    """
    with waiting as (
        select w.id, w.tenant_id, row_number() over (partition by w.tenant_id order by w.id) as place
        from (select id, tenant_id from events where seq is null order by id limit :batch) w
    ), counted as (
        insert into event_counters as c (tenant_id, last) select tenant_id, count(*) from waiting group by tenant_id
        on conflict (tenant_id) do update set last = c.last + excluded.last
        returning tenant_id, last
    ), sizes as (
        select tenant_id, count(*) as size from waiting group by tenant_id
    ), numbered as (
        update events e set seq = c.last - s.size + w.place
        from waiting w join counted c using (tenant_id) join sizes s using (tenant_id) where e.id = w.id
        returning e.tenant_id
    )
    select n.count, pg_notify('live', n.tenant_id || ' numbered') from (select tenant_id, count(*) from numbered group by tenant_id) n
    """
)


class EventRepository:
    """Events as the studio sees them: those of all tenants."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def number(self) -> bool:
        """Number what was committed and has no number, oldest first, and tell `live`; say whether there may be more."""
        self._session.execute(_LOCK)
        counted: int = sum(int(count) for count, _ in self._session.execute(_NUMBER, {"batch": _BATCH}))
        return counted >= _BATCH
