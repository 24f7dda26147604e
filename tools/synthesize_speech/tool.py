"""Reads sentences aloud: takes of each sentence, laid on one track with the time of every displayed word."""

import io
import math
import wave
from dataclasses import dataclass, replace

import numpy as np

from infra.errors import Invalid, NotFound, Unavailable
from infra.log import get_logger
from memory.artifacts import Narration, SentenceTiming, WordTiming
from memory.consents import ConsentMissing
from memory.ledger import BudgetExceeded
from tools.audio_levels import integrated_lufs, longest_silence_s
from tools.base import ToolContext, ToolError, ToolRetry
from tools.synthesize_speech.bought import provider_of, read_paid
from tools.synthesize_speech.normalise import Token, Unspeakable, read_as, read_text
from tools.synthesize_speech.schema import Args, Result, SpokenSentence
from tools.synthesize_speech.sound import Pcm, Take
from tools.synthesize_speech.takes import Line, Taken, plan_line, take_all
from tools.vendors.piper.client import VoiceProcessLost, warm_client
from tools.vendors.piper.voices import PreparedVoice, get_voice, prepare_voice
from tools.vendors.speech import VoiceBarred

VOICE_DEGRADED = "voice.degraded"

MAX_CHARACTERS = 1_000
MAX_SENTENCES = 2_000
MAX_SILENCE_S = 1.5
_MIN_TAIL_S = 0.3
# Films have 30 frames a second, or a divisor or multiple of that.
FRAMES_PER_S = 30
_SILENCE_MARGIN_S = 0.05
_SHORTEST_MEASURED_S = 0.4
# What ends a paid reading for good; passing trouble is the job's to repeat, and a stop is no reason to go on with another voice.
_PERMANENT = (ToolError, BudgetExceeded, ConsentMissing, Invalid)
_log = get_logger("synthesize_speech")


@dataclass(frozen=True)
class _Track:
    pcm: Pcm
    rate: int
    words: tuple[WordTiming, ...]
    sentences: tuple[SentenceTiming, ...]


@dataclass(frozen=True)
class _Reading:
    """The takes of all sentences and the voice that really read them."""

    taken: list[Taken]
    voice: str
    licence: str
    model: str
    degraded_from: str = ""
    degraded_why: str = ""


def run(args: Args, ctx: ToolContext) -> Result:
    """Speak the sentences and store the narration.

    The track is mono, 16 bit, at the voice's own rate (22,050 Hz for the shipped voice; the render bus resamples once).
    A sentence that was spoken the same way before is not spoken, nor bought, again. A paid voice that cannot read is replaced
    by `fallback` where there is one, and the result says so. Raises `ToolError` naming the sentence and what is wrong with it,
    the gateway's errors for a paid voice, or `ToolRetry` when trying again may help.
    """
    started = ctx.clock.monotonic()
    lines = [_line(sentence, args) for sentence in _checked(args)]
    ready = ctx.clock.monotonic()
    reading = _read_aloud(args, lines, ctx)
    taken = reading.taken
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
        voice=reading.voice,
        voice_licence=reading.licence,
        settings={"length_scale": args.length_scale, "expressiveness": args.expressiveness, "model": reading.model},
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
        voice=reading.voice,
        degraded_from=reading.degraded_from,
        degraded_why=reading.degraded_why,
        estimated_sentences=sum(bool(one.flaw) for one in taken),
        cost_micro_usd=sum(one.microusd for one in taken),
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


def _read_aloud(args: Args, lines: list[Line], ctx: ToolContext) -> _Reading:
    if not provider_of(args.voice):
        return _read_here(args, args.voice, lines, ctx)
    try:
        paid = read_paid(args, lines, ctx)
    except _PERMANENT as error:
        if not args.fallback:
            raise
        _log.warning(VOICE_DEGRADED, wanted=args.voice, used=args.fallback, why=error.message, job_id=ctx.job_id, run_id=ctx.run_id)
        return replace(_read_here(args, args.fallback, lines, ctx), degraded_from=args.voice, degraded_why=error.message)
    named = f"{provider_of(args.voice)}:{paid.facts.voice_id}"
    return _Reading(paid.taken, named, paid.facts.licence, paid.facts.variant)


def _read_here(args: Args, name: str, lines: list[Line], ctx: ToolContext) -> _Reading:
    """Read with a voice of this machine."""
    voice = _voice(name, args, ctx)
    return _Reading(_speak(lines, voice, ctx), name, voice.voice.licence, voice.digest)


def _voice(name: str, args: Args, ctx: ToolContext) -> PreparedVoice:
    try:
        found = get_voice(ctx.settings, name)
        if args.monetised and not found.monetisable:
            fix = "give the channel a voice whose licence allows it, or a paid one"
            raise VoiceBarred(f"voice {name}: its licence does not cover a channel that earns money ({found.licence}); {fix}", voice=name)
        return prepare_voice(ctx.settings, name)
    except (NotFound, Unavailable) as error:
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
    for number, (sentence, line, take) in enumerate(zip(args.sentences, lines, takes, strict=True)):
        for token, span in zip(line.tokens, take.spans, strict=True):
            words.append(WordTiming(text=token.display, start_s=(at + span.start) / rate, end_s=(at + span.end) / rate, sentence_id=line.id))
        sentences.append(SentenceTiming(sentence_id=line.id, start_s=at / rate, end_s=(at + len(take.pcm)) / rate))
        is_last = sentence is args.sentences[-1]
        room_s = room_for_a_pause_s(take, None if is_last else takes[number + 1])
        pause = np.zeros(_to_frame(at + len(take.pcm), max(min(sentence.pause_after_s, room_s), _MIN_TAIL_S if is_last else 0.0), rate), np.int16)
        parts += [take.pcm, pause]
        at += len(take.pcm) + len(pause)
    return _Track(np.concatenate(parts), rate, tuple(words), tuple(sentences))


def _to_frame(end: int, pause_s: float, rate: int) -> int:
    """Return the samples of a pause from `end` on, made longer by less than a frame of film so that the next sentence starts on one.

    What follows a sentence that is spoken anew then moves by whole frames, and its pictures are those that were encoded before.
    """
    frame = math.ceil((end + pause_s * rate) * FRAMES_PER_S / rate - 1e-6)
    return round(frame * rate / FRAMES_PER_S) - end


def room_for_a_pause_s(take: Take, following: Take | None) -> float:
    """Return how long a pause may be beside what is quiet at the end of one sentence and the beginning of the next."""
    quiet = len(take.pcm) - (take.spans[-1].end if take.spans else 0)
    quiet += following.spans[0].start if following is not None and following.spans else 0
    return max(0.0, MAX_SILENCE_S - _SILENCE_MARGIN_S - quiet / take.rate)


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
