"""Piper behind the port of voices: free, offline, and timed by its own model."""

from infra.ids import Json, json_digest
from tools.synthesize_speech.alignment import word_spans
from tools.vendors.piper.client import Request, Speaker
from tools.vendors.piper.voices import PreparedVoice
from tools.vendors.speech import Delivery, SpeechAsk, Spoken, VoiceBarred, VoiceFacts, WordSpan

_NOISE_FRAMES = 4096
_EMPHASIS_LENGTH = 0.05
_MOST_CHARACTERS = 5_000


class PiperVoice:
    """One prepared voice; a refusal or the loss of its process is an error of `tools.vendors.piper.client`."""

    provider = "piper"
    credential = ""

    def __init__(self, prepared: PreparedVoice, speaker: Speaker) -> None:
        self._prepared, self._speaker = prepared, speaker

    def describe(self, language: str) -> VoiceFacts:
        """Return what is known of the installed voice; its language stands in its model's name."""
        voice = self._prepared.voice
        spoken = voice.model.name.split("_")[0].lower()
        if len(spoken) == 2 and spoken != language:
            raise VoiceBarred(f"voice {voice.name}: it speaks {spoken!r}, not {language!r}")
        return VoiceFacts(voice.name, voice.name, voice.licence, voice.monetisable, (spoken,), _MOST_CHARACTERS, multiplier=0.0)

    def key(self, _facts: VoiceFacts, ask: SpeechAsk) -> Json:
        """Return the model and the request."""
        made = piper_request(ask)
        return {"voice": self._prepared.digest, "text": made.text, "how": [made.length_scale, made.noise_scale, made.noise_w]}

    def billed(self, _ask: SpeechAsk) -> int:
        """Return nothing: it is free."""
        return 0

    def speak(self, _facts: VoiceFacts, ask: SpeechAsk) -> Spoken:
        """Speak one sentence."""
        (utterance,) = self._speaker.say_all([piper_request(ask)])
        rate = utterance.rate
        spans = tuple(WordSpan(span.start / rate, span.end / rate) for span in word_spans(utterance))
        return Spoken(utterance.samples, rate, spans)

    def close(self) -> None:
        """Keep the worker's warm process; it unloads by itself when idle."""


def piper_request(ask: SpeechAsk) -> Request:
    """Map a delivery to Piper's controls.

    Liveliness 0.5 is the voice's own setting (noise 0.667, width noise 0.8); the noise offset depends on the text alone, so
    that the same sentence sounds the same on every machine.
    """
    words = tuple(f"[[{word.ipa}]]" if word.ipa else word.text for word in ask.words)
    text = " ".join(said + word.tail for said, word in zip(words, ask.words, strict=True))
    return Request(
        text=text,
        words=words,
        length_scale=round(length_scale(ask.delivery), 4),
        noise_scale=round(0.5 + 0.334 * liveliness(ask.delivery), 4),
        noise_w=round(0.6 + 0.4 * liveliness(ask.delivery), 4),
        offset=int(json_digest(text)[:8], 16) % _NOISE_FRAMES,
    )


def length_scale(delivery: Delivery) -> float:
    """Return the length of every sound: a stressed sentence is up to 5% slower."""
    return (1 + _EMPHASIS_LENGTH * delivery.emphasis) / delivery.pace


def liveliness(delivery: Delivery) -> float:
    """Return how lively the sentence is with its stress, 0..1."""
    return min(1.0, max(0.0, delivery.liveliness + 0.3 * delivery.emphasis))
