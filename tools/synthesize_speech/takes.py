"""Takes of sentences: spoken by the voice once, then found again by what was said and how."""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from infra.ids import json_digest
from memory.media import MediaStore
from tools.synthesize_speech.alignment import Span, share_span, word_spans
from tools.synthesize_speech.normalise import Token, spoken_text
from tools.synthesize_speech.schema import Args, SpokenSentence
from tools.synthesize_speech.sound import Take, finish
from tools.vendors.piper.client import Request, Speaker, Utterance

_NAMESPACE = "speech"
_RECIPE = 2
_NOISE_FRAMES = 4096
_EMPHASIS_DB = 1.5
_EMPHASIS_LENGTH = 0.05


@dataclass(frozen=True)
class Line:
    """One sentence as it will be asked for: its display words with what is said for each, and the request."""

    id: str
    tokens: tuple[Token, ...]
    request: Request
    gain_db: float

    def key(self, voice: str) -> dict[str, object]:
        """Return what the take depends on; the sentence's id and its pause are not part of it."""
        shown = [[token.display, len(token.words)] for token in self.tokens]
        how = [self.request.length_scale, self.request.noise_scale, self.request.noise_w, self.gain_db]
        return {"recipe": _RECIPE, "voice": voice, "text": self.request.text, "shown": shown, "how": how}


@dataclass(frozen=True)
class Taken:
    """A take with what it cost: `model_s` is 0 when it came from the cache."""

    take: Take
    cached: bool
    model_s: float


def plan_line(sentence: SpokenSentence, tokens: tuple[Token, ...], args: Args) -> Line:
    """Turn a sentence and the narration's settings into the request to the voice.

    Expressiveness 0.5 is the voice's own setting (noise 0.667, width noise 0.8); the noise offset depends on the text
    alone, so that the same sentence sounds the same on every machine.
    """
    text = spoken_text(tokens)
    length = args.length_scale / sentence.pace * (1 + _EMPHASIS_LENGTH * sentence.emphasis)
    liveliness = min(1.0, args.expressiveness + 0.3 * sentence.emphasis)
    request = Request(
        text=text,
        words=tuple(word for token in tokens for word in token.words),
        length_scale=round(length, 4),
        noise_scale=round(0.5 + 0.334 * liveliness, 4),
        noise_w=round(0.6 + 0.4 * liveliness, 4),
        offset=int(json_digest(text)[:8], 16) % _NOISE_FRAMES,
    )
    return Line(sentence.id, tokens, request, round(_EMPHASIS_DB * sentence.emphasis, 3))


def take_all(lines: Sequence[Line], voice: str, speaker: Speaker, store: MediaStore) -> Iterator[Taken]:
    """Yield a take for each line in order; only lines that were never spoken this way reach the voice."""
    known = [store.remembered(_NAMESPACE, line.key(voice)) for line in lines]
    utterances = speaker.say_all([line.request for line, digest in zip(lines, known, strict=True) if digest is None])
    for line, digest in zip(lines, known, strict=True):
        if digest is not None:
            yield Taken(_decoded(store.read(digest)), cached=True, model_s=0.0)
            continue
        utterance = next(utterances)
        take = finish(utterance.samples, utterance.rate, token_spans(line.tokens, utterance), line.gain_db)
        store.remember(_NAMESPACE, line.key(voice), store.put_bytes(_encoded(take)))
        yield Taken(take, cached=False, model_s=utterance.model_s)


def token_spans(tokens: Sequence[Token], utterance: Utterance) -> list[Span]:
    """Return the span of each display word; a word that stands for no sound of its own shares the one before it."""
    spoken = iter(word_spans(utterance))
    spans: list[Span] = []
    for token in tokens:
        own = [next(spoken) for _ in token.words]
        if own:
            spans.append(Span(own[0].start, own[-1].end))
        else:
            before, after = share_span(spans[-1], (1, 1)) if spans else (Span(0, 0), Span(0, 0))
            spans[-1:] = [before, after] if spans else [after]
    return spans


def _encoded(take: Take) -> bytes:
    head = json.dumps({"rate": take.rate, "spans": [[span.start, span.end] for span in take.spans]}).encode()
    return struct.pack(">I", len(head)) + head + take.pcm.astype("<i2").tobytes()


def _decoded(data: bytes) -> Take:
    size = struct.unpack(">I", data[:4])[0]
    head = json.loads(data[4 : 4 + size])
    pcm = np.frombuffer(data[4 + size :], dtype="<i2").astype(np.int16)
    return Take(pcm, int(head["rate"]), tuple(Span(start, end) for start, end in head["spans"]))
