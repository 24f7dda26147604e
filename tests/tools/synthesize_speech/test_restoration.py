"""The chain for bought sound, measured before and after; and word times estimated from sound, against exact ones."""

import numpy as np
import pytest

from tools.audio_levels import integrated_lufs, true_peak_dbtp
from tools.synthesize_speech.alignment import Span, word_spans
from tools.synthesize_speech.estimate import estimated_spans
from tools.synthesize_speech.normalise import read_text
from tools.synthesize_speech.restoration import Samples, compressed, noise_floor_db, restore
from tools.synthesize_speech.schema import Args, SpokenSentence
from tools.synthesize_speech.sound import TARGET_LUFS, finish
from tools.synthesize_speech.takes import plan_line
from tools.vendors.piper.client import PiperClient, Utterance

TEXT = "The river carried news of the flood, food for the town, and hope, to the people in the north."


@pytest.fixture
def spoken(speaker: PiperClient) -> Utterance:
    return next(speaker.say_all([plan_line(SpokenSentence(id="s", text=TEXT), read_text(TEXT), Args(sentences=())).request]))


def noisy(samples: Samples) -> Samples:
    """Add a room's hiss and mains hum 38 dB below the voice."""
    hiss = np.random.default_rng(3).standard_normal(len(samples)) * 0.002
    hum = 0.002 * np.sin(2 * np.pi * 50 * np.arange(len(samples)) / 22_050)
    return (samples * 0.35 + hiss + hum).astype(np.float32)


def test_the_noise_floor_falls_and_loudness_and_peak_meet_their_targets(spoken: Utterance) -> None:
    before, rate = noisy(spoken.samples), spoken.rate
    take = finish(restore(before, rate), rate, [Span(0, len(before))])
    after = (take.pcm / 32768).astype(np.float32)
    level_before, level_after = integrated_lufs(before, rate), integrated_lufs(after, rate)
    assert abs(level_before - TARGET_LUFS) > 2
    assert abs(level_after - TARGET_LUFS) < 0.5
    assert true_peak_dbtp(after, rate) <= -1.0
    # Both relative to the voice's own level, so that making all of it quieter proves nothing.
    fell = (noise_floor_db(before, rate) - level_before) - (noise_floor_db(after, rate) - level_after)
    assert fell > 6


def test_the_chain_shifts_nothing_in_time_and_keeps_the_length(spoken: Utterance) -> None:
    before = spoken.samples
    after = restore(before, spoken.rate)
    assert len(after) == len(before)
    shift = int(np.argmax(np.correlate(after[:20_000], before[200:19_800], "valid"))) - 200
    assert abs(shift) <= 2


def test_loud_parts_come_nearer_to_quiet_ones(spoken: Utterance) -> None:
    uneven = spoken.samples.copy()
    uneven[len(uneven) // 2 :] *= 0.3
    halves = [np.sqrt(np.mean(np.square(part))) for part in np.array_split(uneven, 2)]
    evened = [np.sqrt(np.mean(np.square(part))) for part in np.array_split(compressed(uneven, spoken.rate), 2)]
    assert evened[0] / evened[1] < 0.8 * halves[0] / halves[1]


def test_silence_and_a_click_pass_the_chain() -> None:
    assert not np.any(restore(np.zeros(9_000, np.float32), 22_050))
    click = np.zeros(400, np.float32)
    click[200] = 0.5
    assert np.isfinite(restore(click, 22_050)).all()


def test_estimated_times_are_near_the_exact_ones(spoken: Utterance) -> None:
    ask = plan_line(SpokenSentence(id="s", text=TEXT), read_text(TEXT), Args(sentences=())).ask
    found = estimated_spans(spoken.samples, spoken.rate, [word.text for word in ask.words], [word.tail for word in ask.words])
    exact = word_spans(spoken)
    errors = [abs(one.start - other.start) / spoken.rate for one, other in zip(found, exact, strict=True)]
    assert np.median(errors) < 0.09
    assert max(errors) < 0.35
