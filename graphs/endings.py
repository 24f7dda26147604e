"""How a run ends: each ending names its reasons, and no other node sets an outcome."""

from langgraph.runtime import Runtime

from graphs import media
from graphs.bodies import GateReport
from graphs.context import Studio
from graphs.state import ProductionState, Update


def _ended(status: str, reasons: list[str]) -> Update:
    return {"outcome": {"status": status, "reasons": reasons}}


async def published(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - LangGraph hands both to every node
    """End with a publication."""
    return _ended("published", [f"published at {state['publish']['location']}"])


async def refused(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """End because an agent declined, or because the media gate failed a stage that had its second chance: the failing checks are the reasons."""
    scout, write, inspect, screen, prepare = state.get("scout"), state.get("write"), state.get("inspect"), state.get("screen"), state.get("prepare")
    if scout and scout["refusal"]:
        return _ended("refused", [scout["refusal"]])
    if write and write["refusal"]:
        return _ended("refused", [write["refusal"]])
    if inspect and not inspect["passed"]:
        return _ended("refused", [media.told(gate) for gate in runtime.context.load(inspect["report"], GateReport).failing])
    if screen and not screen["passed"]:
        return _ended("refused", screen["reasons"])
    if prepare and prepare["late"]:
        return _ended("refused", [prepare["late"]])
    return _ended("refused", state["review"]["feedback"])


async def rejected(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - as above
    """End because a person said no."""
    gates = (state.get("video_gate"), state.get("script_gate"))
    gate = next(gate for gate in gates if gate and gate["verdict"] == "ignore")
    return _ended("rejected", [f"ignored by {gate['by']}", *gate["feedback"]])
