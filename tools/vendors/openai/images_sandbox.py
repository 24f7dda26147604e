"""A stand-in for the OpenAI images endpoint: it refuses what the published types and limits refuse, and bills what it paints."""

import base64
import io
import json
import re
from typing import Any

from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.ids import seeded
from tools.sandbox import Fault
from tools.vendors.language_script import Script, tokens_of
from tools.vendors.openai.wire import IMAGE_MODELS, IMAGE_REQUEST
from tools.vendors.wire_schema import first_fault

PATH = "/images/generations"
_GUIDE = "https://platform.openai.com/docs/guides/image-generation"
_ERRORS = "https://platform.openai.com/docs/guides/error-codes/api-errors"
_BASE64 = "https://platform.openai.com/docs/api-reference/images/object"
_LONGEST_PROMPT = 32_000
_FIXED_SIZES = frozenset({"auto", "1024x1024", "1536x1024", "1024x1536"})
_ANY_SIZE = ("gpt-image-2", "gpt-image-2.5", "gpt-image-2.6")
_MOST_SIDES = (3840, 2160)
# What the models before 2 use for a square of 1024 pixels, by quality; larger pictures take more in proportion.
TOKENS_OF_SQUARE = {"low": 272, "medium": 1056, "high": 4160}
_LEGACY = frozenset({"response_format", "style"})


def _refused(status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = (), cite: str = _ERRORS) -> Fault:
    body = json.dumps({"error": {"message": message, "type": "image_generation_user_error", "param": None, "code": code}}).encode()
    return Fault("status", cite, status=status, body=body, headers=(("content-type", "application/json"), *headers))


def _answered(text: str | None) -> Fault:
    usage = {"input_tokens": 12, "input_tokens_details": {"text_tokens": 12, "image_tokens": 0}, "output_tokens": 1584, "total_tokens": 1596}
    body = json.dumps({"created": 1, "data": [] if text is None else [{"b64_json": text}], "usage": usage}).encode()
    return Fault("status", _BASE64, status=200, body=body, headers=(("content-type", "application/json"),))


def moderation_blocked() -> Fault:
    """Answer 400 `moderation_blocked`: the safety system refused the description. Source: the image generation guide."""
    return _refused(400, "moderation_blocked", "Your request was rejected by the safety system.", cite=_GUIDE)


def billing_limit_reached() -> Fault:
    """Answer 400 `billing_hard_limit_reached`. Source: the published error codes."""
    return _refused(400, "billing_hard_limit_reached", "Billing hard limit has been reached.")


def no_picture() -> Fault:
    """Answer 200 with usage and an empty list of pictures. Source: `data` is optional in the published response."""
    return _answered(None)


def empty_picture() -> Fault:
    """Answer 200 with a picture of 0 bytes. Source: the published object's `b64_json` is any string."""
    return _answered("")


def broken_picture() -> Fault:
    """Answer 200 with bytes that are no image. Source: the published object's `b64_json` is any string."""
    return _answered(base64.b64encode(b"this is no picture" * 40).decode())


def small_picture() -> Fault:
    """Answer 200 with a picture of another size than was asked for. Source: the published object states no size."""
    return _answered(base64.b64encode(painted("small", (64, 64))).decode())


def image_routes(script: Script, api_key: str, any_model: bool) -> list[Route]:
    """Return POST /images/generations. Source: https://platform.openai.com/docs/api-reference/images/create."""

    async def generate(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {api_key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _error(400, "We could not parse the JSON body of your request.", "invalid_json")
        wrong = image_refusal_of(body)
        if wrong:
            return _error(400, wrong, "invalid_request_error")
        if not any_model and body.get("model") not in IMAGE_MODELS:
            return _error(404, f"The model '{body.get('model')}' does not exist or was shut down.", "model_not_found")
        return JSONResponse(_made(body, script))

    return [Route(PATH, generate, methods=["POST"])]


def image_refusal_of(body: Any) -> str | None:
    """Return why the API refuses a request body, or None: the published types and the limits that their descriptions state."""
    fault = first_fault(IMAGE_REQUEST, body)
    if fault:
        return f"Invalid value for '{fault[0]}': {fault[1]}"
    if not 1 <= len(body["prompt"]) <= _LONGEST_PROMPT:
        return f"Invalid 'prompt': string of {len(body['prompt'])} characters; 1 to {_LONGEST_PROMPT} are expected."
    if not 1 <= (body.get("n") or 1) <= 10:
        return "Invalid 'n': expected a value between 1 and 10."
    legacy = sorted(_LEGACY & set(body))
    if legacy:
        return f"Unknown parameter: '{legacy[0]}'."
    size, model = body.get("size") or "auto", body.get("model") or ""
    return None if size in _FIXED_SIZES or (model.startswith(_ANY_SIZE) and _is_free_size(size)) else f"Invalid value for 'size': '{size}'."


def _is_free_size(size: str) -> bool:
    if not re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", size):
        return False
    width, height = (int(side) for side in size.split("x"))
    longer, shorter = max(width, height), min(width, height)
    return width % 16 == height % 16 == 0 and longer <= 3 * shorter and longer <= _MOST_SIDES[0] and shorter <= _MOST_SIDES[1]


def _made(body: dict[str, Any], script: Script) -> dict[str, Any]:
    size = "1024x1024" if (body.get("size") or "auto") == "auto" else body["size"]
    width, height = (int(side) for side in size.split("x"))
    quality = body.get("quality") if body.get("quality") in TOKENS_OF_SQUARE else "medium"
    count = body.get("n") or 1
    output = count * round(TOKENS_OF_SQUARE[str(quality)] * width * height / 1024**2)
    given = tokens_of(body["prompt"])
    script.billed.append({"model": body["model"], "input": given, "output": output, "cache_read": 0, "cache_write": 0, "image": output})
    pictures = [base64.b64encode(painted(f"{body['prompt']} {number}", (width, height))).decode() for number in range(count)]
    return {
        "created": 1,
        "data": [{"b64_json": picture} for picture in pictures],
        "output_format": "jpeg",
        "quality": quality,
        "size": size,
        "usage": {
            "input_tokens": given,
            "input_tokens_details": {"text_tokens": given, "image_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"image_tokens": output, "text_tokens": 0},
            "total_tokens": given + output,
        },
    }


def painted(words: str, size: tuple[int, int]) -> bytes:
    """Return a JPEG of soft fields of colour, the same for the same words."""
    draw = seeded("sandbox painting", words)
    small = Image.new("RGB", (6, 4))
    small.putdata([(draw.randrange(40, 220), draw.randrange(40, 220), draw.randrange(40, 220)) for _ in range(24)])
    out = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


def _error(status: int, message: str, code: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status_code=status)
