"""Changes of a personality that a channel's outcomes ask for; a person decides about each, and one video never proves anything."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from memory.artifacts import Frozen
from memory.personality import Personality

# A sign must have been seen on three videos, and on half of the newest ten: one bad day is not a pattern.
LEAST_OUTCOMES = 5
LEAST_VIDEOS = 3
LEAST_SHARE = 0.5
WINDOW = 10


class SettledOutcome(Frozen):
    """One real publication whose last look was made: what its lesson taught, and whether that rests on what a platform told."""

    publication_id: str
    signs: tuple[str, ...] = ()
    lesson_id: str = ""
    rests_on_readings: bool = False


class Proposal(Frozen):
    """One field's new value, why, and the publications that it rests on."""

    field: str
    value: Any
    why: str
    sign: str
    publications: tuple[str, ...]
    lessons: tuple[str, ...]
    of: int
    rests_on_readings: bool


def propose(personality: Personality, outcomes: Sequence[SettledOutcome]) -> tuple[Proposal, ...]:
    """Return what the newest outcomes (newest first, real ones only) ask of a personality; nothing until there are five.

    A sign counts when at least three of the newest ten videos showed it, and at least half of them.
    """
    newest = outcomes[:WINDOW]
    if len(newest) < LEAST_OUTCOMES:
        return ()
    counted = Counter(sign for one in newest for sign in set(one.signs))
    found = []
    for sign, (field, change, why) in _ASKS.items():
        showed = [one for one in newest if sign in one.signs]
        value = change(personality)
        if counted[sign] < LEAST_VIDEOS or counted[sign] < LEAST_SHARE * len(newest) or value is None:
            continue
        found.append(
            Proposal(
                field=field,
                value=value,
                why=f"{why} ({counted[sign]} of the last {len(newest)} videos)",
                sign=sign,
                publications=tuple(one.publication_id for one in showed),
                lessons=tuple(one.lesson_id for one in showed if one.lesson_id),
                of=len(newest),
                rests_on_readings=any(one.rests_on_readings for one in showed),
            )
        )
    return tuple({one.field: one for one in reversed(found)}.values())


def _fewer(personality: Personality) -> int | None:
    return personality.cadence_per_week - 1 if personality.cadence_per_week > 1 else None


def _also(tone: str) -> Callable[[Personality], list[str] | None]:
    return lambda personality: None if tone in personality.tone else [*personality.tone, tone]


_ASKS: dict[str, tuple[str, Callable[[Personality], Any], str]] = {
    "factual_challenge": ("cadence_per_week", _fewer, "viewers keep doubting facts: fewer videos leave more time for a second source"),
    "source_retracted": ("tone", _also("careful with single studies"), "sources keep being retracted: say how sure a finding is"),
    "pile_on": ("tone", _also("even-handed"), "viewers keep turning against it together: give the other side its place"),
    "negative_spike": ("tone", _also("even-handed"), "viewers keep turning against it: give the other side its place"),
}
