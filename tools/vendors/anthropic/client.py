"""Claude through Anthropic's own SDK."""

from typing import Any

import anthropic
from anthropic.types import Message

from infra.settings import Settings
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallTurnedAway
from tools.vendors.language import Completion, Usage, strict_schema

_TIMEOUT_S = 110.0
_NOT_CHARGED = frozenset({429, 529})
_OVERLOADED = 529


class AnthropicModel:
    """One Claude model of the messages API."""

    provider = "anthropic"

    def __init__(self, settings: Settings, timeout_s: float = _TIMEOUT_S) -> None:
        if settings.anthropic_api_key is None:
            raise ToolError("anthropic_api_key: not set; set ANTHROPIC_API_KEY or choose another writer")
        self.model = settings.anthropic_model
        self._settings = settings
        self._timeout_s = timeout_s

    def complete(self, system: str, user: str, schema: dict[str, Any], max_output_tokens: int) -> Completion:
        """Return one answer under JSON-schema constrained output; one request, no retries (the job retries)."""
        key = self._settings.anthropic_api_key
        client = anthropic.Anthropic(
            api_key=key.get_secret_value() if key else None, base_url=self._settings.anthropic_base_url, max_retries=0, timeout=self._timeout_s,
        )  # fmt: skip
        try:
            with client:
                answer = client.messages.create(
                    model=self.model,
                    max_tokens=max_output_tokens,
                    system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
                    messages=[{"role": "user", "content": user}],
                    output_config={"format": {"type": "json_schema", "schema": strict_schema(schema)}},
                )
        except anthropic.APIStatusError as error:
            raise _status_error(error, self.model) from error
        except anthropic.APIConnectionError as error:
            raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
        except anthropic.APIResponseValidationError as error:
            raise ToolRetry(f"{self.model}: the server answered something that is not a message ({error})") from error
        return _completion(answer, self.model, max_output_tokens)


def _completion(answer: Message, model: str, limit: int) -> Completion:
    used = answer.usage
    read, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
    if answer.stop_reason == "refusal":
        raise ToolError(f"{model}: the model refused to answer")
    if answer.stop_reason == "max_tokens":
        raise ToolError(f"{model}: the answer was longer than max_output_tokens {limit}; raise it or ask for less")
    text = "".join(block.text for block in answer.content if block.type == "text")
    usage = Usage(input_tokens=used.input_tokens + read + written, output_tokens=used.output_tokens, cache_read_tokens=read, cache_write_tokens=written)
    return Completion(text=text, model=answer.model, usage=usage, finished=answer.stop_reason == "end_turn")


def _status_error(error: anthropic.APIStatusError, model: str) -> Exception:
    status = error.status_code
    if status in {408, 409, 429, _OVERLOADED} or status >= 500:
        busy = CallTurnedAway if status in _NOT_CHARGED else ToolRetry
        return busy(f"{model}: the server answered {status}", after_s=_seconds(error.response.headers.get("retry-after")), status=status)
    if status in {401, 403}:
        return CallRejected(f"anthropic_api_key: the server refused it ({status}); set ANTHROPIC_API_KEY to a valid key", status=status)
    return CallRejected(f"{model}: the server rejected the request ({status}): {str(error.message)[:300]}", status=status)


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def connect(settings: Settings) -> AnthropicModel:
    """Return the configured model."""
    return AnthropicModel(settings)
