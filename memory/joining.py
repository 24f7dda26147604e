"""Whether a process fits a studio: the same code, the same schema, the same media store, a clock that agrees."""

from datetime import datetime

from sqlalchemy import text

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.errors import Conflict, NotFound, Unavailable
from infra.ids import new_id
from infra.log import get_logger
from memory.media import ArtifactCorrupt, MediaStore
from memory.repositories.studio import StudioRepository, StudioTerms
from memory.schema_revision import newest_revision

# Publications are due within five minutes of their plan; a machine whose clock is further off would judge times wrongly.
MOST_CLOCK_AHEAD_S = 300.0
STORE_MARKED = "media_store.marked"
_log = get_logger("joining")


class JoinRefused(Conflict):
    """The process does not fit the studio it wants to serve; trying again changes nothing."""

    code = "join_refused"


class MediaMoved(Conflict):
    """The studio's media lie elsewhere than this machine was told."""

    code = "media_moved"


def hold_terms(database: Database, store: MediaStore, code: str, *, bound: bool) -> None:
    """Set the terms of a studio, as the machine that holds its stack: its media store is the right one, its code the one to run.

    `bound` says that database and media lie in one home and so can only move together. Otherwise a store without the mark that lies
    elsewhere than before raises MediaMoved: the studio would begin without its media.
    """
    with database.unit_of_work() as session:
        known = StudioRepository(session).find()
    marked = known is not None and has_mark(store, known.media_mark)
    if known is not None and not marked and not bound and known.media_place != store.place:
        message = f"YTEMPIRE_MEDIA: the media of this database lie in {known.media_place}, and {store.place} does not hold them"
        raise MediaMoved(f"{message}; copy everything from there, or set YTEMPIRE_MEDIA back", before=known.media_place, now=store.place)
    mark = known.media_mark if known is not None and marked else _leave_mark(store)
    with database.unit_of_work() as session:
        StudioRepository(session).set_terms(StudioTerms(mark, store.place, code))


def check_terms(database: Database, store: MediaStore, code: str) -> float:
    """Return by how many seconds this machine's clock is ahead of the database's, when a process of that code and store fits the studio.

    The first process of a studio without terms sets them. Raises JoinRefused naming what does not fit and how to mend it.
    """
    _check_schema(database)
    with database.unit_of_work() as session:
        terms = StudioRepository(session).find()
    if terms is None:
        wanted = StudioTerms(_leave_mark(store), store.place, code)
        with database.unit_of_work() as session:
            terms = StudioRepository(session).record_first(wanted)
    if terms.code != code:
        message = f"this machine runs YTEMPIRE {code}, the studio {terms.code}; install the studio's version here, or restart the studio with this one"
        raise JoinRefused(message, here=code, studio=terms.code)
    if not has_mark(store, terms.media_mark):
        message = f"YTEMPIRE_MEDIA: {store.place} is not the studio's media store (at the studio it is {terms.media_place})"
        raise JoinRefused(f"{message}; mount the same folder here, or name the same bucket", here=store.place, studio=terms.media_place)
    store.probe()
    ahead_s = clock_ahead_s(database)
    if abs(ahead_s) > MOST_CLOCK_AHEAD_S:
        message = f"the clock of this machine is {ahead_s:+.0f} s off the database's; the limit is {MOST_CLOCK_AHEAD_S:.0f} s: set it (NTP)"
        raise JoinRefused(message, ahead_s=ahead_s, limit_s=MOST_CLOCK_AHEAD_S)
    return ahead_s


def clock_ahead_s(database: Database) -> float:
    """Return by how many seconds this machine's wall clock is ahead of the database's, give or take half a round trip."""
    with database.unit_of_work() as session:
        session.execute(text("select 1"))
        before = SYSTEM_CLOCK.now()
        there = session.execute(text("select clock_timestamp()")).scalar_one()
        after = SYSTEM_CLOCK.now()
    assert isinstance(there, datetime)
    return ((before - there) + (after - there)).total_seconds() / 2


def has_mark(store: MediaStore, mark: str) -> bool:
    """Whether the store holds the mark of a studio, read back and verified."""
    try:
        store.read(mark)
    except (NotFound, ArtifactCorrupt):
        return False
    return True


def _leave_mark(store: MediaStore) -> str:
    mark = store.put_bytes(f"The media store of {new_id('studio')}. Processes that serve this studio read this file to know that they share it.\n".encode())
    _log.info(STORE_MARKED, place=store.place, mark=mark)
    return mark


def _check_schema(database: Database) -> None:
    known = newest_revision()
    with database.unit_of_work() as session:
        if session.execute(text("select to_regclass('alembic_version')")).scalar() is None:
            raise Unavailable("the database has no tables of a studio yet; start `ytempire up` at the studio first, or correct DATABASE_URL")
        found = session.execute(text("select max(version_num) from alembic_version")).scalar()
    if found != known:
        raise JoinRefused(f"the database's schema is {found}, this code works with {known}; install the version that the studio runs", here=known, studio=found)
