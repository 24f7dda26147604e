"""OpenAI and any server that speaks its chat-completions protocol, through langchain-openai."""

from typing import Any

import openai
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI

from infra.settings import Settings
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallTurnedAway
from tools.vendors.language import Completion, Usage, strict_schema

_TIMEOUT_S = 110.0
_NOT_CHARGED = frozenset({429})


class OpenAIModel:
    """One chat model of OpenAI, or of a compatible server when a base URL is set."""

    provider = "openai"

    def __init__(self, settings: Settings, timeout_s: float = _TIMEOUT_S) -> None:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "unused"
        self.model = settings.openai_model
        self._settings = settings
        self._key = key
        self._timeout_s = timeout_s

    def complete(self, system: str, user: str, schema: dict[str, Any], max_output_tokens: int) -> Completion:
        """Return one answer under strict `json_schema` structured output; one request, no retries (the job retries)."""
        chat = ChatOpenAI(
            model=self.model,
            api_key=lambda: self._key,
            base_url=self._settings.openai_base_url,
            max_retries=0,
            timeout=self._timeout_s,
            max_tokens=max_output_tokens,
            use_responses_api=False,
            store=None,
        )
        wanted = {"title": "answer", "description": "the answer", **strict_schema(schema)}
        structured = chat.with_structured_output(wanted, method="json_schema", include_raw=True, strict=True)
        try:
            answer = structured.invoke([("system", system), ("human", user)])
        except openai.LengthFinishReasonError as error:
            raise ToolError(f"{self.model}: the answer was longer than max_output_tokens {max_output_tokens}; raise it or ask for less") from error
        except openai.APIStatusError as error:
            raise _status_error(error, self.model) from error
        except openai.APIConnectionError as error:
            raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
        raw = answer["raw"] if isinstance(answer, dict) else None
        if not isinstance(raw, AIMessage):
            raise ToolRetry(f"{self.model}: the server answered without a message")
        return _completion(raw, self.model)


def _completion(raw: AIMessage, model: str) -> Completion:
    used = raw.usage_metadata
    details = used.get("input_token_details", {}) if used else {}
    usage = Usage(
        input_tokens=used["input_tokens"] if used else 0,
        output_tokens=used["output_tokens"] if used else 0,
        cache_read_tokens=details.get("cache_read") or 0,
        cache_write_tokens=details.get("cache_creation") or 0,
    )
    refusal = raw.additional_kwargs.get("refusal")
    if refusal:
        raise ToolError(f"{model}: the model refused: {str(refusal)[:200]}")
    ended = raw.response_metadata.get("finish_reason")
    return Completion(text=str(raw.text), model=str(raw.response_metadata.get("model_name") or model), usage=usage, finished=ended in {None, "stop"})


def _status_error(error: openai.APIStatusError, model: str) -> Exception:
    status = error.status_code
    if status in {408, 409, 429} or status >= 500:
        if getattr(error, "code", None) == "insufficient_quota":
            return CallRejected(f"{model}: the account has no credit left (insufficient_quota); top it up or switch the writer")
        after = error.response.headers.get("retry-after")
        busy = CallTurnedAway if status in _NOT_CHARGED else ToolRetry
        return busy(f"{model}: the server answered {status}", after_s=_seconds(after), status=status)
    if status in {401, 403}:
        return CallRejected(f"openai_api_key: the server refused it ({status}); set OPENAI_API_KEY to a valid key", status=status)
    return CallRejected(f"{model}: the server rejected the request ({status}): {str(error.message)[:300]}", status=status)


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def connect(settings: Settings) -> OpenAIModel:
    """Return the configured model."""
    return OpenAIModel(settings)
