"""Thumbnail concepts differ in words and in picture, and no phrase ends in the middle."""

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
