"""A stand-in for the ElevenLabs API: its models, voices, plan and timed speech, refusing what the published schema refuses, and billing."""

import base64
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, get_args

import jsonschema
from elevenlabs.text_to_speech.types import TextToSpeechConvertWithTimestampsRequestOutputFormat as OutputFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox import Fault
from tools.vendors.speech_sandbox import Defect, say

_ERRORS = "https://elevenlabs.io/docs/developers/resources/error-messages"
_REFUSED = "https://help.elevenlabs.io/hc/en-us/articles/19572237925521-API-Error-Code-400-or-401"
_FORMATS = frozenset(str(one) for one in get_args(get_args(OutputFormat)[0]))
_IDS = {"type": ["array", "null"], "items": {"type": "string"}, "maxItems": 3}
_TEXT = {"type": ["string", "null"]}
_SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
# Body_text_to_speech_full_with_timestamps of https://api.elevenlabs.io/openapi.json, the fields that a text request may send.
_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1},
        "model_id": {"type": "string"},
        "language_code": _TEXT,
        "voice_settings": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "stability": _SHARE,
                "similarity_boost": _SHARE,
                "style": _SHARE,
                "use_speaker_boost": {"type": ["boolean", "null"]},
                "speed": {"type": ["number", "null"], "minimum": 0.7, "maximum": 1.2},
                "clone_strength": _SHARE,
            },
        },
        "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 4294967295},
        "previous_text": _TEXT,
        "next_text": _TEXT,
        "previous_request_ids": _IDS,
        "next_request_ids": _IDS,
        "apply_text_normalization": {"enum": ["auto", "on", "off"]},
    },
}


def quota_exhausted() -> Fault:
    """Answer 401 `quota_exceeded`: the plan has too few characters left."""
    return _refusal(401, "quota_exceeded", "This request exceeds your quota. You have 3 credits remaining.", _REFUSED)


def payment_required() -> Fault:
    """Answer 402: the account must pay before it may go on."""
    return _refusal(402, "payment_required", "Your subscription has an unpaid invoice.", _ERRORS)


def too_many_at_once(retry_after: str = "2") -> Fault:
    """Answer 429 `too_many_concurrent_requests`: more calls at once than the plan allows."""
    fault = _refusal(429, "too_many_concurrent_requests", "Too many concurrent requests.", _ERRORS)
    return Fault(fault.kind, fault.cite, status=429, body=fault.body, headers=(*fault.headers, ("retry-after", retry_after)))


@dataclass
class Account:
    """The account behind the key: what it may use and what it has used. `defects` spoils the next answers, one each."""

    key: str = "xi-sandbox"
    tier: str = "creator"
    characters_left: int = 100_000
    billed: int = 0
    category: str = "premade"
    verified: bool = True
    most_characters: int = 10_000
    multiplier: float = 1.0
    defects: deque[Defect] = field(default_factory=deque)
    made: int = 0


def elevenlabs_app(account: Account | None = None) -> Starlette:
    """Serve /v1/models, /v1/voices/{id}, /v2/voices, /v1/user/subscription and /v1/text-to-speech/{id}/with-timestamps."""
    desk = _Desk(account or Account())
    return Starlette(
        routes=[
            Route("/v1/models", desk.models),
            Route("/v1/voices/{voice}", desk.voice),
            Route("/v2/voices", desk.voices),
            Route("/v1/user/subscription", desk.subscription),
            Route("/v1/text-to-speech/{voice}/with-timestamps", desk.speak, methods=["POST"]),
        ]
    )


class _Desk:
    def __init__(self, account: Account) -> None:
        self.account = account

    def models(self, request: Request) -> Response:
        return self._locked(request) or JSONResponse([_model(name, self.account) for name in ("eleven_flash_v2_5", "eleven_multilingual_v2", "eleven_v3")])

    def voice(self, request: Request) -> Response:
        refused = self._locked(request)
        found = _voices(self.account).get(request.path_params["voice"])
        return refused or (JSONResponse(found) if found else _told(404, "voice_not_found", "A voice with that ID was not found."))

    def voices(self, request: Request) -> Response:
        refused = self._locked(request)
        every = list(_voices(self.account).values())
        at = int(request.query_params.get("next_page_token") or 0)
        more = at + 1 < len(every)
        body = {"voices": every[at : at + 1], "has_more": more, "total_count": len(every), "next_page_token": str(at + 1) if more else None}
        return refused or JSONResponse(body)

    def subscription(self, request: Request) -> Response:
        left = self.account.characters_left
        body = {"tier": self.account.tier, "character_count": self.account.billed, "character_limit": self.account.billed + left, "status": "active"}
        return self._locked(request) or JSONResponse(body)

    async def speak(self, request: Request) -> Response:
        refused = self._locked(request)
        if refused is not None:
            return refused
        body = await request.json()
        refused = _flaw(body, request) or self._denied(body, request.path_params["voice"])
        if refused is not None:
            return refused
        cost = round(len(body["text"]) * self.account.multiplier)
        self.account.characters_left -= cost
        self.account.billed += cost
        self.account.made += 1
        defect = self.account.defects.popleft() if self.account.defects else None
        headers = {"request-id": f"req_{self.account.made}", "character-cost": str(cost)}
        return JSONResponse(_answer(body, request.query_params.get("output_format", ""), defect), headers=headers)

    def _locked(self, request: Request) -> Response | None:
        return None if request.headers.get("xi-api-key") == self.account.key else _told(401, "invalid_api_key", "Invalid API key")

    def _denied(self, body: dict[str, Any], voice: str) -> Response | None:
        text = body["text"]
        if voice not in _voices(self.account):
            return _told(404, "voice_not_found", "A voice with that ID was not found.")
        if len(text) > self.account.most_characters:
            said = f"This request's text has {len(text)} characters and exceeds the character limit of {self.account.most_characters}."
            return _told(400, "max_character_limit_exceeded", said)
        if round(len(text) * self.account.multiplier) > self.account.characters_left:
            return _told(401, "quota_exceeded", f"This request exceeds your quota. You have {self.account.characters_left} credits remaining.")
        return None


def _flaw(body: object, request: Request) -> Response | None:
    fault = next(iter(jsonschema.Draft202012Validator(_BODY).iter_errors(body)), None)
    where, message = (["body", *fault.absolute_path], fault.message) if fault else (["query", "output_format"], "not a known format")
    if fault is None and request.query_params.get("output_format", "mp3_44100_128") in _FORMATS:
        return None
    return JSONResponse({"detail": [{"loc": where, "msg": message, "type": "value_error"}]}, status_code=422)


def _answer(body: dict[str, Any], output_format: str, defect: Defect | None) -> dict[str, Any]:
    text = body["text"]
    rate = int(output_format.split("_")[1]) if output_format.startswith("pcm_") else 24_000
    said = say(text.split(), rate, (body.get("voice_settings") or {}).get("speed") or 1.0)
    if defect == "not_audio":
        return {"audio_base64": "###", "alignment": None, "normalized_alignment": None}
    sound = b"" if defect == "empty_audio" else said.pcm.tobytes()
    times = None if defect == "no_times" else _spoiled(_characters(text, said.spans), defect)
    return {"audio_base64": base64.b64encode(sound).decode(), "alignment": times, "normalized_alignment": times}


def _characters(text: str, spans: tuple[tuple[float, float], ...]) -> dict[str, list[Any]]:
    starts: list[float] = []
    ends: list[float] = []
    for index, (word, (start, end)) in enumerate(zip(text.split(), spans, strict=True)):
        spoken = max(1, sum(one.isalnum() or one == "'" for one in word))
        for place in range(len(word)):
            starts.append(start + (end - start) * min(place, spoken) / spoken)
            ends.append(start + (end - start) * min(place + 1, spoken) / spoken)
        if index + 1 < len(spans):
            starts.append(end)
            ends.append(spans[index + 1][0])
    return {"characters": list(text), "character_start_times_seconds": starts, "character_end_times_seconds": ends}


def _spoiled(times: dict[str, list[Any]], defect: Defect | None) -> dict[str, list[Any]]:
    starts, ends = "character_start_times_seconds", "character_end_times_seconds"
    if defect == "short_times":
        return {**times, ends: times[ends][:-3]}
    if defect == "backward_times":
        return {**times, starts: times[starts][::-1], ends: times[ends][::-1]}
    if defect == "late_times":
        return {**times, starts: [at + 60 for at in times[starts]], ends: [at + 60 for at in times[ends]]}
    if defect == "other_text":
        return {**times, "characters": list("x" * len(times["characters"]))}
    return times


def _model(name: str, account: Account) -> dict[str, Any]:
    return {
        "model_id": name,
        "name": name,
        "can_do_text_to_speech": True,
        "can_use_style": True,
        "maximum_text_length_per_request": account.most_characters,
        "languages": [{"language_id": "en", "name": "English"}, {"language_id": "de", "name": "German"}],
        "model_rates": {"character_cost_multiplier": account.multiplier, "cost_discount_multiplier": 1.0},
        "concurrency_group": "standard",
    }


def _voices(account: Account) -> dict[str, dict[str, Any]]:
    check = {"requires_verification": not account.verified, "is_verified": account.verified, "verification_failures": [], "verification_attempts_count": 0}
    own = {"voice_id": "voice_own", "name": "Own", "category": account.category, "labels": {"language": "en"}, "voice_verification": check, "is_owner": True}
    return {
        "voice_own": own,
        "voice_ready": {"voice_id": "voice_ready", "name": "Ready", "category": "premade", "labels": {"language": "en"}},
        "voice_german": {"voice_id": "voice_german", "name": "Fertig", "category": "premade", "labels": {"language": "de"}},
    }


def _told(status: int, code: str, message: str) -> Response:
    return JSONResponse({"detail": {"status": code, "message": message}}, status_code=status)


def _refusal(status: int, code: str, message: str, cite: str) -> Fault:
    body = json.dumps({"detail": {"status": code, "message": message}}).encode()
    return Fault("status", cite, status=status, body=body, headers=(("content-type", "application/json"),))
