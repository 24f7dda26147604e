"""Backups as the stack keeps them: what a turn does, what it tells, what it costs, and what `doctor` says of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from api.backup_desk import BackupBusy, Desk, open_key, open_place
from api.backup_state import judged
from api.backups import Backups, open_backups
from api.stack import Stack
from api.stack_host import StackUrls
from graphs.restore_drill import drill
from infra.backup.programs import MayNotReplicate, programs
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls
from infra.errors import Conflict, Invalid
from infra.settings import Settings
from memory.media import MediaStore
from memory.records.backups import BackupRecord
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.backups import BackupRepository
from memory.repositories.messages import MessageRepository
from tests.fixtures.desk import Desk as CommandDesk
from tests.fixtures.services import make_quick_place


class Ahead:
    """The machine's clock, as far ahead as a test says."""

    by = timedelta()

    def now(self) -> datetime:
        return SYSTEM_CLOCK.now() + self.by

    def monotonic(self) -> float:
        return SYSTEM_CLOCK.monotonic()


@dataclass
class Kept:
    """A home whose backups are kept."""

    settings: Settings
    urls: PostgresUrls
    database: Database
    clock: Ahead
    backups: Backups

    @property
    def place(self) -> Path:
        return Path(self.settings.backup_to)

    def listed(self) -> list[BackupRecord]:
        with self.database.unit_of_work() as session:
            return list(BackupRepository(session).list_().items)

    def told(self) -> list[str]:
        with self.database.unit_of_work() as session:
            return [one.subject for one in MessageRepository(session).list_().items]

    def desk(self) -> Desk:
        place = open_place(self.settings.backup_to, self.settings)
        return Desk(self.settings, place, open_key(self.settings, place, make=False)[0], self.database, self.urls.admin)


@pytest.fixture
def kept(migrated_home: Path) -> Iterator[Kept]:
    folder = make_quick_place()
    home = folder / "home"
    shutil.copytree(migrated_home, home)
    server = EmbeddedPostgres(home, {"fsync": "off"})
    urls = server.start()
    settings = Settings(
        _env_file=None,
        home=home,
        backup_to=str(folder / "place"),
        backup_key=folder / "keys" / "backup.key",
        database_url=urls.app,
        database_admin_url=urls.admin,
    )
    database, clock = Database(urls.app), Ahead()
    first = open_backups(settings)
    digest = MediaStore(settings.media_root).put_bytes(b"a film " * 1000)
    with database.unit_of_work() as session:
        AuditRepository(session).append("ada", "studio.opened", "studio", {})
        ArtifactRepository(session).record(digest=digest, run_id=None, kind="video", media_type="video/mp4", size_bytes=7000, provenance="demo")
    found = Kept(settings, urls, database, clock, Backups(first.desk, clock))
    yield found
    found.backups.stop()
    first.desk.database.dispose()
    database.dispose()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_turn_makes_what_is_due_and_nothing_more_and_drills_a_restore(kept: Kept) -> None:
    kept.backups.turn_now()
    assert [(one.kind, one.status) for one in kept.listed()] == [("full", "done")]
    with kept.database.unit_of_work() as session:
        found = BackupRepository(session).find_drill()
    assert found is not None
    assert (found.status, found.error, found.backup_id) == ("passed", "", kept.listed()[0].id)
    assert found.checks["media"] == {"named": 1, "missing": 0}
    assert found.checks["audit_events"] == 1
    assert found.checks["contents_read"] >= 1
    kept.backups.turn_now()
    assert len(kept.listed()) == 1
    kept.clock.by = timedelta(minutes=61)
    kept.backups.turn_now()
    assert [(one.kind, one.parent_id) for one in kept.listed()][0] == ("incremental", kept.listed()[1].id)
    kept.clock.by = timedelta(hours=25)
    kept.backups.turn_now()
    assert kept.listed()[0].kind == "full"
    assert "The backups have a key: keep a copy" in kept.told()
    assert not {"A backup failed", "A restore drill failed"} & set(kept.told())
    assert judged(kept.settings, kept.listed()[0], found).limits.startswith("on the same volume")


def test_a_backup_is_made_listed_and_restored_by_hand(kept: Kept, desk: CommandDesk, tmp_path: Path) -> None:
    urls = StackUrls(kept.urls.app, kept.urls.publish, kept.urls.admin, "unix:///nowhere")
    desk.patch.setattr(Stack, "join_or_start", lambda stack: setattr(stack, "_urls", urls))
    desk.patch.setenv("YTEMPIRE_HOME", str(kept.settings.home))
    desk.patch.setenv("YTEMPIRE_BACKUP_KEY", str(kept.settings.backup_key))
    place, home = str(kept.place), kept.place.parent / "restored"
    kept.settings.backup_key_file.unlink()
    told = desk.told("backup", "--to", place)
    for words in (f"full backup {kept.listed()[0].id}", "It was made just now", "on the same volume", f"restore --from {place}"):
        assert words in told
    again = desk.json("backup", "--to", place)
    assert (again["kind"], again["key_made_now"], again["builds_on"]) == ("incremental", False, kept.listed()[1].id)
    assert {one["id"] for one in desk.json("restore", "--from", place, "--list")["backups"]} == {again["id"], again["builds_on"]}
    assert again["id"] in desk.told("restore", "--from", place, "--list")
    assert "--into: names no home" in desk.refused("restore", "--from", place)
    assert "is no moment" in desk.refused("restore", "--from", place, "--into", str(home), "--at", "soon")
    assert "none is named" in desk.refused("restore", "--into", str(home))
    (tmp_path / "empty").mkdir()
    assert "there is no complete backup" in desk.told("restore", "--from", str(tmp_path / "empty"), "--list")
    told = desk.told("restore", "--from", place, "--into", str(home))
    assert f"restored {home}" in told
    assert f"next        YTEMPIRE_HOME={home} ytempire resume" in told
    assert (home / "services" / "postgres").is_dir()


def test_a_turn_with_nothing_new_writes_nothing_to_the_place(kept: Kept) -> None:
    kept.backups.turn_now()
    kept.backups.turn_now()
    before = {path: path.stat().st_mtime_ns for path in kept.place.rglob("*") if path.is_file()}
    for _ in range(3):
        kept.backups.turn_now()
    after = {path: path.stat().st_mtime_ns for path in kept.place.rglob("*") if path.is_file()}
    assert {path.name for path in set(after) - set(before)} == set()
    assert [path for path, at in after.items() if before[path] != at and path.suffix != ".partial"] == []


def test_a_place_that_is_gone_is_told_once_a_day_and_tried_again(kept: Kept) -> None:
    kept.backups.turn_now()
    away = kept.place.with_name("away")
    kept.place.rename(away)
    kept.place.write_text("a file now")
    kept.clock.by = timedelta(minutes=70)
    for _ in range(3):
        kept.backups.turn_now()
    assert kept.told().count("A backup failed") == 1
    kept.clock.by = timedelta(hours=30)
    kept.backups.turn_now()
    assert "No backup for 24 hours" in kept.told()
    kept.place.unlink()
    away.rename(kept.place)
    kept.clock.by = timedelta(hours=31)
    kept.backups.turn_now()
    assert (kept.listed()[0].kind, kept.listed()[0].status) == ("full", "done")


def test_a_drill_finds_what_is_missing(kept: Kept) -> None:
    with kept.desk().alone():
        kept.desk().back_up(full=True)
    series = kept.desk().maker.series
    for path in (kept.place / series / "blobs").rglob("*/*"):
        path.unlink()
    assert "missing" in drill(kept.settings, kept.desk().catalog).error
    assert not list((kept.settings.home / "backup").glob("drill*"))


def test_two_at_once_take_turns(kept: Kept) -> None:
    with kept.desk().alone(), pytest.raises(BackupBusy, match="another process makes one"), kept.desk().alone():
        pass


def test_a_role_that_may_not_replicate_is_told_how_it_may(kept: Kept) -> None:
    with pytest.raises(MayNotReplicate, match="alter role ytempire_app replication"):
        programs(kept.urls.app).server()
    with psycopg.connect(kept.urls.admin, autocommit=True) as connection:
        connection.execute("create role copier login replication password 'c'")
        connection.execute("grant connect on database ytempire to copier")
    url = kept.urls.app.replace("ytempire_app", "copier")
    url = url.replace(url.split("copier:")[1].split("@")[0], "c")
    assert programs(url).server().major == 18


def test_a_key_in_the_home_or_at_the_place_is_refused(kept: Kept) -> None:
    for path in (kept.settings.home / "backup.key", kept.place / "backup.key"):
        settings = kept.settings.model_copy(update={"backup_key": path})
        with pytest.raises(Conflict, match="kept apart"):
            open_key(settings, open_place(settings.backup_to, settings), make=True)
        assert not path.exists()


def test_doctor_says_what_is_wrong_and_what_mends_it(kept: Kept) -> None:
    nothing = kept.settings.model_copy(update={"backup_to": ""})
    assert "YTEMPIRE_BACKUP_TO" in judged(nothing, None, None).better
    assert "none is complete yet" in judged(kept.settings, None, None).limits
    old = BackupRecord(kind="full", place=kept.settings.backup_to, started_at=SYSTEM_CLOCK.now() - timedelta(hours=30))
    assert "30 h old, more than a day" in judged(kept.settings, old, None).limits
    with pytest.raises(Invalid, match="none is named"):
        open_place(" ", kept.settings)
