"""What a notice, or a channel whose owner took the consent back, calls for."""

from pydantic import Field

from agents.base import AgentContext
from agents.crisis_monitor.drafts import draft_replies
from agents.crisis_monitor.hide import hide
from agents.crisis_monitor.policy import judge
from agents.crisis_monitor.schemas import Action, Autonomy, Place, Privacy, Sign
from memory.artifacts import Frozen


class NoticeInput(Frozen):
    """A sign from outside and what it is about; without a publication nothing can be taken out of sight."""

    sign: Sign
    autonomy: Autonomy
    spared: frozenset[Action] = frozenset()
    title: str = ""
    publication_key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{8,80}$")
    place: Place = "library"
    privacy: Privacy | None = None


class Answered(Frozen):
    """The verdict on a notice and the drafts that belong to it."""

    sign: Sign
    severity: str
    confidence: float
    done: tuple[Action, ...]
    wanted: tuple[Action, ...]
    tried: tuple[Action, ...] = ()
    reasons: tuple[str, ...]
    drafts: tuple[str, ...]


async def answer(task: NoticeInput, ctx: AgentContext | None) -> Answered:
    """Decide what a notice calls for, and take its video out of sight where that is decided; nothing in its words is followed."""
    known = task.privacy if task.publication_key is not None and ctx is not None else "private"
    verdict = judge(task, (task.sign,), known or "public")
    if ctx is not None and task.publication_key is not None:
        verdict, _ = await hide(verdict, task.publication_key, task.place, ctx)
    drafts = draft_replies(task.title or "our video", (task.sign,)) if "draft_reply" in verdict.done else ()
    return Answered(sign=task.sign, drafts=drafts, **vars(verdict))
