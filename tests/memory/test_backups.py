"""Backups, drills and restores as they are kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from infra.database import Database
from memory.repositories.backups import BackupMissing, BackupRepository, DrillOutcome, NewBackup

NOW = datetime.now(UTC)  # noqa: TID251 - rows of the database's own time are compared with it


def test_a_backup_runs_and_ends_done_or_failed_and_only_a_complete_one_is_the_last(database: Database) -> None:
    with database.unit_of_work() as session:
        backups = BackupRepository(session)
        assert backups.find_last() is None
        backups.begin(NewBackup("b1", "s", "/place", "full"))
        backups.finish("b1", 4_750_193, {"media": 3})
    for number, parent in (("b2", "b1"), ("b3", "b1")):
        with database.unit_of_work() as session:
            BackupRepository(session).begin(NewBackup(number, "s", "/place", "incremental", parent))
    with database.unit_of_work() as session:
        backups = BackupRepository(session)
        backups.fail("b2", "no room")
        assert backups.fail_left("its process was killed") == 1
        last = backups.find_last()
        assert last is not None
        assert (last.id, last.bytes, last.details, last.status) == ("b1", 4_750_193, {"media": 3}, "done")
        assert backups.find_last(kind="incremental") is backups.find_last(series="other") is None
        assert {one.id: one.error for one in backups.list_().items} == {"b3": "its process was killed", "b2": "no room", "b1": ""}
        with pytest.raises(BackupMissing):
            backups.finish("nowhere", 0, {})


@pytest.mark.parametrize(("kind", "parent"), [("incremental", None), ("full", "b1"), ("half", None)])
def test_an_incremental_backup_names_its_full_one(database: Database, kind: str, parent: str | None) -> None:
    with pytest.raises(IntegrityError), database.unit_of_work() as session:
        BackupRepository(session).begin(NewBackup("b", "s", "/place", kind, parent))


def test_drills_are_kept_and_forgotten_in_time(database: Database) -> None:
    with database.unit_of_work() as session:
        backups = BackupRepository(session)
        backups.record_drill(DrillOutcome("b1", NOW - timedelta(days=40), 9.5, {"rows": 3}))
        backups.record_drill(DrillOutcome("b2", NOW, 2.0, {}, error="the audit chain is broken"))
        newest, passed = backups.find_drill(), backups.find_drill(passed=True)
        assert newest is not None
        assert passed is not None
        assert (newest.status, passed.backup_id, passed.seconds) == ("failed", "b1", 9.5)
        assert backups.forget_before(NOW - timedelta(days=31)) == 1
        assert backups.find_drill(passed=True) is None


def test_a_restore_waits_until_it_is_settled(database: Database) -> None:
    with database.unit_of_work() as session:
        backups = BackupRepository(session)
        assert backups.find_unsettled() is None
        backups.record_restore("b1", NOW)
        waiting = backups.find_unsettled()
        assert waiting is not None
        assert waiting.backup_id == "b1"
        assert backups.settle_restores({"publications": []}) == 1
        assert backups.find_unsettled() is None
