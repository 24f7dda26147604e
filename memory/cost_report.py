"""The ledger's report: what was booked, is reserved and is unknown, by video, channel, provider, run, kind or day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.orm import Session

from memory.ledger import REHEARSED
from memory.records.costs import CostEntryRecord
from memory.records.videos import VideoRecord

Grouping = Literal["video", "channel", "provider", "run", "kind", "day"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
_COLUMNS = {
    "video": CostEntryRecord.video_id,
    "channel": CostEntryRecord.channel_id,
    "provider": CostEntryRecord.provider,
    "run": CostEntryRecord.run_id,
    "kind": CostEntryRecord.kind,
    "day": CostEntryRecord.day,
}


@dataclass(frozen=True)
class CostRow:
    """What one group comes to, in micro-dollars; `key` is None for calls that belong to none. `calls` counts calls that were or may have been made."""

    key: str | None
    booked_microusd: int
    reserved_microusd: int
    unknown_microusd: int
    calls: int
    unknown_calls: int
    failed_calls: int

    @property
    def counted_microusd(self) -> int:
        """What counts against limits."""
        return self.booked_microusd + self.reserved_microusd + self.unknown_microusd


@dataclass(frozen=True)
class VideoCost:
    """What one video came to, and whom that went to, dearest first; none for one that cost nothing."""

    video: VideoRecord
    providers: tuple[CostRow, ...]

    @property
    def counted_microusd(self) -> int:
        """What counts against limits."""
        return sum(one.counted_microusd for one in self.providers)


class CostReport:
    """Sums of the ledger over a span of UTC days, of real money unless rehearsals are asked for; inside one unit of work."""

    def __init__(self, session: Session, since: date | None = None, until: date | None = None, *, rehearsed: bool = False) -> None:
        self._session = session
        played = CostEntryRecord.provenance.in_(sorted(REHEARSED))
        self._where: list[ColumnElement[bool]] = [played if rehearsed else ~played, CostEntryRecord.status != "released"]
        self._where += [CostEntryRecord.day >= since] if since is not None else []
        self._where += [CostEntryRecord.day <= until] if until is not None else []

    def total(self) -> CostRow:
        """Return the sum of everything."""
        return _row("total", self._session.execute(select(*_sums()).where(*self._where)).one())

    def rows(self, by: Grouping) -> tuple[CostRow, ...]:
        """Return one row for each video, channel, provider, run, kind or day, dearest first, days in their order."""
        key = cast(_COLUMNS[by], String)
        statement = select(key, *_sums()).where(*self._where).group_by(key)
        order = key if by == "day" else func.sum(CostEntryRecord.counted_microusd).desc()
        return tuple(_row(row[0], row[1:]) for row in self._session.execute(statement.order_by(order, key)))

    def videos(self, newest: int, channel: str | None = None) -> tuple[VideoCost, ...]:
        """Return what each of the newest videos came to by provider, newest first; on whichever days that was within the span."""
        wanted = select(VideoRecord).order_by(VideoRecord.created_at.desc(), VideoRecord.id.desc()).limit(newest)
        videos = tuple(self._session.scalars(wanted if channel is None else wanted.filter_by(channel_id=channel)))
        keys = (CostEntryRecord.video_id, CostEntryRecord.provider)
        statement = select(*keys, *_sums()).where(*self._where, CostEntryRecord.video_id.in_([one.id for one in videos])).group_by(*keys)
        of: dict[str, list[CostRow]] = {one.id: [] for one in videos}
        for row in self._session.execute(statement.order_by(func.sum(CostEntryRecord.counted_microusd).desc(), CostEntryRecord.provider)):
            of[str(row[0])].append(_row(row[1], row[2:]))
        return tuple(VideoCost(one, tuple(of[one.id])) for one in videos)


def _row(key: str | None, sums: Sequence[Any]) -> CostRow:
    booked, reserved, unknown, *counts = (int(one) for one in sums)
    return CostRow(key, booked, reserved, unknown, calls=counts[0], unknown_calls=counts[1], failed_calls=counts[2])


def _sums() -> list[ColumnElement[int]]:
    def of(status: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((CostEntryRecord.status == status, CostEntryRecord.counted_microusd), else_=0)), 0)

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    failed = CostEntryRecord.outcome.in_(("not charged", "spoiled"))
    unknown = CostEntryRecord.status == "unknown"
    return [of("settled"), of("reserved"), of("unknown"), func.count(), count(unknown), count(failed)]
