"""Captions of an encoded film agree with its sound, by an aligner that knows nothing of the voice."""

import numpy as np
import pytest

from evals.bench import missed
from evals.bench_captions import measure_captions
from evals.caption_reading import Cue, Place, _box, _is_at, read_cues
from evals.word_aligner import RATE_HZ, Unalignable, WordAligner
from infra.settings import Settings
from tests.fixtures.speech import voice_settings

__all__ = ["voice_settings"]


@pytest.mark.slow
def test_words_light_up_when_they_are_heard_in_the_encoded_file(voice_settings: Settings) -> None:
    found = measure_captions(voice_settings)
    assert 15 <= found.audio_s <= 40
    assert found.words_missing == 0
    assert found.burned_median_ms <= 60
    assert found.burned_p95_ms <= 150
    # The measure must be finer than what it measures.
    assert found.aligner_median_ms <= 20
    assert found.aligner_p95_ms <= 50
    assert missed({"captions": found.model_dump()}) == []


def test_a_missed_goal_is_told() -> None:
    found = missed({"captions": {"words_missing": 1, "burned_median_ms": 20.0, "burned_p95_ms": 170.0}})
    assert [one.split(" ")[0] for one in found] == ["captions.words_missing", "captions.burned_p95_ms"]


def test_a_word_outside_the_dictionary_is_named() -> None:
    with pytest.raises(Unalignable, match="qqxzt"):
        WordAligner().onsets(np.zeros(RATE_HZ, np.float32), ["the", "qqxzt"])


def test_cues_are_read_with_their_words() -> None:
    assert read_cues("1\n00:00:01,250 --> 00:00:02,000\nOne two\nthree\n\n2\n01:00:00,000 --> 01:00:01,000\nfour\n") == [
        Cue(1.25, ("One", "two", "three")),
        Cue(3600.0, ("four",)),
    ]


def test_a_lit_word_is_told_from_its_neighbour_by_place_and_width() -> None:
    lit = np.zeros((60, 400), np.bool_)
    lit[20:40, 100:200] = True
    box = _box(lit, top=900)
    assert box is not None
    assert _is_at(box, Place(200, 400, 960, 62))
    assert not _is_at(box, Place(420, 520, 960, 62))
    assert not _is_at(box, Place(200, 300, 960, 62))
    assert _box(np.zeros((60, 400), np.bool_), top=900) is None
