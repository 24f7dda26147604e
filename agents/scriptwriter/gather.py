"""Reads what there is to know before writing: lessons of earlier videos, how they opened, and which passages give orders to a machine."""

import re

from agents.base import AgentContext
from agents.scriptwriter.evidence import full_passages
from agents.scriptwriter.schemas import Input, Snapshot
from agents.scriptwriter.suspects import find_suspects

_FIRST_SENTENCE = re.compile(r"^.*?[.!?](?=\s|$)", re.DOTALL)


async def gather(task: Input, ctx: AgentContext) -> Snapshot:
    """Return lessons that apply to the topic, the openings of the nearest earlier scripts, and suspect passages."""
    about = f"{task.brief.topic}. {task.brief.angle}"
    lessons = await ctx.recall.lessons(about, limit=5)
    scripts = await ctx.recall.scripts(about, limit=5)
    openings = [found.group() for one in scripts if (found := _FIRST_SENTENCE.match(one.text.strip()))]
    return Snapshot(
        lessons=tuple(lesson.text for lesson in lessons),
        earlier_openings=tuple(openings),
        nearest_script=max((one.similarity for one in scripts), default=0.0),
        suspects=await find_suspects(task.brief.topic, full_passages(task.brief), ctx),
    )
