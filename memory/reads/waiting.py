"""What waits, in the figures that a dashboard shows first."""

from infra.reads import ReadPool

_SUMMARY = """
    select json_build_object(
        'approvals', (select json_build_object('waiting', count(*), 'oldest_s', coalesce(extract(epoch from now() - min(created_at)), 0)::bigint)
            from approvals where status = 'pending'),
        'tasks', (select json_build_object('queued', count(*) filter (where status = 'queued'), 'planned', count(*) filter (where status = 'planned'))
            from tasks where status in ('queued', 'planned') and kind <> 'tool'),
        'runs', (select json_build_object('making', count(*) filter (where status = 'running'), 'waiting', count(*) filter (where status = 'waiting'),
                'paused', count(*) filter (where status = 'paused'))
            from runs where finished_at is null),
        'autonomous_runs', (select count(*) from autonomous_runs where status <> 'ended'),
        'dead_letters', (select count(*) from jobs j where state in ('dead', 'quarantined')
            and not exists (select 1 from runs r where r.id = j.run_id and r.status = 'published')),
        'incidents', (select json_build_object('unresolved', count(*), 'critical', count(*) filter (where severity = 'critical'))
            from incidents where status <> 'resolved'),
        'channels', (select json_build_object('all', count(*), 'paused', count(*) filter (where paused)) from channels)
    )::text
"""


class WaitingReads:
    """Figures of one tenant; whose rows are counted is for row-level security to say."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def summary(self) -> bytes:
        """Return the figures as JSON."""
        return (await self._reads.rows(self._tenant, _SUMMARY, {}))[0][0]
