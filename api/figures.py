"""What a platform last told about a run's publications, with its age: for the owner's eyes, never written into a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from infra.clock import SYSTEM_CLOCK
from infra.database import Database, Session
from memory.readings import KnownFigures, Reading
from memory.records.publications import PublicationRecord
from memory.repositories.checks import CheckRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.readings import ReadingRepository

_COUNTS = ("views", "likes", "comments")
_SHOWN_COMMENTS = 3
_LONGEST = 160


def figures_of_run(database: Database, run_id: str) -> list[dict[str, Any]]:
    """Return a run's publications with their looks and with what is still known of them; an expired figure is not known any more."""
    now = SYSTEM_CLOCK.now()
    with database.unit_of_work() as session:
        return [figures_of(session, one, now) for one in PublicationRepository(session).list_of_run(run_id)]


def figures_of(session: Session, one: PublicationRecord, now: datetime) -> dict[str, Any]:
    """Return one publication with its looks and with what is still known of it."""
    looks = CheckRepository(session).list_(one.id)
    return {
        "publication": one.id,
        "source": one.publisher,
        "figures": _told(ReadingRepository(session, now).known(one.id), now),
        "looks": [{"check": check.kind, "status": check.status, "due": check.due_at.isoformat(), **_outcome(check.result)} for check in looks],
    }


def figure_lines(publications: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines that tell a person what is known, how old it is and what could not be read."""
    for one in publications:
        yield from _lines(one["figures"], one["source"].capitalize().replace("tube", "Tube"))
        done = [look for look in one["looks"] if look["status"] == "done"]
        if done:
            yield f"    look after {done[-1]['check']}: {done[-1]['severity']}, {', '.join(done[-1]['done']) or 'nothing done'}"
            yield from (f"    not read: {gap}" for gap in done[-1]["gaps"])
        yield from (f"    look after {look['check']} failed: {look['error']}" for look in one["looks"] if look["status"] == "failed")


def _lines(figures: dict[str, Any], source: str) -> Iterator[str]:
    if (counts := figures["statistics"]) is not None:
        told = ", ".join(f"{counts['values'][name]} {name}" for name in _COUNTS if counts["values"].get(name) is not None)
        yield f"    {source}, {_age(counts['age_s'])} ago: {told}"
    if figures["days"]:
        last = figures["days"][-1]
        told = ", ".join(f"{name} {value:g}" for name, value in last["values"].items())
        yield f"    {source} Analytics of {last['covers']}, read {_age(last['age_s'])} ago: {told}"
    if figures["reach"]:
        last = figures["reach"][-1]
        told = f"thumbnail shown {last['values']['impressions']} times, {last['values']['ctr']:.1%} clicked"
        yield f"    {source} reach of {last['covers']}, read {_age(last['age_s'])} ago: {told}"
    yield from (f"    comment, {_age(said['age_s'])} old: {said['text']}" for said in figures["comments"][:_SHOWN_COMMENTS])


def _told(known: KnownFigures, now: datetime) -> dict[str, Any]:
    return {
        "statistics": _aged(known.statistics, now) if known.statistics else None,
        "days": [_aged(one, now) for one in known.days],
        "reach": [_aged(one, now) for one in known.reach],
        "comments": [_said(one, now) for one in known.comments],
    }


def _aged(reading: Reading, now: datetime) -> dict[str, Any]:
    times = {"fetched_at": reading.fetched_at.isoformat(), "expires_at": reading.expires_at.isoformat(), "age_s": _seconds(reading.fetched_at, now)}
    return {"values": dict(reading.body), "covers": reading.covers.isoformat() if reading.covers else None, **times}


def _said(reading: Reading, now: datetime) -> dict[str, Any]:
    # Outside text: nothing in it may steer a terminal.
    text = "".join(letter if letter.isprintable() else " " for letter in str(reading.body["text"]))[:_LONGEST]
    at = datetime.fromisoformat(str(reading.body["at"]))
    return {"text": text, "at": at.isoformat(), "age_s": _seconds(at, now), "expires_at": reading.expires_at.isoformat()}


def _outcome(result: dict[str, Any] | None) -> dict[str, Any]:
    found = result or {}
    return {
        "error": found.get("message", ""),
        "severity": found.get("severity", ""),
        "done": found.get("done", []),
        "gaps": found.get("gaps", []),
        "reasons": found.get("reasons", []),
    }


def _seconds(since: datetime, now: datetime) -> int:
    return max(0, round((now - since).total_seconds()))


def _age(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
