"""How a studio stands, in figures for a monitoring system: each statement gives one figure by a label that has few values."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

_BY_LABEL: Mapping[str, str] = {
    "heartbeat": "select name as label, extract(epoch from at) as value from heartbeats",
    "attempts": """
        select j.tool || ' ' || a.outcome as label, count(*) as value from job_attempts a join jobs j on j.id = a.job_id
        where a.started_at > now() - interval '1 day' group by 1
    """,
    "publications": "select state as label, count(*) as value from publications group by 1",
    "cost": """
        select split_part(key, '/', 3) as label, sum(counted_microusd) / 1e6 as value from cost_accounts
        where scope = 'provider' and key not like '%:%' and split_part(key, '/', 2) = to_char(now() at time zone 'utc', 'YYYY-MM-DD') group by 1
    """,
    "circuits": "select provider as label, max(case state when 'closed' then 0 when 'half_open' then 1 else 2 end) as value from provider_circuits group by 1",
    "incidents": "select severity as label, count(*) as value from incidents where status <> 'resolved' group by 1",
    "runs": "select status as label, count(*) as value from runs where finished_at is null group by 1",
    "backup_age": "select kind as label, extract(epoch from now() - max(finished_at)) as value from backups where status = 'done' group by 1",
    # A drill ends where its seconds do.
    "drill_age": """
        select status as label, extract(epoch from now() - max(started_at + make_interval(secs => seconds))) as value from restore_drills group by 1
    """,
    "drill": "select status as label, seconds as value from restore_drills order by started_at desc limit 1",
}
_ONE: Mapping[str, str] = {
    "dead_jobs": "select count(*) from jobs where state in ('dead', 'quarantined')",
    "pending_approvals": "select count(*) from approvals where status = 'pending'",
    "approval_age": "select coalesce(extract(epoch from now() - min(created_at)), 0) from approvals where status = 'pending'",
    "spent_today": """
        select coalesce(sum(counted_microusd), 0) / 1e6 from cost_accounts
        where scope = 'day' and key not like '%:%' and split_part(key, '/', 2) = to_char(now() at time zone 'utc', 'YYYY-MM-DD')
    """,
    # The planner's estimate: counting them would take longer than all the rest.
    "checkpoints": "select coalesce(max(greatest(reltuples, 0)), 0) from pg_class where oid = to_regclass('public.checkpoints')",
    "last_backup": "select coalesce(extract(epoch from max(finished_at) filter (where status = 'done')), 0) from backups",
    "clock": "select extract(epoch from clock_timestamp())",
    "connections": "select count(*) from pg_stat_activity where datname = current_database()",
}


class GaugeRepository:
    """Figures, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_label(self) -> dict[str, dict[str, float]]:
        """Return each figure that has one value for each label."""
        return {name: {str(row.label): float(row.value) for row in self._session.execute(text(sql))} for name, sql in _BY_LABEL.items()}

    def single(self) -> dict[str, float]:
        """Return each figure that is one number."""
        return {name: float(self._session.execute(text(sql)).scalar_one()) for name, sql in _ONE.items()}
