"""Real speech: cache, timings, levels, and clear refusals."""

import io
import wave
from collections.abc import Callable

import numpy as np
import pytest

from memory.artifacts import Narration
from tools.audio_levels import Samples, integrated_lufs, longest_silence_s
from tools.base import ToolContext, ToolError
from tools.synthesize_speech.alignment import Span
from tools.synthesize_speech.schema import SPEC, Args, Result, SpokenSentence
from tools.synthesize_speech.sound import Take
from tools.synthesize_speech.tool import room_for_a_pause_s, run
from tools.vendors.piper.client import PiperClient

Contexts = Callable[[], ToolContext]
TEXTS = (
    "The storm hit 3,000 homes on May 5, 2024, at the end of the day.",
    "Why does it matter?",
    "One of the biggest storms, which formed in the Atlantic, has been moving north.",
)


def args_of(*texts: str, **settings: object) -> Args:
    sentences = tuple(SpokenSentence(id=f"s{index}", text=text) for index, text in enumerate(texts))
    return Args.model_validate({"sentences": sentences, **settings})


def narration_of(result: Result, ctx: ToolContext) -> Narration:
    return Narration.model_validate_json(ctx.store.read(result.narration))


def samples_of(result: Result, ctx: ToolContext) -> tuple[Samples, int]:
    with wave.open(io.BytesIO(ctx.store.read(result.audio))) as held:
        assert (held.getnchannels(), held.getsampwidth()) == (1, 2)
        pcm = np.frombuffer(held.readframes(held.getnframes()), "<i2")
        return (pcm / 32768).astype(np.float32), held.getframerate()


def test_every_display_word_has_its_time_in_order_and_inside_its_sentence(speech_context: Contexts) -> None:
    ctx = speech_context()
    result = run(args_of(*TEXTS), ctx)
    narration = narration_of(result, ctx)
    assert [word.text for word in narration.words] == " ".join(TEXTS).split()
    assert all(word.start_s < word.end_s for word in narration.words)
    assert all(before.end_s <= after.start_s for before, after in zip(narration.words, narration.words[1:], strict=False))
    inside = {one.sentence_id: one for one in narration.sentences}
    assert all(inside[word.sentence_id].start_s <= word.start_s and word.end_s <= inside[word.sentence_id].end_s for word in narration.words)
    samples, rate = samples_of(result, ctx)
    assert len(samples) / rate == pytest.approx(narration.duration_s) == pytest.approx(result.duration_s)
    assert "CC0" in narration.voice_licence


def test_a_second_run_speaks_nothing_and_gives_the_same_bytes(speech_context: Contexts) -> None:
    ctx = speech_context()
    first = run(args_of(*TEXTS), ctx)
    second = run(args_of(*TEXTS), ctx)
    assert (first.cached_sentences, second.cached_sentences, second.spoken_sentences) == (0, 3, 0)
    assert second.narration == first.narration


def test_a_changed_sentence_is_voiced_alone_and_moves_the_others(speech_context: Contexts) -> None:
    ctx = speech_context()
    first = run(args_of(*TEXTS), ctx)
    second = run(args_of(TEXTS[0], "Why should it matter to you?", TEXTS[2]), ctx)
    assert (second.cached_sentences, second.spoken_sentences) == (2, 1)
    old, new = narration_of(first, ctx).words, narration_of(second, ctx).words
    moved = {round(after.start_s - before.start_s, 6) for before, after in zip(old[-13:], new[-13:], strict=True)}
    assert len(moved) == 1
    assert moved != {0.0}
    frames = [one.start_s * 30 for result in (first, second) for one in narration_of(result, ctx).sentences]
    assert all(abs(at - round(at)) < 0.002 for at in frames), "what follows moves by whole frames, so its pictures are those of before"


def test_the_same_text_sounds_the_same_whatever_was_said_before(speech_context: Contexts) -> None:
    first, second = speech_context(), speech_context()
    run(args_of("Something else is said first."), second)
    assert run(args_of(TEXTS[2]), first).audio == run(args_of(TEXTS[2]), second).audio


def test_sentences_are_equally_loud_and_no_silence_is_long(speech_context: Contexts) -> None:
    ctx = speech_context()
    result = run(args_of(*TEXTS), ctx)
    samples, rate = samples_of(result, ctx)
    parts = [samples[round(one.start_s * rate) : round(one.end_s * rate)] for one in narration_of(result, ctx).sentences]
    levels = [integrated_lufs(np.tile(part, 3), rate) for part in parts]
    assert max(levels) - min(levels) < 1.0
    assert longest_silence_s(samples, rate) <= 1.5
    assert result.longest_silence_s < 0.6
    assert float(np.abs(samples).max()) < 0.95


def test_pace_and_pauses_change_the_length_as_asked(speech_context: Contexts) -> None:
    ctx = speech_context()
    plain = run(args_of(TEXTS[2]), ctx)
    slow = run(args_of(TEXTS[2], length_scale=1.2), ctx)
    spoken = [narration_of(result, ctx).sentences[0] for result in (plain, slow)]
    lengths = [one.end_s - one.start_s for one in spoken]
    assert lengths[1] / lengths[0] == pytest.approx(1.2, abs=0.06)


def test_a_killed_voice_process_is_started_again(speech_context: Contexts, speaker: PiperClient) -> None:
    ctx = speech_context()
    run(args_of("First of all."), ctx)
    before = speaker.pid
    assert before is not None
    speaker.close()
    run(args_of("And then again."), ctx)
    assert speaker.pid not in {None, before}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing that can be said"),
        ("— … !!! ()", "nothing that can be said"),
        ("word " * 4_000, "19999 characters|20000 characters"),
        ("Москва выросла.", "not Latin"),
        ("北京很大", "not Latin"),
    ],
)
def test_a_sentence_that_cannot_be_spoken_is_named(speech_context: Contexts, text: str, reason: str) -> None:
    with pytest.raises(ToolError, match=rf"sentence s1: .*({reason})"):
        run(args_of("All is well.", text), speech_context())


def test_no_sentence_and_a_repeated_id_are_refused(speech_context: Contexts) -> None:
    with pytest.raises(ToolError, match="at least 1"):
        run(args_of(), speech_context())
    twice = SpokenSentence(id="a", text="Hello.")
    with pytest.raises(ToolError, match="sentence a: the id is used twice"):
        run(Args(sentences=(twice, twice)), speech_context())


def test_a_voice_that_is_not_installed_says_how_to_get_one(speech_context: Contexts) -> None:
    with pytest.raises(ToolError, match=r"voice: 'amy' is not installed; put amy\.onnx and amy\.onnx\.json"):
        run(args_of("Hello.", voice="amy"), speech_context())


def test_the_contract_names_the_queue_and_the_implementation() -> None:
    assert (SPEC.name, SPEC.queue, SPEC.implementation) == ("synthesize_speech", "cpu", "tools.synthesize_speech.tool:run")


def test_a_pause_is_shortened_by_what_is_quiet_around_it() -> None:
    rate = 22_050
    said, slow = np.ones(rate, np.int16), np.ones(2 * rate, np.int16)
    ends_at_once, trails_off = Take(said, rate, (Span(0, rate),)), Take(slow, rate, (Span(0, rate),))
    begins_late = Take(slow, rate, (Span(rate // 2, 2 * rate),))
    assert room_for_a_pause_s(ends_at_once, ends_at_once) == pytest.approx(1.45)
    assert room_for_a_pause_s(trails_off, None) == pytest.approx(0.45)
    assert room_for_a_pause_s(ends_at_once, begins_late) == pytest.approx(0.95)
    assert room_for_a_pause_s(trails_off, begins_late) == 0.0
