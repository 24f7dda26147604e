"""What a publication was expected to do, what it did, and what its channel learns from that."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from agents.crisis_monitor.lessons import Lesson, draw_lesson, draw_platform_lesson
from agents.crisis_monitor.proposals import SettledOutcome, propose
from agents.trend_scout.schemas import Candidate, Snapshot
from graphs import revisions
from graphs.context import NodeContext, Studio
from graphs.state import ProductionState
from memory.artifacts import Brief, Provenance, RenderedVideo, Script, Thumbnails
from memory.learning import YOUTUBE, Asked, Learned, Settled
from memory.personality import Personality
from memory.recall_search import Memory
from memory.records.lessons import LessonRecord
from memory.repositories.outcomes import OutcomeRepository
from memory.repositories.runs import RunRepository
from memory.repositories.snapshots import SnapshotRepository
from tools.embed_text.schema import EmbedTextResult

# What is said of a video beforehand and measured by nothing afterwards stands there as that.
NOT_MEASURED = {
    "quality": "the rubric's score of the script; nothing afterwards measures the same",
    "thumbnail": "a heuristic of the picture, not a prediction of clicks",
}


async def predict(studio: Studio, state: ProductionState, publication_id: str) -> None:
    """Keep what was expected of a publication when it was made; a re-run keeps the first."""
    script, brief = studio.load(revisions.script(state), Script), studio.load(revisions.brief(state), Brief)
    thumbnails, video = studio.load(state["thumbnails"], Thumbnails), studio.load(state["video"], RenderedVideo)
    best = thumbnails.variants[thumbnails.chosen]
    candidate = await asyncio.to_thread(_candidate, studio, brief.topic)
    predicted = {
        "topic": brief.topic,
        "title": script.title,
        "scout": brief.scores,
        "forecast": _forecast(candidate),
        "quality": script.quality,
        "criteria": script.scores,
        "thumbnail": {"concept": best.concept, "score": best.score, "method": thumbnails.method},
        "told": {"template": script.template, "writer": script.writer, "seconds": video.duration_s, "personality": dict(studio.changes)},
    }

    def write() -> None:
        with studio.database.unit_of_work() as session:
            studio.ensure_held(RunRepository(session))
            OutcomeRepository(session).predict(publication_id, predicted)

    await asyncio.to_thread(write)


def lesson_of(place: str, about: tuple[str, str], looks: Sequence[Mapping[str, Any]], derived: bool) -> Lesson | None:
    """Return what a finished row of looks taught, within what a platform's rules let be remembered."""
    return draw_platform_lesson(*about, looks, derived) if place == YOUTUBE else draw_lesson(*about, looks)


def learned_of(ctx: NodeContext, publication_id: str, lesson: Lesson | None, embedded: EmbedTextResult | None) -> Learned | None:
    """Return a lesson as its channel's memory keeps it."""
    if lesson is None or embedded is None:
        return None
    lesson_id, channel, provenance = f"lesson_{publication_id}", ctx.studio.channel_id, ctx.provenance
    about = {"channel_id": channel, "run_id": ctx.run_id, "provenance": provenance.value}
    record = LessonRecord(id=lesson_id, text=lesson.text, evidence=lesson.evidence, **about)
    memory = Memory("lesson", lesson_id, lesson.text, channel, provenance)
    return Learned(record, memory, embedded.vectors[0], embedded.model_version, lesson.rests_on_readings)


def happened_of(place: str, lesson: Lesson | None, looks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what came of a publication: of a platform only references to its readings, which end with them, and what the studio itself did."""
    actions = list(dict.fromkeys(str(action) for look in looks for action in (*look.get("done", ()), *look.get("wanted", ()))))
    taught = list(lesson.evidence.get("signs", ())) if lesson and not lesson.rests_on_readings else []
    found: dict[str, Any] = {"looks": len(looks), "actions": actions, "signs": taught}
    if place == YOUTUBE:
        last = looks[-1] if looks else {}
        return found | {"readings": list(last.get("readings", ())), "readings_expire": last.get("readings_expire")}
    measured = lesson.evidence if lesson else {}
    return found | {name: measured[name] for name in ("comments", "negative_share") if name in measured}


def asked_of(personality: Personality, provenance: str, settled: Sequence[Settled]) -> tuple[Asked, ...]:
    """Return the changes that a channel's outcomes ask for; what is not real asks for nothing."""
    if provenance != Provenance.REAL.value:
        return ()
    outcomes = [
        SettledOutcome(publication_id=one.publication_id, signs=one.signs, lesson_id=one.lesson_id, rests_on_readings=one.rests_on_readings) for one in settled
    ]
    return tuple(
        Asked(one.field, one.value, one.why, {"sign": one.sign, "lessons": list(one.lessons), "of": one.of}, one.publications, one.rests_on_readings)
        for one in propose(personality, outcomes)
    )


def _candidate(studio: Studio, topic: str) -> Candidate | None:
    with studio.database.unit_of_work() as session:
        digest = SnapshotRepository(session).find(studio.run_id, "scout", 0)
    seen = studio.load(digest, Snapshot).candidates if digest else ()
    return next((one for one in seen if one.topic == topic), None)


def _forecast(candidate: Candidate | None) -> dict[str, Any] | None:
    """Return the forecast of the story's attention, as far as there was one, and whether the choice rested on it."""
    if candidate is None or candidate.outlook is None:
        return None
    told = candidate.outlook.model_dump(mode="json", include={"series", "source", "unit", "method", "verdict", "growth", "peak_at", "made_at"})
    return {**told, "topic_id": candidate.topic_id, "decided": candidate.momentum_from == "forecast"}
