"""How long tools took within a day, as histograms: counted by the database, so that no attempt is handed over."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

# Upper bounds in seconds: from a vector to a film.
BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
OTHER = "other"
_COUNTS = ", ".join(f"count(*) filter (where took <= {bound})" for bound in BOUNDS_S)
_TOOK = text(
    f"""
    select tool, array[{_COUNTS}] as at_most, count(*) as number, sum(took) as sum_s
    from (
        select case when j.tool = any(:tools) then j.tool else :other end as tool,
            cast(greatest(0, extract(epoch from a.ended_at - a.started_at)) as double precision) as took
        from job_attempts a join jobs j on j.id = a.job_id
        where a.started_at > now() - interval '1 day' and a.outcome = 'done'
    ) attempts group by 1
    """  # noqa: S608 - numbers of this module  # nosec B608
)


@dataclass(frozen=True)
class ToolDuration:
    """How many attempts of a tool took at most each of `BOUNDS_S`, how many there were, and how many seconds they took together."""

    at_most: tuple[int, ...]
    count: int
    sum_s: float


class ToolDurationRepository:
    """Durations, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def last_day(self, tools: Collection[str]) -> dict[str, ToolDuration]:
        """Return the attempts that began within a day and ended with a result, by tool; what is none of `tools` any more is `other`."""
        rows = self._session.execute(_TOOK, {"tools": sorted(tools), "other": OTHER})
        return {str(row.tool): ToolDuration(tuple(row.at_most), int(row.number), float(row.sum_s)) for row in rows}
