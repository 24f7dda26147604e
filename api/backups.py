"""`python -m api.backups`: keeps the log and the files at the place as they grow, and makes the hourly and the daily backup, while the stack is up."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from api.backup_desk import BackupBusy, Desk, open_key, open_place
from graphs.heartbeat import Heartbeat
from graphs.restore_drill import drill
from infra.backup.log_shipping import LogReceiver, LogShipper
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, DatabaseUnavailable
from infra.errors import Invalid, StudioError
from infra.log import configure_logging, get_logger
from infra.processes import end_quickly
from infra.settings import Settings, load_settings
from memory.repositories.backups import BackupRepository
from memory.repositories.messages import MessageRepository

NAME = "backups"
TURN_EVERY_S = 30.0
HOURLY = timedelta(hours=1)
DAILY = timedelta(hours=24)
TRY_AGAIN = timedelta(minutes=5)
OVERDUE = timedelta(hours=24)
BACKUP_FAILED = "backup.failed"
_log = get_logger("backup")


class Backups:
    """The backups of one home, a turn at a time."""

    def __init__(self, desk: Desk, clock: Clock = SYSTEM_CLOCK) -> None:
        self.desk, self._clock = desk, clock
        home = desk.settings.home
        self._spool = home / "backup" / "wal"
        self._receiver = LogReceiver(desk.programs, self._spool, home / "logs" / "backup-log.log")
        self._shipper: LogShipper | None = None
        self._began = clock.now()
        self._stretch = False
        self._not_before: datetime | None = None

    async def turn(self) -> None:
        """Do what is due: ship what grew, make a backup, drill a restore; trouble is told to the operator and tried again later."""
        await asyncio.to_thread(self.turn_now)

    def turn_now(self) -> None:
        """Do the same on this thread."""
        try:
            with suppress(BackupBusy), self.desk.alone():
                self._ship()
                self._back_up()
                self._drill()
        except DatabaseUnavailable:
            return
        except (StudioError, OSError) as error:
            self._told(error)
        with suppress(DatabaseUnavailable):
            self._warn_overdue()

    def stop(self) -> None:
        """End the process that receives the log."""
        self._receiver.stop()

    def _ship(self) -> None:
        self._stretch = self._receiver.ensure() or self._stretch
        series = self.desk.maker.series
        if self._shipper is None:
            self._shipper = LogShipper(self.desk.place, self.desk.key, series, self._spool)
        # Files first: what a shipped row names is at the place before the row is.
        self.desk.maker.ship_files(self.desk.items())
        shipped = self._shipper.ship()
        if shipped.given_up:
            self._stretch = True
            _log.warning("log.given_up", segments=len(shipped.given_up), first=shipped.given_up[0])

    def _back_up(self) -> None:
        now = self._clock.now()
        with self.desk.database.unit_of_work() as session:
            series = self.desk.maker.series
            last, full = (BackupRepository(session).find_last(series=series, kind=kind) for kind in (None, "full"))
            is_full = full is None or full.started_at <= now - DAILY
            is_due = self._stretch or is_full or last is None or last.started_at <= now - HOURLY
        if is_due and (self._not_before is None or now >= self._not_before):
            self._not_before = now + TRY_AGAIN
            self.desk.back_up(full=is_full)
            self._stretch, self._not_before = False, None

    def _drill(self) -> None:
        with self.desk.database.unit_of_work() as session:
            backups = BackupRepository(session)
            last = backups.find_drill()
            full = backups.find_last(kind="full", series=self.desk.maker.series)
        if full is None or (last is not None and last.started_at > self._clock.now() - DAILY):
            return
        outcome = drill(self.desk.settings, self.desk.catalog, self.desk.maker.series)
        with self.desk.database.unit_of_work() as session:
            BackupRepository(session).record_drill(outcome)
            if outcome.error:
                body = f"The drill of backup {outcome.backup_id} failed: {outcome.error}\n`ytempire doctor` says the state of the backups."
                MessageRepository(session).queue(f"drill-failed:{self._day()}", "backup", "A restore drill failed", body, severity="critical")

    def _told(self, error: Exception) -> None:
        _log.error(BACKUP_FAILED, error=str(error))
        with suppress(DatabaseUnavailable), self.desk.database.unit_of_work() as session:
            body = f"{error}\nIt is tried again every five minutes; `ytempire doctor` says the state of the backups."
            MessageRepository(session).queue(f"backup-failed:{self._day()}", "backup", "A backup failed", body, severity="warning")

    def _warn_overdue(self) -> None:
        with self.desk.database.unit_of_work() as session:
            last = BackupRepository(session).find_last()
            since = last.started_at if last is not None else self._began
            if self._clock.now() - since > OVERDUE:
                body = f"The last complete backup began {since:%Y-%m-%d %H:%M} UTC, more than 24 hours ago. See `ytempire doctor` and the log backups.log."
                MessageRepository(session).queue(f"backup-overdue:{self._day()}", "backup", "No backup for 24 hours", body, severity="critical")

    def _day(self) -> str:
        return f"{self._clock.now():%Y-%m-%d}"


def open_backups(settings: Settings) -> Backups:
    """Return the backups of a running stack's home; raises Invalid for a place or a key that cannot be one."""
    if settings.database_url is None or settings.database_admin_url is None:
        raise Invalid("DATABASE_URL and DATABASE_ADMIN_URL: backups need the address of a running stack's database, the second of a role that may replicate")
    place = open_place(settings.backup_to, settings)
    key, made = open_key(settings, place, make=True)
    database = Database(settings.database_url, pool_size=1)
    if made:
        body = f"It lies in {settings.backup_key_file}. Copy it to a place apart from this machine and from the backups: without it they cannot be read."
        with database.unit_of_work() as session:
            MessageRepository(session).queue(f"backup-key:{key.short_name}", "backup", "The backups have a key: keep a copy", body)
    return Backups(Desk(settings, place, key, database, settings.database_admin_url))


async def keep(settings: Settings) -> None:
    """Make backups until stopped."""
    backups = open_backups(settings)
    try:
        # That it lives, and not that it moves: a first backup of much media may rightly take hours.
        async with Heartbeat(backups.desk.database, NAME):
            while True:
                await backups.turn()
                await asyncio.sleep(TURN_EVERY_S)
    finally:
        backups.stop()


def main() -> None:
    """Keep backups with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings.log_level)
    end_quickly()
    asyncio.run(keep(settings))


if __name__ == "__main__":
    main()
