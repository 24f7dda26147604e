"""Tasks as the service tells them: how each stands, with what serves it."""

from typing import Any

from infra.database import UnitOfWork
from infra.reads import ReadPool
from memory.reads.pages import PageAsk, page_body, page_of
from memory.repositories.tasks import TaskMissing

# What waits though nothing could take it says so, and what to do.
_UNSERVED = """case when t.status = 'queued' and t.kind not in ('tool', 'agent') and not exists (
    select from autonomous_runs o where o.tenant_id = t.tenant_id and o.status in ('planning', 'running')
        and (t.channel_id is null or o.request -> 'channels' ? t.channel_id)
) then case when exists (
    select from autonomous_runs o where o.tenant_id = t.tenant_id and o.status = 'paused' and (t.channel_id is null or o.request -> 'channels' ? t.channel_id)
) then 'the autonomous run that could take it is paused; resume it' else 'no autonomous run is on that could take it; start one'
    || case when t.channel_id is null then '' else ' with ' || t.channel_id end || ', or make one video with POST /v1/runs' end end"""
# Around its status.
_FIELDS = (
    "'id', t.id, 'kind', t.kind, 'status', ",
    """, 'priority', case t.priority when 10 then 'urgent' when 5 then 'high' else 'normal' end,
    'channel', t.channel_id, 'due_at', t.due_at,
    'what', coalesce(t.payload ->> 'topic', t.payload ->> 'title', t.payload ->> 'tool', t.payload ->> 'agent', t.payload -> 'sources' ->> 0, ''),
    'reason', coalesce(nullif(concat_ws('; ', nullif(t.reason, ''), """
    + _UNSERVED
    + """), ''), j.error ->> 'message', ''), 'run', t.autonomous_run_id,
    'created_by', t.created_by, 'created_at', t.created_at, 'finished_at', coalesce(t.finished_at, j.finished_at)""",
)
_FROM = " from tasks t left join jobs j on t.kind = 'tool' and j.run_id = t.id "
_WANTED = {"status": "t.stands = %(status)s", "channel": "t.channel_id = %(channel)s", "kind": "t.kind = %(kind)s"}
_PAGE = "select json_build_object({fields})::text, t.created_at, t.id {joined} where {where} order by t.created_at desc, t.id desc limit %(limit)s"
_SLOTS = """(
    select coalesce(json_agg(json_build_object(
        'slot', s.id, 'channel', s.channel_id, 'status', s.status, 'publish_at', s.publish_at, 'launch_at', s.launch_at, 'attempts', s.attempts,
        'note', coalesce(s.history -> -1 ->> 'note', ''), 'production', s.production_run_id, 'production_status', r.status,
        'jobs', (select count(*) from jobs where run_id = r.id), 'jobs_done', (select count(*) from jobs where run_id = r.id and state = 'done')
    ) order by s.created_at, s.id), '[]'::json) from slots s left join runs r on r.id = s.production_run_id where s.task_id = t.id
)"""
_JOB = """case when j.id is not null then json_build_object(
    'id', j.id, 'tool', j.tool, 'state', j.state, 'attempts', j.attempts, 'progress', j.progress, 'note', j.progress_note, 'result', j.result,
    'error', case when j.error is not null then json_build_object('code', j.error ->> 'code', 'message', j.error ->> 'message') end
) end"""
# Inside a transaction that may have changed it, what the task keeps of its job is not kept yet.
_ONE = (
    "select json_build_object("
    + "task_standing(t.id, t.kind, t.status)".join(_FIELDS)
    + ", 'payload', t.payload, 'result', t.result, 'slots', "
    + _SLOTS
    + ", 'job', "
    + _JOB
    + ")::text"
    + _FROM
)
_BY_ID = _ONE + "where t.id = %(id)s and t.tenant_id = %(tenant)s"


class TaskReads:
    """Reads of tasks as one tenant sees them."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def get(self, task_id: str) -> bytes:
        """Return a task with what serves it, as JSON; raises TaskMissing."""
        return _only([row[0] for row in await self._reads.rows(self._tenant, _BY_ID, {"id": task_id, "tenant": self._tenant})], task_id)

    async def list_(self, ask: PageAsk, wanted: dict[str, str | None]) -> bytes:
        """Return a page of tasks as JSON, newest first; `wanted` are status, channel and kind, None for any."""
        values: dict[str, Any] = {**ask.values, **wanted, "tenant": self._tenant}
        named = tuple(name for name, value in wanted.items() if value is not None)
        return page_body(await self._reads.rows(self._tenant, _page(named), values), ask)


def task_json(session: UnitOfWork, tenant_id: str, task_id: str) -> bytes:
    """Return the same inside a unit of work."""
    rows = session.connection().exec_driver_sql(_BY_ID, {"id": task_id, "tenant": tenant_id})
    return _only([str(row[0]).encode() for row in rows], task_id)


def _only(found: list[bytes], task_id: str) -> bytes:
    if not found:
        raise TaskMissing(f"task: {task_id!r} does not exist", task=task_id)
    return found[0]


def _page(named: tuple[str, ...]) -> str:
    """Return the statement that names only what is asked for: one that allows for everything is planned for everything, and reads it."""
    where = " and ".join(["t.tenant_id = %(tenant)s", "(t.created_at, t.id) < (%(at)s, %(id)s)", *(_WANTED[name] for name in named)])
    return page_of(_PAGE.format(fields="t.stands".join(_FIELDS), joined=_FROM, where=where))
