"""Google Cloud Text-to-Speech over REST `v1beta1`: the only version that returns time points, and one that takes a plain API key.

The vendor's package would add grpc for the same two methods; the requests here are those of the published discovery document.
"""

import base64
import binascii
import html
import io
import re
import wave
from typing import Any

import httpx2
import numpy as np

from infra.ids import Json
from infra.settings import Settings
from tools.base import ToolRetry
from tools.gateway import CallRejected, CallSpoiled, credential_tag, retry_after_s
from tools.vendors.google_tts.families import family_of, gives_times
from tools.vendors.speech import Refusal, SpeechAsk, Spoken, VoiceBarred, VoiceFacts, WordSpan, refusal_error, span_flaw

BASE_URL = "https://texttospeech.googleapis.com"
_RATE = 24_000
_MOST_BYTES = 5_000
_MARK = re.compile(r'<mark name="[^"]*"/>')
_PACE = (0.5, 2.0)


class GoogleVoice:
    """One voice by its name, such as `en-US-Neural2-D`."""

    provider = "google_tts"

    def __init__(self, settings: Settings, voice_id: str, timeout_s: float = 60.0) -> None:
        if settings.google_tts_api_key is None:
            raise CallRejected("google_tts: there is no key; set GOOGLE_TTS_API_KEY")
        key = settings.google_tts_api_key.get_secret_value()
        self.credential = credential_tag(key)
        self.voice_id = voice_id
        base = settings.google_tts_base_url or BASE_URL
        self._http = httpx2.Client(base_url=base, headers={"x-goog-api-key": key}, timeout=timeout_s, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def family(self) -> str:
        """The price family of the voice."""
        return family_of(self.voice_id)

    def describe(self, language: str) -> VoiceFacts:
        """Return what `GET /v1beta1/voices` says of the voice. Raises VoiceBarred when it is not there or does not speak the language."""
        body = self._asked("GET", "/v1beta1/voices", None)
        voices = {str(one.get("name")): one for one in body.get("voices", []) if isinstance(one, dict)}
        found = voices.get(self.voice_id)
        if found is None:
            near = sorted(name for name in voices if name.startswith(language))[:5]
            raise VoiceBarred(f"google_tts: there is no voice {self.voice_id!r}; for {language!r} there are {', '.join(near) or 'none'}")
        codes = tuple(str(code) for code in found.get("languageCodes", ()))
        if not any(code.split("-")[0] == language for code in codes):
            raise VoiceBarred(f"google_tts voice {self.voice_id}: it speaks {', '.join(codes)}, not {language!r}")
        licence = "Google Cloud terms: the audio may be used commercially"
        return VoiceFacts(self.voice_id, self.voice_id, licence, True, codes, _MOST_BYTES, variant=self.family)

    def key(self, facts: VoiceFacts, ask: SpeechAsk, /) -> Json:
        """Return the whole request: it is all that the sound depends on."""
        return self._body(facts, ask)

    def billed(self, ask: SpeechAsk, /) -> int:
        """Return the characters of the input; every SSML tag counts but <mark>. Source: cloud.google.com/text-to-speech/pricing."""
        return len(_MARK.sub("", self._input(ask)))

    def speak(self, facts: VoiceFacts, ask: SpeechAsk, /) -> Spoken:
        """Buy one sentence (POST /v1beta1/text:synthesize). Raises CallSpoiled when there is no sound in the answer: it was billed."""
        body = self._body(facts, ask)
        if len(self._input(ask).encode()) > _MOST_BYTES:
            raise VoiceBarred(f"google_tts: the sentence is {len(self._input(ask).encode())} bytes of SSML; at most {_MOST_BYTES}: split it")
        answer = self._asked("POST", "/v1beta1/text:synthesize", body)
        billed = self.billed(ask)
        sound = _sound(answer.get("audioContent"))
        if sound is None or not len(sound[0]):
            raise CallSpoiled("google_tts: the answer holds no sound", 0, {"characters": billed})
        samples, rate = sound
        spans, flaw = _spans(answer.get("timepoints"), len(ask.words), len(samples) / rate) if self._marks else ((), f"{self.family} voices give no times")
        return Spoken(samples, rate, spans, flaw, billed)

    @property
    def _marks(self) -> bool:
        return gives_times(self.family)

    def _input(self, ask: SpeechAsk) -> str:
        return _ssml(ask) if self._marks else ask.text

    def _body(self, facts: VoiceFacts, ask: SpeechAsk) -> dict[str, Any]:
        delivery = ask.delivery
        pace = min(_PACE[1], max(_PACE[0], delivery.pace))
        audio: dict[str, Any] = {"audioEncoding": "LINEAR16", "sampleRateHertz": _RATE, "speakingRate": round(pace, 3)}
        if self._marks:
            # Liveliness has no control of its own here; a livelier reading is a little higher.
            audio["pitch"] = round(delivery.pitch_st + 2.0 * (delivery.liveliness - 0.5) + 0.5 * delivery.emphasis, 2)
        body: dict[str, Any] = {
            "input": {"ssml": _ssml(ask)} if self._marks else {"text": ask.text},
            "voice": {"languageCode": "-".join(facts.voice_id.split("-")[:2]), "name": facts.voice_id},
            "audioConfig": audio,
        }
        return {**body, "enableTimePointing": ["SSML_MARK"]} if self._marks else body

    def _asked(self, verb: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            answer = self._http.request(verb, path, json=body) if body is not None else self._http.request(verb, path)
        except httpx2.HTTPError as error:
            raise ToolRetry(f"google_tts: the connection to the server broke ({type(error).__name__})") from error
        try:
            read = answer.json()
        except ValueError as error:
            if answer.status_code < 300:
                raise ToolRetry("google_tts: the server answered something that is not the JSON it documents") from error
            read = {}
        if answer.status_code >= 300:
            raise refusal_error(_refusal(answer.status_code, read, retry_after_s(answer.headers.get("retry-after"))), "GOOGLE_TTS_API_KEY")
        if not isinstance(read, dict):
            raise ToolRetry("google_tts: the server answered something that is not the JSON it documents")
        return read


def _ssml(ask: SpeechAsk) -> str:
    """Write the words with a mark before each and one behind the last."""
    parts = [f'<mark name="w{index}"/>{_said(word.text, word.ipa)}{html.escape(word.tail, quote=False)}' for index, word in enumerate(ask.words)]
    return f'<speak>{" ".join(parts)}<mark name="end"/></speak>'


def _said(text: str, ipa: str) -> str:
    spoken = html.escape(text, quote=False)
    return f'<phoneme alphabet="ipa" ph="{html.escape(ipa)}">{spoken}</phoneme>' if ipa else spoken


def _refusal(status: int, body: Any, after_s: float | None) -> Refusal:
    error = body.get("error", {}) if isinstance(body, dict) else {}
    details = error.get("details", ()) if isinstance(error, dict) else ()
    reasons = [str(one.get("reason")) for one in details if isinstance(one, dict) and one.get("reason")]
    reason = reasons[0] if reasons else str(error.get("status", "")) if isinstance(error, dict) else ""
    message = str(error.get("message", "")) if isinstance(error, dict) else ""
    # A wrong key is a 400 here; to the operator it is what 401 is elsewhere.
    known = 401 if reason in {"API_KEY_INVALID", "API_KEY_EXPIRED"} or "API key expired" in message else status
    return Refusal("google_tts", known, reason, message, after_s, frozenset({"BILLING_DISABLED"}))


def _sound(content: object) -> tuple[np.ndarray[Any, np.dtype[np.float32]], int] | None:
    """Read the WAV of a LINEAR16 answer; None when it is none."""
    try:
        data = base64.b64decode(str(content or ""), validate=True)
        with wave.open(io.BytesIO(data)) as held:
            if held.getsampwidth() != 2 or held.getnchannels() != 1:
                return None
            return (np.frombuffer(held.readframes(held.getnframes()), "<i2") / 32768).astype(np.float32), held.getframerate()
    except (binascii.Error, wave.Error, EOFError):
        return None


def _spans(timepoints: object, words: int, duration_s: float) -> tuple[tuple[WordSpan, ...], str]:
    """Return a span for each word from its mark to the next one, or none and why."""
    if not isinstance(timepoints, list) or not timepoints:
        return (), "the answer holds no times"
    at = {str(one.get("markName")): float(one.get("timeSeconds", 0.0)) for one in timepoints if isinstance(one, dict)}
    starts = [at[f"w{index}"] for index in range(words) if f"w{index}" in at]
    edges = [*starts, max(at.get("end", duration_s), starts[-1])] if starts else []
    spans = [WordSpan(start, end) for start, end in zip(edges, edges[1:], strict=False)]
    flaw = span_flaw(spans, words, duration_s)
    return ((), flaw) if flaw else (tuple(spans), "")


def connect(settings: Settings, voice_id: str) -> GoogleVoice:
    """Return a voice of the configured project."""
    return GoogleVoice(settings, voice_id)
