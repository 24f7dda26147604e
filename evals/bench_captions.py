"""How far captions are from the speech in a finished file, by an aligner that does not know the voice, beside that aligner's own error."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.signal import resample_poly

from evals.caption_reading import Cue, burned_onsets, heard, places, read_cues
from evals.film_scene import STYLE, make_still_film
from evals.word_aligner import RATE_HZ, WordAligner
from infra.settings import Settings
from memory.artifacts import Format, Narration
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video import schema as render
from tools.render_video.tool import run as render_video
from tools.render_video.tool import segment_pool
from tools.synthesize_speech.normalise import Token, read_text
from tools.synthesize_speech.schema import Args, SpokenSentence
from tools.synthesize_speech.tool import run as synthesize_speech
from tools.vendors.piper.client import PiperClient, Request, warm_client
from tools.vendors.piper.voices import prepare_voice

MEDIAN_LIMIT_MS = 60.0
P95_LIMIT_MS = 150.0
_VOICE = "joe-medium"
_FPS = 30
_JOINED_WORDS = 60
_EDGE_DB = -35.0
_TEXTS = (
    "A river that crosses 12 countries starts as a trickle you could step over.",
    "In 1963, engineers measured it for the first time, and nobody believed the figure.",
    "It carries 3,000 cubic meters of water a second; that is 5% more than in 1990.",
    "Dr. Smith paid $2.50 for a map, and on July 4th he walked 8 km to see it.",
)


class CaptionBench(BaseModel):
    """Errors in milliseconds against the encoded sound; `*_offset_ms` is the signed median (positive: shown late).

    `burned` is the frame in which a word lights up, `subrip` the start of a cue, `aligner` the error of the measure itself
    on `aligner_words` words said one by one and laid edge to edge, whose boundaries are therefore known.
    """

    model_config = ConfigDict(frozen=True)

    audio_s: float
    words: int
    words_missing: int
    burned_median_ms: float
    burned_p95_ms: float
    burned_offset_ms: float
    subrip_median_ms: float
    subrip_p95_ms: float
    aligner_words: int
    aligner_median_ms: float
    aligner_p95_ms: float
    aligner_offset_ms: float
    median_limit_ms: float = MEDIAN_LIMIT_MS
    p95_limit_ms: float = P95_LIMIT_MS


def measure_captions(settings: Settings, texts: Sequence[str] = _TEXTS, music: render.Mood = "calm") -> CaptionBench:
    """Voice and render a short film, then compare what is burned in and what `captions.srt` says with what is heard in the file.

    The sound is the file's own AAC with music under the voice, decoded as a player does. Raises `Unalignable` when a word of
    the texts is outside the aligner's dictionary.
    """
    prepared = prepare_voice(settings, _VOICE)
    aligner = WordAligner()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-captions-") as folder:
            film = _film(ToolContext(settings=settings, store=MediaStore(Path(folder) / "media"), scratch=Path(folder)), texts, music)
            tokens = [token for text in texts for token in read_text(text)]
            truth = _display_onsets(aligner, heard(film.video, RATE_HZ), tokens)
            boxes = places(film.narration.words, STYLE, Format.LANDSCAPE)
            shown = burned_onsets(film.video, STYLE, Format.LANDSCAPE, boxes, _FPS)
        own = _own_error(aligner, warm_client(prepared.model, prepared.voice.config), [word for token in tokens for word in token.words])
    finally:
        segment_pool().close()
        warm_client(prepared.model, prepared.voice.config).close()
    burned = np.array([(at - real) * 1000 for at, real in zip(shown, truth, strict=True) if at is not None])
    subrip = _cue_errors(film.cues, tokens, truth)
    return CaptionBench(
        audio_s=round(film.narration.duration_s, 2),
        words=len(tokens),
        words_missing=shown.count(None) + _words_not_in(film.cues, tokens),
        **_figures("burned", burned, offset=True),
        **_figures("subrip", subrip, offset=False),
        aligner_words=len(own),
        **_figures("aligner", own, offset=True),
    )


@dataclass(frozen=True)
class _Film:
    narration: Narration
    video: Path
    cues: list[Cue]


def _film(ctx: ToolContext, texts: Sequence[str], music: render.Mood) -> _Film:
    said = synthesize_speech(Args(sentences=tuple(SpokenSentence(id=f"s{index}", text=text) for index, text in enumerate(texts)), voice=_VOICE), ctx)
    board = make_still_film(ctx.store, said.duration_s + 0.5)
    made = render_video(render.Args(storyboard=board, narration=said.narration, captions=STYLE, fps=_FPS, music=music), ctx)
    narration = Narration.model_validate_json(ctx.store.read(said.narration))
    return _Film(narration, ctx.store.path(made.video), read_cues(ctx.store.read(made.captions_srt).decode()))


def _display_onsets(aligner: WordAligner, sound: NDArray[np.float32], tokens: Sequence[Token]) -> list[float]:
    """Return when each displayed word is heard: the onset of the first word that is said for it."""
    onsets = aligner.onsets(sound, [_plain(word) for token in tokens for word in token.words])
    firsts = np.cumsum([0, *(len(token.words) for token in tokens)])[:-1]
    return [onsets[min(int(first), len(onsets) - 1)] for first in firsts]


def _own_error(aligner: WordAligner, client: PiperClient, words: Sequence[str]) -> NDArray[np.float64]:
    """Return the aligner's errors in milliseconds on words said alone, cut to where they are audible and laid edge to edge."""
    chosen = list(words[:_JOINED_WORDS])
    utterances = list(client.say_all([Request(text=word, words=(word,), offset=index * 37 % 4096) for index, word in enumerate(chosen)]))
    rate = utterances[0].rate
    pieces = [_audible(utterance.samples, rate) for utterance in utterances]
    lead = np.zeros(round(0.3 * rate), np.float32)
    starts = np.cumsum([len(lead), *(len(piece) for piece in pieces)])[:-1] / rate
    track = np.concatenate([lead, *pieces, lead])
    found = aligner.onsets(resample_poly(track, RATE_HZ, rate).astype(np.float32), [_plain(word) for word in chosen])
    errors: NDArray[np.float64] = (np.array(found) - starts) * 1000
    return errors


def _audible(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    frame = rate // 200
    power = np.square(samples[: len(samples) // frame * frame].reshape(-1, frame)).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (_EDGE_DB / 10))
    return samples[loud[0] * frame : (loud[-1] + 1) * frame]


def _cue_errors(cues: Sequence[Cue], tokens: Sequence[Token], truth: Sequence[float]) -> NDArray[np.float64]:
    """Return for each cue how long after the onset of its first word it starts, in milliseconds."""
    errors, first = [], 0
    for cue in cues:
        if first < len(truth) and cue.words[0] == tokens[first].display:
            errors.append((cue.start_s - truth[first]) * 1000)
        first += len(cue.words)
    return np.array(errors)


def _words_not_in(cues: Sequence[Cue], tokens: Sequence[Token]) -> int:
    written = [word for cue in cues for word in cue.words]
    return sum(token.display not in written for token in tokens) if written != [token.display for token in tokens] else 0


def _figures(name: str, errors: NDArray[np.float64], offset: bool) -> dict[str, float]:
    sizes = np.abs(errors)
    found = {f"{name}_median_ms": round(float(np.median(sizes)), 1), f"{name}_p95_ms": round(float(np.percentile(sizes, 95)), 1)}
    return {**found, f"{name}_offset_ms": round(float(np.median(errors)), 1)} if offset else found


def _plain(word: str) -> str:
    return re.sub(r"[^a-z']", "", word.casefold())
