"""Restoring: a new home is made beside its name from a backup and the log after it, and gets the name only when it is whole."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from infra.backup.base import unpack_base
from infra.backup.catalog import Catalog, Entry, began_at
from infra.backup.log_files import PARTIAL, next_segment, segment_of
from infra.backup.manifest import NAME, read_manifest, verify_files
from infra.backup.place import ObjectMissing
from infra.backup.programs import combine, major_of
from infra.backup.recovery import Recovery
from infra.backup.sealing import Damaged, unseal
from infra.backup.tree import read_tree, restore_tree
from infra.clock import SYSTEM_CLOCK
from infra.embedded.postgres import PostgresUrls, postgres_binaries
from infra.errors import Conflict, Invalid, NotFound
from infra.homelock import HomeLock
from infra.log import get_logger
from infra.room import require_room

# Each backup as it came and unpacked, and what they are combined into.
_UNPACKED = 3
_ROOM_BESIDE = 200_000_000
_log = get_logger("restore")
Work = Callable[[PostgresUrls, Entry], None]


class LogMissing(NotFound):
    """A segment of the log that restoring needs is not at the place."""

    code = "backup_log_missing"


@dataclass(frozen=True)
class Wanted:
    """What to restore: `at` None means all there is; without `files` only the database, as a drill does."""

    into: Path
    at: datetime | None = None
    series: str | None = None
    files: bool = True


@dataclass
class Restored:
    """What came of it."""

    entry: Entry
    into: Path
    files: int = 0
    file_bytes: int = 0
    log_segments: int = 0
    last_commit: datetime | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def restore(catalog: Catalog, wanted: Wanted, work: Work) -> Restored:
    """Restore into a new home and return what was restored; `work` is run on the recovered database before the home gets its name.

    Raises Conflict when the home is there already, NoBackup, LogMissing, Damaged, WrongKey, DiskFull and PlaceUnreachable; then nothing is left.
    """
    into = wanted.into.absolute()
    _require_free(into)
    if wanted.at is not None and wanted.at > SYSTEM_CLOCK.now():
        raise Invalid(f"--at {wanted.at:%Y-%m-%dT%H:%M:%SZ}: it lies in the future; leave it out to restore all there is")
    entry = catalog.choose(wanted.at, wanted.series)
    programs = postgres_binaries(os.geteuid())
    _require_major(entry, programs)
    bases = [entry.base, *([catalog.read(entry.series, entry.parent_id).base] if entry.parent_id else [])]
    unpacked = _UNPACKED * sum(one.plain_bytes for one in bases)
    require_room(into.parent, unpacked + (entry.tree_bytes if wanted.files else 0) + _ROOM_BESIDE, "the restored home")
    fresh = into.with_name(f".{into.name}.restoring.{os.getpid()}")
    _clear_leftovers(into)
    result, step = Restored(entry, into), _Steps()
    try:
        fresh.mkdir(mode=0o711, parents=True)
        with step("database", result):
            _unpack(catalog, entry, fresh, programs)
        tree = _choose_tree(catalog, entry, wanted.at)
        rows = read_tree(catalog.place, catalog.key, tree)
        with step("log", result):
            result.log_segments = _fetch_log(catalog, entry, fresh, wanted.at)
        with step("files", result):
            if wanted.files:
                result.files, result.file_bytes = restore_tree(catalog.place, catalog.key, entry.series, rows, fresh)
            else:
                restore_tree(catalog.place, catalog.key, entry.series, [row for row in rows if row["path"] == "services/postgres.json"], fresh)
        with step("recovery", result):
            result.last_commit = Recovery(fresh, entry).run(wanted.at, work)
        if into.is_dir():
            into.rmdir()
        fresh.rename(into)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _log.info("home.restored", backup=entry.id, home=str(into), files=result.files, log_segments=result.log_segments)
    return result


class _Steps:
    """Takes the time of each step."""

    def __call__(self, name: str, result: Restored) -> "_Steps":
        self._name, self._result = name, result
        return self

    def __enter__(self) -> None:
        self._began = SYSTEM_CLOCK.monotonic()

    def __exit__(self, *_: object) -> None:
        self._result.seconds[self._name] = round(SYSTEM_CLOCK.monotonic() - self._began, 2)


def _require_free(into: Path) -> None:
    if HomeLock(into).path.exists() and HomeLock(into).is_held():
        raise Conflict(f"--into: {into} is the home of a running stack; name a folder that does not exist yet", home=str(into))
    if into.is_symlink() or (into.exists() and (not into.is_dir() or any(into.iterdir()))):
        raise Conflict(f"--into: {into} is not empty, and nothing is ever overwritten; name a folder that does not exist yet", home=str(into))
    if not into.parent.is_dir():
        raise Invalid(f"--into: {into.parent} does not exist; make it, or name a folder in one that does", home=str(into))


def _require_major(entry: Entry, programs: Path) -> None:
    if entry.major != (here := major_of(programs)):
        fix = "install the version of the studio that made it"
        raise Invalid(f"backup {entry.id}: it is of PostgreSQL {entry.major}, this studio runs {here}; {fix} (code {entry.code_version})", backup=entry.id)


def _clear_leftovers(into: Path) -> None:
    """Remove what a killed restore of the same home left."""
    for left in into.parent.glob(f".{into.name}.restoring.*"):
        pid = left.name.rpartition(".")[2]
        if not (pid.isdigit() and psutil.pid_exists(int(pid))):
            shutil.rmtree(left, ignore_errors=True)


def _unpack(catalog: Catalog, entry: Entry, fresh: Path, programs: Path) -> None:
    """Make the server's data folder out of the full backup, and the incremental one that builds on it."""
    data = fresh / "services" / "postgres"
    data.parent.mkdir(parents=True)
    if entry.parent_id is None:
        unpack_base(catalog.place, catalog.key, entry.base, data)
        return
    full = catalog.read(entry.series, entry.parent_id)
    parts = [fresh / "full", fresh / "incremental"]
    for one, target in zip((full, entry), parts, strict=True):
        unpack_base(catalog.place, catalog.key, one.base, target)
    combine(programs, parts, data)
    verify_files(data, read_manifest((data / NAME).read_bytes()))
    for part in parts:
        shutil.rmtree(part)


def _choose_tree(catalog: Catalog, entry: Entry, at: datetime | None) -> str:
    """Return the tree to restore: the first written at `at` or later, so that no file the database may name is missing, else the newest."""
    names = sorted(catalog.place.list_(f"{entry.series}/trees/"))
    later = [name for name in names if at is not None and name.rpartition("/")[2].split("-")[0] >= at.strftime("%Y%m%dT%H%M%SZ")]
    return next(iter(later), None) or (names[-1] if names else entry.tree.name)


def _fetch_log(catalog: Catalog, entry: Entry, fresh: Path, at: datetime | None) -> int:
    """Fetch the log from the backup on, without a gap; return how many segments came.

    A gap is an error, since what lies behind it would be lost silently: only restoring to the backup's own end needs no log.
    """
    target = fresh / "services" / "postgres" / Recovery.LOG
    target.mkdir(mode=0o700)
    if at == entry.ended:
        return 0
    folder, last = f"{entry.series}/wal", _last_segment(catalog, entry, at)
    there = {name.rpartition("/")[2] for name in catalog.place.list_(f"{folder}/")}
    there = {name for name in there if name[:8] == f"{entry.timeline:08X}" and name[:24] <= last}
    # The segment in which the backup ended travelled with it, whole or not; the log kept beside it goes on from there.
    name, count = segment_of(entry.timeline, entry.stop_lsn, entry.segment_bytes), 0
    while name in there or name + PARTIAL in there:
        whole = name in there
        pieces = [name] if whole else sorted(one for one in there if one.startswith(name + PARTIAL))
        _fetch_segment(catalog, [f"{folder}/{piece}" for piece in pieces], target / name, entry.segment_bytes)
        count += 1
        if not whole:
            break
        name = next_segment(name, entry.segment_bytes)
    beyond = sorted(one[:24] for one in there if one[:24] > name)
    if beyond:
        ways = f"--at {entry.ended.isoformat()} restores the backup as it was then; a later backup's time may do as well"
        raise LogMissing(f"log after backup {entry.id}: segment {name} is missing at {catalog.place.label}, {beyond[0]} is there; {ways}", segment=name)
    return count


def _last_segment(catalog: Catalog, entry: Entry, at: datetime | None) -> str:
    """Return the last segment that can hold a commit of before `at`: what a later backup began with lies behind it."""
    later = [one for one in catalog.ids(entry.series) if at is not None and began_at(one) > at]
    if not later:
        return "F" * 24
    first = catalog.read(entry.series, min(later))
    return segment_of(first.timeline, first.stop_lsn, first.segment_bytes)


def _fetch_segment(catalog: Catalog, names: list[str], target: Path, segment_bytes: int) -> None:
    """Write a segment: the whole of it, or its beginning and each piece that was added, where its name says."""
    with target.open("wb") as file:
        for name in names:
            offset = name.rpartition(f"{PARTIAL}.")[2]
            file.seek(int(offset, 16) if offset != name else 0)
            try:
                with catalog.place.open(name) as source:
                    unseal(catalog.key, name, source, file)
            except ObjectMissing as error:
                raise Damaged(f"backup object {name}: it is missing at {catalog.place.label}; try again") from error
        file.truncate(segment_bytes)
