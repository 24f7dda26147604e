"""The port of voices: one sentence in, its sound and the time of every word out; paid voices tell what they are and what they bill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from infra.ids import Json
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallTurnedAway

_SLACK_S = 0.05
_TAIL_SLACK_S = 0.3
_NOT_BILLED = frozenset({429, 503})
_PASSING = frozenset({408, 409, 425})


class QuotaSpent(CallRejected):
    """The account at the provider has no characters or money left; no waiting mends that."""

    code = "quota_spent"


class VoiceBarred(ToolError):
    """The voice may not be used for this: its licence, its speaker's consent, its language or its length limit says no."""

    code = "voice_barred"


@dataclass(frozen=True)
class SpokenWord:
    """A word to say: letters, the punctuation after it, and IPA where the letters would mislead the voice."""

    text: str
    tail: str = ""
    ipa: str = ""


@dataclass(frozen=True)
class Delivery:
    """How a sentence is said. `pace` 1.1 is 10% faster than the voice's own; `liveliness` and `emphasis` are 0..1; `pitch_st` is in semitones."""

    pace: float = 1.0
    liveliness: float = 0.5
    emphasis: float = 0.0
    pitch_st: float = 0.0


@dataclass(frozen=True)
class Context:
    """What stands around a sentence: the neighbours' texts, and the provider's ids of their sound where it is fresh."""

    before: str = ""
    after: str = ""
    before_ids: tuple[str, ...] = ()
    after_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpeechAsk:
    """One sentence for a voice; `context` helps the flow and is no part of what the sound is kept under."""

    words: tuple[SpokenWord, ...]
    delivery: Delivery = Delivery()
    seed: int = 0
    context: Context = Context()

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return " ".join(word.text + word.tail for word in self.words)


@dataclass(frozen=True)
class WordSpan:
    """When a word is heard, in seconds from the start of the sound."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Spoken:
    """The sound of a sentence: samples of shape (n,), full scale 1.0, and a span for each word; no spans when `flaw` says why.

    `characters` is what the provider counts against the plan, its multiplier included.
    """

    samples: NDArray[np.float32]
    rate: int
    spans: tuple[WordSpan, ...]
    flaw: str = ""
    characters: int = 0
    request_id: str = ""


@dataclass(frozen=True)
class VoiceFacts:
    """What a provider says of a voice; `variant` names its price, `multiplier` is what one character counts for."""

    name: str
    voice_id: str
    licence: str
    monetisable: bool
    languages: tuple[str, ...]
    most_characters: int
    variant: str = ""
    multiplier: float = 1.0
    cloned: bool = False


class Voice(Protocol):
    """The port. `speak` makes exactly one request, and raises what `tools.gateway` names for what a refusal costs."""

    provider: str
    credential: str

    def describe(self, language: str) -> VoiceFacts:
        """Return what the provider says of the voice; free of charge. Raises VoiceBarred when there is none for the language."""
        ...

    def key(self, facts: VoiceFacts, ask: SpeechAsk, /) -> Json:
        """Return all that the sound depends on."""
        ...

    def billed(self, ask: SpeechAsk, /) -> int:
        """Return the characters that the provider bills for a sentence, before its multiplier."""
        ...

    def speak(self, facts: VoiceFacts, ask: SpeechAsk, /) -> Spoken:
        """Return the sound; raises CallRejected, CallTurnedAway, CallSpoiled or ToolRetry."""
        ...

    def close(self) -> None:
        """Give up what it holds; the voice is not used again."""
        ...


@dataclass(frozen=True)
class Refusal:
    """A provider's error answer: its status, its own word for the reason, its message and the wait it asks for."""

    provider: str
    status: int
    reason: str
    message: str
    after_s: float | None = None
    spent: frozenset[str] = field(default_factory=frozenset)


def refusal_error(refusal: Refusal, key_name: str) -> Exception:
    """Turn an error answer into what it means: who must do what, whether it was billed, and whether asking again may help."""
    said = f"{refusal.provider}: the server answered {refusal.status}" + (f" ({refusal.reason})" if refusal.reason else "")
    if refusal.status == 402 or refusal.reason in refusal.spent:
        return QuotaSpent(f"{said}: the account has nothing left; top it up, wait for its renewal, or let the channel fall back", status=refusal.status)
    if refusal.status in _NOT_BILLED:
        return CallTurnedAway(said, after_s=refusal.after_s, status=refusal.status)
    if refusal.status in _PASSING or refusal.status >= 500:
        return ToolRetry(said, after_s=refusal.after_s, status=refusal.status)
    if refusal.status in {401, 403}:
        return CallRejected(f"{said}: the key was refused; set {key_name} to a valid one", status=refusal.status)
    return CallRejected(f"{said}: {refusal.message[:300]}", status=refusal.status)


def span_flaw(spans: Sequence[WordSpan], words: int, duration_s: float) -> str:
    """Return why word times cannot be true, or nothing: a count that differs, an order that turns back, or an end beyond the sound."""
    if len(spans) != words:
        return f"{len(spans)} times for {words} words"
    for before, after in zip(spans, spans[1:], strict=False):
        if after.start_s < before.start_s - 1e-6 or before.end_s > after.start_s + _SLACK_S:
            return f"a word starts at {after.start_s:.2f} s, inside or before the one at {before.start_s:.2f} s"
    backwards = next((span for span in spans if span.end_s < span.start_s or span.start_s < 0), None)
    if backwards is not None:
        return f"a word ends at {backwards.end_s:.2f} s before it starts at {backwards.start_s:.2f} s"
    if spans and spans[-1].end_s > duration_s + _TAIL_SLACK_S:
        return f"the last word ends at {spans[-1].end_s:.2f} s of {duration_s:.2f} s"
    # Times that all lie in a small part of a long sound belong to another sound.
    if words > 3 and duration_s > 1.5 and spans[-1].end_s < 0.4 * duration_s:
        return f"all words end by {spans[-1].end_s:.2f} s of {duration_s:.2f} s"
    return ""
