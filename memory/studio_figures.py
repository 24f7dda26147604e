"""How the studio does, over time: how productions ended, what waited for workers and for people, how long faults lasted, and what came of forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from memory.records.runs import ENDINGS

Fault = Literal["worker lost", "call failed", "incident"]
SAMPLES = 48
MOST_FAULTS, MOST_FORECASTS = 200, 100
# A day is one of UTC, as it is in the ledger.
_PRODUCTIONS = text(
    """
    select cast(timezone('utc', finished_at) as date) as day, status, count(*) as count from runs
    where kind = 'production' and finished_at >= :since and finished_at <= :until
        and (cast(:channel as text) is null or channel_id = cast(:channel as text))
    group by 1, 2
    """
)
# At which moment each wait is first seen and at which no more: one pass over the jobs, however many moments there are. A job waits until its first
# claim; one that has to be done again waits once more, which is known only while it lasts.
_QUEUED = text(
    """
    with spans as (
        select split_part(j.queue, ':', 1) as queue, j.created_at as since, coalesce(case when j.attempts < 2 then j.started_at
                else (select min(a.started_at) from job_attempts a where a.job_id = j.id) end, j.finished_at) as until
            from jobs j where j.finished_at is null or j.finished_at >= :since
        union all
        select split_part(j.queue, ':', 1), j.next_attempt_at, null from jobs j where j.state in ('queued', 'dispatched') and j.attempts > 0
    )
    select queue, cast(slot as integer) as slot, sum(change) as change
    from spans cross join lateral (values
        (greatest(0, ceil(extract(epoch from since - cast(:since as timestamptz)) / cast(:step as double precision))), 1),
        (greatest(0, ceil(extract(epoch from coalesce(until, timestamptz '9999-01-01') - cast(:since as timestamptz)) / cast(:step as double precision))), -1)
    ) edges (slot, change)
    where slot <= :samples group by 1, 2 order by 1, 2
    """
)
_ASKED = text(
    """
    select moment as at, count(a.id) as count, cast(coalesce(extract(epoch from moment - min(a.created_at)), 0) as double precision) as oldest_s
    from generate_series(cast(:since as timestamptz), cast(:until as timestamptz), make_interval(secs => :step)) moment
        left join approvals a on a.created_at <= moment and (a.decided_at is null or a.decided_at > moment)
    group by moment order by moment
    """
)
# A worker's loss is noticed when its lease runs out. A call that only had to wait (for a quota, a budget, a switch) met no fault: waiting costs no failure.
_FAULTS = text(
    """
    select * from (
        (select a.ended_at as at, case when a.outcome in ('lost', 'discarded') then 'worker lost' else 'call failed' end as fault, j.tool as what,
            coalesce(a.error ->> 'code', '') as said, j.id as id,
            case when j.state = 'done' then cast(extract(epoch from j.finished_at - a.ended_at) as double precision) end as seconds,
            j.state not in ('done', 'dead', 'quarantined', 'cancelled') as lasts
        from job_attempts a join jobs j on j.id = a.job_id
        where (a.outcome in ('lost', 'discarded') or (a.outcome in ('retry', 'dead') and j.failures > 0)) and a.ended_at >= :since and a.ended_at <= :until
        order by 1 desc, 5 limit :most)
        union all
        (select opened_at, 'incident', kind, severity, id, cast(extract(epoch from resolved_at - opened_at) as double precision), resolved_at is null
        from incidents where opened_at >= :since and opened_at <= :until order by 1 desc, 5 limit :most)
    ) faults order by at desc, id limit :most
    """
)
_FORECASTS = text(
    """
    select o.publication_id as publication, o.channel_id as channel, o.run_id as run, o.provenance, coalesce(o.predicted ->> 'title', '') as title,
        o.predicted_at, o.settled_at, cast(o.difference -> 'attention_48h' ->> 'expected' as double precision) as expected,
        cast(o.difference -> 'attention_48h' ->> 'measured' as double precision) as measured,
        case when o.settled_at is null then 'its last look is still to come' else coalesce(o.difference -> 'attention_48h' ->> 'unknown', '') end as why
    from outcomes o where cast(:channel as text) is null or o.channel_id = cast(:channel as text)
    order by o.predicted_at desc, o.id limit :most
    """
)


@dataclass(frozen=True)
class Span:
    """The time that is asked about."""

    since: datetime
    until: datetime

    @classmethod
    def of_hours(cls, hours: int, until: datetime) -> "Span":
        """Return the last hours up to a moment."""
        return cls(until - timedelta(hours=hours), until)

    @classmethod
    def of_days(cls, days: int, until: datetime) -> "Span":
        """Return whole UTC days, of which the last is the moment's."""
        first = until - timedelta(days=days - 1)
        return cls(first.replace(hour=0, minute=0, second=0, microsecond=0), until)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day in it, oldest first."""
        return tuple(self.since.date() + timedelta(days=at) for at in range((self.until.date() - self.since.date()).days + 1))


@dataclass(frozen=True)
class DayEndings:
    """How many productions ended each way on one day."""

    day: date
    ended: dict[str, int]


@dataclass(frozen=True)
class Waited:
    """What waited at one moment: calls by queue, approvals for people, and for how long the oldest of these had."""

    at: datetime
    queues: dict[str, int]
    approvals: int
    oldest_approval_s: float


@dataclass(frozen=True)
class Recovery:
    """One fault: when it was noticed, and how many seconds later what it stopped was done; None where it never was, or `lasts` still.

    `what` is the tool or the kind of incident, `said` the code of the error or the incident's severity.
    """

    at: datetime
    fault: Fault
    what: str
    said: str
    id: str
    seconds: float | None
    lasts: bool


@dataclass(frozen=True)
class Forecast:
    """What was expected of one publication's topic, and what was measured, as growth of attention over 48 hours; `why` says why one is not known."""

    publication: str
    channel: str
    run: str | None
    provenance: str
    title: str
    predicted_at: datetime
    settled_at: datetime | None
    expected: float | None
    measured: float | None
    why: str


class StudioFigures:
    """Figures of whoever's rows the session sees, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def productions(self, span: Span, channel: str | None = None) -> tuple[DayEndings, ...]:
        """Return each day of the span, those without an ending too."""
        days: dict[date, dict[str, int]] = {day: dict.fromkeys(ENDINGS, 0) for day in span.days}
        for row in self._rows(_PRODUCTIONS, span, channel=channel):
            days[row.day][row.status] += row.count
        return tuple(DayEndings(day, ended) for day, ended in days.items())

    def waited(self, span: Span) -> tuple[Waited, ...]:
        """Return what waited at 49 moments, evenly apart, the last of which is the span's end."""
        step = (span.until - span.since).total_seconds() / SAMPLES
        queues: list[dict[str, int]] = [{} for _ in range(SAMPLES + 1)]
        for queue, changes in groupby(self._rows(_QUEUED, span, step=step, samples=SAMPLES), lambda row: str(row.queue)):
            at, waiting = {row.slot: int(row.change) for row in changes}, 0
            for slot, seen in enumerate(queues):
                waiting += at.get(slot, 0)
                if waiting:
                    seen[queue] = waiting
        asked = self._rows(_ASKED, span, step=step)
        return tuple(Waited(row.at, seen, row.count, row.oldest_s) for row, seen in zip(asked, queues, strict=True))

    def recoveries(self, span: Span) -> tuple[Recovery, ...]:
        """Return the newest faults of the span, newest first."""
        return tuple(Recovery(**row._mapping) for row in self._rows(_FAULTS, span, most=MOST_FAULTS))

    def forecasts(self, channel: str | None = None) -> tuple[Forecast, ...]:
        """Return what was expected of the newest publications and what came of it, newest first."""
        rows = self._session.execute(_FORECASTS, {"channel": channel, "most": MOST_FORECASTS})
        return tuple(Forecast(**row._mapping) for row in rows)

    def _rows(self, statement: Any, span: Span, **values: object) -> Sequence[Any]:
        return self._session.execute(statement, {"since": span.since, "until": span.until, **values}).all()
