"""Making backups of one home: which series it writes, full or incremental, and what is let go in time."""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from infra.backup.base import take_base
from infra.backup.catalog import KEPT_HOURLY, Catalog, Entry, began_at, new_backup_id, outlived, put_bytes
from infra.backup.key import BackupKey
from infra.backup.log_files import segment_of
from infra.backup.place import Place, PlaceUnreachable
from infra.backup.programs import Programs
from infra.backup.sealing import seal_bytes
from infra.backup.tree import Item, Shipped, TreeKeeper
from infra.clock import SYSTEM_CLOCK
from infra.files import write_private
from infra.log import get_logger

_log = get_logger("backup")


@dataclass(frozen=True)
class Facts:
    """What the caller knows of the home and its database that is written into an entry."""

    code_version: str
    schema_revision: str
    counts: dict[str, int]
    embedded: bool


@dataclass(frozen=True)
class Plan:
    """One backup about to be made; its entry is written when everything else is there."""

    id: str
    series: str
    kind: str
    parent_id: str | None
    began: datetime


@dataclass
class Made:
    """A backup that is complete, and what it added to the place."""

    entry: Entry
    tree: Shipped
    bytes: int
    seconds: dict[str, float] = field(default_factory=dict)


class Maker:
    """Makes the backups of one home at one place. The series is the home's own: a copy of the home, or a restored one, begins another."""

    def __init__(self, home: Path, place: Place, key: BackupKey) -> None:
        self.home, self.place, self.key = home, place, key
        self.folder = home / "backup"
        self.catalog = Catalog(place, key)
        self._note = self.folder / "series.json"
        # Another key begins another series: what it cannot open it cannot go on with.
        self._where = f"{place.label} {key.short_name}"

    @cached_property
    def series(self) -> str:
        """The series of this home at this place; begun when there is none yet.

        Raises PlaceUnreachable when the place lacks a series that was begun there: then it is not the place, but for instance a disk's empty mount point.
        """
        known = self._known().get(self._where)
        if known is None:
            return self.begin_series()
        if next(self.place.list_(f"{known}/"), None) is None:
            fix = "mount its disk, or begin anew there with `ytempire backup --full`"
            raise PlaceUnreachable(f"backup place: {self.place.label} no longer holds this home's series {known}; {fix}", series=known)
        return known

    def begin_series(self) -> str:
        """Begin a series at the place and remember it."""
        series = f"{SYSTEM_CLOCK.now():%Y%m%d}-{secrets.token_hex(4)}"
        about = f"{series}/about"
        put_bytes(self.place, about, seal_bytes(self.key, about, json.dumps({"home": str(self.home)}).encode()))
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._note, json.dumps({"home": str(self.home), "series": {**self._known(), self._where: series}}))
        self.__dict__["series"] = series
        return series

    @cached_property
    def trees(self) -> TreeKeeper:
        """What brings the home's files."""
        return TreeKeeper(self.place, self.key, self.series)

    def plan(self, *, full: bool, parent_id: str | None) -> Plan:
        """Decide what the next backup is; an incremental one builds on the newest full one, when that is still at the place."""
        began = SYSTEM_CLOCK.now()
        ids = self.catalog.ids(self.series)
        parent = None if full or parent_id not in ids else parent_id
        return Plan(new_backup_id(began, secrets.token_hex(4), parent), self.series, "incremental" if parent else "full", parent, began)

    def newest_full(self) -> str | None:
        """Return the newest complete full backup of the series."""
        return max((one for one in self.catalog.ids(self.series) if one.count("-") == 1), default=None)

    def make(self, plan: Plan, programs: Programs, facts: Callable[[], Facts], items: Callable[[], Iterable[Item]]) -> Made:
        """Make the backup: the database first, then the files it may name, last the entry by which it counts."""
        server, told = programs.server(), facts()
        folder = f"{plan.series}/backups/{plan.id}"
        parent = f"{plan.series}/backups/{plan.parent_id}" if plan.parent_id else None
        started = SYSTEM_CLOCK.monotonic()
        base = take_base(programs, self.place, self.key, folder, parent)
        ended, copied = SYSTEM_CLOCK.now(), SYSTEM_CLOCK.monotonic()
        tree = self.trees.ship(f"{ended:%Y%m%dT%H%M%SZ}-{plan.id}", items())
        assert tree.part is not None
        entry = Entry(
            id=plan.id,
            series=plan.series,
            kind=plan.kind,
            parent_id=plan.parent_id,
            began=plan.began,
            ended=ended,
            home=str(self.home),
            major=server.major,
            system_identifier=server.system_identifier,
            database=server.database,
            superuser=server.superuser,
            segment_bytes=server.segment_bytes,
            timeline=base.manifest.timeline,
            start_lsn=base.manifest.start_lsn,
            stop_lsn=base.manifest.stop_lsn,
            database_bytes=base.manifest.bytes,
            base=base.part,
            tree=tree.part,
            tree_bytes=tree.bytes,
            **vars(told),
        )
        self.catalog.write(entry)
        seconds = {"database": round(copied - started, 2), "files": round(SYSTEM_CLOCK.monotonic() - copied, 2)}
        _log.info("backup.made", backup=plan.id, kind=plan.kind, bytes=base.part.bytes, new_files=tree.new, place=self.place.label)
        return Made(entry, tree, base.part.bytes + tree.part.bytes + tree.new_bytes, seconds)

    def ship_files(self, items: Iterable[Item]) -> Shipped:
        """Bring what changed among the files since the last look."""
        return self.trees.ship(f"{SYSTEM_CLOCK.now():%Y%m%dT%H%M%SZ}-turn", items, always=False)

    def let_go(self, now: datetime) -> int:
        """Remove backups that outlived their days, the log and trees that no kept one needs, and parts of backups never finished; return how many objects.

        Call it only while no backup is being made.
        """
        ids = self.catalog.ids(self.series)
        gone = outlived(ids, now)
        names = [f"{self.series}/backups/{one}/entry" for one in gone]
        kept = [one for one in ids if one not in gone]
        names += [name for name in self.place.list_(f"{self.series}/backups/") if name.split("/")[2] not in kept and name not in names]
        names += self._unneeded_trees(kept) + self._unneeded_log(kept, now)
        for name in names:  # entries first: from then on nothing of them counts
            self.place.delete(name)
        return len(names) + (self.trees.drop_unneeded(self.place.list_(f"{self.series}/trees/")) if any(one.count("-") == 1 for one in gone) else 0)

    def _unneeded_trees(self, kept: list[str]) -> list[str]:
        """Return the trees of no kept backup, but for those of the turns since the newest."""
        newest = max(kept, default="")
        found: list[str] = []
        for name in self.place.list_(f"{self.series}/trees/"):
            stamp, _, of = name.rpartition("/")[2].partition("-")
            if of not in kept and not (of == "turn" and stamp >= newest.split("-")[0]):
                found.append(name)
        return found

    def _unneeded_log(self, kept: list[str], now: datetime) -> list[str]:
        """Return the segments from before the oldest backup that the log is kept for."""
        recent = [one for one in kept if one not in outlived_hourly(kept, now)]
        if not recent:
            return []
        oldest = self.catalog.read(self.series, min(recent))
        first = segment_of(oldest.timeline, oldest.start_lsn, oldest.segment_bytes)
        log = [(name, name.rpartition("/")[2][:24]) for name in self.place.list_(f"{self.series}/wal/")]
        return [name for name, segment in log if segment[:8] == first[:8] and segment < first]

    def _known(self) -> dict[str, str]:
        """Return the series by place that this very home began; a copy of the home knows none."""
        try:
            told = json.loads(self._note.read_text("utf-8"))
            return dict(told["series"]) if told["home"] == str(self.home) else {}
        except (FileNotFoundError, ValueError, KeyError):
            return {}


def outlived_hourly(ids: Iterable[str], now: datetime) -> set[str]:
    """Return the backups beyond the days of which every moment can be restored."""
    return {one for one in ids if began_at(one) <= now - KEPT_HOURLY}
