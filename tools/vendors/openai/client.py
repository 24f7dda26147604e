"""OpenAI and any server that speaks its chat-completions protocol, through langchain-openai."""

from typing import Any

import openai
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletion

from infra.settings import Settings
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallTurnedAway, credential_tag, retry_after_s
from tools.vendors.language import Completion, Ended, ModelUnknown, Prompt, Usage, strict_schema

# Errors that the provider itself answers are not billed; what a proxy says of a silent server (502, 504) tells nothing of the work behind it.
_NOT_CHARGED = frozenset({429, 500, 503})
_PASSING = frozenset({408, 409, 429})
_NO_SUCH_METHOD = frozenset({404, 501})
_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_ENDED: dict[str, Ended] = {"length": "length", "content_filter": "filter"}


class OpenAIModel:
    """One chat model of OpenAI, or of a compatible server when a base URL is set."""

    provider = "openai"

    def __init__(self, settings: Settings, model: str = "") -> None:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
        if not key and not settings.openai_base_url:
            raise ToolError("openai_api_key: not set; set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, or choose another writer")
        self.model = model or settings.openai_model
        self._base_url = settings.openai_base_url
        self._key = key or "unused"
        self.credential = credential_tag(self._key)

    def complete(self, prompt: Prompt, schema: dict[str, Any], max_output_tokens: int, timeout_s: float) -> Completion:
        """Return one answer under strict `json_schema` structured output; one request, no retries (the job retries)."""
        chat = ChatOpenAI(
            model=self.model,
            api_key=lambda: self._key,
            base_url=self._base_url,
            max_retries=0,
            timeout=timeout_s,
            max_tokens=max_output_tokens,
            use_responses_api=False,
            store=None,
        )
        wanted = {"title": "answer", "description": "the answer", **strict_schema(schema)}
        structured = chat.with_structured_output(wanted, method="json_schema", include_raw=True, strict=True)
        try:
            answer = structured.invoke(_messages(prompt))
        except openai.LengthFinishReasonError as error:
            return _stopped(error.completion, self.model, "length")
        except openai.ContentFilterFinishReasonError as error:
            return _stopped(error.completion, self.model, "filter")
        except openai.APIStatusError as error:
            raise status_error(error, self.model) from error
        except openai.APIConnectionError as error:
            raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
        except (openai.OpenAIError, OutputParserException, ValueError, TypeError, KeyError, AttributeError) as error:
            # Compatible servers and middle boxes answer 200 with bodies that are no chat completion; the libraries then fail in their own ways.
            raise ToolRetry(f"{self.model}: the server answered something that is not a chat completion ({type(error).__name__})") from error
        raw = answer["raw"] if isinstance(answer, dict) else None
        if not isinstance(raw, AIMessage):
            raise ToolRetry(f"{self.model}: the server answered without a message")
        return _completion(raw, self.model)

    def check(self, timeout_s: float) -> str:
        """Return what the server says of the model, free of charge (GET /models/{model}); raises what `complete` raises, or ModelUnknown.

        Compatible servers often have the list (GET /models) only, so it is read before a model counts as unknown.
        """
        with openai.OpenAI(api_key=self._key, base_url=self._base_url, max_retries=0, timeout=timeout_s) as client:
            try:
                try:
                    return f"the model {client.models.retrieve(self.model).id} is there"
                except (openai.NotFoundError, openai.InternalServerError) as error:
                    if error.status_code not in _NO_SUCH_METHOD:
                        raise
                return _listed(self.model, [one.id for one in client.models.list().data])
            except openai.APIStatusError as error:
                raise status_error(error, self.model) from error
            except openai.APIConnectionError as error:
                raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
            except (openai.OpenAIError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise ToolRetry(f"{self.model}: the server answered something that is not a list of models ({type(error).__name__})") from error


def _listed(model: str, found: list[str]) -> str:
    # A local server lists `name:latest` and answers to `name`.
    if not {model, f"{model}:latest"} & set(found):
        raise ModelUnknown(f"{model}: the server does not offer it; it offers {', '.join(sorted(found)[:5]) or 'none'}")
    return f"the model {model} is listed"


def _messages(prompt: Prompt) -> list[tuple[str, str]]:
    """Return the turns, the unchanging ones first: OpenAI caches equal beginnings of 1,024 tokens and more by itself."""
    turns = [("system", prompt.system), ("human", "\n\n".join(part for part in (prompt.material, prompt.ask) if part))]
    for one in prompt.refused:
        turns += [("ai", one.answer), ("human", one.reason)]
    return turns


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
    ended: Ended = "refusal" if refusal else _ENDED.get(str(raw.response_metadata.get("finish_reason")), "stop")
    return Completion(text=str(refusal or raw.text), model=str(raw.response_metadata.get("model_name") or model), usage=usage, ended=ended)


def _stopped(body: ChatCompletion | None, model: str, ended: Ended) -> Completion:
    """Return an answer that the SDK will not parse, since it was cut off or filtered; it is billed all the same."""
    if body is None:
        raise ToolRetry(f"{model}: the answer ended early ({ended}) and its usage was lost")
    used = body.usage
    details = used.prompt_tokens_details if used else None
    usage = Usage(
        input_tokens=used.prompt_tokens if used else 0,
        output_tokens=used.completion_tokens if used else 0,
        cache_read_tokens=(details.cached_tokens or 0) if details else 0,
    )
    return Completion(text=(body.choices[0].message.content or "") if body.choices else "", model=body.model or model, usage=usage, ended=ended)


def status_error(error: openai.APIStatusError, model: str) -> Exception:
    """Return what an answer with an error status means for the job, told by what the provider bills."""
    status = error.status_code
    if error.code in _NO_CREDIT:
        return CallRejected(f"{model}: the account has no credit left ({error.code}); top it up or switch the writer", status=status)
    if status in _PASSING or status >= 500:
        busy = CallTurnedAway if status in _NOT_CHARGED else ToolRetry
        return busy(f"{model}: the server answered {status}", after_s=retry_after_s(error.response.headers.get("retry-after")), status=status)
    if status in {401, 403}:
        return CallRejected(f"openai_api_key: the server refused it ({status}); set OPENAI_API_KEY to a valid key", status=status)
    return CallRejected(f"{model}: the server rejected the request ({status}): {str(error.message)[:300]}", status=status)


def connect(settings: Settings, model: str = "") -> OpenAIModel:
    """Return the named model, or the configured one."""
    return OpenAIModel(settings, model)
