"""How a run ends: each ending names its reasons, and no other node sets an outcome."""

from langgraph.runtime import Runtime

from graphs.bodies import GateReport
from graphs.context import Studio
from graphs.state import ProductionState, Update


def _ended(status: str, reasons: list[str]) -> Update:
    return {"outcome": {"status": status, "reasons": reasons}}


async def published(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - LangGraph hands both to every node
    """End with a publication."""
    return _ended("published", [f"published at {state['publish']['location']}"])


async def refused(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - as above
    """End because an agent declined, with its reasons."""
    scout, write, screen = state.get("scout"), state.get("write"), state.get("screen")
    if scout and scout["refusal"]:
        return _ended("refused", [scout["refusal"]])
    if write and write["refusal"]:
        return _ended("refused", [write["refusal"]])
    if screen and not screen["passed"]:
        return _ended("refused", screen["reasons"])
    return _ended("refused", state["review"]["feedback"])


async def rejected(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - as above
    """End because a person said no."""
    gates = (state.get("video_gate"), state.get("script_gate"))
    gate = next(gate for gate in gates if gate and gate["verdict"] == "ignore")
    return _ended("rejected", [f"ignored by {gate['by']}", *gate["feedback"]])


async def failed(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """End because the media gate failed twice; the failing checks are the reasons."""
    report = runtime.context.load(state["inspect"]["report"], GateReport)
    return _ended("failed", [f"{gate.stage or 'media'}: {gate.name} measured {gate.measured}, limit {gate.limit}" for gate in report.failing])
