"""What a changed script will sound like, told before it is read."""

from typing import Any

import pytest

from agents.voice_director import Foreheard, foresee, policy
from agents.voice_director.schemas import Snapshot, VoiceAtHand
from memory.artifacts import Narration, Script
from memory.personality import get_personality
from tests.fixtures.illustrated_story import narration, script

VOICE = VoiceAtHand(name="joe-medium", licence="CC0", words_per_minute=181.0, monetisable=True)
CHANNEL = get_personality("field-notes")


def said(made: Script, changes: dict[str, str]) -> Script:
    """Return the script with other words for some sentences."""

    def other(one: Any) -> Any:
        return one.model_copy(update={"text": changes.get(one.id, one.text)})

    beats = tuple(beat.model_copy(update={"sentences": tuple(other(one) for one in beat.sentences)}) for beat in made.beats)
    return made.model_copy(update={"beats": beats})


def heard_of(made: Script) -> Narration:
    return narration(made).model_copy(update={"settings": {"length_scale": own_scale()}})


def own_scale() -> float:
    """The length scale at which the voice reads as this channel does."""
    return policy.plan_reading(Snapshot(script=script(), seconds=None, voices=(VOICE,), pronunciations={}), CHANNEL, VOICE).length_scale


def foreseen(changes: dict[str, str], **looked_at: Any) -> tuple[Narration, Foreheard]:
    before = script()
    heard = heard_of(before)
    snapshot = Snapshot(script=before, seconds=looked_at.get("seconds", heard.duration_s), voices=(VOICE,), pronunciations={})
    return heard, foresee(snapshot, said(before, changes), heard, CHANNEL)


def test_an_edit_is_spoken_alone_and_what_follows_moves_by_as_much() -> None:
    heard, expected = foreseen({"s4": "So what lives there at all?"})
    assert expected.anew == ("s4",)
    old = {one.sentence_id: one for one in heard.sentences}
    new = {one.sentence_id: one for one in expected.narration.sentences}
    assert all(new[one].end_s - new[one].start_s == pytest.approx(old[one].end_s - old[one].start_s) for one in old if one != "s4")
    moved = {round(new[one].start_s - old[one].start_s, 6) for one in ("s5", "s6", "s10")}
    assert len(moved) == 1
    assert moved.pop() > 0
    assert [word.text for word in expected.narration.words if word.sentence_id == "s4"] == ["So", "what", "lives", "there", "at", "all?"]


def test_an_edit_that_leaves_the_slot_has_everything_read_at_another_pace() -> None:
    long = "Birds and fish and small crustaceans live there, and there are more of them than anybody could count in a year of days. " * 3
    _, expected = foreseen({"s4": long})
    assert len(expected.anew) == len(script().sentences)


def test_the_pace_of_the_reading_before_is_held_within_what_sounds_natural() -> None:
    made = script()
    snapshot = Snapshot(script=made, seconds=20.0, voices=(VOICE,), pronunciations={}, held_scale=own_scale() * 1.05)
    assert policy.plan_reading(snapshot, CHANNEL, VOICE).length_scale == snapshot.held_scale
    far = policy.plan_reading(snapshot.model_copy(update={"held_scale": 2.0}), CHANNEL, VOICE)
    assert far.length_scale == pytest.approx(far.bounds[1])
