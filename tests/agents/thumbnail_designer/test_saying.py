"""What is set in type means something by itself: whole clauses, a figure with what it counts, a label only for what is seen."""

import pytest

from agents.thumbnail_designer.concepts import plan
from agents.thumbnail_designer.naming import mentions
from agents.thumbnail_designer.phrases import headline, terms
from agents.thumbnail_designer.rhythm import Choice
from agents.thumbnail_designer.saying import joined, key_phrase, label, says, title_phrases
from agents.thumbnail_designer.storyboard import scene_of
from agents.thumbnail_designer.timing import Slot
from memory.artifacts import Sentence, VisualDirection
from memory.personality import get_personality
from tests.fixtures.illustrated_story import brief, script

NUMBER = Sentence(
    id="n1",
    text="Divers have found only 90 caves under the whole lake.",
    role="fact",
    citations=("doc1#1",),
    visual=VisualDirection(kind="number", focus="90 caves"),
)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("No other lake has that many.", "No other lake has that many"),
        ("Close to the shore, the salty water irritates the skin.", "The salty water irritates the skin"),
        (
            "Collectors have wanted the shells for centuries, and even modelers have studied them again and again.",
            "Collectors have wanted the shells for centuries",
        ),
        ("The layer seems to lie deep below a wide region that is called the Orla Bay Formation.", "The Orla Bay Formation"),
    ],
)
def test_a_shot_of_type_says_a_whole_thought(sentence: str, said: str) -> None:
    assert key_phrase(sentence) == said


def test_nothing_is_cut_out_of_a_denial_or_a_condition() -> None:
    assert key_phrase("Nobody among the many divers who came here in all those years has ever confirmed large fish below the old northern pier.") == ""
    assert "warm" not in key_phrase("If the water of the bay stays warm all through the winter, then the ice will certainly not come back before spring does.")


def test_a_part_of_a_sentence_is_not_set_as_if_it_were_whole() -> None:
    whole = "The findings add to the evidence that the lake may have the right mix of minerals for it."
    assert key_phrase("The findings add to the evidence that the lake", whole) != "The findings add to the evidence that the lake"


def test_only_things_that_the_words_set_side_by_side_are_shown_side_by_side() -> None:
    together, apart = "Norwegian boats met Lake Orla and Varn Bay that winter again.", "Lake Orla lies far to the north of Varn Bay and is cold."
    assert joined(terms(together), together) == ("Lake Orla", "Varn Bay")
    assert joined(terms(apart), apart) == ()


def test_a_label_names_what_is_seen_and_nothing_else() -> None:
    assert label("The pelagic thresher is the smallest of the three known species.", frozenset({"thresher"}), "") == "Pelagic thresher"
    assert label("The parade was organized by the workers of a large store.", frozenset({"parade"}), "") == ""
    assert label("Nobody has seen life on Titan.", frozenset({"moon"}), "Titan, a moon") == "Titan"


@pytest.mark.parametrize(
    ("title", "phrase"),
    [
        ("Titan, the moon that loses its craters", "Loses its craters"),
        ("Iceland, an island between ice and fire", "Between ice and fire"),
        ("How a bad habit works, and how to break it", "How to break it"),
        ("Antarctica, the continent that holds the world's fresh water", "The world's fresh water"),
    ],
)
def test_a_title_gives_phrases_that_begin_and_end_where_a_thought_does(title: str, phrase: str) -> None:
    found = [one for one in title_phrases(title) if says(one)]
    assert phrase in found
    assert all(2 <= len(one.split()) <= 4 for one in found)


def test_a_figure_keeps_what_it_counts_in_the_shot_and_on_the_thumbnail() -> None:
    shot = scene_of(Slot(0, 4, (NUMBER,), NUMBER.text), Choice("number", None, ("a figure",)), script(), brief(), get_personality("field-notes"))
    assert (shot.number, shot.title) == ("90", "caves under the whole lake")
    told = script()
    story = told.model_copy(update={"beats": (told.beats[0].model_copy(update={"sentences": (NUMBER,)}), *told.beats[1:])})
    assert plan(story, brief(), ())[0].concept.words == "90 caves"


def test_a_whole_title_may_end_on_it() -> None:
    assert headline("How a bad habit works, and how to break it", 10).endswith("break it")


@pytest.mark.parametrize(
    ("words", "motif"),
    [("the Jet Propulsion Laboratory", "flask"), ("They listen to the radio waves.", "waves"), ("The solar wind is a flow of particles.", "turbine")],
)
def test_a_name_or_a_compound_does_not_call_for_a_thing(words: str, motif: str) -> None:
    assert motif not in {one.motif for one in mentions(words)}
