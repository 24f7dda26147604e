"""Which backups are kept, how segments of the log follow each other, and when a manifest is believed."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.backup.catalog import began_at, new_backup_id, outlived
from infra.backup.log_files import next_segment, segment_of
from infra.backup.manifest import read_manifest, verify_files
from infra.backup.sealing import Damaged

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def a_month_of_backups() -> tuple[str, ...]:
    """Forty days of one full backup a day and an incremental one every hour after it."""
    found = []
    for day in range(40):
        began = NOW - timedelta(days=day, hours=11, minutes=30)
        full = new_backup_id(began, f"{day:08x}", None)
        found += [
            full,
            *(new_backup_id(began + timedelta(hours=hour), f"{day:04x}{hour:04x}", full) for hour in range(1, 24) if began + timedelta(hours=hour) <= NOW),
        ]
    return tuple(sorted(found))


def test_seven_days_are_kept_by_the_hour_and_thirty_by_the_day() -> None:
    ids = a_month_of_backups()
    gone = outlived(ids, NOW)
    kept = [one for one in ids if one not in gone]
    full = [one for one in kept if one.count("-") == 1]
    assert len(full) == 30
    assert {began_at(one).date() for one in full} == {(NOW - timedelta(days=day)).date() for day in range(30)}
    hourly = [one for one in kept if one.count("-") == 2]
    assert min(began_at(one) for one in hourly) > NOW - timedelta(days=7)
    assert len(hourly) == sum(began_at(one) > NOW - timedelta(days=7) for one in ids if one.count("-") == 2)


def test_what_a_kept_backup_builds_on_is_kept_and_is_let_go_after_it() -> None:
    full = new_backup_id(NOW - timedelta(days=7, minutes=30), "aaaaaaaa", None)
    later = new_backup_id(NOW - timedelta(days=7, minutes=-30), "bbbbbbbb", full)
    assert outlived((full, later), NOW + timedelta(days=24)) == (later,)  # the newest full one always stays
    newer = new_backup_id(NOW, "cccccccc", None)
    assert outlived((full, later, newer), NOW + timedelta(days=25)) == (later, full)
    assert outlived((full, later, newer), NOW) == ()


def test_a_studio_that_was_off_for_a_year_keeps_its_last_backup() -> None:
    only = new_backup_id(NOW - timedelta(days=365), "aaaaaaaa", None)
    assert outlived((only,), NOW) == ()


def test_segments_follow_each_other() -> None:
    size = 16 << 20
    assert segment_of(1, 0x5_00A9_A0, size) == "000000010000000000000005"
    assert next_segment("000000010000000000000005", size) == "000000010000000000000006"
    assert next_segment("0000000200000000000000FF", size) == "000000020000000100000000"


def manifest_of(folder: Path) -> bytes:
    """Return a manifest as the server writes it."""
    files = [
        {"Path": one.name, "Size": one.stat().st_size, "Checksum-Algorithm": "SHA256", "Checksum": hashlib.sha256(one.read_bytes()).hexdigest()}
        for one in sorted(folder.iterdir())
    ]
    ranges = [{"Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "1/2000120"}]
    told = {"PostgreSQL-Backup-Manifest-Version": 2, "System-Identifier": 7, "Files": files, "WAL-Ranges": ranges}
    body = json.dumps(told)[:-1].encode() + b",\n"
    return body + b'"Manifest-Checksum": "' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("PG_VERSION", "1259"):
        (tmp_path / name).write_bytes(name.encode() * 100)
    return tmp_path


def test_a_manifest_and_its_files_are_believed_while_every_byte_is_as_it_was(folder: Path) -> None:
    data = manifest_of(folder)
    manifest = read_manifest(data)
    assert (manifest.start_lsn, manifest.stop_lsn, manifest.bytes) == (0x2000028, (1 << 32) + 0x2000120, 1400)
    assert verify_files(folder, manifest) == 2
    for at in range(0, len(data), 7):
        with pytest.raises(Damaged):
            read_manifest(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


@pytest.mark.parametrize(("spoil", "why"), [("flip", "other bytes"), ("cut", "bytes, not"), ("remove", "is missing"), ("add", "not in the manifest")])
def test_a_file_that_differs_is_named(folder: Path, spoil: str, why: str) -> None:
    manifest = read_manifest(manifest_of(folder))
    path = folder / "1259"
    data = path.read_bytes()
    if spoil == "flip":
        path.write_bytes(b"X" + data[1:])
    elif spoil == "cut":
        path.write_bytes(data[:-1])
    elif spoil == "remove":
        path.unlink()
    else:
        (folder / "9999").write_bytes(b"")
    with pytest.raises(Damaged, match=why):
        verify_files(folder, manifest)
