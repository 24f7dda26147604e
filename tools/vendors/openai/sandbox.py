"""A stand-in for the OpenAI API (chat completions, models; images beside it): it refuses what the published types refuse, and answers what it is told."""

import json
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tools.sandbox import Fault
from tools.vendors.language import MIN_CACHED_CHARS
from tools.vendors.language_prices import is_sold
from tools.vendors.language_script import Reply, Script, Writer, tokens_of, write_plausibly
from tools.vendors.openai.images_sandbox import image_routes
from tools.vendors.openai.wire import IMAGE_MODELS, REQUEST
from tools.vendors.wire_schema import first_fault, open_object, optional_property

_ERRORS = "https://platform.openai.com/docs/guides/error-codes/api-errors"
# Bounds that the types cannot say; https://platform.openai.com/docs/api-reference/chat/create.
_BOUNDS = {"temperature": (0, 2), "top_p": (0, 1), "n": (1, 128), "max_tokens": (1, 1 << 24), "max_completion_tokens": (1, 1 << 24)}
_NO_LIMIT = 1 << 24
_LISTED = ("gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-image-2", "gpt-image-2.5-flare")
_FINISHED = {"stop": "stop", "length": "length", "filter": "content_filter", "refusal": "stop"}


def _fault(status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Fault:
    body = json.dumps({"error": {"message": message, "type": code, "param": None, "code": code}}).encode()
    return Fault("status", _ERRORS, status=status, body=body, headers=(("content-type", "application/json"), *headers))


def quota_exhausted() -> Fault:
    """Answer 429 `insufficient_quota`: no credit left, which no waiting mends. Source: the published error codes."""
    return _fault(429, "insufficient_quota", "You exceeded your current quota.")


def too_many_requests(retry_after: str = "1") -> Fault:
    """Answer 429 `rate_limit_exceeded` with the seconds to wait. Source: the published error codes."""
    return _fault(429, "rate_limit_exceeded", "Rate limit reached for requests.", (("retry-after", retry_after),))


def wrong_key() -> Fault:
    """Answer 401 `invalid_api_key`. Source: the published error codes."""
    return _fault(401, "invalid_api_key", "Incorrect API key provided.")


def region_refused() -> Fault:
    """Answer 403 `unsupported_country_region_territory`. Source: the published error codes."""
    return _fault(403, "unsupported_country_region_territory", "Country, region, or territory not supported.")


def broken() -> Fault:
    """Answer 500 with the published body of a server error. Source: the published error codes."""
    return _fault(500, "server_error", "The server had an error while processing your request.")


def overloaded() -> Fault:
    """Answer 503: the engine is overloaded. Source: the published error codes."""
    return _fault(503, "overloaded", "The engine is currently overloaded, please try again later.")


def openai_app(answers: deque[Reply | str] | None = None, api_key: str = "sk-sandbox", write: Writer = write_plausibly, any_model: bool = False) -> Starlette:
    """Serve `/chat/completions`, `/images/generations` and `/models`; `app.state.script` holds the invoice.

    Queued `answers` are given in order; without one, `write` makes one. A model that no price list knows does not exist there, unless
    `any_model` makes it a server of one's own.
    """
    script = Script(queue=answers if answers is not None else deque(), write=write)

    async def complete(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {api_key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _error(400, "We could not parse the JSON body of your request.", "invalid_json")
        wrong = refusal_of(body)
        if wrong:
            return _error(400, wrong, "invalid_request_error")
        if not any_model and (body["model"] in IMAGE_MODELS or not is_sold("openai", body["model"])):
            return _error(404, f"The model `{body['model']}` does not exist or you do not have access to it.", "model_not_found")
        return JSONResponse(_completion(body, script))

    app = Starlette(routes=[Route("/chat/completions", complete, methods=["POST"]), *image_routes(script, api_key, any_model), *_models(api_key, any_model)])
    app.state.script = script
    return app


def _models(api_key: str, any_model: bool) -> list[Route]:
    """Return GET /models and GET /models/{model}. Source: https://platform.openai.com/docs/api-reference/models."""

    async def retrieve(request: Request) -> JSONResponse:
        model = request.path_params["model"]
        if request.headers.get("authorization") != f"Bearer {api_key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if not any_model and not is_sold("openai", model):
            return _error(404, f"The model '{model}' does not exist", "model_not_found")
        return JSONResponse(_about(model))

    async def list_all(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {api_key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        return JSONResponse({"object": "list", "data": [_about(model) for model in _LISTED if is_sold("openai", model)]})

    return [Route("/models", list_all), Route("/models/{model}", retrieve)]


def _about(model: str) -> dict[str, Any]:
    return {"id": model, "object": "model", "created": 1, "owned_by": "system"}


def _completion(body: dict[str, Any], script: Script) -> dict[str, Any]:
    said = "\n".join(_text(one) for one in body["messages"])
    form = body.get("response_format") or {}
    most = body.get("max_completion_tokens") or body.get("max_tokens") or _NO_LIMIT
    reply = script.reply(form.get("json_schema", {}).get("schema", {}), said, most)
    declined = reply.ended == "refusal"
    usage = _usage(body["messages"], reply.text, script)
    script.billed.append({"model": body["model"], **usage})
    return {
        "id": f"chatcmpl-{len(script.billed)}",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": None if declined else reply.text, "refusal": reply.text if declined else None},
                "finish_reason": _FINISHED[reply.ended],
                "logprobs": None,
            },
        ],
        "usage": {
            "prompt_tokens": usage["input"],
            "completion_tokens": usage["output"],
            "total_tokens": usage["input"] + usage["output"],
            "prompt_tokens_details": {"cached_tokens": usage["cache_read"]},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def _usage(messages: list[dict[str, Any]], answer: str, script: Script) -> dict[str, int]:
    """Return tokens. Beginnings of 1,024 tokens and more that were sent before are read from the cache, counted in steps of 128."""
    texts = [_text(one) for one in messages]
    whole = "\n".join(texts)
    cached = 0
    for size in range(MIN_CACHED_CHARS, len(whole) + 1, 512):
        if script.cached(whole[:size]):
            cached = size // 4
    return {"input": sum(map(tokens_of, texts)), "output": tokens_of(answer) + 1, "cache_read": cached, "cache_write": 0}


def refusal_of(body: Any) -> str | None:
    """Return why the API refuses a request body, or None: the published types, their bounds, and the rules of strict structured output.

    Source of the rules: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    fault = first_fault(REQUEST, body)
    if fault:
        return f"Invalid value for '{fault[0]}': {fault[1]}"
    for name, (least, most) in _BOUNDS.items():
        if body.get(name) is not None and not least <= body[name] <= most:
            return f"Invalid '{name}': expected a value between {least} and {most}, but got {body[name]} instead."
    form = body.get("response_format") or {}
    if form.get("type") != "json_schema" or not form["json_schema"].get("strict"):
        return None
    schema = form["json_schema"].get("schema", {})
    if (at := open_object(schema)) is not None:
        return f"Invalid schema for response_format: In context={at}, 'additionalProperties' is required to be supplied and to be false."
    if (at := optional_property(schema)) is not None:
        return f"Invalid schema for response_format: In context={at}, 'required' is required to be supplied and to include every key in properties."
    return None


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)


def _error(status: int, message: str, code: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status_code=status)
