"""A stand-in for Google Cloud Text-to-Speech `v1beta1`: it refuses what the published discovery document refuses, and bills."""

import base64
import io
import json
import re
import wave
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jsonschema
from defusedxml import ElementTree
from googleapiclient.discovery_cache import get_static_doc
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.sandbox import Fault
from tools.vendors.speech_sandbox import Defect, Said, say

_ERRORS = "https://cloud.google.com/apis/design/errors#error_model"
_QUOTAS = "https://cloud.google.com/text-to-speech/quotas"
_MARK = re.compile(r'<mark name="[^"]*"/>')
_VOICES = {
    "en-US-Neural2-D": ["en-US"],
    "en-US-Standard-A": ["en-US"],
    "en-US-Chirp3-HD-Aoede": ["en-US"],
    "de-DE-Neural2-B": ["de-DE"],
}


def quota_exhausted(retry_after: str = "30") -> Fault:
    """Answer 429 RESOURCE_EXHAUSTED: the project's requests or characters of this minute are used."""
    fault = _refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Characters' of service 'texttospeech.googleapis.com'.", _QUOTAS)
    return Fault(fault.kind, fault.cite, status=429, body=fault.body, headers=(*fault.headers, ("retry-after", retry_after)))


def billing_disabled() -> Fault:
    """Answer 403 BILLING_DISABLED: the project has no billing account that pays."""
    return _refusal(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.", _ERRORS, "BILLING_DISABLED")


@dataclass
class Project:
    """The project behind the key and what it was billed, in characters. `defects` spoils the next answers, one each."""

    key: str = "google-sandbox"
    billed: int = 0
    defects: deque[Defect] = field(default_factory=deque)


def google_tts_app(project: Project | None = None) -> Starlette:
    """Serve GET /v1beta1/voices and POST /v1beta1/text:synthesize."""
    desk = _Desk(project or Project())
    return Starlette(routes=[Route("/v1beta1/voices", desk.voices), Route("/v1beta1/text:synthesize", desk.synthesize, methods=["POST"])])


class _Desk:
    def __init__(self, project: Project) -> None:
        self.project = project

    def voices(self, request: Request) -> Response:
        listed = [{"name": name, "languageCodes": codes, "ssmlGender": "MALE", "naturalSampleRateHertz": 24000} for name, codes in _VOICES.items()]
        return self._locked(request) or JSONResponse({"voices": listed})

    async def synthesize(self, request: Request) -> Response:
        refused = self._locked(request)
        if refused is not None:
            return refused
        body = await request.json()
        flaw = _flaw(body)
        if flaw:
            return _told(400, "INVALID_ARGUMENT", flaw)
        self.project.billed += len(_MARK.sub("", body["input"].get("ssml") or body["input"].get("text")))
        defect = self.project.defects.popleft() if self.project.defects else None
        return JSONResponse(_answer(body, defect))

    def _locked(self, request: Request) -> Response | None:
        given = request.headers.get("x-goog-api-key") or request.query_params.get("key")
        return None if given == self.project.key else _told(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")


def _flaw(body: Any) -> str:
    fault = next(iter(_schema().iter_errors(body)), None)
    if fault is not None:
        return f"Invalid JSON payload received. {fault.message[:200]}"
    name, audio = body.get("voice", {}).get("name", ""), body.get("audioConfig", {})
    given = body.get("input", {})
    said = given.get("ssml") or given.get("text") or ""
    checks = (
        (name not in _VOICES, f"Voice '{name}' does not exist. Is it misspelled?"),
        (not said, "Either `input.text` or `input.ssml` must be set."),
        (len(said.encode()) > 5000, "Either `input.text` or `input.ssml` is longer than the limit of 5000 bytes."),
        ("audioEncoding" not in audio, "Audio encoding is required."),
        (not 0.25 <= audio.get("speakingRate", 1.0) <= 2.0, "speakingRate must be in the range [0.25, 2.0]"),
        (not -20.0 <= audio.get("pitch", 0.0) <= 20.0, "pitch must be in the range [-20.0, 20.0]"),
        ("Chirp" in name and ("pitch" in audio or "<mark" in said), "This voice does not support pitch or SSML marks."),
    )
    return next((message for broken, message in checks if broken), "") or _ssml_flaw(given.get("ssml"))


def _ssml_flaw(ssml: str | None) -> str:
    try:
        return "" if ssml is None or ElementTree.fromstring(ssml).tag == "speak" else "Invalid SSML."
    except ElementTree.ParseError:
        return "Invalid SSML. Newer voices like Neural2 require valid SSML."


@cache
def _schema() -> jsonschema.Draft202012Validator:
    """The request's published type as JSON Schema; like the live API it takes no field that is not listed."""
    schemas = json.loads(get_static_doc("texttospeech", "v1beta1") or "{}")["schemas"]
    return jsonschema.Draft202012Validator({"$ref": "#/$defs/SynthesizeSpeechRequest", "$defs": {name: _closed(one) for name, one in schemas.items()}})


def _closed(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    made: dict[str, Any] = {key: node[key] for key in ("enum", "type") if key in node}
    if "items" in node:
        made["items"] = _closed(node["items"])
    if "properties" in node:
        made |= {"properties": {name: _closed(one) for name, one in node["properties"].items()}, "additionalProperties": False}
    return made


def _answer(body: dict[str, Any], defect: Defect | None) -> dict[str, Any]:
    ssml = body["input"].get("ssml")
    words = [re.sub(r"<[^>]*>", "", one) for one in _marked(ssml)] if ssml else body["input"]["text"].split()
    said = say(words, body["audioConfig"].get("sampleRateHertz", 24_000), body["audioConfig"].get("speakingRate", 1.0))
    sound = "###" if defect == "not_audio" else base64.b64encode(_wav(said, body, defect)).decode()
    asked = "SSML_MARK" in body.get("enableTimePointing", ()) and ssml and defect != "no_times"
    return {"audioContent": sound, "timepoints": _timepoints(said, defect) if asked else [], "audioConfig": body["audioConfig"]}


def _marked(ssml: str) -> list[str]:
    """Return the text behind each mark but the last."""
    inner = ssml.removeprefix("<speak>").removesuffix("</speak>")
    return [part.strip() for part in re.split(r'<mark name="[^"]*"/>', inner)[1:-1]]


def _timepoints(said: Said, defect: Defect | None) -> list[dict[str, Any]]:
    points = [{"markName": f"w{index}", "timeSeconds": start} for index, (start, _) in enumerate(said.spans)]
    points.append({"markName": "end", "timeSeconds": said.spans[-1][1]})
    if defect == "short_times":
        return points[: len(points) // 2]
    if defect == "backward_times":
        times = [one["timeSeconds"] for one in points][::-1]
        return [{**one, "timeSeconds": at} for one, at in zip(points, times, strict=True)]
    if defect == "late_times":
        return [{**one, "timeSeconds": float(str(one["timeSeconds"])) + 60} for one in points]
    if defect == "other_text":
        return [{**one, "markName": f"other-{one['markName']}"} for one in points]
    return points


def _wav(said: Said, body: dict[str, Any], defect: Defect | None) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(body["audioConfig"].get("sampleRateHertz", 24_000))
        out.writeframes(b"" if defect == "empty_audio" else said.pcm.tobytes())
    return held.getvalue()


def _told(status: int, word: str, message: str, reason: str = "") -> Response:
    return JSONResponse(_error(status, word, message, reason), status_code=status)


def _error(status: int, word: str, message: str, reason: str) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}] if reason else []
    return {"error": {"code": status, "message": message, "status": word, "details": details}}


def _refusal(status: int, word: str, message: str, cite: str, reason: str = "") -> Fault:
    body = json.dumps(_error(status, word, message, reason)).encode()
    return Fault("status", cite, status=status, body=body, headers=(("content-type", "application/json"),))
