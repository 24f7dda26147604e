"""Statements about trend topics, their sightings and their sources."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.artifacts import Provenance, TrendSignal
from memory.records.trends import SourceStateRecord, TrendObservationRecord, TrendTopicRecord

_DEAD_AFTER = 10


class TopicMissing(NotFound):
    """There is no trend topic of that id."""

    code = "topic_missing"


class TrendRepository:
    """Topics and sightings, kept apart by provenance."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def save_topic(self, topic: TrendTopicRecord) -> TrendTopicRecord:
        """Add a topic, or bring the known one of that id up to date and to the present."""
        newest = {"label": topic.label, "category": topic.category or "", "keywords": topic.keywords or [], "scores": topic.scores or {}}
        statement = insert(TrendTopicRecord).values(id=topic.id, provenance=str(topic.provenance), **newest)
        self.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={**newest, "last_seen_at": func.now()}))
        return self.get_topic(topic.id)

    def get_topic(self, topic_id: str) -> TrendTopicRecord:
        """Return the topic; raises TopicMissing."""
        found = self.session.get(TrendTopicRecord, topic_id, populate_existing=True)
        if found is None:
            raise TopicMissing(f"trend topic: {topic_id!r} does not exist", topic=topic_id)
        return found

    def list_topics(self, provenance: Provenance, since: datetime, limit: int = 100) -> tuple[TrendTopicRecord, ...]:
        """Return topics seen since then, the newest sighting first."""
        statement = select(TrendTopicRecord).where(TrendTopicRecord.provenance == provenance.value, TrendTopicRecord.last_seen_at >= since)
        return tuple(self.session.scalars(statement.order_by(TrendTopicRecord.last_seen_at.desc(), TrendTopicRecord.id.desc()).limit(limit)))

    def observe(self, signals: Sequence[TrendSignal], provenance: Provenance, topic_id: str | None = None) -> int:
        """Record sightings and return how many were new; one source, address and time count once."""
        if not signals:
            return 0
        names = ("source_id", "category", "title", "summary", "url", "seen_at", "strength", "strength_unit")
        rows = [
            {**{name: getattr(signal, name) for name in names}, "published_at": signal.published, "provenance": provenance.value, "topic_id": topic_id}
            for signal in signals
        ]
        key = ["source_id", "url", "seen_at", "provenance"]
        statement = insert(TrendObservationRecord).values(rows).on_conflict_do_nothing(index_elements=key)
        return len(self.session.scalars(statement.returning(TrendObservationRecord.id)).all())

    def list_observations(self, provenance: Provenance, since: datetime, topic_id: str | None = None, limit: int = 1000) -> tuple[TrendObservationRecord, ...]:
        """Return sightings since then, oldest first."""
        statement = select(TrendObservationRecord).where(TrendObservationRecord.provenance == provenance.value, TrendObservationRecord.seen_at >= since)
        if topic_id is not None:
            statement = statement.where(TrendObservationRecord.topic_id == topic_id)
        return tuple(self.session.scalars(statement.order_by(TrendObservationRecord.seen_at, TrendObservationRecord.id).limit(limit)))


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
