"""Statements about heartbeats."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

WITHIN_S = 60.0


@dataclass(frozen=True)
class Pulse:
    """One process as it was last heard of: `silent_s` since its last beat, `stalled_s` since its work last moved (0 without work)."""

    name: str
    silent_s: float
    stalled_s: float
    within_s: float
    progress: str | None
    details: Mapping[str, Any]


_BEAT = text(
    """
    insert into heartbeats as known (name, progress, within_s, details) values (:name, :progress, :within, cast(:details as jsonb))
    on conflict (name) do update set at = now(), progress = excluded.progress, within_s = excluded.within_s, details = excluded.details,
        progress_at = case when excluded.progress is null or excluded.progress is distinct from known.progress then now() else known.progress_at end
    """
)
_LIST = text(
    """
    select name, cast(extract(epoch from now() - at) as double precision) as silent_s,
        case when progress is null then 0 else cast(extract(epoch from now() - progress_at) as double precision) end as stalled_s,
        within_s, progress, details
    from heartbeats order by name
    """
)
_FORGET = text("delete from heartbeats where name = :name")


class HeartbeatRepository:
    """Signs of life of the lasting processes, one row each; times are the database's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def beat(self, name: str, progress: str | None = None, within_s: float = WITHIN_S, details: Mapping[str, Any] | None = None) -> None:
        """Note that a process lives and will be heard of again within `within_s` seconds.

        `progress` names the work in hand; the same words again mean that it has not moved since, None that there is no work.
        """
        self._session.execute(_BEAT, {"name": name, "progress": progress, "within": within_s, "details": json.dumps(dict(details or {}))})

    def list_(self) -> tuple[Pulse, ...]:
        """Return every process that was ever heard of, by name."""
        return tuple(Pulse(**row._mapping) for row in self._session.execute(_LIST))

    def forget(self, name: str) -> None:
        """Expect nothing more of a process that ended of its own accord."""
        self._session.execute(_FORGET, {"name": name})
