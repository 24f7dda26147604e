"""A stand-in for the Anthropic messages API: it refuses what the published schema refuses, and answers what it is told."""

import json
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tools.sandbox import Fault
from tools.vendors.schema_example import example_of

# Fields of https://docs.claude.com/en/api/messages (only those a text request may send).
_FIELDS = frozenset(
    {
        *("model", "max_tokens", "messages", "system", "metadata", "stop_sequences", "stream", "temperature", "top_k", "top_p"),
        *("thinking", "output_config", "service_tier", "cache_control"),
    },
)
_ERRORS = "https://docs.claude.com/en/api/errors"


def overloaded() -> Fault:
    """Answer 529 `overloaded_error`. Source: the published list of errors."""
    body = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    return Fault("status", _ERRORS, status=529, body=body.encode(), headers=(("content-type", "application/json"),))


def anthropic_app(answers: deque[str] | None = None, api_key: str = "sk-ant-sandbox", stop_reason: str = "end_turn") -> Starlette:
    """Serve `/v1/messages`. Queued `answers` are given in order; without one the answer is the smallest value of the schema."""
    queue: deque[str] = answers if answers is not None else deque()

    async def messages(request: Request) -> JSONResponse:
        # The SDK sends a bearer token since 2.x; the documented header of older clients is accepted as well.
        if api_key not in {request.headers.get("x-api-key"), request.headers.get("authorization", "").removeprefix("Bearer ")}:
            return _error(401, "authentication_error", "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            return _error(400, "invalid_request_error", "anthropic-version: header is required")
        body = await request.json()
        fault = _fault(body)
        if fault:
            return _error(400, "invalid_request_error", fault)
        text = queue.popleft() if queue else json.dumps(example_of(body["output_config"]["format"]["schema"]))
        used = (len(json.dumps(body["messages"])) + len(json.dumps(body.get("system", "")))) // 4
        usage = {"input_tokens": used - used // 4, "cache_read_input_tokens": used // 4, "cache_creation_input_tokens": 0, "output_tokens": len(text) // 4 + 1}
        return JSONResponse(
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [{"type": "text", "text": text}],
                "stop_reason": stop_reason,
                "stop_sequence": None,
                "usage": usage,
            },
        )

    return Starlette(routes=[Route("/v1/messages", messages, methods=["POST"])])


def _fault(body: dict[str, Any]) -> str | None:
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        return f"{unknown[0]}: Extra inputs are not permitted"
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        return "max_tokens: Field required"
    if not body.get("messages") or body["messages"][0].get("role") != "user":
        return "messages: first message must use the user role"
    form = body.get("output_config", {}).get("format", {})
    if form.get("type") != "json_schema" or "schema" not in form:
        return "output_config.format.schema: Field required"
    return open_object(form["schema"])


def open_object(schema: dict[str, Any]) -> str | None:
    """Return why constrained output refuses a schema: an object that allows additional properties."""
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
    nested = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    return next((fault for one in nested if isinstance(one, dict) and (fault := open_object(one))), None)


def _error(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"type": "error", "error": {"type": kind, "message": message}}, status_code=status)
