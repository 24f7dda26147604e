"""Doubtful comments: what a pattern caught in a comment that does not sound like it is shown to a model, which may only clear it.

A model's answer can take a doubtful comment out of the count and nothing else: it names no action, adds no comment and raises no grade, so that one
which obeys every instruction hidden in a comment does no more harm than having no model. Only comments of the local library are shown to it: those of a
platform must not be copied into a job.
"""

import json
from collections.abc import Sequence
from importlib.resources import files

from pydantic import Field

from agents.base import AgentContext
from agents.crisis_monitor.schemas import Comment
from agents.crisis_monitor.tone import NEGATIVE, challenges, harm_of, impersonates, speaks_to_machine, tone_of
from infra.ids import canonical_json
from infra.log import get_logger
from memory.artifacts import Frozen
from tools.base import ToolError, ToolRetry
from tools.call import JobFailed
from tools.write_text.choice import has_model
from tools.write_text.schema import SPEC as WRITE_TEXT
from tools.write_text.schema import WriteTextArgs

MOST_DOUBTS = 20
_MAX_TOKENS = 800
_LONGEST = 600
DOUBTS_UNREAD = "doubts.unread"
_log = get_logger("crisis_monitor")


class Cleared(Frozen):
    """The numbers of the comments that are harmless, as a model sees them."""

    harmless: tuple[int, ...] = Field(default=(), max_length=MOST_DOUBTS)


def doubtful(comments: Sequence[Comment], screened: Sequence[tuple[str, str, str]]) -> tuple[Comment, ...]:
    """Return the comments that a pattern caught and whose tone is not against anything; those that speak to a machine are never among them."""
    to_machines = {comment for comment, category, _ in screened if category == "prompt injection"}
    to_people = (one for one in comments if one.id not in to_machines and not speaks_to_machine(one.text))
    caught = (one for one in to_people if harm_of(one.text) or challenges(one.text) or impersonates(one.text))
    return tuple(one for one in caught if tone_of(one.text) > NEGATIVE)[:MOST_DOUBTS]


async def weigh_doubts(comments: Sequence[Comment], screened: Sequence[tuple[str, str, str]], ctx: AgentContext) -> tuple[str, ...]:
    """Return the ids of doubtful comments that the fast model found harmless; none without a model, or when it does not answer."""
    doubts = doubtful(comments, screened)
    if not doubts or ctx.settings.network == "off" or not has_model(ctx.settings, "fast"):
        return ()
    body = {"comments": [{"number": number, "text": one.text[:_LONGEST]} for number, one in enumerate(doubts, 1)]}
    digest = ctx.store.put_bytes(canonical_json(body))
    prompt = (files("agents.crisis_monitor") / "prompts" / "weigh_comments.md").read_text("utf-8")
    about = {"instructions": prompt, "output_schema": Cleared.model_json_schema(), "max_output_tokens": _MAX_TOKENS}
    try:
        wrote = await ctx.call(WRITE_TEXT, WriteTextArgs(task="weigh_comments", input=digest, role="fast", degrade="model", **about))
        answer = Cleared.model_validate(json.loads(ctx.store.read(wrote.output)))
    except (JobFailed, ToolError, ToolRetry, ValueError) as error:
        _log.info(DOUBTS_UNREAD, comments=len(doubts), error=str(error)[:300])
        return ()
    return tuple(one.id for number, one in enumerate(doubts, 1) if number in answer.harmless)
