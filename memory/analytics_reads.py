"""Analytics read of a copy of the database where there is one, so that the database itself has less to do; each answer says how new it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, DatabaseUnavailable, NotIsolated, UnitOfWork
from infra.log import get_logger
from memory.records.tenants import LOCAL_TENANT

SETTING = "DATABASE_REPLICA_URL"
# A copy that is further behind is not read. What it tells of itself is a little older than it is: lasting processes beat every 20 s.
MOST_BEHIND = timedelta(seconds=60)
REPLICA_LEFT = "replica.left_alone"
_LOOK_AGAIN_S, _LEFT_ALONE_S = 2.0, 10.0
# Whatever copies (a standby, a subscription, a service of the cloud) brings the beats of the studio's processes; a standby knows itself as well.
_NEWEST = text("select greatest((select max(at) from heartbeats), pg_last_xact_replay_timestamp())")
T = TypeVar("T")
_log = get_logger("replica")


@dataclass(frozen=True)
class Freshness:
    """Where an answer was read, when, and what it is at least as new as."""

    source: Literal["database", "replica"]
    read_at: datetime
    as_of: datetime


@dataclass
class AnalyticsReads:
    """Reads of the replica while it answers, isolates tenants and is not behind; else of the database itself. For threads."""

    primary: Database
    replica: Database | None = None
    clock: Clock = SYSTEM_CLOCK
    _away_until: float = field(default=float("-inf"))
    _seen: tuple[datetime, float] | None = None
    _is_isolated: bool = False

    def read(self, tenant: str, unchanged_since: datetime, work: Callable[[UnitOfWork, Freshness], T]) -> T:
        """Return what `work` makes of one tenant's rows as they were after `unchanged_since`, the last change that is known; raises DatabaseUnavailable."""
        now = self.clock.now()
        as_of = self._as_of(max(unchanged_since, now - MOST_BEHIND))
        if self.replica is not None and as_of is not None:
            try:
                with self.replica.unit_of_work(tenant=tenant) as session:
                    return work(session, Freshness("replica", now, as_of))
            except DatabaseUnavailable as error:
                self._leave(error.message)
        with self.primary.unit_of_work(tenant=tenant) as session:
            return work(session, Freshness("database", now, now))

    def dispose(self) -> None:
        """Close the connections to the replica."""
        if self.replica is not None:
            self.replica.dispose()

    def _as_of(self, at_least: datetime) -> datetime | None:
        """Return what the replica is at least as new as; None for one that is behind, away, or not there."""
        if self.replica is None or self.clock.monotonic() < self._away_until:
            return None
        seen = self._seen
        if seen is None or seen[0] < at_least or self.clock.monotonic() - seen[1] >= _LOOK_AGAIN_S:
            seen = self._seen = self._look(self.replica)
        return seen[0] if seen is not None and seen[0] >= at_least else None

    def _look(self, replica: Database) -> tuple[datetime, float] | None:
        try:
            if not self._is_isolated:
                replica.ensure_isolated(SETTING)
                self._is_isolated = True
            with replica.unit_of_work(tenant=LOCAL_TENANT) as session:
                newest: datetime | None = session.execute(_NEWEST).scalar_one()
        except (DatabaseUnavailable, NotIsolated, OperationalError) as error:
            self._leave(str(error))
            return None
        return None if newest is None else (newest, self.clock.monotonic())

    def _leave(self, why: str) -> None:
        self._away_until, self._seen = self.clock.monotonic() + _LEFT_ALONE_S, None
        _log.warning(REPLICA_LEFT, error=why, left_alone_s=_LEFT_ALONE_S)
