"""Thumbnail concepts differ in words and in picture, and no phrase ends in the middle."""

import pytest

from agents.thumbnail_designer.concepts import key_words, plan
from agents.thumbnail_designer.telling import tells
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


@pytest.mark.parametrize("weak", ["Mean", "Terms", "Rules", "Ground", "Bad habit works", "Tech Tip", "Three quarters", "The study"])
def test_words_that_mean_nothing_alone_are_known(weak: str) -> None:
    assert not tells(weak)


@pytest.mark.parametrize("strong", ["Bad habit", "Google Maps", "Glacier", "Nitrogen dioxide", "NASA"])
def test_names_and_concrete_phrases_stand_alone(strong: str) -> None:
    assert tells(strong)


@pytest.mark.parametrize("title", ["What terms mean", "Rules of the ground", "Tech Tip: How to use Google Maps offline", "How a bad habit works"])
def test_no_thumbnail_says_a_weak_word_alone(title: str) -> None:
    story = script().model_copy(update={"title": title})
    words = [idea.concept.words for idea in plan(story, brief().model_copy(update={"topic": title}), ())]
    assert not {"mean", "terms", "rules", "ground", "tech tip", "tech tip google", "bad habit works"} & {one.rstrip("?").lower() for one in words}
