"""Word times agree with the signal, on real speech."""

from collections.abc import Sequence

import numpy as np
import pytest

from tools.synthesize_speech import sound
from tools.synthesize_speech.alignment import Span, word_spans
from tools.synthesize_speech.normalise import read_text
from tools.synthesize_speech.schema import Args, SpokenSentence
from tools.synthesize_speech.takes import plan_line
from tools.vendors.piper.client import PiperClient, Request, Utterance

SUBJECTS = ("The river", "A small team", "The old bridge", "Her first book", "This quiet valley", "The night train", "Every garden", "The long road")
MIDDLES = ("which few people know", "after many years", "as most of us remember", "however strange it seems", "against the odds")
ENDINGS = (
    "carried news of the flood, food for the town, and hope, to the people in the north.",
    "kept the memory of the war alive, but slowly, quietly, it faded, and then it was gone.",
    "gave the city light, water, bread, and music, when nobody else would.",
)


def sentences(count: int) -> list[str]:
    return [f"{SUBJECTS[n % 8]}, {MIDDLES[n % 5]}, {ENDINGS[n % 3]}" for n in range(count)]


def request(text: str) -> Request:
    return plan_line(SpokenSentence(id="s", text=text), read_text(text), Args(sentences=())).request


def pauses(utterance: Utterance) -> list[tuple[float, float]]:
    """Return the inner pauses of at least 100 ms by energy alone: (last sound, next sound) in seconds."""
    clean = sound._without_rumble(utterance.samples, utterance.rate)
    frame = round(utterance.rate * 0.005)
    power = np.mean(np.square(clean[: len(clean) // frame * frame].reshape(-1, frame)), axis=1)
    quiet = np.concatenate(([False], power < power.max() * 1e-4, [False])).astype(np.int8)
    edges = np.diff(quiet)
    spans = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    found = [(int(start) * frame / utterance.rate, int(stop) * frame / utterance.rate, int(stop)) for start, stop in spans]
    return [(start, stop) for start, stop, last in found if stop - start >= 0.1 and start > 0 and last < len(power)]


def boundary_errors_ms(utterance: Utterance, spans: Sequence[Span], commas: Sequence[int]) -> list[float]:
    """Return |aligned - heard| for the start of each word after a comma."""
    heard = [stop for _, stop in pauses(utterance)]
    starts = [spans[index + 1].start / utterance.rate for index in commas]
    return [1000 * min(abs(start - onset) for onset in heard) for start in starts if heard]


def errors_of(speaker: PiperClient, count: int) -> list[float]:
    found: list[float] = []
    requests = [request(text) for text in sentences(count)]
    for one, utterance in zip(requests, speaker.say_all(requests), strict=True):
        commas = [index for index, word in enumerate(one.text.split()) if word.endswith(",")]
        found += boundary_errors_ms(utterance, word_spans(utterance), commas)
    return found


def test_phoneme_lengths_sum_to_the_audio_to_the_sample(speaker: PiperClient) -> None:
    for utterance in speaker.say_all([request(text) for text in sentences(2)]):
        assert sum(utterance.widths) == len(utterance.samples)


def test_words_run_together_are_told_apart(speaker: PiperClient) -> None:
    (utterance,) = speaker.say_all([request("It was out of the blue at the end of a day in the north, and that is a lot.")])
    assert sum(one == " " for one in utterance.phonemes) + 1 < len(utterance.alone)
    spans = word_spans(utterance)
    assert len(spans) == len(utterance.alone) == 20
    assert all(span.start < span.end for span in spans)
    assert all(before.end <= after.start for before, after in zip(spans, spans[1:], strict=False))


def test_word_starts_after_a_pause_are_where_the_sound_starts(speaker: PiperClient) -> None:
    errors = errors_of(speaker, 5)
    assert len(errors) >= 15
    assert np.median(errors) <= 25


@pytest.mark.slow
def test_over_a_hundred_words_the_median_error_is_small_and_the_tail_short(speaker: PiperClient) -> None:
    errors = errors_of(speaker, 26)
    assert len(errors) >= 100
    assert np.median(errors) <= 20
    assert np.percentile(errors, 95) <= 100


def test_a_finished_take_ends_words_where_they_are_last_heard(speaker: PiperClient) -> None:
    (utterance,) = speaker.say_all([request("The long road ends here.")])
    spans = word_spans(utterance)
    take = sound.finish(utterance.samples, utterance.rate, spans)
    assert len(take.spans) == len(spans)
    assert take.spans[0].start <= 0.06 * take.rate
    assert take.spans[-1].end <= len(take.pcm)
    assert len(take.pcm) - take.spans[-1].end <= 0.12 * take.rate
