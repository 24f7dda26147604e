"""Views of a video: things that the words name, else the story's category; none looks like another; headlines do not repeat captions."""

from itertools import combinations
from typing import get_args

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from agents.thumbnail_designer.phrases import echoes, key_phrase
from agents.thumbnail_designer.subjects import Views, named_motifs, subject_of
from memory.personality import get_personality
from tools.drawing.backdrop import paint_backdrop
from tools.drawing.illustration import View, illustrate
from tools.drawing.motifs import COMPOSITIONS, load_motifs, motifs_of
from tools.drawing.subject import Subject

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


@pytest.mark.parametrize("category", ["nature", "space", "animals", "science"])
def test_no_two_shots_of_a_video_show_the_same_view(category: str) -> None:
    views = Views(category, seed=3)
    handed = [views.next("") for _ in range(SHOTS)]
    assert len({(view.subject, view.motif, view.composition) for view in handed}) == SHOTS
    prints = [fingerprint(View(view.subject, view.motif, view.composition), number) for number, view in enumerate(handed)]
    assert min(int((one != two).sum()) for one, two in combinations(prints, 2)) >= LEAST_APART


def test_every_subject_has_at_least_four_things_to_show_in_six_compositions() -> None:
    assert all(len(motifs_of(subject)) >= 4 for subject in get_args(Subject))
    assert len(COMPOSITIONS) >= 4
    assert all(set(motif.subjects) <= set(get_args(Subject)) for motif in load_motifs().values())


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
    assert named_motifs("With the patterns in hand") == ()


def test_a_thing_named_in_every_shot_is_shown_in_a_new_composition_each_time() -> None:
    views = Views("animals")
    handed = [views.next("the shark turns") for _ in range(len(COMPOSITIONS) + 2)]
    assert len({(view.motif, view.composition) for view in handed}) == len(handed)


def test_a_headline_that_repeats_the_caption_is_replaced_by_its_key_phrase_or_left_out() -> None:
    assert echoes("The lake of our story", "The lake of our story keeps everything.")
    assert not echoes("What a lake keeps", "The lake of our story keeps everything.")
    assert key_phrase("The ship crossed the Southern Ocean in a storm") == "Southern Ocean"
    assert key_phrase("Then it turns") == ""
