"""Statements about trend topics, where they were seen and what their attention measured: of one tenant, in one provenance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, nan
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from infra.embedding import MODEL_VERSION
from infra.errors import Invalid, NotFound
from memory.artifacts import Provenance, TrendSignal
from memory.attention import AttentionPoint
from memory.recall_search import Vector, checked_vector
from memory.records.trends import TrendObservationRecord, TrendSightingRecord, TrendTopicRecord
from memory.repositories.keyset import Page, decode_cursor, encode_cursor

# Exact, like every search by meaning here: the inner query is fenced, so that the planner never takes an index order.
_NEAREST = text(
    """
    select id, 1 - (vector <=> cast(:query as halfvec(384))) as similarity
    from (
        select id, vector from trend_topics
        where tenant_id = :tenant and provenance = :provenance and model = :model and last_seen_at >= :since and (:topic is null or id = :topic) offset 0
    ) as inside
    order by vector <=> cast(:query as halfvec(384)), id
    limit 1
    """
).bindparams(bindparam("query", type_=Text), bindparam("topic", type_=Text))


# What no scout has scored yet comes after all that were.
_UNSCORED = -1.0


class TopicMissing(NotFound):
    """There is no trend topic of that id."""

    code = "topic_missing"


@dataclass(frozen=True)
class NewTopic:
    """A story that nothing known tells."""

    id: str
    label: str
    category: str
    keywords: tuple[str, ...]
    vector: Vector


@dataclass(frozen=True)
class Near:
    """A known topic and how near it is in meaning (cosine)."""

    topic_id: str
    similarity: float


class TrendRepository:
    """What one tenant knows of trends in one provenance; another's topics are never found, joined or listed."""

    def __init__(self, session: Session, tenant_id: str, provenance: Provenance) -> None:
        self.session = session
        self.tenant_id = tenant_id
        self.provenance = Provenance(provenance).value

    def lock(self) -> None:
        """Let one collection of this tenant and provenance be matched at a time, so that two never make two topics of one story; until the commit."""
        self.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"trends {self.tenant_id} {self.provenance}"))))

    def add_topic(self, topic: NewTopic, at: datetime) -> None:
        """Add a topic first seen at `at`; adding it again changes nothing."""
        values = {"label": topic.label, "category": topic.category, "keywords": list(topic.keywords), "vector": checked_vector(topic.vector)}
        owned = {"id": topic.id, "tenant_id": self.tenant_id, "provenance": self.provenance, "model": MODEL_VERSION}
        self.session.execute(insert(TrendTopicRecord).values(**owned, **values, first_seen_at=at, last_seen_at=at).on_conflict_do_nothing())

    def get_topic(self, topic_id: str) -> TrendTopicRecord:
        """Return the topic; raises TopicMissing, also for one of another tenant or provenance."""
        found = self.find_topic(topic_id)
        if found is None:
            raise TopicMissing(f"trend topic: {topic_id!r} does not exist", topic=topic_id)
        return found

    def find_topic(self, topic_id: str) -> TrendTopicRecord | None:
        """Return the topic, if it is one of this tenant and provenance."""
        statement = self._topics().where(TrendTopicRecord.id == topic_id)
        return self.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()

    def list_topics(self, since: datetime, limit: int = 50) -> tuple[TrendTopicRecord, ...]:
        """Return topics seen since then, those the scout scored best first, then the newest."""
        return self.page_topics(since, None, limit).items

    def page_topics(self, since: datetime, cursor: str | None, limit: int) -> Page[TrendTopicRecord]:
        """Return topics seen since then after `cursor`, those the scout scored best first, then the newest; raises Invalid for a cursor of no page.

        A topic whose score changes between two pages may be met twice or not at all: it is a ranking, and not a list of what happened.
        """
        rank = func.coalesce(TrendTopicRecord.scores["total"].as_float(), _UNSCORED)
        # Nobody who lists topics compares their meaning, and reading the vectors takes longer than all the rest.
        listed = self._topics().options(defer(TrendTopicRecord.vector)).where(TrendTopicRecord.last_seen_at >= since)
        if cursor is not None:
            seen, place = decode_cursor(cursor)
            score, id_ = _placed(place)
            later = and_(TrendTopicRecord.last_seen_at == seen, TrendTopicRecord.id > id_)
            listed = listed.where(or_(rank < score, and_(rank == score, or_(TrendTopicRecord.last_seen_at < seen, later))))
        order = (rank.desc(), TrendTopicRecord.last_seen_at.desc(), TrendTopicRecord.id)
        rows = tuple(self.session.scalars(listed.order_by(*order).limit(limit + 1)))
        last = rows[limit - 1] if len(rows) > limit else None
        place = f"{last.scores.get('total', _UNSCORED)!r} {last.id}" if last else ""
        return Page(rows[:limit], encode_cursor(last.last_seen_at, place) if last else None)

    def at_addresses(self, urls: Sequence[str], since: datetime) -> tuple[str, ...]:
        """Return ids of topics seen at any of those addresses since then, the most often met first."""
        counted = func.count(TrendSightingRecord.id)
        statement = (
            select(TrendTopicRecord.id)
            .join(TrendSightingRecord, TrendSightingRecord.topic_id == TrendTopicRecord.id)
            .where(self._mine, TrendTopicRecord.last_seen_at >= since, TrendSightingRecord.url.in_(urls))
            .group_by(TrendTopicRecord.id)
            .order_by(counted.desc(), TrendTopicRecord.id)
        )
        return tuple(self.session.scalars(statement))

    def find_nearest(self, vector: Vector, since: datetime, topic_id: str | None = None) -> Near | None:
        """Return the topic nearest in meaning among those seen since then, or how near the given one is."""
        owned = {"tenant": self.tenant_id, "provenance": self.provenance, "model": MODEL_VERSION}
        row = self.session.execute(_NEAREST, {**owned, "since": since, "topic": topic_id, "query": str(checked_vector(vector))}).one_or_none()
        return Near(row.id, float(row.similarity)) if row is not None else None

    def sight(self, topic_id: str, signals: Sequence[TrendSignal], at: datetime) -> None:
        """Note where the topic was seen at `at`; an address of a source that is known already is only seen once more."""
        seen = {(signal.source_id, signal.url): signal for signal in signals}
        if not seen:
            return
        rows = [
            {
                **{"topic_id": topic_id, "source_id": signal.source_id, "source_name": signal.source_name, "kind": signal.kind},
                **{"url": signal.url, "title": signal.title, "first_seen_at": at, "last_seen_at": at},
            }
            for signal in seen.values()
        ]
        statement = insert(TrendSightingRecord).values(rows)
        later = {"last_seen_at": func.greatest(TrendSightingRecord.last_seen_at, statement.excluded.last_seen_at)}
        self.session.execute(statement.on_conflict_do_update(index_elements=["topic_id", "source_id", "url"], set_=later))
        topic = self.get_topic(topic_id)
        topic.last_seen_at = max(topic.last_seen_at, at)
        self.session.flush()

    def list_sightings(self, topic_ids: Sequence[str]) -> dict[str, tuple[TrendSightingRecord, ...]]:
        """Return where each topic was seen, the latest first."""
        statement = select(TrendSightingRecord).where(TrendSightingRecord.topic_id.in_(topic_ids))
        found: dict[str, list[TrendSightingRecord]] = {}
        for row in self.session.scalars(statement.order_by(TrendSightingRecord.last_seen_at.desc(), TrendSightingRecord.id)):
            found.setdefault(row.topic_id, []).append(row)
        return {topic_id: tuple(rows) for topic_id, rows in found.items()}

    def list_headlines(self, since: datetime, limit: int = 2000) -> tuple[TrendSightingRecord, ...]:
        """Return what sources first carried after `since`, oldest first."""
        mine = TrendSightingRecord.topic_id.in_(select(TrendTopicRecord.id).where(self._mine))
        statement = select(TrendSightingRecord).where(mine, TrendSightingRecord.first_seen_at > since)
        return tuple(self.session.scalars(statement.order_by(TrendSightingRecord.first_seen_at, TrendSightingRecord.id).limit(limit)))

    def observe(self, topic_id: str, series: str, unit: str, points: Sequence[AttentionPoint]) -> int:
        """Record values of a series and return how many times were new; a time known already keeps one value, the newest given."""
        if not points:
            return 0
        latest = {point.at: point.value for point in points}
        before = self.session.scalar(self._count(topic_id, series)) or 0
        rows = [{"topic_id": topic_id, "series": series, "at": at, "value": value, "unit": unit} for at, value in latest.items()]
        statement = insert(TrendObservationRecord).values(rows)
        self.session.execute(statement.on_conflict_do_update(index_elements=["topic_id", "series", "at"], set_={"value": statement.excluded.value}))
        return (self.session.scalar(self._count(topic_id, series)) or 0) - before

    def list_observations(self, topic_ids: Sequence[str], since: datetime, until: datetime | None = None) -> tuple[TrendObservationRecord, ...]:
        """Return the values of all series of those topics, oldest first."""
        mine = TrendObservationRecord.topic_id.in_(select(TrendTopicRecord.id).where(self._mine, TrendTopicRecord.id.in_(topic_ids)))
        statement = select(TrendObservationRecord).where(mine, TrendObservationRecord.at >= since)
        if until is not None:
            statement = statement.where(TrendObservationRecord.at <= until)
        return tuple(self.session.scalars(statement.order_by(TrendObservationRecord.series, TrendObservationRecord.at)))

    def conclude(self, topic_id: str, scores: dict[str, float], outlook: dict[str, Any] | None) -> None:
        """Keep the scout's newest figures and outlook for a topic; a topic that was forgotten meanwhile is none to conclude on."""
        topic = self.find_topic(topic_id)
        if topic is not None:
            topic.scores, topic.outlook = dict(scores), outlook
            self.session.flush()

    def forget(self, before: datetime) -> None:
        """Forget topics last seen before then, with their history."""
        self.session.execute(delete(TrendTopicRecord).where(self._mine, TrendTopicRecord.last_seen_at < before))

    @property
    def _mine(self) -> Any:
        return (TrendTopicRecord.tenant_id == self.tenant_id) & (TrendTopicRecord.provenance == self.provenance)

    def _topics(self) -> Select[TrendTopicRecord]:
        return select(TrendTopicRecord).where(self._mine)

    def _count(self, topic_id: str, series: str) -> Select[int]:
        return (
            select(func.count()).select_from(TrendObservationRecord).where(TrendObservationRecord.topic_id == topic_id, TrendObservationRecord.series == series)
        )


def _placed(place: str) -> tuple[float, str]:
    """Return the score and the id that a page of a ranking ended with; raises Invalid for a cursor that no page gave out."""
    score, _, id_ = place.partition(" ")
    try:
        found = float(score)
    except ValueError:
        found = nan
    if not isfinite(found):
        raise Invalid("cursor: not one that a page gave out; start again without it")
    return found, id_
