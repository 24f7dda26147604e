"""The write-ahead log, kept continuously: `pg_receivewal` writes it into a spool of the home, and each turn takes it to the place."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from infra.backup.catalog import put_bytes
from infra.backup.key import BackupKey
from infra.backup.log_files import HISTORY, PARTIAL, SEGMENT
from infra.backup.place import Place
from infra.backup.programs import SLOT, Programs
from infra.backup.sealing import seal_bytes
from infra.errors import Unavailable
from infra.log import get_logger
from infra.processes import Launch, start_process, stop_process

# More than this waits in the spool only while the place is away: then the oldest goes, and the next backup begins a new stretch.
SPOOL_SEGMENTS = 64
# The server writes its log in pages; the last one that was taken may have been written on.
PAGE_BYTES = 8192
# Then a segment's beginning is written anew, so that restoring opens few objects.
MOST_PIECES = 40
_log = get_logger("backup")


@dataclass
class LogShipped:
    """What one turn took to the place, and what had to be given up."""

    segments: int = 0
    bytes: int = 0
    given_up: list[str] = field(default_factory=list)


class LogReceiver:
    """The process that receives the log, and the server's slot that keeps what it has not received yet."""

    def __init__(self, programs: Programs, spool: Path, log: Path) -> None:
        self._programs, self.spool, self._log = programs, spool, log
        self._process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> bool:
        """Have the slot and the process; return whether a new stretch of log began, which needs a base backup of its own."""
        if self._process is not None and self._process.poll() is None:
            return False
        began = self._ensure_slot()
        self.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = self._programs.argv("pg_receivewal", "-D", str(self.spool), f"--slot={SLOT}", "--status-interval=10")
        if self._process is not None:
            _log.warning("receiver.restarted", code=self._process.returncode)
        self._process = start_process(Launch(argv, self._log, self._programs.environment(), death_signal=signal.SIGTERM))
        return began

    def stop(self) -> None:
        """End the process; the slot stays, and the log with it."""
        if self._process is not None:
            stop_process(self._process, signal.SIGINT, 5.0)
            self._process = None

    def _ensure_slot(self) -> bool:
        try:
            with psycopg.connect(self._programs.url, connect_timeout=5, autocommit=True) as connection:
                row = connection.execute("select wal_status, active_pid from pg_replication_slots where slot_name = %s", [SLOT]).fetchone()
                if row is not None and row[0] != "lost":
                    if row[1] is not None:  # of a predecessor that was killed, and whose receiver has not noticed yet
                        connection.execute("select pg_terminate_backend(%s)", [row[1]])
                    return False
                if row is not None:
                    connection.execute("select pg_drop_replication_slot(%s)", [SLOT])
                shutil.rmtree(self.spool, ignore_errors=True)
                connection.execute("select pg_create_physical_replication_slot(%s, true)", [SLOT])
        except psycopg.OperationalError as error:
            raise Unavailable(f"backup: Postgres does not answer: {str(error).strip()}") from error
        return True


@dataclass(frozen=True)
class KeptLog:
    """What the server keeps for backups: how many bytes of log, and whether anybody receives it."""

    bytes: int
    active: bool


def kept_log(url: str) -> KeptLog | None:
    """Return what the server keeps for our backups; None where it keeps nothing for them, or is standing in for another."""
    asked = "select coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, active from pg_replication_slots where slot_name = %s"
    with _connected(url) as connection:
        row = connection.execute(asked, [SLOT]).fetchone()
    return KeptLog(int(str(row[0])), bool(row[1])) if row is not None else None


def drop_slot(url: str) -> KeptLog | None:
    """Let the server keep no log for us any more; returns what it kept, None where it kept nothing or somebody receives it."""
    kept = kept_log(url)
    if kept is None or kept.active:
        return None
    with _connected(url) as connection:
        connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s and not active", [SLOT])
    _log.info("slot.dropped", slot=SLOT, kept_bytes=kept.bytes)
    return kept


@contextmanager
def _connected(url: str) -> Iterator["psycopg.Connection[Any]"]:
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            yield connection
    except psycopg.Error as error:
        raise Unavailable(f"backup: the server's replication slot cannot be looked at or dropped: {str(error).strip()}") from error


@dataclass
class _Open:
    """How far the segment that is being written has been taken: up to which byte, its last page, and in which pieces after the first."""

    name: str = ""
    end: int = 0
    last_page: bytes = b""
    pieces: list[str] = field(default_factory=list)


class LogShipper:
    """Takes the spool's files to the place: whole segments once, and of the one being written what was added since the last turn.

    `SEGMENT.partial` is its beginning, `SEGMENT.partial.OFFSET` what came later; both go when the whole segment is there.
    """

    def __init__(self, place: Place, key: BackupKey, series: str, spool: Path) -> None:
        self._place, self._key, self._folder, self._spool = place, key, f"{series}/wal", spool
        self._open = _Open()

    def ship(self) -> LogShipped:
        """Take what is new. Raises PlaceFull and PlaceUnreachable; what was taken before stays taken, the rest waits."""
        shipped = LogShipped()
        try:
            for path in self._whole():
                self._put(path.name, path.read_bytes(), shipped)
                self._drop_pieces(path.name)
                # The receiver finds its place by the newest segment it sees, else by the slot.
                path.unlink()
            for path in sorted(self._spool.glob(f"*{PARTIAL}")):
                with suppress(FileNotFoundError):  # it is whole by now, and goes with the next turn
                    self._put_added(path, shipped)
        finally:
            shipped.given_up = self._bound()
        return shipped

    def _whole(self) -> list[Path]:
        found = self._spool.iterdir() if self._spool.is_dir() else ()
        return sorted(path for path in found if SEGMENT.match(path.name) or HISTORY.match(path.name))

    def _put(self, name: str, data: bytes, shipped: LogShipped) -> None:
        sealed = seal_bytes(self._key, f"{self._folder}/{name}", data)
        put_bytes(self._place, f"{self._folder}/{name}", sealed)
        shipped.segments += 1
        shipped.bytes += len(sealed)

    def _put_added(self, path: Path, shipped: LogShipped) -> None:
        if path.name != self._open.name:
            self._open = _Open(path.name)
        begun = self._open
        start = max(0, begun.end - len(begun.last_page))
        added = _written(path, start)
        if added == begun.last_page:
            return
        if start == 0 or len(begun.pieces) >= MOST_PIECES:
            self._put(path.name, _written(path, 0), shipped)
            self._drop_pieces(path.name.removesuffix(PARTIAL), keep=path.name)
            begun.pieces = []
        else:
            self._put(f"{path.name}.{start:08x}", added, shipped)
            begun.pieces.append(f"{path.name}.{start:08x}")
        begun.end, begun.last_page = start + len(added), added[-PAGE_BYTES:]

    def _drop_pieces(self, segment: str, keep: str = "") -> None:
        """Remove what the place has of a segment besides the whole of it, or besides its beginning."""
        for name in list(self._place.list_(f"{self._folder}/")):
            piece = name.rpartition("/")[2]
            if piece.startswith(segment + PARTIAL) and piece != keep:
                self._place.delete(name)

    def _bound(self) -> list[str]:
        """Give up the oldest segments of a spool that grew beyond its limit, and return their names."""
        over = self._whole()[:-SPOOL_SEGMENTS]
        for path in over:
            path.unlink()
        return [path.name for path in over]


def _written(path: Path, start: int) -> bytes:
    """Return what was written of a segment from an offset on; pages that were not are zeros, which restoring puts back."""
    found = []
    with path.open("rb") as file:
        file.seek(start)
        while (page := file.read(PAGE_BYTES)).strip(b"\0"):
            found.append(page)
    return b"".join(found)
