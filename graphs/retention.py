"""What was read from platforms leaves when its time is over: purged by the watcher, and at once when an owner takes the consent back."""

import asyncio
from datetime import datetime, timedelta

from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.log import get_logger
from memory.repositories.readings import Gone, ReadingRepository

EVERY = timedelta(hours=1)
READINGS_PURGED = "readings.purged"
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
