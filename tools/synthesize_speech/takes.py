"""Takes of sentences: spoken by the voice once, then found again by what was said and how."""

import json
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from infra.ids import json_digest
from memory.media import MediaStore
from tools.synthesize_speech.alignment import Span, share_span, word_spans
from tools.synthesize_speech.normalise import Token
from tools.synthesize_speech.piper_voice import piper_request
from tools.synthesize_speech.schema import Args, SpokenSentence
from tools.synthesize_speech.sound import Take, finish
from tools.vendors.emotions import EMOTIONS
from tools.vendors.piper.client import Request, Speaker, Utterance
from tools.vendors.speech import Delivery, SpeechAsk, SpokenWord

_NAMESPACE = "speech"
RECIPE = 2
_IPA = re.compile(r"\[\[(.+)\]\](\W*)")
_EMPHASIS_DB = 1.5


@dataclass(frozen=True)
class Line:
    """One sentence as it will be asked for: its display words with what is said for each, and how."""

    id: str
    tokens: tuple[Token, ...]
    ask: SpeechAsk
    gain_db: float

    @property
    def request(self) -> Request:
        """The sentence as Piper gets it."""
        return piper_request(self.ask)

    @property
    def shown(self) -> list[list[object]]:
        """Every display word with the number of words said for it: takes with the same are interchangeable."""
        return [[token.display, len(token.words)] for token in self.tokens]

    def key(self, voice: str) -> dict[str, object]:
        """Return what Piper's take depends on; the sentence's id and its pause are not part of it."""
        request = self.request
        how = [request.length_scale, request.noise_scale, request.noise_w, self.gain_db]
        return {"recipe": RECIPE, "voice": voice, "text": request.text, "shown": self.shown, "how": how}


@dataclass(frozen=True)
class Taken:
    """A take with what it cost: `model_s` is 0 when it came from the cache; `flaw` says why its word times are estimates."""

    take: Take
    cached: bool
    model_s: float = 0.0
    flaw: str = ""
    microusd: int = 0


def plan_line(sentence: SpokenSentence, tokens: tuple[Token, ...], args: Args) -> Line:
    """Turn a sentence and the narration's settings into what a voice is asked for, in terms that every voice maps to its own controls."""
    livelier, pitch = EMOTIONS[sentence.emotion]
    delivery = Delivery(
        pace=sentence.pace / args.length_scale,
        liveliness=round(min(1.0, max(0.0, args.expressiveness + livelier)), 4),
        emphasis=sentence.emphasis,
        pitch_st=pitch,
    )
    words = tuple(word for token in tokens for word in _words_of(token))
    return Line(sentence.id, tokens, SpeechAsk(words, delivery, seed=_seed(words)), round(_EMPHASIS_DB * sentence.emphasis, 3))


def _words_of(token: Token) -> list[SpokenWord]:
    """Return the words of a display word; the punctuation belongs to its last one, and IPA keeps the letters beside it."""
    last = len(token.words) - 1
    return [_word(said, token.display, token.tail if index == last else "") for index, said in enumerate(token.words)]


def _word(said: str, display: str, tail: str) -> SpokenWord:
    found = _IPA.fullmatch(said)
    if found is None:
        return SpokenWord(said, tail)
    letters = "".join(letter for letter in display if letter.isalnum() or letter in "'-") or "it"
    return SpokenWord(letters, found[2] + tail, found[1])


def _seed(words: Sequence[SpokenWord]) -> int:
    return int(json_digest([word.text for word in words])[:8], 16)


def take_all(lines: Sequence[Line], voice: str, speaker: Speaker, store: MediaStore) -> Iterator[Taken]:
    """Yield a take for each line in order; only lines that were never spoken this way reach the voice."""
    known = [store.remembered(_NAMESPACE, line.key(voice)) for line in lines]
    utterances = speaker.say_all([line.request for line, digest in zip(lines, known, strict=True) if digest is None])
    for line, digest in zip(lines, known, strict=True):
        if digest is not None:
            yield Taken(decode_take(store.read(digest)), cached=True)
            continue
        utterance = next(utterances)
        take = finish(utterance.samples, utterance.rate, token_spans(line.tokens, utterance), line.gain_db)
        store.remember(_NAMESPACE, line.key(voice), store.put_bytes(encode_take(take)))
        yield Taken(take, cached=False, model_s=utterance.model_s)


def token_spans(tokens: Sequence[Token], utterance: Utterance) -> list[Span]:
    """Return the span of each display word; a word that stands for no sound of its own shares the one before it."""
    return spread(tokens, word_spans(utterance))


def spread(tokens: Sequence[Token], words: Sequence[Span]) -> list[Span]:
    """Return the span of each display word from those of the spoken words."""
    spoken = iter(words)
    spans: list[Span] = []
    for token in tokens:
        own = [next(spoken) for _ in token.words]
        if own:
            spans.append(Span(own[0].start, own[-1].end))
        else:
            before, after = share_span(spans[-1], (1, 1)) if spans else (Span(0, 0), Span(0, 0))
            spans[-1:] = [before, after] if spans else [after]
    return spans


def encode_take(take: Take) -> bytes:
    """Return a take as bytes for the store."""
    head = json.dumps({"rate": take.rate, "spans": [[span.start, span.end] for span in take.spans]}).encode()
    return struct.pack(">I", len(head)) + head + take.pcm.astype("<i2").tobytes()


def decode_take(data: bytes) -> Take:
    """Return the take that `encode_take` wrote."""
    size = struct.unpack(">I", data[:4])[0]
    head = json.loads(data[4 : 4 + size])
    pcm = np.frombuffer(data[4 + size :], dtype="<i2").astype(np.int16)
    return Take(pcm, int(head["rate"]), tuple(Span(start, end) for start, end in head["spans"]))
