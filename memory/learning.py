"""What a channel learns, inside one unit of work: the lesson of a publication, its settled outcome, and changes that outcomes ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from memory.artifacts import Provenance
from memory.attention import HORIZON_HOURS, AttentionPoint
from memory.lessons import OWN_SIGNS
from memory.readings import LIFE
from memory.recall_search import Memory, remember_vector
from memory.records.lessons import LessonRecord
from memory.repositories.lessons import LessonRepository
from memory.repositories.outcomes import OutcomeRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.readings import ReadingRepository
from memory.trend_history import TrendHistory

MONITOR = "crisis_monitor"
YOUTUBE = "youtube"
# Fewer values than this on either side say nothing about growth.
LEAST_POINTS = 2
# The same videos ask for a change once: after a decision, this many others have to ask again.
LEAST_NEW_VIDEOS = 3


@dataclass(frozen=True)
class Learned:
    """A lesson with its row, its place in the channel's memory and its vector."""

    record: LessonRecord
    memory: Memory
    vector: tuple[float, ...]
    model_version: str
    rests_on_readings: bool


@dataclass(frozen=True)
class Settled:
    """One publication whose last look was made: what its lesson taught, and whether that rests on what a platform told."""

    publication_id: str
    signs: tuple[str, ...]
    lesson_id: str
    rests_on_readings: bool


@dataclass(frozen=True)
class Asked:
    """A change that outcomes ask for: a field, its value, why, and the publications and lessons behind it."""

    field: str
    value: Any
    why: str
    evidence: Mapping[str, Any]
    publications: tuple[str, ...]
    rests_on_readings: bool


def keep_lesson(session: Session, learned: Learned, now: datetime) -> None:
    """Keep a lesson where recall finds it; one that rests on readings goes when they go."""
    LessonRepository(session).create(learned.record)
    remember_vector(session, learned.memory, learned.vector, learned.model_version)
    if learned.rests_on_readings:
        ReadingRepository(session, now).trace("lesson", learned.record.id, learned.record.channel_id, now + LIFE)


def settled_outcomes(session: Session, channel_id: str, provenance: str, limit: int = 20) -> tuple[Settled, ...]:
    """Return a channel's settled outcomes of one kind of truth, newest first, with what their lessons taught while those are kept."""
    found = []
    lessons = {one.id: one for one in LessonRepository(session).list_(channel_id, provenance, limit=200).items}
    for outcome in OutcomeRepository(session).list_(channel_id, provenance, limit=limit).items:
        if outcome.settled_at is None:
            continue
        lesson = lessons.get(outcome.lesson_id or "")
        signs = tuple(lesson.evidence.get("signs", ())) if lesson else ()
        place = PublicationRepository(session).get(outcome.publication_id).publisher
        rests = place == YOUTUBE and any(sign not in OWN_SIGNS for sign in signs)
        found.append(Settled(outcome.publication_id, signs, lesson.id if lesson else "", rests))
    return tuple(found)


def file_change(session: Session, channel_id: str, asked: Asked, now: datetime) -> str | None:
    """Propose a change for a person to decide; None while one of the field waits, or when the videos behind it asked for the field before."""
    changes = PersonalityChangeRepository(session)
    if changes.find_open(channel_id, asked.field) is not None:
        return None
    before = {one for change in changes.list_(channel_id, limit=200).items if change.field == asked.field for one in change.evidence.get("publications", ())}
    if before and len(set(asked.publications) - before) < LEAST_NEW_VIDEOS:
        return None
    evidence = {**asked.evidence, "publications": list(asked.publications)}
    made = changes.propose(channel_id, (asked.field, asked.value), asked.why, MONITOR, evidence)
    if asked.rests_on_readings:
        ReadingRepository(session, now).trace("personality_change", made.id, channel_id, now + LIFE)
    return made.id


def growth_seen(session: Session, channel_id: str, provenance: Provenance, forecast: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a forecast of attention came to: the growth expected and measured over 48 hours, and how far it was off, or why that is unknown.

    `forecast` is what `outcomes.predicted` keeps: topic_id, series, unit, growth and made_at.
    """
    if not forecast or forecast.get("growth") is None:
        return {"unknown": "no forecast was made of this topic"}
    made, span = datetime.fromisoformat(str(forecast["made_at"])), timedelta(hours=HORIZON_HOURS)
    rows = TrendHistory(session, channel_id, provenance).trends.list_observations([str(forecast["topic_id"])], made - span, made + span)
    points = [AttentionPoint(at=row.at, value=row.value) for row in rows if row.series == forecast["series"]]
    # A count that only grows says by its gain what was measured.
    steps = _gains(points) if str(forecast["unit"]).endswith(" an hour") else points
    known, later = [one.value for one in steps if one.at <= made], [one.value for one in steps if one.at > made]
    if min(len(known), len(later)) < LEAST_POINTS or sum(known) <= 0:
        return {"expected": forecast["growth"], "unknown": f"{len(later)} values were measured in the 48 hours after it, at least {LEAST_POINTS} are needed"}
    measured = (sum(later) / len(later)) / (sum(known) / len(known)) - 1
    expected = float(forecast["growth"])
    return {"expected": round(expected, 4), "measured": round(measured, 4), "off": round(measured - expected, 4), "values": len(later)}


def _gains(points: Sequence[AttentionPoint]) -> list[AttentionPoint]:
    pairs = [(one, other, (other.at - one.at).total_seconds() / 3600) for one, other in zip(points, points[1:], strict=False)]
    return [AttentionPoint(at=other.at, value=max(0.0, other.value - one.value) / hours) for one, other, hours in pairs if hours > 0]
