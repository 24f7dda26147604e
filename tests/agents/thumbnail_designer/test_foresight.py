"""Which scenes a changed script draws anew, told before anything is drawn."""

from typing import TypeVar

from agents.thumbnail_designer import Foreseen, IllustrateInput, Snapshot, foresee
from memory.artifacts import Script, SentenceTiming, WordTiming
from memory.personality import get_personality
from tests.fixtures.illustrated_story import brief, narration, script

T = TypeVar("T", SentenceTiming, WordTiming)
LOOK = (get_personality("field-notes"), 0)


def asked(made: Script, **changes: object) -> IllustrateInput:
    return IllustrateInput(script=made, narration=narration(made), brief=brief()).model_copy(update=changes)


def with_words(sentence_id: str, text: str) -> Script:
    made = script()
    beats = tuple(
        beat.model_copy(update={"sentences": tuple(one.model_copy(update={"text": text}) if one.id == sentence_id else one for one in beat.sentences)})
        for beat in made.beats
    )
    return made.model_copy(update={"beats": beats})


def anew(scenes: tuple[Foreseen, ...]) -> set[str]:
    """Return the sentences of the scenes that are made again."""
    return {one for scene in scenes if scene.anew for one in scene.sentences}


def test_the_same_script_makes_nothing_again() -> None:
    scenes = foresee(asked(script()), asked(script()), Snapshot(candidates=()), LOOK)
    assert len(scenes) > 10
    assert not [one for one in scenes if one.anew]
    assert all(after.start_s == before.end_s for before, after in zip(scenes, scenes[1:], strict=False))


def test_a_sentence_of_as_many_words_makes_its_own_scenes_again_and_no_other() -> None:
    after = with_words("s6", "Four quarters of the basin are open water.")
    assert anew(foresee(asked(script()), asked(after), Snapshot(candidates=()), LOOK)) == {"s6"}


def test_what_is_only_longer_by_less_than_a_frame_is_the_same_film() -> None:
    before = asked(script())
    heard = before.narration

    def later(one: T, sentence_id: str) -> T:
        return one if sentence_id == "s1" else one.model_copy(update={"start_s": one.start_s + 0.004, "end_s": one.end_s + 0.004})

    moved = {"sentences": tuple(later(one, one.sentence_id) for one in heard.sentences), "words": tuple(later(one, one.sentence_id) for one in heard.words)}
    after = before.model_copy(update={"narration": heard.model_copy(update=moved)})
    assert anew(foresee(before, after, Snapshot(candidates=()), LOOK)) == set()


def test_a_sentence_that_goes_makes_what_follows_again_since_it_is_numbered_anew() -> None:
    made = script()
    beats = (made.beats[0].model_copy(update={"sentences": made.beats[0].sentences[:2]}), *made.beats[1:])
    scenes = foresee(asked(made), asked(made.model_copy(update={"beats": beats})), Snapshot(candidates=()), LOOK)
    assert scenes[0].anew is False
    assert scenes[-1].anew is True
