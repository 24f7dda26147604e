"""Reads sentences aloud: takes of each sentence, laid on one track with the time of every displayed word."""

import io
import wave
from dataclasses import dataclass

import numpy as np

from infra.errors import StudioError
from memory.artifacts import Narration, SentenceTiming, WordTiming
from tools.audio_levels import integrated_lufs, longest_silence_s
from tools.base import ToolContext, ToolError, ToolRetry
from tools.synthesize_speech.normalise import Token, Unspeakable, read_as, read_text
from tools.synthesize_speech.schema import Args, Result, SpokenSentence
from tools.synthesize_speech.sound import Pcm, Take
from tools.synthesize_speech.takes import Line, Taken, plan_line, take_all
from tools.vendors.piper.client import VoiceProcessLost, warm_client
from tools.vendors.piper.voices import PreparedVoice, prepare_voice

MAX_CHARACTERS = 1_000
MAX_SENTENCES = 2_000
MAX_SILENCE_S = 1.5
_MIN_TAIL_S = 0.3
_SHORTEST_MEASURED_S = 0.4


@dataclass(frozen=True)
class _Track:
    pcm: Pcm
    rate: int
    words: tuple[WordTiming, ...]
    sentences: tuple[SentenceTiming, ...]


def run(args: Args, ctx: ToolContext) -> Result:
    """Speak the sentences and store the narration.

    The track is mono, 16 bit, at the voice's own rate (22,050 Hz for the shipped voice; the render bus resamples once).
    A sentence that was spoken the same way before is not spoken again. Raises `ToolError` naming the sentence and what is
    wrong with it, or `ToolRetry` when the voice process was lost twice.
    """
    started = ctx.clock.monotonic()
    lines = [_line(sentence, args) for sentence in _checked(args)]
    voice = _voice(args, ctx)
    ready = ctx.clock.monotonic()
    taken = _speak(lines, voice, ctx)
    spoken = ctx.clock.monotonic()
    track = _lay(args, lines, [one.take for one in taken])
    levels = _levels(track)
    ctx.ensure_live()
    audio = ctx.store.put_bytes(_wav(track))
    narration = Narration(
        audio=audio,
        sample_rate_hz=track.rate,
        duration_s=len(track.pcm) / track.rate,
        words=track.words,
        sentences=track.sentences,
        voice=args.voice,
        voice_licence=voice.voice.licence,
        settings={"length_scale": args.length_scale, "expressiveness": args.expressiveness, "model": voice.digest},
    )
    digest = ctx.store.put_bytes(narration.model_dump_json().encode())
    done = ctx.clock.monotonic()
    return Result(
        narration=digest,
        audio=audio,
        duration_s=narration.duration_s,
        words_per_minute=round(len(track.words) / sum(one.end_s - one.start_s for one in track.sentences) * 60, 1),
        loudness_lufs=round(levels[0], 2),
        longest_silence_s=round(levels[1], 3),
        cached_sentences=sum(one.cached for one in taken),
        spoken_sentences=sum(not one.cached for one in taken),
        model_s=round(sum(one.model_s for one in taken), 4),
        timings_s={"read": round(ready - started, 4), "speak": round(spoken - ready, 4), "lay": round(done - spoken, 4), "total": round(done - started, 4)},
    )


def _checked(args: Args) -> tuple[SpokenSentence, ...]:
    if not 0 < len(args.sentences) <= MAX_SENTENCES:
        raise ToolError(f"sentences: {len(args.sentences)} given; at least 1 and at most {MAX_SENTENCES} can be spoken")
    seen: set[str] = set()
    for sentence in args.sentences:
        if sentence.id in seen:
            raise ToolError(f"sentence {sentence.id}: the id is used twice; every sentence needs its own", sentence=sentence.id)
        seen.add(sentence.id)
        longest = max(len(sentence.text), len(sentence.spoken or ""))
        if longest > MAX_CHARACTERS:
            raise ToolError(f"sentence {sentence.id}: {longest} characters; at most {MAX_CHARACTERS}: split it", sentence=sentence.id)
    return args.sentences


def _line(sentence: SpokenSentence, args: Args) -> Line:
    tokens = _read(sentence, args.pronunciations)
    if not any(token.words for token in tokens):
        raise ToolError(
            f"sentence {sentence.id}: text {sentence.text[:40]!r} has nothing that can be said; give it words or leave it out", sentence=sentence.id
        )
    return plan_line(sentence, tokens, args)


def _read(sentence: SpokenSentence, pronunciations: dict[str, str]) -> tuple[Token, ...]:
    try:
        if sentence.spoken is not None:
            return read_as(sentence.text, sentence.spoken, pronunciations)
        return read_text(sentence.text, pronunciations)
    except Unspeakable as error:
        raise ToolError(f"sentence {sentence.id}: {error.message}", sentence=sentence.id) from error


def _voice(args: Args, ctx: ToolContext) -> PreparedVoice:
    try:
        return prepare_voice(ctx.settings, args.voice)
    except StudioError as error:
        raise ToolError(error.message, **error.details) from error


def _speak(lines: list[Line], voice: PreparedVoice, ctx: ToolContext) -> list[Taken]:
    taken: list[Taken] = []
    try:
        for one in take_all(lines, voice.digest, warm_client(voice.model, voice.voice.config), ctx.store):
            taken.append(one)
            ctx.progress(len(taken) / len(lines), f"sentence {len(taken)} of {len(lines)}")
    except VoiceProcessLost as error:
        raise ToolRetry(error.message) from error
    return taken


def _lay(args: Args, lines: list[Line], takes: list[Take]) -> _Track:
    rate = takes[0].rate
    parts = [np.zeros(round(args.lead_s * rate), np.int16)]
    at = len(parts[0])
    words: list[WordTiming] = []
    sentences: list[SentenceTiming] = []
    for sentence, line, take in zip(args.sentences, lines, takes, strict=True):
        for token, span in zip(line.tokens, take.spans, strict=True):
            words.append(WordTiming(text=token.display, start_s=(at + span.start) / rate, end_s=(at + span.end) / rate, sentence_id=line.id))
        sentences.append(SentenceTiming(sentence_id=line.id, start_s=at / rate, end_s=(at + len(take.pcm)) / rate))
        is_last = sentence is args.sentences[-1]
        pause = np.zeros(round(max(sentence.pause_after_s, _MIN_TAIL_S if is_last else 0.0) * rate), np.int16)
        parts += [take.pcm, pause]
        at += len(take.pcm) + len(pause)
    return _Track(np.concatenate(parts), rate, tuple(words), tuple(sentences))


def _levels(track: _Track) -> tuple[float, float]:
    samples = (track.pcm / 32768).astype(np.float32)
    silence = longest_silence_s(samples, track.rate)
    if silence > MAX_SILENCE_S:
        raise ToolError(
            f"the narration holds {silence:.2f} s of silence; at most {MAX_SILENCE_S} s: lower pause_after_s or the length scale", silence_s=silence
        )
    return (integrated_lufs(samples, track.rate) if len(samples) >= _SHORTEST_MEASURED_S * track.rate else float("-inf")), silence


def _wav(track: _Track) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(track.rate)
        out.writeframes(track.pcm.astype("<i2").tobytes())
    return held.getvalue()
