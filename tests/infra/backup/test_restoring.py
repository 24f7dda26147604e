"""Backups of a real server, restored: to the end, to a moment, by a wrong key, from damaged parts, into places that will not do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from infra.backup.catalog import NoBackup
from infra.backup.key import new_key
from infra.backup.place import ObjectMissing, PlaceUnreachable
from infra.backup.restoring import LogMissing, Wanted
from infra.backup.sealing import Damaged, WrongKey
from infra.clock import SYSTEM_CLOCK
from infra.embedded.postgres import EmbeddedPostgres
from infra.errors import Conflict, Invalid
from infra.settings import CHECKOUT
from tests.infra.backup.conftest import House


def test_a_full_and_an_incremental_backup_with_the_log_restore_to_the_last_commit_and_to_any_moment(
    house: House, nothing_left: Callable[[], list[str]]
) -> None:
    new = house.home.parent / "new"
    assert house.receiver.ensure()
    house.write(1000)
    full = house.back_up()
    house.write(500)
    time.sleep(1.1)
    part = house.back_up()
    assert (full.entry.kind, part.entry.kind, part.entry.parent_id) == ("full", "incremental", full.entry.id)
    assert part.entry.base.bytes < full.entry.base.bytes / 5
    assert (full.tree.new, part.tree.new) == (5, 0)
    house.write(70)
    time.sleep(0.3)
    between = SYSTEM_CLOCK.now()
    time.sleep(0.3)
    house.write(8)
    house.switch_log()
    house.write(1)
    house.ship()
    media = sorted(path.name for path in (house.home / "media").rglob("*") if path.is_file())
    house.close()
    rows, result = house.restore(Wanted(new))
    assert rows == 1579
    assert result.log_segments >= 2
    assert sorted(path.name for path in (new / "media").rglob("*") if path.is_file()) == media
    assert (new / "library" / "index.html").read_text() == "<p>videos</p>"
    assert (new / "token.keys").stat().st_mode & 0o777 == 0o600
    assert not (new / "cache").exists()
    assert not (new / "backup").exists()
    again = EmbeddedPostgres(new)
    with psycopg.connect(again.start().admin) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1579,)
    again.stop()
    assert house.restore(Wanted(new.with_name("then"), at=between))[0] == 1570
    assert house.restore(Wanted(new.with_name("exact"), at=part.entry.ended))[0] == 1500
    assert house.restore(Wanted(new.with_name("late"), at=SYSTEM_CLOCK.now()))[0] == 1579
    assert nothing_left() == []


def test_every_flipped_byte_of_a_backup_is_found(house: House) -> None:
    house.write(10)
    made = house.back_up()
    for part in (made.entry.base, made.entry.tree):
        path = house.place.root / part.name
        good = path.read_bytes()
        for at in (40, len(good) // 2, len(good) - 1):
            path.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1 :])
            with pytest.raises((Damaged, WrongKey)):
                house.restore(Wanted(house.home.parent / "new"))
        path.write_bytes(good)
    blob = next((house.place.root / house.maker.series / "blobs").rglob("*/*"))
    blob.write_bytes(blob.read_bytes()[:-1])
    with pytest.raises(Damaged):
        house.restore(Wanted(house.home.parent / "new"))
    assert not (house.home.parent / "new").exists()


def test_what_cannot_be_restored_says_why_and_leaves_nothing(house: House, nothing_left: Callable[[], list[str]]) -> None:
    into = house.home.parent / "new"
    with pytest.raises(NoBackup, match="holds no complete backup; name another with --from"):
        house.restore(Wanted(into))
    house.write(10)
    made = house.back_up()
    other = new_key()
    with pytest.raises(WrongKey, match=f"{other.short_name} does not open"):
        house.restore(Wanted(into), key=other)
    with pytest.raises(NoBackup, match="the first backup here ended at .* name that moment"):
        house.restore(Wanted(into, at=made.entry.began - timedelta(hours=1)))
    with pytest.raises(Invalid, match="lies in the future"):
        house.restore(Wanted(into, at=SYSTEM_CLOCK.now() + timedelta(hours=1)))
    with pytest.raises(Invalid, match="does not exist"):
        house.restore(Wanted(into / "deep" / "er"))
    into.mkdir()
    (into / "mine").write_text("kept")
    with pytest.raises(Conflict, match="not empty, and nothing is ever overwritten"):
        house.restore(Wanted(into))
    with pytest.raises(Conflict, match="--into"):
        house.restore(Wanted(house.home))
    assert (into / "mine").read_text() == "kept"
    house.catalog.write(made.entry.model_copy(update={"id": "29991231T000000Z-ffffffff", "major": 17}))
    with pytest.raises(Invalid, match="it is of PostgreSQL 17, this studio runs 18"):
        house.restore(Wanted(into.with_name("other")))
    assert nothing_left() == []
    house.server.ping()


def test_a_missing_segment_of_the_log_is_named_and_not_skipped(house: House) -> None:
    house.receiver.ensure()
    house.write(10)
    made = house.back_up()
    for _ in range(3):
        house.write(1)
        house.switch_log()
    house.write(1)
    house.ship()
    log = sorted(name for name in house.place.list_(f"{house.maker.series}/wal/"))
    gone = log[-3].rpartition("/")[2]
    house.place.delete(log[-3])
    with pytest.raises(LogMissing, match=f"segment {gone} is missing .* --at") as missing:
        house.restore(Wanted(house.home.parent / "new"))
    assert made.entry.ended.isoformat() in missing.value.message
    assert house.restore(Wanted(house.home.parent / "new", at=made.entry.ended))[0] == 10


def test_a_backup_without_its_entry_never_counts_and_its_parts_are_let_go(house: House) -> None:
    house.write(10)
    kept = house.back_up().entry
    time.sleep(1.1)
    half = house.back_up().entry
    house.place.delete(f"{half.series}/backups/{half.id}/entry")
    assert house.catalog.ids(half.series) == (kept.id,)
    assert house.maker.let_go(SYSTEM_CLOCK.now()) == 3  # its base, its manifest and its tree
    assert [name for name in house.place.list_(f"{half.series}/") if half.id in name] == []
    assert house.restore(Wanted(house.home.parent / "new"))[0] == 10


@pytest.mark.slow
def test_a_backup_killed_at_any_moment_leaves_nothing_that_counts(house: House, until: Callable[[Callable[[], object], float], None]) -> None:
    house.write(10)
    code = """
import sys
from pathlib import Path
from infra.backup.key import BackupKey
from infra.backup.making import Facts, Maker
from infra.backup.place import FolderPlace
from infra.backup.programs import programs
from infra.backup.tree import home_items
home, place, secret, url = Path(sys.argv[1]), FolderPlace(Path(sys.argv[2])), sys.argv[3], sys.argv[4]
maker = Maker(home, place, BackupKey(secret))
maker.make(maker.plan(full=True, parent_id=None), programs(url), lambda: Facts("t", "r", {}, True), lambda: home_items(home))
"""
    series = house.maker.series
    for moment in ("*/backups/*/.part_*", "*/backups/*/manifest", "*/blobs/*/*"):
        argv = [sys.executable, "-c", code, str(house.home), str(house.place.root), house.key.secret, house.urls.admin]
        dies = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda moment=moment, dies=dies: dies.poll() is not None or any(house.place.root.glob(moment)), 30)  # type: ignore[misc]
        os.kill(dies.pid, signal.SIGKILL)
        dies.wait()
        if house.catalog.ids(series):
            pytest.skip("the machine was too quick for the kill")
    made = house.back_up()
    house.maker.let_go(SYSTEM_CLOCK.now())
    house.place.sweep(before=time.time() + 1)
    assert house.catalog.ids(series) == (made.entry.id,)
    assert {path.parent.name for path in house.place.root.rglob("base")} == {made.entry.id}
    assert list(house.place.root.rglob(".part_*")) == []
    assert house.restore(Wanted(house.home.parent / "new"))[0] == 10


def test_a_killed_restore_leaves_no_home_and_the_next_one_clears_up(house: House, nothing_left: Callable[[], list[str]]) -> None:
    house.write(10)
    house.back_up()
    into = house.home.parent / "new"
    dead = into.with_name(".new.restoring.999999999")
    (dead / "services").mkdir(parents=True)
    assert house.restore(Wanted(into))[0] == 10
    assert nothing_left() == []


def test_a_place_that_lost_the_series_is_not_taken_for_the_place(house: House) -> None:
    house.write(1)
    house.back_up()
    house.place.root.rename(house.place.root.with_name("unmounted"))
    house.place.root.mkdir()
    house.maker.__dict__.pop("series", None)
    with pytest.raises(PlaceUnreachable, match="no longer holds this home's series .* mount its disk, or begin anew"):
        house.back_up()
    first = house.maker.begin_series()
    house.maker.__dict__.pop("trees", None)
    assert house.back_up(full=True).entry.series == first


def test_a_content_that_is_not_what_its_name_says_is_left_out_and_named(house: House) -> None:
    digest = house.store(b"whole")
    (house.home / "media" / digest[:2] / digest).write_bytes(b"broken")
    house.write(1)
    assert house.back_up().tree.skipped == [f"media/{digest[:2]}/{digest}: its bytes are not those of its name"]


def test_of_a_segment_being_written_only_what_was_added_goes_and_all_of_it_comes_back(house: House) -> None:
    house.receiver.ensure()
    house.write(1)
    house.back_up()
    first = house.ship()
    sizes = []
    for _ in range(4):
        house.write(300)  # more than a page of the log, so that each turn begins a piece
        sizes.append(house.ship().bytes)
    assert max(sizes) < first.bytes / 10
    assert len([name for name in house.place.list_(f"{house.maker.series}/wal/") if ".partial." in name]) >= 2
    house.shipper = None  # the process was killed; another goes on
    house.write(2)
    house.ship()
    assert [name for name in house.place.list_(f"{house.maker.series}/wal/") if ".partial." in name] == []
    house.write(4)
    house.ship()
    house.close()
    assert house.restore(Wanted(house.home.parent / "new"))[0] == 1207


def test_the_log_goes_to_the_place_once_and_the_spool_stays_small(house: House) -> None:
    house.receiver.ensure()
    assert not house.receiver.ensure()
    house.write(5)
    first = house.ship()
    assert first.segments >= 1
    house.switch_log()
    house.write(5)
    house.ship()
    spool = [path.name for path in (house.home / "backup" / "wal").iterdir()]
    assert [name for name in spool if not name.endswith(".partial")] == []
    names = [name.rpartition("/")[2] for name in house.place.list_(f"{house.maker.series}/wal/")]
    assert [name for name in names if name.endswith(".partial")] == [names[-1]]
    with pytest.raises(ObjectMissing):
        house.place.open(f"{house.maker.series}/wal/nothing")
    house.receiver.stop()
    assert not house.receiver.ensure()  # the slot is there: the stretch goes on
