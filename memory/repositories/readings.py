"""Statements about readings: kept or renewed, found while they live, and gone when they must be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.ids import json_digest, new_id
from memory.readings import LIFE, KnownFigures, NewReading, Reading, ReadingKind
from memory.records.embeddings import EmbeddingRecord
from memory.records.lessons import LessonRecord
from memory.records.personality_changes import PersonalityChangeRecord
from memory.records.readings import ReadingRecord, ReadingTraceRecord
from memory.repositories.audit import AuditRepository


@dataclass(frozen=True)
class Gone:
    """How many readings, and things that rested on them, were deleted."""

    readings: int
    traces: int


class ReadingRepository:
    """The readings of one moment; what has expired is never returned, whether or not it was purged yet."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self._now = now

    def keep(self, channel_id: str, provenance: str, new: Iterable[NewReading]) -> tuple[Reading, ...]:
        """Keep what was read now, renewing what was read before under the same key, for another 30 days."""
        return tuple(self._keep(channel_id, provenance, one) for one in new)

    def find(self, ids: Sequence[str]) -> tuple[Reading, ...]:
        """Return those of the readings that still live, oldest first."""
        return self._read(ReadingRecord.id.in_(ids))

    def of_publication(self, publication_id: str, kind: ReadingKind) -> tuple[Reading, ...]:
        """Return a publication's readings of one kind, oldest first."""
        return self._read(ReadingRecord.publication_id == publication_id, ReadingRecord.kind == kind)

    def of_channel(self, channel_id: str, kind: ReadingKind) -> tuple[Reading, ...]:
        """Return a channel's readings of one kind, oldest first."""
        return self._read(ReadingRecord.channel_id == channel_id, ReadingRecord.kind == kind)

    def known(self, publication_id: str) -> KnownFigures:
        """Return everything still known of a publication."""
        read = {kind: self.of_publication(publication_id, kind) for kind in ("statistics", "day", "reach", "comment")}
        said = sorted(read["comment"], key=lambda one: str(one.body["at"]), reverse=True)
        return KnownFigures(read["statistics"][-1] if read["statistics"] else None, read["day"], read["reach"], tuple(said))

    def drop(self, channel_id: str, kind: ReadingKind) -> None:
        """Forget a channel's readings of one kind, which turned out not to hold any more."""
        self.session.execute(delete(ReadingRecord).filter_by(channel_id=channel_id, kind=kind))

    def trace(self, place: str, ref: str, channel_id: str, expires_at: datetime) -> None:
        """Note that something rests on readings, and goes with them."""
        values = {"channel_id": channel_id, "expires_at": min(expires_at, self._now + LIFE)}
        statement = insert(ReadingTraceRecord).values(place=place, ref=ref, **values)
        self.session.execute(statement.on_conflict_do_update(index_elements=["place", "ref"], set_=values))

    def list_traced(self, place: str, refs: Sequence[str]) -> frozenset[str]:
        """Return those of the given things that rest on readings, and so may be copied nowhere."""
        traced = select(ReadingTraceRecord.ref).where(ReadingTraceRecord.place == place, ReadingTraceRecord.ref.in_(refs))
        return frozenset(self.session.scalars(traced))

    def purge(self) -> Gone:
        """Delete what has expired, and what rests on it; the audit trail keeps a count and a hash."""
        return self._delete("expired", ReadingRecord.expires_at <= self._now, ReadingTraceRecord.expires_at <= self._now)

    def forget(self, channel_id: str) -> Gone:
        """Delete everything read from a channel, and what rests on it, because its owner took the consent back."""
        return self._delete(channel_id, ReadingRecord.channel_id == channel_id, ReadingTraceRecord.channel_id == channel_id)

    def _keep(self, channel_id: str, provenance: str, new: NewReading) -> Reading:
        body = dict(new.body)
        fresh: dict[str, Any] = {"publication_id": new.publication_id, "body": body, "sha256": json_digest(body), "covers": new.covers}
        fresh |= {"provenance": provenance, "fetched_at": self._now, "expires_at": self._now + LIFE}
        statement = insert(ReadingRecord).values(id=new_id("reading"), channel_id=channel_id, kind=new.kind, key=new.key, **fresh)
        renewed = statement.on_conflict_do_update(index_elements=["channel_id", "kind", "key"], set_=fresh).returning(ReadingRecord)
        return _reading(self.session.scalars(renewed, execution_options={"populate_existing": True}).one())

    def _read(self, *conditions: ColumnElement[bool]) -> tuple[Reading, ...]:
        order = (ReadingRecord.covers, ReadingRecord.fetched_at, ReadingRecord.id)
        statement = select(ReadingRecord).where(ReadingRecord.expires_at > self._now, *conditions).order_by(*order)
        return tuple(_reading(one) for one in self.session.scalars(statement, execution_options={"populate_existing": True}))

    def _delete(self, why: str, readings: ColumnElement[bool], traces: ColumnElement[bool]) -> Gone:
        hashes = sorted(self.session.scalars(delete(ReadingRecord).where(readings).returning(ReadingRecord.sha256)))
        ended = self.session.execute(delete(ReadingTraceRecord).where(traces).returning(ReadingTraceRecord.place, ReadingTraceRecord.ref)).all()
        lessons = [ref for place, ref in ended if place == "lesson"]
        self._forget_reasons([ref for place, ref in ended if place == "personality_change"])
        if lessons:
            self.session.execute(delete(EmbeddingRecord).where(EmbeddingRecord.kind == "lesson", EmbeddingRecord.ref_id.in_(lessons)))
            self.session.execute(delete(LessonRecord).where(LessonRecord.id.in_(lessons)))
        if hashes or ended:
            told = {"readings": len(hashes), "lessons": len(lessons), "sha256": json_digest(hashes)}
            told |= {"changes": len(ended) - len(lessons)} if len(ended) > len(lessons) else {}
            AuditRepository(self.session).append("studio", "readings.deleted", why, told)
        return Gone(len(hashes), len(ended))

    def _forget_reasons(self, changes: Sequence[str]) -> None:
        """Delete proposals that rested on what is gone; one that a person decided stays as that person's, without what it rested on."""
        if changes:
            mine = PersonalityChangeRecord.id.in_(changes)
            self.session.execute(delete(PersonalityChangeRecord).where(mine, PersonalityChangeRecord.status == "proposed"))
            gone = {"why": "what it rested on has expired", "evidence": {}}
            self.session.execute(update(PersonalityChangeRecord).where(mine).values(**gone))


def _reading(row: ReadingRecord) -> Reading:
    kind: ReadingKind = row.kind  # type: ignore[assignment]
    return Reading(row.id, kind, row.key, row.body, row.fetched_at, row.expires_at, row.covers)
