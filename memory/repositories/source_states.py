"""Statements about the state each trend source was left in."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from memory.records.trends import SourceStateRecord

_DEAD_AFTER = 10


class SourceStateRepository:
    """The state each source was left in by its last fetch."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, source_id: str) -> SourceStateRecord | None:
        """Return the state of a source that was fetched before."""
        return self.session.get(SourceStateRecord, source_id, populate_existing=True)

    def list_(self) -> tuple[SourceStateRecord, ...]:
        """Return the state of every source that was fetched before, by id."""
        return tuple(self.session.scalars(select(SourceStateRecord).order_by(SourceStateRecord.source_id)))

    def record_success(self, source_id: str, etag: str | None, last_modified: str | None, next_fetch_at: datetime | None = None) -> SourceStateRecord:
        """Record a fetch that was answered, with the validators for the next conditional one."""
        state = self._state(source_id)
        state.etag, state.last_modified, state.next_fetch_at = etag, last_modified, next_fetch_at
        state.last_fetched_at = state.last_succeeded_at = self._now()
        state.health, state.consecutive_failures, state.last_error = "ok", 0, None
        self.session.flush()
        return state

    def record_failure(self, source_id: str, error: str, next_fetch_at: datetime | None = None) -> SourceStateRecord:
        """Record a fetch that failed; a source that failed ten times in a row counts as dead."""
        state = self._state(source_id)
        state.consecutive_failures += 1
        state.health = "dead" if state.consecutive_failures >= _DEAD_AFTER else "failing"
        state.last_error, state.last_fetched_at, state.next_fetch_at = error[:2000], self._now(), next_fetch_at
        self.session.flush()
        return state

    def _state(self, source_id: str) -> SourceStateRecord:
        self.session.execute(insert(SourceStateRecord).values(source_id=source_id).on_conflict_do_nothing())
        statement = select(SourceStateRecord).filter_by(source_id=source_id).with_for_update().execution_options(populate_existing=True)
        return self.session.scalars(statement).one()

    def _now(self) -> datetime:
        return self.session.scalars(select(func.now())).one()
