"""Statements about the watchdog's findings."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from memory.records.findings import FindingRecord


@dataclass(frozen=True)
class Finding:
    """What one check says now: a status with the reading behind it, what follows from it, and what a person can do."""

    name: str
    status: str
    said: str
    fix: str
    reading: Mapping[str, Any]


_RECORD = text(
    """
    insert into findings as known (name, status, said, fix, reading) values (:name, :status, :said, :fix, cast(:reading as jsonb))
    on conflict (name) do update set at = now(), status = excluded.status, said = excluded.said, fix = excluded.fix, reading = excluded.reading,
        since = case when known.status = excluded.status then known.since else now() end
    returning since
    """
)
_FORGET_OTHERS = text("delete from findings where name <> all(:names)")


class FindingRepository:
    """One row for each check, renewed in place, so that a watchdog that runs for a year keeps no more rows than on its first day."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(self, finding: Finding) -> datetime:
        """Keep what a check says now; return since when its status has been the same."""
        values = {**finding.__dict__, "reading": json.dumps(dict(finding.reading))}
        return self._session.execute(_RECORD, values).scalar_one()  # type: ignore[no-any-return]

    def keep_only(self, names: Iterable[str]) -> None:
        """Drop what checks said that are made no longer."""
        self._session.execute(_FORGET_OTHERS, {"names": list(names)})

    def list_(self) -> tuple[FindingRecord, ...]:
        """Return what every check last said, by name."""
        return tuple(self._session.scalars(select(FindingRecord).order_by(FindingRecord.name)))
