"""What productions have taken so far, measured on the newest published ones: time, money and room."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

MEASURED = 20
_MEASURED = "measured_productions"

# Runs that a person was asked about or paused took that person's time as well. What an upload waited for the platform (its quota until midnight, above
# all) is none of a production's time: otherwise those that are begun before midnight and wait for it would have the next ones begun earlier still. A run's
# own files are those no other run recorded first.
_FIGURES = text(
    """
    with newest as (
        select runs.id, runs.finished_at - coalesce(runs.started_at, runs.created_at) as lasted,
            (select sum(greatest(jobs.started_at - jobs.created_at, interval '0')) from jobs
                where jobs.run_id = runs.id and split_part(jobs.queue, ':', 1) = 'publish') as waited
        from runs
        where runs.status = 'published' and runs.kind = 'production'
            and not exists (select 1 from approvals where approvals.run_id = runs.id and approvals.decided_by not in ('policy'))
            and not exists (select 1 from run_events where run_events.run_id = runs.id and run_events.kind = 'run.paused')
        order by runs.finished_at desc limit :count
    ),
    each as (
        select greatest(0, extract(epoch from newest.lasted - coalesce(newest.waited, interval '0'))) as seconds,
            (select coalesce(sum(counted_microusd), 0) from cost_entries where cost_entries.run_id = newest.id) as microusd,
            (select coalesce(sum(size_bytes), 0) from artifacts where artifacts.run_id = newest.id) as bytes
        from newest
    )
    select count(*) as videos,
        percentile_cont(0.5) within group (order by seconds) as usual_s,
        percentile_cont(0.9) within group (order by seconds) as slow_s,
        percentile_cont(0.9) within group (order by microusd) as microusd,
        percentile_cont(0.9) within group (order by bytes) as bytes
    from each
    """
)


@dataclass(frozen=True)
class ProductionFigures:
    """Figures over `videos` newest published productions: the slow, dear and big end (nine of ten are below), None before the first."""

    videos: int
    usual: timedelta | None
    slow: timedelta | None
    microusd: int | None
    bytes: int | None


def measured_productions(session: Session) -> ProductionFigures:
    """Return what this studio's newest published productions took; it is measured once a session, however often a plan asks."""
    found = session.info.get(_MEASURED)
    if not isinstance(found, ProductionFigures):
        found = session.info[_MEASURED] = _measure(session)
    return found


def _measure(session: Session) -> ProductionFigures:
    row = session.execute(_FIGURES, {"count": MEASURED}).one()
    if not row.videos:
        return ProductionFigures(0, None, None, None, None)
    return ProductionFigures(row.videos, timedelta(seconds=row.usual_s), timedelta(seconds=row.slow_s), round(row.microusd), round(row.bytes))
