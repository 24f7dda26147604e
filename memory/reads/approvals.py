"""Approvals as the service lists them: what waits comes first, and by age, risk or time where that is asked for."""

import re
from dataclasses import asdict, dataclass
from typing import Literal

from infra.database import UnitOfWork
from infra.errors import Invalid
from infra.reads import ReadPool, Value
from memory.reads.pages import PageAsk, page_body, page_of
from memory.repositories.approvals import ApprovalMissing

Sort = Literal["newest", "oldest", "riskiest", "due"]

_PARTS = {
    "wanted": """
        and (%(channel)s::text is null or exists (select from runs r where r.id = a.run_id and r.channel_id = %(channel)s))
        and (%(gate)s::text is null or a.gate = %(gate)s)
        and (%(risk)s::text is null or (coalesce(a.risks, 1) > 0) = (%(risk)s = 'some'))
        and (%(older_s)s::bigint is null or a.created_at <= now() - make_interval(secs => %(older_s)s::bigint))
    """,
    "pending": "from approvals a where a.tenant_id = %(tenant)s and a.status = 'pending'",
    "joined": "join runs r on r.id = a.run_id join channels c on c.id = r.channel_id left join videos v on v.id = r.video_id",
    "row": """
        json_build_object(
            'id', a.id, 'run', a.run_id, 'video', r.video_id, 'channel', r.channel_id, 'title', coalesce(v.title, ''), 'topic', coalesce(v.topic, ''),
            'provenance', r.provenance, 'gate', a.gate, 'status', a.status, 'manifest', a.manifest_digest,
            'action_request', a.request -> 'action_request', 'config', a.request -> 'config', 'description', a.request ->> 'description',
            'risks', a.risks, 'created_at', a.created_at, 'due_at', a.due_at, 'expires_at', case when a.status = 'pending' then <expires> end,
            'decided_by', a.decided_by, 'decided_at', a.decided_at, 'decision', a.decision,
            'two_person', c.two_person and a.gate = 'video',
            'voices', (select count(*) from approval_voices o where o.approval_id = a.id)
        )::text
    """,
    "expires": "a.created_at + make_interval(secs => %(expires_s)s)",
}


def _sql(statement: str, **parts: str) -> str:
    for name, part in {**parts, **_PARTS}.items():
        statement = statement.replace(f"<{name}>", part)
    return statement


# Each half is read in the order of its own index, and only as far as the page reaches. What was never weighed may hold anything: it counts as risky.
_NEWEST = _sql("""
    with page as (
        (select a.*, true as open <pending> and %(open)s and (a.created_at, a.id) < (%(open_at)s, %(open_id)s)
                and (%(status)s::text is null or %(status)s = 'pending') <wanted>
            order by a.created_at desc, a.id desc limit %(limit)s)
        union all
        (select a.*, false as open from approvals a
            where a.tenant_id = %(tenant)s and a.status <> 'pending' and (a.created_at, a.id) < (%(shut_at)s, %(shut_id)s)
                and (%(status)s::text is null or a.status = %(status)s) <wanted>
            order by a.created_at desc, a.id desc limit %(limit)s)
    ), shown as (select * from page order by open desc, created_at desc, id desc limit %(limit)s)
    select <row>, a.created_at, case when a.open then 'pending/' else 'decided/' end || a.id from shown a <joined>
    order by a.open desc, a.created_at desc, a.id desc
""")
# History is not counted: it only grows.
_TOTAL = _sql("case when %(status)s = 'pending' then (select count(*) <pending> <wanted>) end")
_PAGE = page_of(_NEWEST, _TOTAL)
_ONE = _sql("select <row> from approvals a <joined> where a.id = %(id)s")
# What waits, by a figure that rises: the least is read first, of equals the oldest.
_BY_FIGURE = """
    with shown as (
        select a.*, <figure> as figure <pending> <wanted>
            and (%(figure)s::numeric is null or (<figure>, a.created_at, a.id) > (%(figure)s::numeric, %(at)s::timestamptz, %(id)s::text))
        order by figure, a.created_at, a.id limit %(limit)s)
    select <row>, a.created_at, '<by>/' || a.figure || '/' || a.id from shown a <joined> order by a.figure, a.created_at, a.id
"""
_SORTED = {
    by: page_of(_sql(_BY_FIGURE, by=by, figure=f"({figure})::numeric"), _TOTAL)
    for by, figure in {"oldest": "0", "riskiest": "-coalesce(a.risks, 0)", "due": "extract(epoch from least(a.due_at, <expires>))"}.items()
}
_KEY = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


@dataclass(frozen=True)
class ApprovalsWanted:
    """Which approvals to list, None for any: `older_s` those asked at least so many seconds ago."""

    status: str | None = None
    channel: str | None = None
    gate: str | None = None
    risk: Literal["some", "none"] | None = None
    older_s: int | None = None


class ApprovalReads:
    """Reads of approvals as one tenant sees them; `expires_s` is how long a question waits before it counts as ignored."""

    def __init__(self, reads: ReadPool, tenant_id: str, expires_s: int) -> None:
        self._reads = reads
        self._tenant = tenant_id
        self._expires_s = expires_s

    async def list_(self, ask: PageAsk, wanted: ApprovalsWanted, sort: Sort = "newest") -> bytes:
        """Return a page of approvals as JSON: those that wait first, newest first within each half, or those that wait in another order."""
        values: dict[str, Value] = {"tenant": self._tenant, "expires_s": self._expires_s, **asdict(wanted)}
        if sort == "newest":
            return page_body(await self._reads.rows(self._tenant, _PAGE, {**values, **_cursor(ask)}), ask)
        return page_body(await self._reads.rows(self._tenant, _SORTED[sort], {**values, **_place(ask, sort)}), ask)


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
        raise _not_ours()
    if half == "pending":
        return {**start, "open_at": at, "open_id": key}
    return {**start, "open": False, "shut_at": at, "shut_id": key}


def _place(ask: PageAsk, sort: Sort) -> dict[str, Value]:
    """Return after which row a sorted page begins; a cursor of another order is none of it."""
    if ask.after is None:
        return {"figure": None, "at": None, "id": None, "limit": ask.limit + 1}
    at, id_ = ask.after
    by, _, rest = id_.partition("/")
    figure, slash, key = rest.partition("/")
    if by != sort or not slash or _KEY.fullmatch(figure) is None:
        raise _not_ours()
    return {"figure": figure, "at": at, "id": key, "limit": ask.limit + 1}


def _not_ours() -> Invalid:
    return Invalid("cursor: not one that a page of this order gave out; start again without it")
