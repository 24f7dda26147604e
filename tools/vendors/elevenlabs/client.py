"""ElevenLabs through its SDK: speech with character times, and what the API says of models and voices."""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import httpx
import numpy as np
from elevenlabs import ElevenLabs
from elevenlabs.core.api_error import ApiError
from elevenlabs.core.request_options import RequestOptions
from elevenlabs.types.audio_with_timestamps_response import AudioWithTimestampsResponse
from elevenlabs.types.character_alignment_response_model import CharacterAlignmentResponseModel
from elevenlabs.types.model import Model
from elevenlabs.types.voice import Voice
from elevenlabs.types.voice_settings import VoiceSettings

from infra.ids import Json
from infra.settings import Settings
from tools.base import ToolRetry
from tools.gateway import CallRejected, CallSpoiled, credential_tag, retry_after_s
from tools.vendors.speech import Delivery, QuotaSpent, Refusal, SpeechAsk, Spoken, VoiceBarred, VoiceFacts, WordSpan, refusal_error, span_flaw

# 24 kHz PCM is on every plan (44.1 kHz needs Pro), and has no encoder delay that would shift the times.
_FORMAT, _RATE = "pcm_24000", 24_000
_ONCE = RequestOptions(max_retries=0)
_SPENT = frozenset({"quota_exceeded", "insufficient_credits", "payment_required"})
_MOST_IDS = 3
_PAGE = 100
_PACE = (0.7, 1.2)
ANY_VOICE = "auto"
_R = TypeVar("_R")


class ElevenLabsVoice:
    """One voice of an account. The SDK's own retries are off: the job retries, and a repeated POST may be billed twice."""

    provider = "elevenlabs"

    def __init__(self, settings: Settings, voice_id: str, timeout_s: float = 120.0) -> None:
        if settings.elevenlabs_api_key is None:
            raise CallRejected("elevenlabs: there is no key; set ELEVENLABS_API_KEY")
        key = settings.elevenlabs_api_key.get_secret_value()
        self.credential = credential_tag(key)
        self.voice_id, self.model_id = voice_id, settings.elevenlabs_model
        self._http = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)
        self._sdk = ElevenLabs(api_key=key, base_url=settings.elevenlabs_base_url, timeout=timeout_s, httpx_client=self._http)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def describe(self, language: str) -> VoiceFacts:
        """Return limits and multiplier of the model (GET /v1/models) and category and languages of the voice (GET /v1/voices/{id})."""
        model = self._model()
        known = tuple(one.language_id for one in model.languages or () if one.language_id)
        if known and language not in known:
            raise VoiceBarred(f"elevenlabs {self.model_id}: it does not speak {language!r}; it speaks {', '.join(known)}")
        voice = self._voice(language)
        check = voice.voice_verification
        if check is not None and check.requires_verification and not check.is_verified:
            raise VoiceBarred(f"elevenlabs voice {voice.voice_id}: its owner has not verified it yet; verify it in the account", voice=voice.voice_id)
        rates = model.model_rates
        multiplier = rates.character_cost_multiplier * (rates.cost_discount_multiplier or 1.0) if rates else (model.token_cost_factor or 1.0)
        return VoiceFacts(
            name=voice.name or voice.voice_id,
            voice_id=voice.voice_id,
            licence=f"ElevenLabs terms ({voice.category or 'unknown'} voice): commercial use on a paid plan",
            monetisable=self._is_paid_plan(),
            languages=known,
            most_characters=model.maximum_text_length_per_request or model.max_characters_request_subscribed_user or 5000,
            variant=self.model_id,
            multiplier=multiplier,
            cloned=voice.category == "cloned" or (voice.category == "professional" and voice.is_owner is True),
        )

    def check_model(self) -> str:
        """Return what the account may do with the configured model (GET /v1/models); free of charge."""
        return f"the model {self._model().model_id} speaks for this account"

    def check_credit(self) -> str:
        """Return what is left of the plan (GET /v1/user/subscription); raises QuotaSpent when nothing is. Free of charge."""
        try:
            plan = self._asked(lambda: self._sdk.user.subscription.get(request_options=_ONCE))
        except CallRejected:
            # Keys may be made without the right to read the plan; the model's answer has shown that this one works.
            return "the key may not read what is left of the plan"
        left = plan.character_limit - plan.character_count
        if left <= 0:
            raise QuotaSpent(f"elevenlabs: all {plan.character_limit} characters of the plan {plan.tier} are used; top it up or wait for its renewal")
        return f"{left} characters are left of the plan {plan.tier}"

    def list_voices(self) -> list[Voice]:
        """Return every voice of the account (GET /v2/voices, all pages)."""
        found: list[Voice] = []
        token: str | None = None
        while True:
            page = self._asked(partial(self._sdk.voices.search, page_size=_PAGE, next_page_token=token, request_options=_ONCE))
            found += page.voices
            token = page.next_page_token if page.has_more else None
            if token is None:
                return found

    def key(self, facts: VoiceFacts, ask: SpeechAsk, /) -> Json:
        """Return voice, model, text, settings and seed."""
        settings = {name: value for name, value in _controls(ask.delivery).dict().items() if value is not None}
        return {"voice": facts.voice_id, "model": self.model_id, "text": ask.text, "settings": settings, "seed": ask.seed, "format": _FORMAT}

    def billed(self, ask: SpeechAsk, /) -> int:
        """Return the characters of the text."""
        return len(ask.text)

    def speak(self, facts: VoiceFacts, ask: SpeechAsk, /) -> Spoken:
        """Buy one sentence (POST /v1/text-to-speech/{voice}/with-timestamps). Text is sent as it is to be said, so normalisation is off.

        Raises CallSpoiled when there is no sound in the answer: it was billed. Missing or contradictory times are no failure: see `flaw`.
        """
        answer = self._asked(lambda: self._request(facts, ask))
        billed = _billed(answer.headers, round(len(ask.text) * facts.multiplier))
        samples = _samples(answer.data)
        if samples is None or not len(samples):
            raise CallSpoiled("elevenlabs: the answer holds no sound", 0, {"characters": billed})
        spans, flaw = _spans(answer.data, ask, len(samples) / _RATE)
        return Spoken(samples, _RATE, spans, flaw, billed, answer.headers.get("request-id", ""))

    def _request(self, facts: VoiceFacts, ask: SpeechAsk) -> Any:
        stitches: dict[str, Any] = {}
        around = ask.context
        # v3 takes no request ids; where a neighbour's sound is too old for its id, its text still carries the melody.
        by_id = not self.model_id.startswith("eleven_v3")
        for side, ids, text in (("previous", around.before_ids[-_MOST_IDS:], around.before), ("next", around.after_ids[:_MOST_IDS], around.after)):
            if ids and by_id:
                stitches[f"{side}_request_ids"] = list(ids)
            elif text:
                stitches[f"{side}_text"] = text
        return self._sdk.text_to_speech.with_raw_response.convert_with_timestamps(
            facts.voice_id,
            text=ask.text,
            model_id=self.model_id,
            output_format=_FORMAT,
            voice_settings=_controls(ask.delivery),
            seed=ask.seed,
            apply_text_normalization="off",
            request_options=_ONCE,
            **stitches,
        )

    def _model(self) -> Model:
        models = self._asked(partial(self._sdk.models.list, request_options=_ONCE))
        found: Model | None = next((one for one in models if one.model_id == self.model_id), None)
        if found is None or found.can_do_text_to_speech is False:
            able = sorted(one.model_id for one in models if one.can_do_text_to_speech)
            raise CallRejected(f"elevenlabs: model {self.model_id!r} cannot speak for this account; set ELEVENLABS_MODEL to one of {', '.join(able)}")
        return found

    def _voice(self, language: str) -> Voice:
        if self.voice_id != ANY_VOICE:
            named: Voice = self._asked(partial(self._sdk.voices.get, self.voice_id, request_options=_ONCE))
            return named
        ready = sorted((one for one in self.list_voices() if one.category == "premade"), key=lambda one: one.voice_id)
        spoken = [one for one in ready if (one.labels or {}).get("language", language) == language]
        if not spoken:
            raise VoiceBarred(f"elevenlabs: the account has no ready-made voice for {language!r}; name one in ELEVENLABS_VOICE")
        return spoken[0]

    def _is_paid_plan(self) -> bool:
        """Say whether the plan allows commercial use; a key that may not read the plan proves nothing."""
        try:
            return bool(self._asked(lambda: self._sdk.user.subscription.get(request_options=_ONCE)).tier != "free")
        except CallRejected:
            return False

    def _asked(self, ask: Callable[[], _R]) -> _R:
        try:
            return ask()
        except ApiError as error:
            if error.status_code is not None and error.status_code < 300:
                raise ToolRetry("elevenlabs: the server answered something that is not the JSON it documents") from error
            raise refusal_error(_refusal(error), "ELEVENLABS_API_KEY") from error
        except httpx.HTTPError as error:
            raise ToolRetry(f"elevenlabs: the connection to the server broke ({type(error).__name__})") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ToolRetry(f"elevenlabs: the server answered something that is not the JSON it documents ({type(error).__name__})") from error


def _controls(delivery: Delivery) -> VoiceSettings:
    """Map a delivery to ElevenLabs' controls: livelier is less stable with more style; pace is its own control within 0.7 to 1.2."""
    lively = min(1.0, max(0.0, delivery.liveliness + 0.3 * delivery.emphasis))
    return VoiceSettings(
        stability=round(0.75 - 0.45 * lively, 3),
        similarity_boost=0.75,
        style=round(0.4 * max(0.0, lively - 0.4), 3),
        use_speaker_boost=True,
        speed=round(min(_PACE[1], max(_PACE[0], delivery.pace)), 3),
    )


def _refusal(error: ApiError) -> Refusal:
    detail = error.body.get("detail") if isinstance(error.body, dict) else error.body
    reason, message = "", str(detail)
    if isinstance(detail, dict):
        reason, message = str(detail.get("status") or detail.get("code") or ""), str(detail.get("message") or "")
    elif isinstance(detail, list) and detail and isinstance(detail[0], dict):
        message = f"{'.'.join(str(part) for part in detail[0].get('loc', ()))}: {detail[0].get('msg', '')}"
    return Refusal("elevenlabs", error.status_code or 0, reason, message, retry_after_s((error.headers or {}).get("retry-after")), _SPENT)


def _billed(headers: Mapping[str, str], expected: int) -> int:
    told = headers.get("character-cost", "")
    return int(told) if told.isdigit() else expected


def _samples(answer: AudioWithTimestampsResponse) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    try:
        data = base64.b64decode(answer.audio_base_64, validate=True)
    except (binascii.Error, TypeError, AttributeError):
        return None
    return (np.frombuffer(data[: len(data) // 2 * 2], "<i2") / 32768).astype(np.float32)


def _spans(answer: AudioWithTimestampsResponse, ask: SpeechAsk, duration_s: float) -> tuple[tuple[WordSpan, ...], str]:
    """Return a span for each word from the character times, or none and why."""
    for alignment in (answer.alignment, answer.normalized_alignment):
        if alignment is not None and "".join(alignment.characters) == ask.text:
            return _words_of(alignment, ask, duration_s)
    if answer.alignment is None and answer.normalized_alignment is None:
        return (), "the answer holds no times"
    return (), "the times are those of another text"


def _words_of(alignment: CharacterAlignmentResponseModel, ask: SpeechAsk, duration_s: float) -> tuple[tuple[WordSpan, ...], str]:
    starts, ends = alignment.character_start_times_seconds, alignment.character_end_times_seconds
    if not len(starts) == len(ends) == len(ask.text):
        return (), f"{len(starts)} starts and {len(ends)} ends for {len(ask.text)} characters"
    spans: list[WordSpan] = []
    at = 0
    for word in ask.words:
        spans.append(WordSpan(starts[at], ends[at + len(word.text) - 1]))
        at += len(word.text) + len(word.tail) + 1
    flaw = span_flaw(spans, len(ask.words), duration_s)
    return ((), flaw) if flaw else (tuple(spans), "")


def connect(settings: Settings, voice_id: str) -> ElevenLabsVoice:
    """Return a voice of the configured account; `auto` stands for a ready-made voice of the language."""
    return ElevenLabsVoice(settings, voice_id)
