"""A stand-in for the OpenAI chat-completions API: it refuses what the published schema refuses, and answers what it is told."""

import json
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tools.sandbox import Fault
from tools.vendors.schema_example import example_of

# Fields of CreateChatCompletionRequest in https://github.com/openai/openai-openapi (only those a text request may send).
_FIELDS = frozenset(
    {
        *("model", "messages", "response_format", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "seed", "stop", "stream", "store"),
        *("metadata", "user", "reasoning_effort", "service_tier", "safety_identifier", "prompt_cache_key", "verbosity"),
    },
)
_ERRORS = "https://platform.openai.com/docs/guides/error-codes/api-errors"
_STRICT = "https://platform.openai.com/docs/guides/structured-outputs#supported-schemas"


def quota_exhausted() -> Fault:
    """Answer 429 `insufficient_quota`: no credit left, which no waiting mends. Source: the published error codes."""
    body = json.dumps({"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}})
    return Fault("status", _ERRORS, status=429, body=body.encode(), headers=(("content-type", "application/json"),))


def openai_app(answers: deque[str] | None = None, api_key: str = "sk-sandbox", refusal: str | None = None, finish: str = "stop") -> Starlette:
    """Serve `/chat/completions`. Queued `answers` are given in order; without one the answer is the smallest value of the schema."""
    queue: deque[str] = answers if answers is not None else deque()

    async def complete(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {api_key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        body = await request.json()
        fault = _fault(body)
        if fault:
            return _error(400, fault, "invalid_request_error")
        text = queue.popleft() if queue else json.dumps(example_of(body["response_format"]["json_schema"]["schema"]))
        message: dict[str, Any] = {"role": "assistant", "content": None if refusal else text, "refusal": refusal}
        used = sum(len(str(one.get("content", ""))) for one in body["messages"]) // 4
        usage = {
            "prompt_tokens": used,
            "completion_tokens": len(text) // 4 + 1,
            "total_tokens": used + len(text) // 4 + 1,
            "prompt_tokens_details": {"cached_tokens": used // 2},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return JSONResponse({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": usage})

    return Starlette(routes=[Route("/chat/completions", complete, methods=["POST"])])


def _fault(body: dict[str, Any]) -> str | None:
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        return f"Unrecognized request argument supplied: {unknown[0]}"
    if not body.get("messages") or any(one.get("role") not in {"system", "developer", "user", "assistant"} for one in body["messages"]):
        return "Invalid value for 'messages'"
    if min(body.get("max_tokens", 1), body.get("max_completion_tokens", 1)) < 1:
        return "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1"
    form = body.get("response_format", {})
    if form.get("type") != "json_schema" or "schema" not in form.get("json_schema", {}):
        return "Missing required parameter: 'response_format.json_schema'"
    return strict_fault(form["json_schema"]["schema"]) if form["json_schema"].get("strict") else None


def strict_fault(schema: dict[str, Any]) -> str | None:
    """Return why strict mode refuses a schema: open objects or optional properties (see `_STRICT`)."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false"
        if set(schema.get("required", ())) != set(schema.get("properties", {})):
            return "Invalid schema for response_format: 'required' must include every key in properties"
    nested = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    return next((fault for one in nested if isinstance(one, dict) and (fault := strict_fault(one))), None)


def _error(status: int, message: str, code: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status_code=status)
