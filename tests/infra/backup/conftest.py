"""A home with a server of its own, some files, and a place for its backups."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from infra.backup.catalog import Catalog, Entry
from infra.backup.key import BackupKey, new_key
from infra.backup.log_shipping import LogReceiver, LogShipped, LogShipper
from infra.backup.making import Facts, Made, Maker
from infra.backup.place import FolderPlace
from infra.backup.programs import Programs, programs
from infra.backup.restoring import Restored, Wanted, restore
from infra.backup.tree import home_items
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls

QUICK = {"fsync": "off", "full_page_writes": "on"}

# The newest segment with anything in it, and what is in it.
_WRITTEN = """
    select file_name, pg_read_binary_file('pg_wal/' || file_name, 0, file_offset + 1) from pg_walfile_name_offset(pg_current_wal_flush_lsn() - 1)
"""


@dataclass
class House:
    """One home under backup."""

    home: Path
    place: FolderPlace
    key: BackupKey
    server: EmbeddedPostgres
    urls: PostgresUrls
    maker: Maker
    receiver: LogReceiver
    shipper: LogShipper | None = None

    @property
    def programs(self) -> Programs:
        return programs(self.urls.admin)

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.place, self.key)

    def write(self, count: int) -> None:
        """Commit rows."""
        with psycopg.connect(self.urls.admin) as connection:
            connection.execute("create table if not exists kept (value int)")
            connection.execute("insert into kept select generate_series(1, %s)", [count])

    def store(self, data: bytes) -> str:
        """Add a file to the media store."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.home / "media" / digest[:2] / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return digest

    def back_up(self, *, full: bool = False) -> Made:
        plan = self.maker.plan(full=full, parent_id=self.maker.newest_full())
        facts = Facts("test", "0011_backups", {}, embedded=True)
        return self.maker.make(plan, self.programs, lambda: facts, lambda: home_items(self.home))

    def ship(self) -> LogShipped:
        """Take what the receiver has to the place, after all that was committed has reached it."""
        self._await_received()
        if self.shipper is None:
            self.shipper = LogShipper(self.place, self.key, self.maker.series, self.home / "backup" / "wal")
        return self.shipper.ship()

    def _await_received(self) -> None:
        """Wait until the spool holds, byte for byte, what the server has of its log; the receiver tells the server only every ten seconds."""
        spool = self.home / "backup" / "wal"
        with psycopg.connect(self.urls.admin, autocommit=True) as connection:
            row = connection.execute(_WRITTEN).fetchone()
        assert row is not None
        name, written = str(row[0]), bytes(row[1])
        places = (spool / f"{name}.partial", spool / name)
        limit = time.monotonic() + 30
        while not (any(path.exists() and path.read_bytes().startswith(written) for path in places) or f"{self.maker.series}/wal/{name}" in self._at_place()):
            assert time.monotonic() < limit, f"{name} is not received within 30 s"
            time.sleep(0.02)

    def _at_place(self) -> set[str]:
        return set(self.place.list_(f"{self.maker.series}/wal/"))

    def switch_log(self) -> None:
        """Let the server begin another segment of its log."""
        with psycopg.connect(self.urls.admin, autocommit=True) as connection:
            connection.execute("select pg_switch_wal()")

    def restore(self, wanted: Wanted, key: BackupKey | None = None) -> tuple[int, Restored]:
        """Restore, and return the rows that the recovered database held."""
        rows: list[int] = []

        def count(urls: PostgresUrls, entry: Entry) -> None:
            with psycopg.connect(urls.admin) as connection:
                row = connection.execute("select count(*) from kept").fetchone()
                rows.append(row[0] if row else -1)

        result = restore(Catalog(self.place, key or self.key), wanted, count)
        return rows[0], result

    def close(self) -> None:
        self.receiver.stop()
        self.server.stop()


@pytest.fixture
def house(made_home: Path) -> Iterator[House]:
    """A running home with two media files, a page of its library and a file of its configuration."""
    server = EmbeddedPostgres(made_home, QUICK)
    urls = server.start()
    place, key = FolderPlace(made_home.parent / "place"), new_key()
    receiver = LogReceiver(programs(urls.admin), made_home / "backup" / "wal", made_home / "logs" / "backup-log.log")
    found = House(made_home, place, key, server, urls, Maker(made_home, place, key), receiver)
    found.store(os.urandom(50_000))
    found.store(b"picture " * 1000)
    (made_home / "library").mkdir()
    (made_home / "library" / "index.html").write_text("<p>videos</p>")
    (made_home / "token.keys").write_text("secret")
    (made_home / "token.keys").chmod(0o600)
    (made_home / "cache").mkdir()
    (made_home / "cache" / "rebuilt").write_text("not kept")
    yield found
    found.close()


@pytest.fixture
def nothing_left(made_home: Path) -> Callable[[], list[str]]:
    """A function that lists what restoring left beside the homes."""
    return lambda: sorted(path.name for path in made_home.parent.iterdir() if "restoring" in path.name)
