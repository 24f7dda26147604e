"""Joining a studio: whoever has another code, schema, media store or clock is told so, and serves nothing."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.errors import Forbidden, Unavailable
from memory.joining import JoinRefused, MediaMoved, check_terms, clock_ahead_s, has_mark, hold_terms
from memory.media import MediaStore
from memory.repositories.studio import StudioRepository, StudioTerms


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.dispose()


def _terms(database: Database) -> StudioTerms:
    with database.unit_of_work() as session:
        found = StudioRepository(session).find()
    assert found is not None
    return found


class ShiftedClock:
    """The machine's clock, set wrong by some seconds."""

    def __init__(self, by_s: float) -> None:
        self.by = timedelta(seconds=by_s)

    def now(self) -> datetime:
        """Return the wrong time."""
        return datetime.now(UTC) + self.by  # noqa: TID251 - a clock

    def monotonic(self) -> float:
        """Return seconds that nobody compares."""
        return 0.0


def test_whoever_shares_code_and_store_joins(database: Database, tmp_path: Path) -> None:
    hold_terms(database, MediaStore(tmp_path / "media"), "1+abc", bound=False)
    same = MediaStore(tmp_path / "other name")
    same.root.symlink_to(tmp_path / "media", target_is_directory=True)
    assert abs(check_terms(database, same, "1+abc")) < 2
    assert [path.name for path in (tmp_path / "media").rglob("*") if path.is_file()] == [_terms(database).media_mark], "nothing is left of the probe"


def test_the_first_of_many_sets_the_terms_of_a_studio_without_a_stack(database: Database, tmp_path: Path) -> None:
    threads = [threading.Thread(target=check_terms, args=(database, MediaStore(tmp_path / "media"), "1+abc")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert has_mark(MediaStore(tmp_path / "media"), _terms(database).media_mark)


def test_another_code_is_refused(database: Database, tmp_path: Path) -> None:
    hold_terms(database, MediaStore(tmp_path / "media"), "1+abc", bound=False)
    with pytest.raises(JoinRefused, match=r"runs YTEMPIRE 1\+def, the studio 1\+abc; install the studio's version"):
        check_terms(database, MediaStore(tmp_path / "media"), "1+def")
    hold_terms(database, MediaStore(tmp_path / "media"), "1+def", bound=False)
    check_terms(database, MediaStore(tmp_path / "media"), "1+def")


def test_another_store_is_refused(database: Database, tmp_path: Path) -> None:
    hold_terms(database, MediaStore(tmp_path / "media"), "1", bound=False)
    with pytest.raises(JoinRefused, match="not the studio's media store.*mount the same folder"):
        check_terms(database, MediaStore(tmp_path / "elsewhere"), "1")


def test_a_store_that_cannot_be_written_is_refused(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MediaStore(tmp_path / "media")
    hold_terms(database, store, "1", bound=False)

    def refused(*_: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refused)
    with pytest.raises(Forbidden, match="cannot be written .Read-only file system.; make it writable"):
        check_terms(database, store, "1")


@pytest.mark.parametrize("by_s", [-400.0, 400.0])
def test_a_clock_that_is_far_off_is_refused(database: Database, tmp_path: Path, by_s: float) -> None:
    hold_terms(database, MediaStore(tmp_path / "media"), "1", bound=False)
    with SYSTEM_CLOCK.installed(ShiftedClock(by_s)):
        assert clock_ahead_s(database) == pytest.approx(by_s, abs=5)
        with pytest.raises(JoinRefused, match="s off the database's; the limit is 300 s: set it"):
            check_terms(database, MediaStore(tmp_path / "media"), "1")
    with SYSTEM_CLOCK.installed(ShiftedClock(by_s / 4)):
        assert check_terms(database, MediaStore(tmp_path / "media"), "1") == pytest.approx(by_s / 4, abs=5)


def test_another_schema_is_refused(database: Database, admin_database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("update alembic_version set version_num = '0099_later'")
    with pytest.raises(JoinRefused, match="schema is 0099_later, this code works with 00"):
        check_terms(database, MediaStore(tmp_path / "media"), "1")
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("drop table alembic_version")
    with pytest.raises(Unavailable, match="no tables of a studio yet"):
        check_terms(database, MediaStore(tmp_path / "media"), "1")


def test_a_studio_does_not_begin_without_its_media(database: Database, tmp_path: Path) -> None:
    before = MediaStore(tmp_path / "media")
    hold_terms(database, before, "1", bound=False)
    with pytest.raises(MediaMoved, match="copy everything from there, or set YTEMPIRE_MEDIA back"):
        hold_terms(database, MediaStore(tmp_path / "bucket"), "1", bound=False)
    (tmp_path / "media").rename(tmp_path / "bucket")
    hold_terms(database, MediaStore(tmp_path / "bucket"), "1", bound=False)
    assert _terms(database).media_place == str(tmp_path / "bucket")


def test_a_mark_that_was_lost_is_left_again_where_the_media_have_always_been(database: Database, tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "media")
    hold_terms(database, store, "1", bound=False)
    store.path(_terms(database).media_mark).unlink()
    hold_terms(database, store, "1", bound=False)
    check_terms(database, store, "1")
    hold_terms(database, MediaStore(tmp_path / "moved home"), "1", bound=True)
    check_terms(database, MediaStore(tmp_path / "moved home"), "1")
