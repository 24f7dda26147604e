"""Claude through Anthropic's own SDK."""

from typing import Any

import anthropic
from anthropic.types import Message, MessageParam, TextBlockParam

from infra.settings import Settings
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallTurnedAway, credential_tag, retry_after_s
from tools.vendors.language import MIN_CACHED_CHARS, Completion, Ended, ModelUnknown, Prompt, Usage, strict_schema

_OVERLOADED = 529
# Errors that the provider itself answers are not billed; what a proxy says of a silent server (502, 504) tells nothing of the work behind it.
_NOT_CHARGED = frozenset({429, 500, 503, _OVERLOADED})
_PASSING = frozenset({408, 409, 429, _OVERLOADED})
_ENDED: dict[str, Ended] = {"refusal": "refusal", "max_tokens": "length", "model_context_window_exceeded": "length"}


class AnthropicModel:
    """One Claude model of the messages API."""

    provider = "anthropic"

    def __init__(self, settings: Settings, model: str = "") -> None:
        if settings.anthropic_api_key is None:
            raise ToolError("anthropic_api_key: not set; set ANTHROPIC_API_KEY or choose another writer")
        self.model = model or settings.anthropic_model
        self._key = settings.anthropic_api_key
        self.credential = credential_tag(self._key.get_secret_value())
        self._base_url = settings.anthropic_base_url

    def complete(self, prompt: Prompt, schema: dict[str, Any], max_output_tokens: int, timeout_s: float) -> Completion:
        """Return one answer under JSON-schema constrained output; one request, no retries (the job retries)."""
        client = anthropic.Anthropic(api_key=self._key.get_secret_value(), base_url=self._base_url, max_retries=0, timeout=timeout_s)
        try:
            with client:
                answer = client.messages.create(
                    model=self.model,
                    max_tokens=max_output_tokens,
                    system=[TextBlockParam(type="text", text=prompt.system)],
                    messages=_messages(prompt),
                    output_config={"format": {"type": "json_schema", "schema": strict_schema(schema)}},
                )
        except anthropic.APIStatusError as error:
            raise _status_error(error, self.model) from error
        except anthropic.APIConnectionError as error:
            raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
        except (anthropic.AnthropicError, ValueError, TypeError) as error:
            raise ToolRetry(f"{self.model}: the server answered something that is not a message ({type(error).__name__})") from error
        return _completion(answer, self.model)

    def check(self, timeout_s: float) -> str:
        """Return what the API says of the model, free of charge (GET /v1/models/{model}); raises what `complete` raises, or ModelUnknown."""
        client = anthropic.Anthropic(api_key=self._key.get_secret_value(), base_url=self._base_url, max_retries=0, timeout=timeout_s)
        try:
            with client:
                return f"the model {client.models.retrieve(self.model).id} is there"
        except anthropic.NotFoundError as error:
            raise ModelUnknown(f"{self.model}: the account has no such model", status=error.status_code) from error
        except anthropic.APIStatusError as error:
            raise _status_error(error, self.model) from error
        except anthropic.APIConnectionError as error:
            raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
        except (anthropic.AnthropicError, ValueError, TypeError, AttributeError) as error:
            raise ToolRetry(f"{self.model}: the server answered something that is not a model ({type(error).__name__})") from error


def _messages(prompt: Prompt) -> list[MessageParam]:
    """Return the turns, with a cache mark behind the material when the prefix is long enough to be kept.

    A cached prefix costs a quarter more to write and a tenth to read, so it pays from the second request on: the repair of an answer and the
    revisions of a script share it, while `ask` and everything behind it differ.
    """
    material = TextBlockParam(type="text", text=prompt.material)
    if len(prompt.system) + len(prompt.material) >= MIN_CACHED_CHARS:
        material["cache_control"] = {"type": "ephemeral"}
    first = [material, *([TextBlockParam(type="text", text=prompt.ask)] if prompt.ask else [])]
    turns: list[MessageParam] = [{"role": "user", "content": first}]
    for one in prompt.refused:
        # The API refuses empty turns.
        turns += [{"role": "assistant", "content": one.answer.strip() or "(nothing)"}, {"role": "user", "content": one.reason}]
    return turns


def _completion(answer: object, model: str) -> Completion:
    # The SDK does not check what a server sends: a body of another type arrives as text, a partial one without its fields.
    if not isinstance(answer, Message) or getattr(answer, "content", None) is None or getattr(answer, "usage", None) is None:
        raise ToolRetry(f"{model}: the server answered something that is not a message")
    used = answer.usage
    read, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
    text = "".join(block.text for block in answer.content if block.type == "text")
    usage = Usage(input_tokens=used.input_tokens + read + written, output_tokens=used.output_tokens, cache_read_tokens=read, cache_write_tokens=written)
    return Completion(text=text, model=answer.model, usage=usage, ended=_ENDED.get(str(answer.stop_reason), "stop"))


def _status_error(error: anthropic.APIStatusError, model: str) -> Exception:
    status = error.status_code
    if status in _PASSING or status >= 500:
        busy = CallTurnedAway if status in _NOT_CHARGED else ToolRetry
        return busy(f"{model}: the server answered {status}", after_s=retry_after_s(error.response.headers.get("retry-after")), status=status)
    if "credit balance" in str(error.message).lower():
        return CallRejected(f"{model}: the account has no credit left; top it up or switch the writer", status=status)
    if status in {401, 403}:
        return CallRejected(f"anthropic_api_key: the server refused it ({status}); set ANTHROPIC_API_KEY to a valid key", status=status)
    return CallRejected(f"{model}: the server rejected the request ({status}): {str(error.message)[:300]}", status=status)


def connect(settings: Settings, model: str = "") -> AnthropicModel:
    """Return the named model, or the configured one."""
    return AnthropicModel(settings, model)
