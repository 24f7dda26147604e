"""Dead letters as the service lists them."""

from typing import Any

from infra.database import UnitOfWork
from infra.reads import ReadPool
from memory.reads.pages import PageAsk, page_body, page_of
from memory.repositories.jobs import JobMissing

_ROW = """
    json_build_object(
    'id', j.id, 'tool', j.tool, 'agent', j.agent, 'run', j.run_id, 'node', j.node, 'channel', j.channel_id, 'queue', j.queue, 'state', j.state,
    'attempts', j.attempts, 'failures', j.failures, 'kills', j.kills, 'error', json_build_object('code', j.error ->> 'code', 'message', j.error ->> 'message'),
    'created_at', j.created_at, 'finished_at', j.finished_at)::text"""
_PAGE = page_of(
    "select"  # nosec B608 # constants of this module
    + _ROW
    + ", j.finished_at, j.id from jobs j where j.state in ('dead', 'quarantined') and (j.finished_at, j.id) < (%(at)s, %(id)s)"
    + " and (%(tool)s::text is null or j.tool = %(tool)s) order by j.finished_at desc, j.id desc limit %(limit)s"
)
_ONE = "select" + _ROW + " from jobs j where j.id = %(id)s"  # nosec B608 # constants of this module


class DeadLetterReads:
    """Reads of dead letters; whose jobs they are is for row-level security to say."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def list_(self, ask: PageAsk, tool: str | None) -> bytes:
        """Return a page of jobs that ended without a result, as JSON, latest first."""
        values: dict[str, Any] = {**ask.values, "tool": tool}
        return page_body(await self._reads.rows(self._tenant, _PAGE, values), ask)


def job_json(session: UnitOfWork, job_id: str) -> bytes:
    """Return one job as the list shows it; raises JobMissing."""
    row = session.connection().exec_driver_sql(_ONE, {"id": job_id}).one_or_none()
    if row is None:
        raise JobMissing(f"there is no job {job_id}", job_id=job_id)
    return str(row[0]).encode()
