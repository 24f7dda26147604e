"""Runs as the service tells them: lists, what each agent was given and gave, what happened, and what it cost."""

from infra.database import UnitOfWork
from infra.errors import Invalid
from infra.reads import ReadPool, Row, Value
from memory.reads.pages import PageAsk, page_body, page_of
from memory.repositories.autonomous_runs import AutonomousRunMissing
from memory.repositories.runs import RunMissing

# Longer arguments and results are named by digest and size only.
_SHOWN = 4000
_RUN = """
    json_build_object(
        'id', r.id, 'kind', r.kind, 'channel', r.channel_id, 'video', r.video_id, 'autonomous_run', r.autonomous_run_id, 'status', r.status,
        'topic', coalesce(v.topic, r.request ->> 'topic'), 'title', coalesce(v.title, ''), 'provenance', r.provenance,
        'reasons', coalesce(r.outcome -> 'reasons', '[]'::jsonb), 'error', r.error ->> 'code', 'stop_reason', r.stop_reason,
        'paused', case when r.status = 'paused' then (
            select json_build_object('by', e.payload ->> 'by', 'at', e.created_at, 'reason', e.payload ->> 'reason') from run_events e
            where e.run_id = r.id and e.kind = 'run.paused' order by e.seq desc limit 1) end,
        'approval', (select a.id from approvals a where a.run_id = r.id and a.status = 'pending' order by a.created_at desc limit 1),
        'created_at', r.created_at, 'started_at', r.started_at, 'finished_at', r.finished_at, 'request', r.request
    )::text
"""
_RUNS_FROM = " from runs r left join videos v on v.id = r.video_id "
_RUN_PAGE = page_of(
    "select"
    + _RUN
    + ", r.created_at, r.id"
    + _RUNS_FROM
    + """where r.tenant_id = %(tenant)s and (r.created_at, r.id) < (%(at)s, %(id)s)
        and (%(channel)s::text is null or r.channel_id = %(channel)s) and (%(status)s::text is null or r.status = %(status)s)
        and (%(autonomous)s::text is null or r.autonomous_run_id = %(autonomous)s)
    order by r.created_at desc, r.id desc limit %(limit)s"""
)
_RUN_ONE = "select" + _RUN + _RUNS_FROM + "where r.id = %(id)s"
_AUTONOMOUS_PAGE = page_of(
    """
    select json_build_object(
        'id', a.id, 'status', a.status, 'reason', coalesce(a.ended_reason, a.stop_reason, a.paused_reason, ''), 'channels', a.request -> 'channels',
        'provenance', a.provenance, 'starts_at', a.starts_at, 'ends_at', a.ends_at, 'ended_at', a.ended_at, 'next_wake_at', a.wake_at,
        'budget_usd', a.budget_microusd::float8 / 1000000, 'revision', a.revision
    )::text, a.created_at, a.id
    from autonomous_runs a where a.tenant_id = %(tenant)s and (a.created_at, a.id) < (%(at)s, %(id)s) and (%(status)s::text is null or a.status = %(status)s)
    order by a.created_at desc, a.id desc limit %(limit)s
"""
)
_TRACE = """
    select json_build_object(
        'jobs', (select coalesce(json_agg(json_build_object(
                'id', j.id, 'node', j.node, 'iteration', j.iteration, 'ordinal', j.ordinal, 'agent', j.agent, 'tool', j.tool, 'queue', j.queue,
                'state', j.state, 'attempts', j.attempts, 'progress', j.progress, 'note', j.progress_note,
                'input', j.input_hash, 'args', case when octet_length(j.args::text) <= %(shown)s then j.args end,
                'output', encode(sha256(convert_to(j.result::text, 'UTF8')), 'hex'),
                'result', case when octet_length(j.result::text) <= %(shown)s then j.result end,
                'error', j.error, 'created_at', j.created_at, 'started_at', j.started_at, 'finished_at', j.finished_at
            ) order by j.created_at, j.node, j.ordinal), '[]'::json) from jobs j where j.run_id = r.id),
        'snapshots', (select coalesce(json_agg(json_build_object(
                'node', s.node, 'iteration', s.iteration, 'artifact', s.artifact, 'created_at', s.created_at
            ) order by s.created_at, s.node), '[]'::json) from snapshots s where s.run_id = r.id),
        'decisions', (select coalesce(json_agg(json_build_object(
                'node', d.node, 'iteration', d.iteration, 'agent', d.agent, 'decision', d.decision, 'created_at', d.created_at
            ) order by d.created_at, d.node, d.iteration, d.ordinal), '[]'::json) from decisions d where d.run_id = r.id),
        'artifacts', (select coalesce(json_agg(json_build_object(
                'digest', f.digest, 'kind', f.kind, 'media_type', f.media_type, 'bytes', f.size_bytes, 'provenance', f.provenance
            ) order by f.id), '[]'::json) from artifacts f where f.run_id = r.id)
    )::text from runs r where r.id = %(id)s
"""
_THERE = "select 1 from runs where id = %(id)s union all select 1 from autonomous_runs where id = %(id)s"
_EVENTS = """
    select json_build_object('seq', e.seq, 'kind', e.kind, 'payload', e.payload, 'at', e.created_at)::text, e.seq
    from run_events e where e.run_id = %(id)s and e.seq > %(after)s order by e.seq limit %(limit)s
"""
_COSTS = """
    with mine as (
        select e.provider, e.run_id, e.counted_microusd, e.status from cost_entries e
        where e.status <> 'released' and e.run_id in (select r.id from runs r where r.id = %(id)s or r.autonomous_run_id = %(id)s)
    )
    select json_build_object(
        'total_usd', coalesce((select sum(counted_microusd)::float8 / 1000000 from mine), 0),
        'unknown_usd', coalesce((select sum(counted_microusd)::float8 / 1000000 from mine where status = 'unknown'), 0),
        'calls', (select count(*) from mine),
        'by_provider', (
            select coalesce(json_agg(json_build_object('key', p.provider, 'usd', p.usd, 'calls', p.calls) order by p.usd desc, p.provider), '[]'::json)
            from (select provider, sum(counted_microusd)::float8 / 1000000 as usd, count(*) as calls from mine group by 1) p),
        'by_run', (select coalesce(json_agg(json_build_object('key', p.run_id, 'usd', p.usd, 'calls', p.calls) order by p.usd desc, p.run_id), '[]'::json)
            from (select run_id, sum(counted_microusd)::float8 / 1000000 as usd, count(*) as calls from mine group by 1) p)
    )::text
"""


class RunReads:
    """Reads of runs as one tenant sees them."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def list_(self, ask: PageAsk, channel_id: str | None, status: str | None, autonomous_run_id: str | None) -> bytes:
        """Return a page of productions as JSON, newest first."""
        wanted = {"channel": channel_id, "status": status, "autonomous": autonomous_run_id, "tenant": self._tenant}
        return page_body(await self._rows(_RUN_PAGE, **ask.values, **wanted), ask)

    async def get(self, run_id: str) -> bytes:
        """Return a production as JSON; raises RunMissing."""
        return self._only(await self._rows(_RUN_ONE, id=run_id), run_id)

    async def list_autonomous(self, ask: PageAsk, status: str | None) -> bytes:
        """Return a page of autonomous runs as JSON, newest first."""
        return page_body(await self._rows(_AUTONOMOUS_PAGE, **ask.values, status=status, tenant=self._tenant), ask)

    async def trace(self, run_id: str) -> bytes:
        """Return every job, snapshot, decision and artifact of a production; raises RunMissing."""
        return self._only(await self._rows(_TRACE, id=run_id, shown=_SHOWN), run_id)

    async def timeline(self, run_id: str, cursor: str | None, limit: int) -> bytes:
        """Return what happened in a run of either kind, oldest first; `next` goes on from the last event, also when there is no newer one yet."""
        after = _seq(cursor)
        await self._ensure_there(run_id)
        rows = await self._rows(_EVENTS, id=run_id, after=after, limit=limit)
        last = rows[-1][1] if rows else str(after).encode()
        return b'{"items":[%s],"next":"%s"}' % (b",".join(row[0] for row in rows), last)

    async def costs(self, run_id: str) -> bytes:
        """Return what a run of either kind has cost or may still cost by calls that are open; raises RunMissing."""
        await self._ensure_there(run_id)
        return (await self._rows(_COSTS, id=run_id))[0][0]

    async def _ensure_there(self, run_id: str) -> None:
        if not await self._rows(_THERE, id=run_id):
            fact = AutonomousRunMissing if run_id.startswith("auto_") else RunMissing
            raise fact(f"run: {run_id!r} does not exist", run=run_id)

    async def _rows(self, statement: str, **values: Value) -> list[Row]:
        return await self._reads.rows(self._tenant, statement, values)

    @staticmethod
    def _only(rows: list[Row], run_id: str) -> bytes:
        if not rows:
            raise RunMissing(f"run: {run_id!r} does not exist", run=run_id)
        return rows[0][0]


def _seq(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal() or len(cursor) > 15:
        raise Invalid("cursor: not one that a page gave out; start again without it")
    return int(cursor)


def run_json(session: UnitOfWork, run_id: str) -> bytes:
    """Return a production as JSON inside a unit of work; raises RunMissing."""
    rows = session.connection().exec_driver_sql(_RUN_ONE, {"id": run_id}).all()
    if not rows:
        raise RunMissing(f"run: {run_id!r} does not exist", run=run_id)
    return str(rows[0][0]).encode()
