"""Asks one language model for a schema-bound answer: one call, at most one repair, everything paid for is kept."""

import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import jsonschema
from pydantic import TypeAdapter

from infra.ids import Json, canonical_json, json_digest
from infra.settings import Settings
from tools.base import ToolContext, ToolError, ToolRetry
from tools.gateway import Answer, PaidCall, open_gateway
from tools.vendors.language import Completion, LanguageModel, Prompt, Usage
from tools.vendors.language_prices import cost_micro_usd, worst_case_micro_usd
from tools.write_text.choice import Link
from tools.write_text.prompting import render_refusal
from tools.write_text.schema import SPEC, WriteTextArgs, WriteTextResult

CALL_TIMEOUT_S = 100.0
_LEAST_TIMEOUT_S = 10.0
_SPARE_S = 15.0
_TRIES = 2

Check = Callable[[Any], Sequence[str]]


class AnswerRefused(ToolError):
    """The model declined, or the provider's filter stopped it: asking the same model again would not help."""

    code = "answer_refused"


class AnswerUnusable(ToolError):
    """The answer broke the schema or said what it may not, and did so again after it was told."""

    code = "answer_unusable"


@dataclass(frozen=True)
class Question:
    """What a task asks of any model: the prompt, the shape of the answer, and the check that a schema cannot make."""

    prompt: Prompt
    schema: dict[str, Any]
    check: Check = lambda _value: ()


@dataclass
class Deadline:
    """How long a job may still ask: calls are shortened to what is left, and none is begun that could not end."""

    ctx: ToolContext
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends = self.ctx.clock.monotonic() + SPEC.timeout_s - _SPARE_S

    def left_s(self) -> float:
        """Return the timeout of the next call; raises `ToolRetry` when too little time is left for one."""
        left = min(CALL_TIMEOUT_S, self.ends - self.ctx.clock.monotonic())
        if left < _LEAST_TIMEOUT_S:
            raise ToolRetry("write_text: the models took the whole time of the job; it will be tried again")
        return left


def connect(settings: Settings, link: Link) -> LanguageModel:
    """Return the model of a link; SDKs load only here, so that a worker without a key never imports them."""
    vendor = importlib.import_module(f"tools.vendors.{link.provider}.client")
    return cast(LanguageModel, vendor.connect(settings, link.model))


def write_with_model(link: Link, args: WriteTextArgs, question: Question, ctx: ToolContext, deadline: Deadline) -> WriteTextResult:
    """Return the model's answer as an artifact, with its cost; every call goes through the gateway, which keeps and books it.

    An answer that breaks the schema or fails the check is sent back once with the reasons. A checked answer is remembered under its prompt
    across jobs and is never bought again. Raises `AnswerRefused`, `AnswerUnusable`, and what the provider's client raises.
    """
    asked = question.prompt
    key: Json = [link.name, args.task, list(asked.texts), json_digest(question.schema), args.max_output_tokens]
    known = ctx.store.remembered("write_text", key)
    if known and not question.check(json.loads(ctx.store.read(known))):
        return WriteTextResult(output=known, writer=link.name)
    model = connect(ctx.settings, link)
    usages: list[Usage] = []
    problems: tuple[str, ...] = ()
    for _ in range(_TRIES):
        answer = _bought(model, Question(asked, question.schema), args, ctx, deadline.left_s())
        usages.append(answer.usage)
        if answer.ended in {"refusal", "filter"}:
            why = "the model refused to answer" if answer.ended == "refusal" else "the provider's content filter stopped the answer"
            raise AnswerRefused(f"{link.name}: {why}", cost_micro_usd=_cost(link.name, usages, ctx))
        value, problems = _verdict(answer, question)
        if not problems:
            digest = ctx.store.put_bytes(canonical_json(value))
            ctx.store.remember("write_text", key, digest)
            return WriteTextResult(
                output=digest,
                writer=link.name,
                input_tokens=sum(one.input_tokens for one in usages),
                output_tokens=sum(one.output_tokens for one in usages),
                cache_read_tokens=sum(one.cache_read_tokens for one in usages),
                cost_micro_usd=_cost(link.name, usages, ctx),
            )
        asked = render_refusal(asked, answer.text, problems)
    told = "; ".join(problems)[:1000]
    raise AnswerUnusable(f"{link.name}: the answer was refused twice: {told}", cost_micro_usd=_cost(link.name, usages, ctx))


def ensure_priced(link: Link, ctx: ToolContext) -> None:
    """Return when the model's price is known; raises `PriceUnknown`."""
    cost_micro_usd(link.name, Usage(), ctx.settings, ctx.clock.now())


def _bought(model: LanguageModel, question: Question, args: WriteTextArgs, ctx: ToolContext, timeout_s: float) -> Completion:
    """Return one completion through the gateway: reserved at its worst case, settled to its reported usage."""
    name = f"{model.provider}:{model.model}"
    texts = (*question.prompt.texts, json.dumps(question.schema))
    request: Json = {"model": model.model, "texts": list(texts), "limit": args.max_output_tokens}
    worst = worst_case_micro_usd(name, texts, args.max_output_tokens, ctx.settings, ctx.clock.now())

    def make() -> Answer:
        answer = model.complete(question.prompt, question.schema, args.max_output_tokens, timeout_s)
        used = asdict(answer.usage)
        return Answer({"text": answer.text, "model": answer.model, "ended": answer.ended, "usage": used}, _cost(name, [answer.usage], ctx), used)

    paid = PaidCall(model.provider, f"write_text.{args.task}", request, worst, endpoint=model.model, credential=model.credential)
    with open_gateway(ctx) as gateway:
        kept = gateway.call(paid, make)
    return TypeAdapter(Completion).validate_python(kept)


def _cost(name: str, usages: Sequence[Usage], ctx: ToolContext) -> int:
    return sum(cost_micro_usd(name, usage, ctx.settings, ctx.clock.now()) for usage in usages)


def _verdict(answer: Completion, question: Question) -> tuple[object, tuple[str, ...]]:
    """Return the value of an answer and what is wrong with it: cut off, no JSON, outside the schema, or refused by the task's own check."""
    if answer.ended == "length":
        return None, ("it was cut off at the limit of tokens: be much shorter",)
    try:
        value: object = json.loads(answer.text)
    except ValueError as error:
        return None, (f"it is not JSON ({error})",)
    faults = sorted(jsonschema.Draft202012Validator(question.schema).iter_errors(value), key=lambda one: one.json_path)
    if faults:
        return value, tuple(f"{one.json_path}: {one.message[:300]}" for one in faults[:8])
    return value, tuple(question.check(value))
