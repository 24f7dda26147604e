"""What an agent did with a case: its output or its refusal, what it was given and which tools it called."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.context import Called, EvalContext
from infra.errors import StudioError


class CasePart(BaseModel):
    """Base of what a dataset holds: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Outcome:
    """The result of one case. Exactly one of `output` and `refused` says something; `given` is the agent's input."""

    output: Any
    refused: str
    given: Any
    context: EvalContext
    calls: tuple[Called, ...]


async def attempt(given: Any, context: EvalContext, run: Callable[[], Awaitable[Any]]) -> Outcome:
    """Run an agent; an error the studio raises on purpose is its refusal, any other is a bug and escapes."""
    try:
        output = await run()
    except StudioError as error:
        return Outcome(None, error.message, given, context, tuple(context.calls))
    return Outcome(output, getattr(output, "refusal", None) or "", given, context, tuple(context.calls))
