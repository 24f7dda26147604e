"""A stand-in for the Anthropic messages API: it refuses what the published types refuse, and answers what it is told."""

import json
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tools.sandbox import Fault
from tools.vendors.anthropic.wire import REQUEST
from tools.vendors.language import MIN_CACHED_CHARS
from tools.vendors.language_prices import is_sold
from tools.vendors.language_script import Reply, Script, Writer, tokens_of, write_plausibly
from tools.vendors.wire_schema import first_fault, open_object

_ERRORS = "https://docs.claude.com/en/api/errors"
_FINISHED = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal", "refusal": "refusal"}
_MOST_MARKS = 4


def _fault(status: int, kind: str, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Fault:
    body = json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
    return Fault("status", _ERRORS, status=status, body=body, headers=(("content-type", "application/json"), *headers))


def overloaded() -> Fault:
    """Answer 529 `overloaded_error`. Source: the published list of errors."""
    return _fault(529, "overloaded_error", "Overloaded")


def too_many_requests(retry_after: str = "1") -> Fault:
    """Answer 429 `rate_limit_error` with the seconds to wait. Source: the published list of errors."""
    return _fault(429, "rate_limit_error", "This request would exceed your rate limit.", (("retry-after", retry_after),))


def quota_exhausted() -> Fault:
    """Answer 400 as an account without credit does. Source: the published list of errors (`invalid_request_error`, billing)."""
    return _fault(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.")


def wrong_key() -> Fault:
    """Answer 401 `authentication_error`. Source: the published list of errors."""
    return _fault(401, "authentication_error", "invalid x-api-key")


def not_permitted() -> Fault:
    """Answer 403 `permission_error`. Source: the published list of errors."""
    return _fault(403, "permission_error", "Your API key does not have permission to use the specified resource.")


def broken() -> Fault:
    """Answer 500 `api_error`. Source: the published list of errors."""
    return _fault(500, "api_error", "Internal server error")


def output_filtered() -> Fault:
    """Answer 400 as the output filter does. Source: the published list of errors (`invalid_request_error`)."""
    return _fault(400, "invalid_request_error", "Output blocked by content filtering policy")


def anthropic_app(
    answers: deque[Reply | str] | None = None, api_key: str = "sk-ant-sandbox", write: Writer = write_plausibly, any_model: bool = False
) -> Starlette:
    """Serve `/v1/messages` and `/v1/models/{model}`. Queued `answers` are given in order; without one, `write` makes one. `app.state.script` holds the invoice.

    A model that no price list knows does not exist there, unless `any_model` makes it a server of one's own.
    """
    script = Script(queue=answers if answers is not None else deque(), write=write)

    async def messages(request: Request) -> JSONResponse:
        # The SDK sends a bearer token since 2.x; the documented header of older clients is accepted as well.
        if api_key not in {request.headers.get("x-api-key"), request.headers.get("authorization", "").removeprefix("Bearer ")}:
            return _error(401, "authentication_error", "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            return _error(400, "invalid_request_error", "anthropic-version: header is required")
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _error(400, "invalid_request_error", "The request body is not valid JSON")
        wrong = refusal_of(body)
        if wrong:
            return _error(400, "invalid_request_error", wrong)
        if not any_model and not is_sold("anthropic", body["model"]):
            return _error(404, "not_found_error", f"model: {body['model']}")
        return JSONResponse(_message(body, script))

    app = Starlette(routes=[Route("/v1/messages", messages, methods=["POST"]), _model(api_key, any_model)])
    app.state.script = script
    return app


def _model(api_key: str, any_model: bool) -> Route:
    """Return GET /v1/models/{model}. Source: https://docs.claude.com/en/api/models."""

    async def retrieve(request: Request) -> JSONResponse:
        model = request.path_params["model"]
        if api_key not in {request.headers.get("x-api-key"), request.headers.get("authorization", "").removeprefix("Bearer ")}:
            return _error(401, "authentication_error", "invalid x-api-key")
        if not any_model and not is_sold("anthropic", model):
            return _error(404, "not_found_error", f"model: {model}")
        return JSONResponse({"id": model, "type": "model", "display_name": model, "created_at": "2026-01-01T00:00:00Z"})

    return Route("/v1/models/{model}", retrieve)


def _message(body: dict[str, Any], script: Script) -> dict[str, Any]:
    blocks = _blocks(body)
    form = (body.get("output_config") or {}).get("format") or {}
    reply = script.reply(form.get("schema", {}), "\n".join(text for text, _ in blocks), body["max_tokens"])
    usage = _usage(blocks, reply.text, script)
    script.billed.append({"model": body["model"], **usage})
    return {
        "id": f"msg_{len(script.billed)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": reply.text}] if reply.text else [],
        "stop_reason": _FINISHED[reply.ended],
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage["input"] - usage["cache_read"] - usage["cache_write"],
            "cache_read_input_tokens": usage["cache_read"],
            "cache_creation_input_tokens": usage["cache_write"],
            "output_tokens": usage["output"],
        },
    }


def _usage(blocks: list[tuple[str, bool]], answer: str, script: Script) -> dict[str, int]:
    """Return tokens. What stands before a cache mark is written to the cache the first time and read from it after, from 1,024 tokens on.

    Source: https://docs.claude.com/en/docs/build-with-claude/prompt-caching
    """
    read = written = 0
    before = ""
    for text, marked in blocks:
        before += text + "\n"
        if marked and len(before) >= MIN_CACHED_CHARS:
            if script.cached(before):
                read, written = tokens_of(before), 0
            else:
                written = tokens_of(before) - read
    total = max(sum(tokens_of(text) for text, _ in blocks), read + written)
    return {"input": total, "output": tokens_of(answer) + 1, "cache_read": read, "cache_write": written}


def _blocks(body: dict[str, Any]) -> list[tuple[str, bool]]:
    parts = [body.get("system") or "", *(one["content"] for one in body["messages"])]
    found: list[tuple[str, bool]] = []
    for part in parts:
        listed = [{"text": part}] if isinstance(part, str) else part
        found += [(str(one.get("text", "")), bool(one.get("cache_control"))) for one in listed]
    return found


def refusal_of(body: Any) -> str | None:
    """Return why the API refuses a request body, or None: the published types, and rules that types cannot say.

    Source of the rules: https://docs.claude.com/en/api/messages and .../build-with-claude/structured-outputs
    """
    fault = first_fault(REQUEST, body)
    if fault:
        return f"{fault[0] or 'body'}: {fault[1]}"
    if body["max_tokens"] < 1:
        return "max_tokens: must be greater than or equal to 1"
    if not body["messages"]:
        return "messages: at least one message is required"
    blocks = _blocks(body)
    if any(not text.strip() for text, _ in blocks[bool(not body.get("system")) :]):
        return "messages: text content blocks must be non-empty"
    if sum(marked for _, marked in blocks) > _MOST_MARKS:
        return f"A maximum of {_MOST_MARKS} blocks with cache_control may be provided."
    form = (body.get("output_config") or {}).get("format") or {}
    at = open_object(form["schema"]) if form.get("type") == "json_schema" else None
    return f"output_config.format.schema: at {at}: For 'object' type, 'additionalProperties' must be explicitly set to false" if at is not None else None


def _error(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"type": "error", "error": {"type": kind, "message": message}}, status_code=status)
