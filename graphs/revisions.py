"""Which revision of what a run stands at: pure readings of state."""

from typing import Any, Literal

from agents.scriptwriter import Review, Suggestion
from graphs.context import Studio
from graphs.routes import MAX_REVISIONS
from graphs.state import ProductionState, Reviewed, Written
from memory.artifacts import Decision, Script

# State stays small: the whole review is an artifact.
TOLD, TOLD_CHARACTERS = 8, 300


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


def taken_edits(state: ProductionState) -> list[str]:
    """Return the edits of people that were taken over into the script so far; each is taken over once."""
    return list(state["write"].get("edits", [])) if "write" in state else []


def unwritten(state: ProductionState, revision: int, reason: str) -> Written:
    """Return the writer's slice when it wrote nothing: the best script so far goes on if nothing blocks it, else the run is refused."""
    reviewed = state.get("review")
    if reviewed and reviewed["best"] and reviewed["best_quality"] >= 0:
        return {"script": reviewed["best"], "cited": reviewed["best_cited"], "revision": revision, "attempt": MAX_REVISIONS, "refusal": None}
    alike = "; ".join(reviewed["feedback"]) if reviewed and reviewed.get("alike") else ""
    refusal = f"{alike}, and nothing else can be made of its sources: {reason}" if alike else reason
    return {"script": None, "cited": None, "revision": revision, "attempt": 0, "refusal": refusal}


def no_revision(reason: str) -> Decision:
    """Return the decision that stands for a script that was not written."""
    choice = "it cannot; the best script so far stands, if there is one"
    return Decision(agent="scriptwriter", question="Can the script be written as asked?", choice=choice, reasons=(reason,))


def revising(studio: Studio, state: ProductionState) -> dict[str, Any]:
    """Return what a revision is told: the earlier script, its review and a person's words."""
    written, reviewed = state.get("write"), state.get("review")
    if not written or not written["script"] or not reviewed:
        return {}
    # A response stands until its gate is decided anew, so one to the video is still heard beside a later one to its new script.
    gates = (state.get("video_gate"), state.get("script_gate"))
    notes = tuple(note for gate in gates if gate and gate["verdict"] == "respond" for note in gate["feedback"])
    return {"previous": studio.load(script(state), Script), "review": studio.load(reviewed["report"], Review), "notes": notes}


def verdict(state: ProductionState, found: Review, report: str) -> Reviewed:
    """Return the review's slice: pass, revise while attempts are left, pass with the best when none are, refuse what stays blocked."""
    written, earlier = state["write"], state.get("review")
    assert written["script"] is not None
    quality = found.score if not found.blocking else -1.0
    best = (written["script"], written["cited"], quality, report)
    if not found.accepted and earlier and earlier["verdict"] == "revise" and earlier["best"] and earlier["best_quality"] >= quality:
        best = (earlier["best"], earlier["best_cited"], earlier["best_quality"], earlier["best_report"])
    spent: Literal["pass", "refuse"] = "pass" if best[2] >= 0 else "refuse"
    decided: Literal["pass", "revise", "refuse"] = "pass" if found.accepted else "revise" if written["attempt"] < MAX_REVISIONS else spent
    settled = decided == "pass"
    return {
        "quality": best[2] if settled else found.score,
        "verdict": decided,
        "feedback": _told(found.blocking or found.suggestions),
        "report": best[3] if settled else report,
        "revision": written["revision"],
        "best": best[0],
        "best_cited": best[1],
        "best_quality": best[2],
        "best_report": best[3],
        "alike": bool(earlier and earlier.get("alike")),
    }


def too_alike(state: ProductionState, reviewed: Reviewed, report: str, reasons: tuple[str, ...]) -> Reviewed:
    """Return the slice of a review that passed a script too alike to an earlier one: sent back, or refused when it was sent back before."""
    earlier = state.get("review")
    again: Literal["revise", "refuse"] = "refuse" if earlier and earlier.get("alike") else "revise"
    none: dict[str, Any] = {"best": None, "best_cited": None, "best_quality": -1.0, "best_report": report}
    told = [reason[:TOLD_CHARACTERS] for reason in reasons[:TOLD]]
    return {**reviewed, **none, "verdict": again, "feedback": told, "report": report, "revision": state["write"]["revision"], "alike": True}  # type: ignore[typeddict-item]


def heard_before(state: ProductionState) -> str | None:
    """Return the digest of the narration that a person's edit of the script changes a part of; None for anything but such an edit."""
    gate = state.get("video_gate")
    return state.get("narration") if gate and gate["verdict"] == "edit" and gate.get("changes") == "script" else None


def iteration(state: ProductionState) -> int:
    """Return the iteration of the stages after the script: it changes with the script and with each round of the media gate."""
    inspected = state.get("inspect")
    unsettled = inspected is not None and not inspected["passed"]
    return state["write"]["revision"] * 10 + (rounds(state) if unsettled else 0)


def rounds(state: ProductionState) -> int:
    """Return how often the media gate turned down the video of this revision; another script starts anew."""
    inspected = state.get("inspect")
    return inspected["rounds"] if inspected and inspected["revision"] == state["write"]["revision"] else 0


def turned_down(state: ProductionState) -> list[str]:
    """Return the reports that turned the film down since it last passed the media gate, oldest first."""
    inspected = state.get("inspect")
    return inspected.get("turned_down", []) if inspected and not inspected["passed"] else []


def _told(suggestions: tuple[Suggestion, ...]) -> list[str]:
    return [f"{one.criterion}: {one.text}"[:TOLD_CHARACTERS] for one in suggestions[:TOLD]]
