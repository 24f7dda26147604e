"""Thumbnail concepts differ in words and in picture, and no phrase ends in the middle."""

import pytest

from agents.thumbnail_designer.concepts import key_words, plan
from tests.fixtures.illustrated_story import brief, script


def test_three_ideas_differ_in_words_and_in_view() -> None:
    ideas = plan(script(), brief(), ())
    assert len({idea.concept.words.lower().rstrip("?") for idea in ideas}) == 3
    assert len({(idea.concept.subject, idea.concept.motif, idea.concept.composition) for idea in ideas}) == 3


def test_key_words_come_from_the_title_and_else_from_the_topic_and_end_on_no_verb() -> None:
    story = brief().model_copy(update={"topic": "Thanksgiving"})
    assert key_words(script().model_copy(update={"title": "Ultraviolet light makes it"}), story) == ["Ultraviolet", "light"]
    assert key_words(script().model_copy(update={"title": "How it became so"}), story) == ["Thanksgiving"]


@pytest.mark.parametrize("topic", ["Kenya", "X", "The story", "Look closer", "Electroencephalography", "Why?"])
@pytest.mark.parametrize("heading", ["", "Kenya", "The story", "Look closer", "What we know"])
def test_a_topic_of_one_word_and_headings_that_repeat_it_still_give_three_ideas(topic: str, heading: str) -> None:
    told = script()
    beats = tuple(beat.model_copy(update={"heading": heading or topic, "sentences": told.sentences[:1]}) for beat in told.beats)
    story = told.model_copy(update={"title": f"{topic}: the story", "beats": (*beats, *beats)})
    ideas = plan(story, brief().model_copy(update={"topic": topic}), ())
    assert len({idea.concept.words.lower().rstrip("?") for idea in ideas}) == 3
    assert all(idea.concept.words.strip("? ") for idea in ideas)
