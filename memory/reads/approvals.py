"""Approvals as the service lists them: what waits comes first."""

from infra.database import UnitOfWork
from infra.errors import Invalid
from infra.reads import ReadPool, Value
from memory.reads.pages import PageAsk, page_body, page_of
from memory.repositories.approvals import ApprovalMissing

ROW = """
    json_build_object(
        'id', a.id, 'run', a.run_id, 'video', r.video_id, 'channel', r.channel_id, 'title', coalesce(v.title, ''), 'topic', coalesce(v.topic, ''),
        'provenance', r.provenance, 'gate', a.gate, 'status', a.status, 'manifest', a.manifest_digest,
        'action_request', a.request -> 'action_request', 'config', a.request -> 'config', 'description', a.request ->> 'description',
        'created_at', a.created_at, 'expires_at', case when a.status = 'pending' then a.created_at + make_interval(secs => %(expires_s)s) end,
        'decided_by', a.decided_by, 'decided_at', a.decided_at, 'decision', a.decision,
        'two_person', c.two_person and a.gate = 'video',
        'voices', (select count(*) from approval_voices o where o.approval_id = a.id)
    )::text
"""
_JOINED = "join runs r on r.id = a.run_id join channels c on c.id = r.channel_id left join videos v on v.id = r.video_id"
# Each half is read in the order of its own index, and only as far as the page reaches.
_HALVES = """
    with page as (
        (select a.*, true as open from approvals a
            where a.tenant_id = %(tenant)s and a.status = 'pending' and %(open)s and (a.created_at, a.id) < (%(open_at)s, %(open_id)s)
                and (%(status)s::text is null or %(status)s = 'pending')
                and (%(channel)s::text is null or exists (select from runs r where r.id = a.run_id and r.channel_id = %(channel)s))
            order by a.created_at desc, a.id desc limit %(limit)s)
        union all
        (select a.*, false as open from approvals a
            where a.tenant_id = %(tenant)s and a.status <> 'pending' and (a.created_at, a.id) < (%(shut_at)s, %(shut_id)s)
                and (%(status)s::text is null or a.status = %(status)s)
                and (%(channel)s::text is null or exists (select from runs r where r.id = a.run_id and r.channel_id = %(channel)s))
            order by a.created_at desc, a.id desc limit %(limit)s)
    ), shown as (select * from page order by open desc, created_at desc, id desc limit %(limit)s)
"""
_PAGE = page_of(
    _HALVES
    + "select"  # nosec B608 # constants of this module
    + ROW
    + ", a.created_at, case when a.open then 'pending/' else 'decided/' end || a.id from shown a "
    + _JOINED
    + " order by a.open desc, a.created_at desc, a.id desc"
)
_ONE = "select" + ROW + "from approvals a " + _JOINED + " where a.id = %(id)s"  # nosec B608 # constants of this module


class ApprovalReads:
    """Reads of approvals as one tenant sees them; `expires_s` is how long a question waits before it counts as ignored."""

    def __init__(self, reads: ReadPool, tenant_id: str, expires_s: int) -> None:
        self._reads = reads
        self._tenant = tenant_id
        self._expires_s = expires_s

    async def list_(self, ask: PageAsk, status: str | None = None, channel_id: str | None = None) -> bytes:
        """Return a page of approvals as JSON: those that wait first, newest first within each half."""
        values: dict[str, Value] = {"tenant": self._tenant, "status": status, "channel": channel_id, "expires_s": self._expires_s}
        return page_body(await self._reads.rows(self._tenant, _PAGE, {**values, **_cursor(ask)}), ask)


def approval_json(session: UnitOfWork, approval_id: str, expires_s: int) -> bytes:
    """Return one approval as the list tells it; raises ApprovalMissing."""
    row = session.connection().exec_driver_sql(_ONE, {"id": approval_id, "expires_s": expires_s}).one_or_none()
    if row is None:
        raise ApprovalMissing(f"approval: {approval_id!r} does not exist", approval=approval_id)
    return str(row[0]).encode()


def _cursor(ask: PageAsk) -> dict[str, Value]:
    """Return where each half goes on: the pending one until the page before ended among what is decided."""
    start: dict[str, Value] = {"open": True, "open_at": "infinity", "open_id": "", "shut_at": "infinity", "shut_id": "", "limit": ask.limit + 1}
    if ask.after is None:
        return start
    at, id_ = ask.after
    half, slash, key = id_.partition("/")
    if not slash or half not in {"pending", "decided"}:
        raise Invalid("cursor: not one that a page gave out; start again without it")
    if half == "pending":
        return {**start, "open_at": at, "open_id": key}
    return {**start, "open": False, "shut_at": at, "shut_id": key}
