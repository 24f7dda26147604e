"""Runs a writing task with the writers of its role; the offline writer needs no key and no network."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from infra.ids import canonical_json
from tools.base import ToolContext, ToolError
from tools.vendors.language import Prompt
from tools.write_text.chain import write_with_chain
from tools.write_text.model import Question
from tools.write_text.offline.compose import NoUsableEvidence, compose
from tools.write_text.prompting import render, render_compose, render_critique
from tools.write_text.schema import OFFLINE, WriteTextArgs, WriteTextResult
from tools.write_text.tasks import ComposeRequest, Critique, CritiqueRequest, ScriptDraft
from tools.write_text.validation import check_critique, check_draft


@dataclass(frozen=True)
class Task:
    """A task the writers know: its input, its answer, its prompt, its check beyond the schema, and how the offline writer does it."""

    request: type[BaseModel]
    answer: type[BaseModel]
    prompt: Callable[[str, Any], Prompt]
    check: Callable[[Any, Any], Sequence[str]]
    offline: Callable[[Any], BaseModel]


def _no_opinion(_request: CritiqueRequest) -> Critique:
    raise ToolError("task: the offline writer judges no script; set YTEMPIRE_MODELS_CRITIC, or leave it to the rubric")


TASKS: dict[str, Task] = {
    "compose_script": Task(ComposeRequest, ScriptDraft, render_compose, check_draft, compose),
    "critique_script": Task(CritiqueRequest, Critique, render_critique, check_critique, _no_opinion),
}


def run(args: WriteTextArgs, ctx: ToolContext) -> WriteTextResult:
    """Do one writing task and store its JSON answer.

    Raises `ToolError` for input that does not fit the task, a task the offline writer cannot do, evidence that is not enough,
    an unpriced model, or an answer that stays wrong after one repair with every writer the channel allows; `ToolRetry` for passing faults.
    """
    data = _load(args, ctx)
    return write_with_chain(args, lambda: _question(args, data), lambda: _offline(args, data, ctx), ctx)


def _question(args: WriteTextArgs, data: object) -> Question:
    task = TASKS.get(args.task)
    if task is None:
        if not args.output_schema:
            raise ToolError(f"output_schema: task {args.task!r} is not a known one, so a schema of its answer is required; known: {', '.join(TASKS)}")
        return Question(render(args.instructions, {}, [(args.task, json.dumps(data, ensure_ascii=False))]), args.output_schema)
    request = _request(task, data)
    return Question(task.prompt(args.instructions, request), task.answer.model_json_schema(), lambda value: _checked(task, value, request))


def _checked(task: Task, value: object, request: BaseModel) -> Sequence[str]:
    try:
        answer = task.answer.model_validate(value)
    except ValidationError as error:
        return tuple(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors(include_url=False)[:8])
    return task.check(answer, request)


def _offline(args: WriteTextArgs, data: object, ctx: ToolContext) -> WriteTextResult:
    task = TASKS.get(args.task)
    if task is None:
        raise ToolError(f"task: the offline writer cannot do {args.task!r}; it knows {', '.join(TASKS)}; configure a language model for others")
    try:
        answer = task.offline(_request(task, data))
    except NoUsableEvidence as error:
        raise ToolError(f"evidence: {error}; give more or longer sources, or a shorter slot") from error
    return WriteTextResult(output=ctx.store.put_bytes(canonical_json(answer.model_dump(mode="json"))), writer=OFFLINE)


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
