"""Asks a language model for a schema-bound answer: one call, at most one repair, everything paid for is kept."""

import importlib
import json
from dataclasses import dataclass
from typing import Any, cast

import jsonschema

from infra.ids import canonical_json, json_digest
from infra.settings import Settings
from tools.base import ToolContext, ToolError
from tools.vendors.language import Completion, LanguageModel, Usage
from tools.write_text.choice import writer_for
from tools.write_text.pricing import cost_micro_usd, worst_case_micro_usd
from tools.write_text.prompting import Prompt
from tools.write_text.schema import WriteTextArgs, WriteTextResult


@dataclass(frozen=True)
class _Broken(Exception):
    """The answer does not fit the schema; `reason` goes back to the model once."""

    reason: str


def connect(settings: Settings) -> LanguageModel:
    """Return the configured model; SDKs load only here, so that a worker without a key never imports them."""
    vendor = importlib.import_module(f"tools.vendors.{writer_for(settings)}.client")
    return cast(LanguageModel, vendor.connect(settings))


def write_with_model(args: WriteTextArgs, prompt: Prompt, schema: dict[str, Any], ctx: ToolContext) -> WriteTextResult:
    """Return the model's answer as an artifact, with its cost.

    An answer that was paid for is remembered under its prompt and is never bought again. An answer that breaks the schema
    is sent back once with the reason; after that the task fails.
    """
    model = connect(ctx.settings)
    writer = f"{model.provider}:{model.model}"
    key = [writer, args.task, prompt.system, prompt.user, json_digest(schema), args.max_output_tokens]
    known = ctx.store.remembered("write_text", key)
    if known:
        return WriteTextResult(output=known, writer=writer)
    worst_case_micro_usd(model.provider, model.model, len(prompt.system) + len(prompt.user), args.max_output_tokens, ctx.settings)
    usages: list[Usage] = []
    user = prompt.user
    for attempt in (1, 2):
        ctx.ensure_live()
        answer = model.complete(prompt.system, user, schema, args.max_output_tokens)
        usages.append(answer.usage)
        try:
            value = _checked(answer, schema)
        except _Broken as broken:
            if attempt == 2:
                raise ToolError(f"{writer}: the answer broke the schema twice: {broken.reason}", cost_micro_usd=_cost(model, usages, ctx)) from broken
            user = f"{prompt.user}\n\nYour last answer was refused: {broken.reason}. Answer again with one JSON value that fits the schema."
            continue
        digest = ctx.store.put_bytes(canonical_json(value))
        ctx.store.remember("write_text", key, digest)
        return WriteTextResult(
            output=digest,
            writer=writer,
            input_tokens=sum(one.input_tokens for one in usages),
            output_tokens=sum(one.output_tokens for one in usages),
            cost_micro_usd=_cost(model, usages, ctx),
        )
    raise ToolError(f"{writer}: no answer")


def _cost(model: LanguageModel, usages: list[Usage], ctx: ToolContext) -> int:
    return sum(cost_micro_usd(model.provider, model.model, usage, ctx.settings) for usage in usages)


def _checked(answer: Completion, schema: dict[str, Any]) -> object:
    if not answer.finished:
        raise _Broken("it was cut off")
    try:
        value: object = json.loads(answer.text)
    except ValueError as error:
        raise _Broken(f"it is not JSON ({error})") from error
    try:
        jsonschema.validate(value, schema)
    except jsonschema.ValidationError as error:
        raise _Broken(f"{error.json_path}: {error.message[:300]}") from error
    return value
