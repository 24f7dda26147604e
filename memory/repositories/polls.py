"""Statements about polls: one standing look at each live publication, taken by one process at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from memory.records.polls import PollRecord
from memory.records.publications import PublicationRecord

_POLL = PollRecord
_LIVE = ("released", "verified")


class PollRepository:
    """When each publication is looked at next."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def enrol(self, first: timedelta, youngest: timedelta) -> int:
        """Give every published video that has none, and is younger than `youngest`, its poll, due `first` after publication; returns how many."""
        since = func.coalesce(PublicationRecord.published_at, PublicationRecord.updated_at)
        lacking = ~select(_POLL.publication_id).where(_POLL.publication_id == PublicationRecord.id).exists()
        live = and_(PublicationRecord.state.in_(_LIVE), since > func.now() - youngest, lacking)
        columns = select(PublicationRecord.id, PublicationRecord.channel_id, since + first).where(live)
        made = insert(_POLL).from_select(["publication_id", "channel_id", "next_at"], columns).on_conflict_do_nothing()
        return len(self.session.scalars(made.returning(_POLL.publication_id)).all())

    def claim_due(self, lease_s: float, limit: int = 5) -> tuple[PollRecord, ...]:
        """Take polls that are due for `lease_s` seconds, the longest due first; no two takers get the same."""
        free = or_(_POLL.lease_expires_at.is_(None), _POLL.lease_expires_at <= func.now())
        due = and_(_POLL.status == "live", _POLL.next_at <= func.now(), free)
        chosen = select(_POLL.publication_id).where(due).order_by(_POLL.next_at, _POLL.publication_id).limit(limit).with_for_update(skip_locked=True)
        taken = tuple(self.session.scalars(chosen))
        lease = {"lease_expires_at": func.now() + timedelta(seconds=lease_s)}
        statement = update(_POLL).where(_POLL.publication_id.in_(taken)).values(**lease).returning(_POLL)
        found = self.session.scalars(statement, execution_options={"populate_existing": True}).all()
        return tuple(sorted(found, key=lambda one: (one.next_at, one.publication_id)))

    def find(self, publication_id: str) -> PollRecord | None:
        """Return a publication's poll, if it has one."""
        return self.session.get(_POLL, publication_id, populate_existing=True)

    def hasten(self, publication_id: str) -> None:
        """Let a publication's next look fall due now, since there is news of it."""
        self.session.execute(update(_POLL).filter_by(publication_id=publication_id).values(next_at=func.least(_POLL.next_at, func.now()), status="live"))

    def done(self, poll: PollRecord, at: datetime, next_at: datetime, state: Mapping[str, Any]) -> None:
        """Record a look that was made, and when the next one is; fenced by the count of looks."""
        self._close(poll, looked_at=at, next_at=next_at, state=dict(state), count=poll.count + 1, error=None)

    def later(self, poll: PollRecord, next_at: datetime, why: str) -> None:
        """Record why a look could not be made, and try it again then: under the same count, so that it finds what it had begun."""
        self._close(poll, next_at=next_at, error=why[:1000])

    def skip(self, poll: PollRecord, next_at: datetime, why: str) -> None:
        """Record a look that could not be made and is given up for the next."""
        self._close(poll, next_at=next_at, count=poll.count + 1, error=why[:1000])

    def end(self, poll: PollRecord) -> None:
        """Look no more."""
        self._close(poll, status="over")

    def _close(self, poll: PollRecord, **values: object) -> None:
        fenced = update(_POLL).filter_by(publication_id=poll.publication_id, count=poll.count)
        self.session.execute(fenced.values(lease_expires_at=None, **values))
