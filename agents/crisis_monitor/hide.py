"""Taking a publication out of sight, and what becomes of the verdict when that cannot be done now."""

from agents.base import AgentContext
from agents.crisis_monitor.policy import Verdict
from agents.crisis_monitor.schemas import Action, Place, Privacy
from tools.base import ToolError, ToolRetry
from tools.call import JobFailed
from tools.change_visibility.schema import SPEC as CHANGE_VISIBILITY
from tools.change_visibility.schema import ChangeVisibilityArgs

# A look is not kept waiting for a quota that comes back tomorrow: what it cannot do now is put off, and told.
PATIENCE_S = 60.0
HIDES: dict[Action, Privacy] = {"make_private": "private", "unlist": "unlisted"}


async def hide(verdict: Verdict, key: str, place: Place, ctx: AgentContext) -> tuple[Verdict, str | None]:
    """Take the publication out of sight where that was decided; return what became of the verdict, and who may see it now where that changed.

    A platform that is down keeps nobody from hearing of the trouble: what could not be done is put off, and everything else of the verdict stands.
    """
    action = next((one for one in HIDES if one in verdict.done), None)
    if action is None:
        return verdict, None
    args = ChangeVisibilityArgs(key=key, privacy=HIDES[action], reason="; ".join(verdict.reasons)[:2000], place=place)
    try:
        return verdict, (await ctx.call(CHANGE_VISIBILITY, args, patience_s=PATIENCE_S)).privacy
    except (JobFailed, ToolError, ToolRetry) as error:
        return verdict.put_off(action, error.message), None
