"""What a place holds: series of backups, each entry written last of all its parts, so that what is half-made is never listed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.backup.key import BackupKey
from infra.backup.place import ObjectMissing, Place
from infra.backup.sealing import Damaged, seal_bytes, unseal_bytes
from infra.errors import NotFound

FORMAT = 1
KEPT_HOURLY = timedelta(days=7)
KEPT_DAILY = timedelta(days=30)
_ENTRY = re.compile(r"^(?P<series>[^/]+)/backups/(?P<id>[^/]+)/entry$")
_STAMP = "%Y%m%dT%H%M%SZ"


class NoBackup(NotFound):
    """The place holds no backup that fits what was asked for."""

    code = "backup_not_found"


class Part(BaseModel):
    """One object that belongs to a backup, as it was written."""

    model_config = ConfigDict(frozen=True)

    name: str
    bytes: int
    sha256: str
    plain_bytes: int


class Entry(BaseModel):
    """One complete backup. `began` and `ended` are the database's moments between which it was taken; it restores to `ended` or later."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    id: str
    series: str
    kind: str
    parent_id: str | None = None
    began: datetime
    ended: datetime
    home: str
    code_version: str
    schema_revision: str
    major: int
    system_identifier: str
    database: str
    superuser: str
    segment_bytes: int
    timeline: int
    start_lsn: int
    stop_lsn: int
    database_bytes: int
    base: Part
    tree: Part
    tree_bytes: int
    counts: dict[str, int] = {}
    embedded: bool = True


@dataclass(frozen=True)
class Catalog:
    """The backups of one place that a key opens."""

    place: Place
    key: BackupKey

    def list_series(self) -> tuple[str, ...]:
        """Return the names of the series at the place, those of other keys as well."""
        return tuple(sorted({name.split("/", 1)[0] for name in self.place.list_("") if _ENTRY.match(name)}))

    def ids(self, series: str) -> tuple[str, ...]:
        """Return the ids of a series' complete backups, oldest first."""
        return tuple(found["id"] for name in self.place.list_(f"{series}/backups/") if (found := _ENTRY.match(name)))

    def read(self, series: str, backup_id: str) -> Entry:
        """Return one entry; raises NoBackup, WrongKey and Damaged."""
        name = f"{series}/backups/{backup_id}/entry"
        try:
            told = unseal_bytes(self.key, name, read_object(self.place, name))
            return Entry.model_validate_json(told)
        except ObjectMissing as error:
            raise NoBackup(f"backup {backup_id}: it is not at {self.place.label}", backup=backup_id) from error
        except ValidationError as error:
            raise Damaged(f"backup {backup_id}: its entry cannot be read ({error.errors()[0]['msg']}); it was written by another version") from error

    def entries(self, series: str | None = None) -> Iterator[Entry]:
        """Yield the entries of one series, or of all, oldest first."""
        for one in (series,) if series else self.list_series():
            for backup_id in self.ids(one):
                yield self.read(one, backup_id)

    def write(self, entry: Entry) -> None:
        """Write an entry: from this moment on the backup counts."""
        name = f"{entry.series}/backups/{entry.id}/entry"
        put_bytes(self.place, name, seal_bytes(self.key, name, entry.model_dump_json().encode()))

    def choose(self, at: datetime | None, series: str | None = None) -> Entry:
        """Return the newest backup, or the newest that had ended by `at`; raises NoBackup naming what there is."""
        names = (series,) if series else self.list_series()
        found = sorted(((backup_id, one) for one in names for backup_id in self.ids(one)), reverse=True)
        if not found:
            message = f"backup place: {self.place.label} holds no complete backup; name another with --from, or make one with `ytempire backup`"
            raise NoBackup(message, place=self.place.label)
        for backup_id, one in found:
            if at is None or began_at(backup_id) <= at:
                entry = self.read(one, backup_id)
                if at is None or entry.ended <= at:
                    return entry
        first = self.read(*reversed(found[-1]))
        message = f"--at {at:%Y-%m-%dT%H:%M:%SZ}: the first backup here ended at {first.ended:%Y-%m-%dT%H:%M:%SZ}; name that moment or a later one"
        raise NoBackup(message, first=first.ended.isoformat())


def new_backup_id(began: datetime, digits: str, parent_id: str | None) -> str:
    """Return a backup's id: when it began, digits of its own, and for an incremental one those of the full one it builds on."""
    return "-".join([began.astimezone(UTC).strftime(_STAMP), digits, *([parent_id.split("-")[1]] if parent_id else [])])


def began_at(backup_id: str) -> datetime:
    """Return when a backup began, from its id alone."""
    return datetime.strptime(backup_id.split("-")[0], _STAMP).replace(tzinfo=UTC)


def outlived(ids: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return the backups that need not be kept any more, those that build on others first.

    Kept are the backups of the last 7 days, the last full one of each of the last 30 days, whatever a kept one builds on, and always the newest
    full one.
    """
    full = [one for one in ids if one.count("-") == 1]
    last_of_day = {began_at(one).date(): one for one in sorted(full) if began_at(one) > now - KEPT_DAILY}
    kept = {one for one in ids if began_at(one) > now - KEPT_HOURLY} | set(last_of_day.values()) | set(sorted(full)[-1:])
    needed = {one.split("-")[2] for one in kept if one.count("-") == 2}
    return tuple(sorted((one for one in ids if one not in kept and one.split("-")[1] not in needed), key=lambda one: (-one.count("-"), one)))


def read_object(place: Place, name: str) -> bytes:
    """Return a small object as it lies at the place."""
    with place.open(name) as file:
        return file.read()


def put_bytes(place: Place, name: str, data: bytes) -> None:
    """Write a small object."""

    def write(file: BinaryIO) -> None:
        file.write(data)

    place.put(name, write)


def to_lines(rows: list[dict[str, object]]) -> bytes:
    """Return rows as lines of JSON."""
    return b"".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in rows)
