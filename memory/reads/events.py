"""Events as they are sent: JSON text made by Postgres, in the order of their numbers."""

from dataclasses import dataclass

from infra.reads import ReadPool

_AFTER = """
    select e.seq, e.kind, coalesce(e.channel_id, ''), coalesce(e.run_id, ''), e.alert, json_build_object(
        'type', 'event', 'id', e.seq, 'at', e.at, 'kind', e.kind, 'subject', e.subject,
        'channel', e.channel_id, 'run', e.run_id, 'alert', e.alert, 'data', e.data
    )::text
    from events e where e.tenant_id = %(tenant)s and e.seq > %(after)s order by e.seq limit %(limit)s
"""
_BOUNDS = """
    select n.last, coalesce((select min(e.seq) from events e where e.tenant_id = %(tenant)s and e.seq is not null), n.last + 1)
    from (select coalesce((select c.last from event_counters c where c.tenant_id = %(tenant)s), 0) as last) n
"""
_KNOWN = {
    "run": "select 1 from runs where id = %(id)s union all select 1 from autonomous_runs where id = %(id)s",
    "channel": "select 1 from channels where id = %(id)s",
}


@dataclass(frozen=True)
class EventLine:
    """One event: its number, what it is about (empty for none), and the JSON that is sent."""

    seq: int
    kind: str
    channel: str
    run: str
    alert: bool
    text: str


@dataclass(frozen=True)
class Bounds:
    """The number of the newest event, 0 for none yet, and of the oldest that is kept (one more than the newest when none is)."""

    last: int
    oldest: int


class EventReads:
    """Reads of one tenant's events."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def after(self, seq: int, limit: int) -> list[EventLine]:
        """Return what came after a number, oldest first."""
        rows = await self._reads.rows(self._tenant, _AFTER, {"tenant": self._tenant, "after": seq, "limit": limit})
        return [_line(*(column.decode() for column in row)) for row in rows]

    async def bounds(self) -> Bounds:
        """Return which numbers there are."""
        last, oldest = (await self._reads.rows(self._tenant, _BOUNDS, {"tenant": self._tenant}))[0]
        return Bounds(int(last), int(oldest))

    async def knows(self, noun: str, id_: str) -> bool:
        """Say whether the tenant has such a run or channel."""
        return bool(await self._reads.rows(self._tenant, _KNOWN[noun], {"id": id_}))


def _line(seq: str, kind: str, channel: str, run: str, alert: str, text: str) -> EventLine:  # noqa: PLR0913 - the columns
    return EventLine(int(seq), kind, channel, run, alert == "t", text)
