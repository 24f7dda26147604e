"""The audit trail as the service lists it."""

from typing import Any

from infra.errors import Invalid
from infra.reads import ReadPool
from memory.reads.pages import PageAsk, page_body, page_of

_PAGE = page_of(
    """
    select json_build_object(
        'id', e.id, 'at', e.at, 'actor', e.actor, 'action', e.action, 'subject', e.subject, 'details', e.details::json, 'seal', s.seq, 'hash', s.hash
    )::text, e.at, e.id::text
    from audit_events e left join audit_seals s on s.event_id = e.id
    where e.id < coalesce(nullif(%(id)s, ''), '9223372036854775807')::bigint
        and (e.tenant_id = %(tenant)s or (e.tenant_id is null and %(tenant)s = 'tenant_local'))
        and (%(actor)s::text is null or e.actor = %(actor)s) and (%(subject)s::text is null or e.subject = %(subject)s)
        and (%(action)s::text is null or e.action = %(action)s or starts_with(e.action, %(action)s || '.'))
        and (%(since)s::timestamptz is null or e.at >= %(since)s) and (%(until)s::timestamptz is null or e.at < %(until)s)
    order by e.id desc limit %(limit)s
"""
)


class AuditReads:
    """Reads of the trail as one tenant sees it: what was done for it, and for the studio's own tenant what the studio did."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def list_(self, ask: PageAsk, wanted: dict[str, Any]) -> bytes:
        """Return a page of events as JSON, newest first; `wanted` are actor, action (or its noun), subject, since and until, None for any."""
        values = {**ask.values, **wanted, "tenant": self._tenant}
        if values["id"] and not (values["id"].isascii() and values["id"].isdigit() and len(values["id"]) < 19):
            raise Invalid("cursor: not one that a page of the trail gave out; start again without it")
        return page_body(await self._reads.rows(self._tenant, _PAGE, values), ask)
