"""Where a person decides: one `interrupt()` in a node of its own, in the agent-inbox schema."""

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graphs import revisions
from graphs.context import Studio
from graphs.gate_answers import ActionRequest, GateConfig, HumanRequest, decided, read_answer
from graphs.state import Decided, ProductionState, Update


def _evidence(state: ProductionState) -> dict[str, str]:
    """Return what a person may want to see before deciding, by digest, as far as the run has come."""
    found = {"script": revisions.script(state), "cited": revisions.cited(state), "brief": revisions.brief(state), "review": state["review"]["report"]}
    if "inspect" in state and "screen" in state and "prepare" in state:
        found |= {"inspection": state["inspect"]["report"], "screening": state["screen"]["report"]}
        found |= {"rendered": state["video"], "thumbnails": state["thumbnails"]}
    return found


def _by_policy() -> Decided:
    return {"verdict": "accept", "feedback": [], "artifact": None, "by": "policy"}


async def approve_script(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Ask a person about the script when the channel's autonomy is `manual`."""
    if runtime.context.request.autonomy != "manual":
        return {"script_gate": _by_policy()}
    request = HumanRequest(
        action_request=ActionRequest(action="approve_script", args=_evidence(state)),
        config=GateConfig(allow_edit=True),
        description=f"Script revision {state['write']['revision']}, quality {state['review']['quality']:.2f}",
    )
    return {"script_gate": decided(read_answer(interrupt(request.model_dump()), request.config))}


async def approve_video(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - LangGraph hands both to every node
    """Ask a person about the finished video when `prepare` said one must decide."""
    prepared = state["prepare"]
    if not prepared["needs_human"]:
        return {"video_gate": _by_policy()}
    request = HumanRequest(
        action_request=ActionRequest(action="publish_video", args={"manifest": prepared["manifest"], "listing": prepared["listing"], **_evidence(state)}),
        # The words of a film that came finished are in it; what is said of it can be changed.
        config=GateConfig(allow_edit=True, allow_respond="film" not in state),
        description="The finished video passed every gate and waits to be published.",
    )
    return {"video_gate": decided(read_answer(interrupt(request.model_dump()), request.config))}
