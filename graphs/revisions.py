"""Which revision of what a run stands at: pure readings of state."""

from typing import Any, Literal

from agents.scriptwriter import Review
from graphs.context import Studio
from graphs.routes import MAX_REVISIONS
from graphs.state import ProductionState, Reviewed
from memory.artifacts import Script


def brief(state: ProductionState) -> str:
    """Return the digest of the brief; the graph comes here only with one."""
    digest = state["scout"]["brief"]
    assert digest is not None
    return digest


def script(state: ProductionState) -> str:
    """Return the digest of the script that counts: the best one once the review has settled, the newest before."""
    reviewed, written = state.get("review"), state["write"]
    if reviewed and reviewed["verdict"] == "pass" and reviewed["best"] and reviewed["revision"] == written["revision"]:
        return reviewed["best"]
    assert written["script"] is not None
    return written["script"]


def cited(state: ProductionState) -> str:
    """Return the digest of the passages cited by the script that counts."""
    digest = state["review"]["best_cited"] or state["write"]["cited"]
    assert digest is not None
    return digest


def next_revision(state: ProductionState) -> int:
    """Return the number of the revision to write: 0 for the first."""
    written = state.get("write")
    return written["revision"] + 1 if written else 0


def next_attempt(state: ProductionState) -> int:
    """Return how many revisions the review asked for since a person last did."""
    reviewed, written = state.get("review"), state.get("write")
    return written["attempt"] + 1 if written and reviewed and reviewed["verdict"] == "revise" else 0


def revising(studio: Studio, state: ProductionState) -> dict[str, Any]:
    """Return what a revision is told: the earlier script, its review and a person's words."""
    written, reviewed = state.get("write"), state.get("review")
    if not written or not written["script"] or not reviewed:
        return {}
    gates = (state.get("video_gate"), state.get("script_gate"))
    notes = next((gate["feedback"] for gate in gates if gate and gate["verdict"] == "respond"), [])
    return {"previous": studio.load(written["script"], Script), "review": studio.load(reviewed["report"], Review), "notes": tuple(notes)}


def verdict(state: ProductionState, found: Review, report: str) -> Reviewed:
    """Return the review's slice: pass, revise while attempts are left, pass with the best when none are, refuse what stays blocked."""
    written, earlier = state["write"], state.get("review")
    assert written["script"] is not None
    best, best_cited, best_quality = written["script"], written["cited"], found.score if not found.blocking else -1.0
    if earlier and earlier["verdict"] == "revise" and earlier["best"] and earlier["best_quality"] >= best_quality:
        best, best_cited, best_quality = earlier["best"], earlier["best_cited"], earlier["best_quality"]
    spent: Literal["pass", "refuse"] = "pass" if best_quality >= 0 else "refuse"
    decided: Literal["pass", "revise", "refuse"] = "pass" if found.accepted else "revise" if written["attempt"] < MAX_REVISIONS else spent
    blocking = [f"{one.criterion}: {one.text}" for one in found.blocking]
    return {
        "quality": found.score,
        "verdict": decided,
        "feedback": blocking or [f"{one.criterion}: {one.text}" for one in found.suggestions],
        "report": report,
        "revision": written["revision"],
        "best": written["script"] if found.accepted else best,
        "best_cited": written["cited"] if found.accepted else best_cited,
        "best_quality": found.score if found.accepted else best_quality,
    }


def iteration(state: ProductionState) -> int:
    """Return the iteration of the stages after the script: it changes with the script and with each round of the media gate."""
    rounds = state["inspect"]["rounds"] if "inspect" in state and not state["inspect"]["passed"] else 0
    return state["write"]["revision"] * 10 + rounds
