"""Views of a video: things that the words name, else the story's category; none looks like another; headlines do not repeat captions."""

from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from agents.thumbnail_designer.naming import judged, mentions, plainly_named, shown_for
from agents.thumbnail_designer.phrases import echoes, strongest, terms
from agents.thumbnail_designer.subjects import Views, subject_of
from memory.personality import get_personality
from tools.drawing.backdrop import paint_backdrop
from tools.drawing.illustration import View, illustrate
from tools.drawing.motifs import COMPOSITIONS, load_motifs

LEAST_APART = 6
SHOTS = 14


def fingerprint(view: View, seed: int) -> npt.NDArray[np.bool_]:
    """A 63-bit perceptual hash: the signs of the lowest frequencies of the cosine transform of a 32x32 grey view."""
    look = get_personality("field-notes").look
    ground = paint_backdrop(look, (480, 270), np.random.default_rng(0))
    pixels = np.asarray(illustrate(ground, view, look, np.random.default_rng(seed)), np.float32)
    small = np.asarray(cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_AREA), np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    low = np.asarray(cv2.dct(small.astype(np.float32)))[:8, :8].ravel()[1:]
    return np.asarray(low > np.median(low), np.bool_)


@pytest.mark.parametrize("things", [("shell", "fish", "waves"), ("planet", "probe", "comet"), ("city", "people", "car")])
def test_no_two_shots_of_a_video_show_the_same_view(things: tuple[str, ...]) -> None:
    views = Views("nature", seed=3)
    handed = [views.of(views.thing(things)) for _ in range(SHOTS)]
    assert len({(view.motif, view.composition) for view in handed}) == SHOTS
    prints = [fingerprint(View(view.subject, view.motif, view.composition), number) for number, view in enumerate(handed)]
    assert min(int((one != two).sum()) for one, two in combinations(prints, 2)) >= LEAST_APART


def test_a_hundred_things_can_be_drawn_and_each_says_what_it_shows() -> None:
    motifs = load_motifs()
    assert len(motifs) >= 100
    assert all(motif.words and motif.about and motif.shapes for motif in motifs.values())
    assert not any(motif.words & motif.cues for motif in motifs.values())
    assert len({motif.about for motif in motifs.values()}) == len(motifs)


@pytest.mark.parametrize(
    ("words", "motif"),
    [
        ("The largest single mass of ice on the planet", "iceberg"),
        ("With the shells in hand, the team looked closer", "shell"),
        ("A thresher shark strikes with its tail", "shark"),
        ("Ranchers move their cattle without a gate", "cow"),
    ],
)
def test_a_sentence_that_names_a_thing_gets_it(words: str, motif: str) -> None:
    assert Views("science").next(words).motif == motif


def test_one_ambiguous_word_does_not_leave_the_story_s_category() -> None:
    assert subject_of("With the patterns in hand, light shows the planet's network", "nature") == "nature"
    assert subject_of("Hackers fired missiles", "nature") == "security"
    assert subject_of("anything", "no such category") == "science"
    assert plainly_named("With the patterns in hand") == ()


def test_a_thing_named_in_every_shot_is_shown_in_a_new_composition_until_none_is_left() -> None:
    views = Views("animals")
    handed = [views.of("shark") for _ in COMPOSITIONS]
    assert len({view.composition for view in handed}) == len(COMPOSITIONS)
    assert views.thing(("shark",)) == ""


def test_a_doubtful_word_counts_only_near_its_meaning_and_never_as_a_name() -> None:
    near = dict.fromkeys(load_motifs(), 0.35)
    far = dict.fromkeys(load_motifs(), 0.05)
    assert "tree" in {one.motif for one in judged("s", "A table of wood", near, ())}
    assert judged("s", "A table of wood", far, ()) == ()
    assert "tree" not in {one.motif for one in mentions("Says Wendy Wood of habits")}


def test_a_sentence_shows_what_its_own_part_names_and_else_what_it_is_most_about() -> None:
    known = {"shell": 0.4, "hourglass": 0.3, "computer": 0.3}
    assert shown_for("and even computer modelers have studied the patterns", known) == ("computer",)
    assert shown_for("as nobody had done before", known) == ("shell",)


def test_a_headline_that_repeats_the_caption_is_known_and_its_strongest_term_found() -> None:
    assert echoes("The lake of our story", "The lake of our story keeps everything.")
    assert not echoes("What a lake keeps", "The lake of our story keeps everything.")
    assert strongest(terms("The ship crossed the Southern Ocean in a storm")) == "Southern Ocean"
    assert strongest(terms("Then it turns")) == ""
