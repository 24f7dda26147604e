"""Channels as the service tells them."""

from infra.database import UnitOfWork
from infra.reads import ReadPool
from memory.reads.pages import PageAsk, page_body
from memory.repositories.channels import ChannelMissing

_ROW = """
    json_build_object(
        'id', c.id, 'name', c.name, 'personality', c.personality_id, 'autonomy', c.autonomy,
        'paused', c.paused, 'paused_reason', c.paused_reason, 'paused_at', c.paused_at,
        'held_until', c.held_until, 'held_reason', c.held_reason,
        'budget_day_usd', c.budget_day_microusd::float8 / 1000000, 'two_person', c.two_person, 'created_at', c.created_at
    )::text
"""
_ONE = "select" + _ROW + "from channels c where c.id = %(id)s and c.tenant_id = %(tenant)s"  # nosec B608 # constants of this module
_PAGE = (
    "select"  # nosec B608 # constants of this module
    + _ROW
    + ", c.created_at, c.id from channels c where c.tenant_id = %(tenant)s and (c.created_at, c.id) < (%(at)s, %(id)s)"
    + " order by c.created_at desc, c.id desc limit %(limit)s"
)


class ChannelReads:
    """Reads of channels as one tenant sees them."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def get(self, channel_id: str) -> bytes:
        """Return a channel as JSON; raises ChannelMissing."""
        rows = await self._reads.rows(self._tenant, _ONE, {"id": channel_id, "tenant": self._tenant})
        return _only([row[0] for row in rows], channel_id)

    async def list_(self, ask: PageAsk) -> bytes:
        """Return a page of channels as JSON, newest first."""
        return page_body(await self._reads.rows(self._tenant, _PAGE, {**ask.values, "tenant": self._tenant}), ask)


def channel_json(session: UnitOfWork, tenant_id: str, channel_id: str, *, lock: bool = False) -> bytes:
    """Return the same inside a unit of work, locked for an edit where asked."""
    statement = _ONE + " for update" if lock else _ONE
    rows = session.connection().exec_driver_sql(statement, {"id": channel_id, "tenant": tenant_id})
    return _only([str(row[0]).encode() for row in rows], channel_id)


def _only(found: list[bytes], channel_id: str) -> bytes:
    if not found:
        raise ChannelMissing(f"channel: {channel_id!r} does not exist", channel=channel_id)
    return found[0]
