"""Incidents as the service lists them."""

from infra.reads import ReadPool, Value
from memory.reads.pages import PageAsk, page_body, page_of

_PAGE = page_of(
    """
    select json_build_object(
        'id', i.id, 'kind', i.kind, 'severity', i.severity, 'status', i.status, 'summary', i.summary, 'signal', i.signal, 'confidence', i.confidence,
        'channel', i.channel_id, 'run', i.run_id, 'publication', i.publication_id, 'opened', i.opened_at, 'resolved', i.resolved_at
    )::text, i.opened_at, i.id
    from incidents i
    where (i.opened_at, i.id) < (%(at)s, %(id)s)
        and (%(status)s::text is null or i.status = %(status)s)
        and (%(channel)s::text is null or i.channel_id = %(channel)s)
        and (i.tenant_id = %(tenant)s or (i.tenant_id is null and %(tenant)s = 'tenant_local'))
    order by i.opened_at desc, i.id desc limit %(limit)s
"""
)


class IncidentReads:
    """Reads of incidents as one tenant sees them: its channels', and for the studio's own tenant those of the studio itself."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def list_(self, ask: PageAsk, status: str | None = None, channel_id: str | None = None) -> bytes:
        """Return a page of incidents as JSON, newest first."""
        values: dict[str, Value] = {**ask.values, "status": status, "channel": channel_id, "tenant": self._tenant}
        return page_body(await self._reads.rows(self._tenant, _PAGE, values), ask)
