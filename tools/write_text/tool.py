"""Runs a writing task with the configured writer; the offline writer needs no key and no network."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from infra.ids import canonical_json
from tools.base import ToolContext, ToolError
from tools.write_text.choice import writer_for
from tools.write_text.model import write_with_model
from tools.write_text.offline.compose import NoUsableEvidence, compose
from tools.write_text.prompting import Prompt, render, render_compose
from tools.write_text.schema import WriteTextArgs, WriteTextResult
from tools.write_text.tasks import ComposeRequest, ScriptDraft


@dataclass(frozen=True)
class Task:
    """A task the writers know: its input, its answer, its prompt, and how the offline writer does it."""

    request: type[BaseModel]
    answer: type[BaseModel]
    prompt: Callable[[str, Any], Prompt]
    offline: Callable[[Any], BaseModel]


TASKS: dict[str, Task] = {"compose_script": Task(ComposeRequest, ScriptDraft, render_compose, compose)}


def run(args: WriteTextArgs, ctx: ToolContext) -> WriteTextResult:
    """Do one writing task and store its JSON answer.

    Raises `ToolError` for input that does not fit the task, a task the offline writer cannot do, evidence that is not enough,
    an unpriced model, or an answer that stays wrong after one repair; `ToolRetry` for passing faults of a provider.
    """
    data = _load(args, ctx)
    writer = writer_for(ctx.settings)
    if writer == "offline":
        return _offline(args, data, ctx)
    task = TASKS.get(args.task)
    schema = task.answer.model_json_schema() if task else args.output_schema
    if not schema:
        raise ToolError(f"output_schema: task {args.task!r} is not a known one, so a schema of its answer is required; known: {', '.join(TASKS)}")
    prompt = (
        task.prompt(args.instructions, _request(task, data)) if task else render(args.instructions, {}, [(args.task, json.dumps(data, ensure_ascii=False))])
    )
    return write_with_model(args, prompt, schema, ctx)


def _offline(args: WriteTextArgs, data: object, ctx: ToolContext) -> WriteTextResult:
    task = TASKS.get(args.task)
    if task is None:
        raise ToolError(f"task: the offline writer cannot do {args.task!r}; it knows {', '.join(TASKS)}; configure a language model for others")
    try:
        answer = task.offline(_request(task, data))
    except NoUsableEvidence as error:
        raise ToolError(f"evidence: {error}; give more or longer sources, or a shorter slot") from error
    return WriteTextResult(output=ctx.store.put_bytes(canonical_json(answer.model_dump(mode="json"))), writer="offline")


def _load(args: WriteTextArgs, ctx: ToolContext) -> object:
    try:
        value: object = json.loads(ctx.store.read(args.input))
    except ValueError as error:
        raise ToolError(f"input: artifact {args.input} is not JSON ({error})") from error
    return value


def _request(task: Task, data: object) -> BaseModel:
    try:
        return task.request.model_validate(data)
    except ValidationError as error:
        raise ToolError(f"input: does not fit {task.request.__name__}: {error.errors(include_url=False)[:3]}") from error
