"""Asks a language model for a schema-bound answer: one call, at most one repair, everything paid for is kept."""

import importlib
import json
from dataclasses import asdict, dataclass
from typing import Any, cast

import jsonschema
from pydantic import TypeAdapter

from infra.database import Database
from infra.ids import Json, canonical_json, json_digest
from infra.settings import Settings
from tools.base import ToolContext, ToolError
from tools.gateway import Answer, Gateway, PaidCall
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
    """Return the model's answer as an artifact, with its cost; every call goes through the gateway, which keeps and books it.

    An answer that breaks the schema is sent back once with the reason; after that the task fails. A checked answer is remembered
    under its prompt across jobs and is never bought again.
    """
    model = connect(ctx.settings)
    writer = f"{model.provider}:{model.model}"
    key: Json = [writer, args.task, prompt.system, prompt.user, json_digest(schema), args.max_output_tokens]
    known = ctx.store.remembered("write_text", key)
    if known:
        return WriteTextResult(output=known, writer=writer)
    usages: list[Usage] = []
    reason = ""
    for _ in range(2):
        user = prompt.user + (f"\n\nYour last answer was refused: {reason}. Answer again with one JSON value that fits the schema." if reason else "")
        answer = _bought(model, Prompt(prompt.system, user), schema, args, ctx)
        usages.append(answer.usage)
        try:
            value = _checked(answer, schema)
        except _Broken as broken:
            reason = broken.reason
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
    raise ToolError(f"{writer}: the answer broke the schema twice: {reason}", cost_micro_usd=_cost(model, usages, ctx))


def _bought(model: LanguageModel, prompt: Prompt, schema: dict[str, Any], args: WriteTextArgs, ctx: ToolContext) -> Completion:
    """Return one completion through the gateway: reserved at its worst case, settled to its reported usage."""
    if ctx.settings.database_url is None:
        raise ToolError("database_url: a paid call needs the ledger; run this in a worker of a started studio")
    request: Json = {"model": model.model, "system": prompt.system, "user": prompt.user, "schema": json_digest(schema), "limit": args.max_output_tokens}
    worst = worst_case_micro_usd(model.provider, model.model, len(prompt.system) + len(prompt.user) + len(str(schema)), args.max_output_tokens, ctx.settings)

    def make() -> Answer:
        answer = model.complete(prompt.system, prompt.user, schema, args.max_output_tokens)
        used = asdict(answer.usage)
        return Answer({"text": answer.text, "model": answer.model, "finished": answer.finished, "usage": used}, _cost(model, [answer.usage], ctx), used)

    database = Database(ctx.settings.database_url, pool_size=1)
    try:
        kept = Gateway(ctx, database).call(PaidCall(model.provider, f"write_text.{args.task}", request, worst), make)
    finally:
        database.dispose()
    return TypeAdapter(Completion).validate_python(kept)


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
