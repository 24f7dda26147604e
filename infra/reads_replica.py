"""Reads that may be a little old, of a copy of the database where there is one, so that the database itself has less to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import DatabaseUnavailable
from infra.log import get_logger
from infra.reads import ReadPool, Row, Value

REPLICA_AWAY = "replica.away"
_LEFT_ALONE_S = 10.0
_log = get_logger("reads")


class Reads(Protocol):
    """Answers a read as one tenant sees it."""

    async def rows(self, tenant: str, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """Return the rows of one read; raises DatabaseUnavailable."""
        ...


@dataclass
class ReplicaReads:
    """Reads of the replica; while it does not answer, of the database itself."""

    primary: ReadPool
    replica: ReadPool | None
    clock: Clock = SYSTEM_CLOCK
    _away_until: float = float("-inf")

    async def rows(self, tenant: str, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """Return the rows of one read; raises DatabaseUnavailable when neither answers."""
        if self.replica is not None and self.clock.monotonic() >= self._away_until:
            try:
                return await self.replica.rows(tenant, statement, values)
            except DatabaseUnavailable as error:
                self._away_until = self.clock.monotonic() + _LEFT_ALONE_S
                _log.warning(REPLICA_AWAY, error=str(error), left_alone_s=_LEFT_ALONE_S)
        return await self.primary.rows(tenant, statement, values)
