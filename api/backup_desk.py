"""What the verbs and the process of backups work with: the place, the key, the maker and the rows of one home."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path

from infra.backup.bucket import bucket
from infra.backup.catalog import KEPT_DAILY, Catalog
from infra.backup.key import BackupKey, ensure_key, read_key, require_apart
from infra.backup.making import Facts, Made, Maker
from infra.backup.place import FolderPlace, Place, folder_place, shares_volume
from infra.backup.programs import Programs, programs
from infra.backup.tree import MEDIA, Item, folder_items, home_items
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.errors import Conflict, Invalid, StudioError
from infra.homelock import HomeLock
from infra.settings import CHECKOUT, Settings
from memory.media import MediaStore
from memory.media_shared import open_media
from memory.repositories.backups import BackupRepository, NewBackup
from memory.repositories.census import CensusRepository

_INTERRUPTED = "its process was killed"


class BackupBusy(Conflict):
    """Another process makes a backup of this home now."""

    code = "backup_busy"


def open_place(to: str, settings: Settings) -> Place:
    """Return the place that a person named; raises Invalid saying what may be given."""
    if not to.strip():
        raise Invalid("backup place: none is named; give --to (or --from), or set YTEMPIRE_BACKUP_TO, to a folder on another disk or s3://BUCKET/PREFIX")
    return bucket(to.strip(), settings) if to.strip().startswith("s3://") else folder_place(to.strip(), settings.home)


def same_volume(place: Place, home: Path) -> bool:
    """Say whether one broken disk takes both the home and the place."""
    return isinstance(place, FolderPlace) and shares_volume(place.root, home)


def open_key(settings: Settings, place: Place, *, make: bool) -> tuple[BackupKey, bool]:
    """Return the key, and whether it was made just now; raises KeyMissing when there is none and none is to be made."""
    path = settings.backup_key_file
    require_apart(path, settings.home, *([place.root] if isinstance(place, FolderPlace) else []))
    return ensure_key(path) if make else (read_key(path), False)


def _opened(store: MediaStore, digest: str) -> io.BufferedReader:
    return store.path(digest).open("rb")


def beside_the_home() -> tuple[Path, ...]:
    """Return the files of the checkout that belong to this studio's configuration."""
    return (CHECKOUT / ".env",)


@dataclass(frozen=True)
class Desk:
    """The backups of one home at one place. `admin_url` may replicate, `database` holds the rows."""

    settings: Settings
    place: Place
    key: BackupKey
    database: Database
    admin_url: str

    @cached_property
    def maker(self) -> Maker:
        """What makes the backups."""
        return Maker(self.settings.home, self.place, self.key)

    @cached_property
    def programs(self) -> Programs:
        """PostgreSQL's programs."""
        return programs(self.admin_url)

    @property
    def catalog(self) -> Catalog:
        """What the place holds."""
        return self.maker.catalog

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the home's backups for one step; raises BackupBusy while another process does."""
        lock = HomeLock(self.settings.home, "backup/lock")
        try:
            lock.acquire()
        except Conflict as error:
            raise BackupBusy(f"backup: another process makes one of this home (pid {error.details.get('pid')}); try again when it is through") from error
        try:
            yield
        finally:
            lock.release()

    def items(self) -> Iterator[Item]:
        """Yield the files that a backup keeps: those of the home, and the media where they lie elsewhere."""
        yield from home_items(self.settings.home, beside_the_home())
        if self.settings.media.startswith("s3://"):
            yield from self._shared_media()
        elif self.settings.media:
            yield from folder_items(self.settings.media_root, MEDIA)

    def _shared_media(self) -> Iterator[Item]:
        """Yield the media that rows name and a bucket holds; each is fetched only when the place lacks it."""
        store = open_media(self.settings)
        with self.database.unit_of_work() as session:
            named = tuple(CensusRepository(session).digests())
        for digest in named:
            yield Item(f"{MEDIA}{digest[:2]}/{digest}", 0, 0, partial(_opened, store, digest), digest=digest)

    def back_up(self, *, full: bool) -> Made:
        """Make one backup, record it, and let go what outlived its days. Call it inside `alone`. Raises what stood in the way, which is recorded too."""
        self._fail_left()
        plan = self.maker.plan(full=full, parent_id=self.maker.newest_full())
        with self.database.unit_of_work() as session:
            BackupRepository(session).begin(NewBackup(plan.id, plan.series, self.place.label, plan.kind, plan.parent_id))
        try:
            made = self.maker.make(plan, self.programs, self._facts, self.items)
        except (StudioError, OSError) as error:
            with self.database.unit_of_work() as session:
                BackupRepository(session).fail(plan.id, str(error))
            raise
        details = {"files": made.tree.files, "new_files": made.tree.new, "skipped": made.tree.skipped[:50], "seconds": made.seconds}
        with self.database.unit_of_work() as session:
            BackupRepository(session).finish(plan.id, made.bytes, details)
            BackupRepository(session).forget_before(SYSTEM_CLOCK.now() - KEPT_DAILY)
        self.maker.let_go(SYSTEM_CLOCK.now())
        if isinstance(self.place, FolderPlace):
            self.place.sweep(before=made.entry.began.timestamp())
        return made

    def _fail_left(self) -> None:
        with self.database.unit_of_work() as session:
            BackupRepository(session).fail_left(_INTERRUPTED)

    def _facts(self) -> Facts:
        with self.database.unit_of_work() as session:
            census = CensusRepository(session)
            return Facts(version("ytempire"), census.schema_revision(), census.counts(), embedded=self.settings.database_url is None)
