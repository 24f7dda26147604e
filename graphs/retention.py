"""What leaves when its time is over: what was read from platforms, rows of what ended long ago, and checkpoints that a killed runner left."""

import asyncio
from datetime import datetime, timedelta

from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.log import get_logger
from memory.repositories.readings import Gone, ReadingRepository
from memory.repositories.retention import RetentionRepository

EVERY = timedelta(hours=1)
READINGS_PURGED = "readings.purged"
ROWS_SWEPT = "rows.swept"
_log = get_logger("retention")


class Retention:
    """Purges what has expired, at most once an hour; an expired reading is never shown, even before it is purged."""

    def __init__(self, database: Database, clock: Clock = SYSTEM_CLOCK) -> None:
        self._database = database
        self._clock = clock
        self._last: datetime | None = None

    async def purge_due(self) -> Gone | None:
        """Purge when the hour has come; return what went, or None when it was too early."""
        now = self._clock.now()
        if self._last is not None and now - self._last < EVERY:
            return None
        gone = await asyncio.to_thread(self._purge, now)
        self._last = now
        if gone.readings or gone.traces:
            _log.info(READINGS_PURGED, readings=gone.readings, rested=gone.traces)
        return gone

    def _purge(self, now: datetime) -> Gone:
        with self._database.unit_of_work() as session:
            return ReadingRepository(session, now).purge()


class Sweeper:
    """Lets go of what nobody will ask for again, at most once an hour, so that a studio's tables stay as large as its work and not as its age."""

    def __init__(self, database: Database, keep_days: int, clock: Clock = SYSTEM_CLOCK) -> None:
        self._database = database
        self._keep_days = keep_days
        self._clock = clock
        self._last: datetime | None = None

    async def sweep_due(self) -> dict[str, int] | None:
        """Sweep when the hour has come; return how many rows and checkpointed threads went, or None when it was too early."""
        now = self._clock.now()
        if self._last is not None and now - self._last < EVERY:
            return None
        gone = await asyncio.to_thread(self._sweep)
        self._last = now
        if gone:
            _log.info(ROWS_SWEPT, **gone)
        return gone

    def _sweep(self) -> dict[str, int]:
        with self._database.unit_of_work() as session:
            rows = RetentionRepository(session)
            threads = rows.prune_threads()
            return rows.sweep(self._keep_days) | ({"threads": threads} if threads else {})
