"""Where a run goes next: pure functions of state."""

from typing import Literal

from graphs.state import ProductionState

QUALITY_FLOOR = 0.75
MAX_REVISIONS = 3


def after_scout(state: ProductionState) -> Literal["write", "end_refused"]:
    """Write when there is a brief."""
    return "write" if state["scout"]["brief"] else "end_refused"


def after_take_in(state: ProductionState) -> Literal["design_thumbnail", "end_refused"]:
    """Give a film that was taken in a thumbnail; one that cannot be decoded, or whose captions are another's, is refused."""
    return "design_thumbnail" if state["scout"]["brief"] else "end_refused"


def after_thumbnail(state: ProductionState) -> Literal["render", "inspect"]:
    """A film that came finished has been rendered already."""
    return "inspect" if "film" in state else "render"


def after_write(state: ProductionState) -> Literal["review", "end_refused"]:
    """Review when there is a script."""
    return "review" if state["write"]["script"] else "end_refused"


def after_review(state: ProductionState) -> Literal["write", "approve_script", "end_refused"]:
    """Revise below the quality floor, at most three times; then go on, or refuse what is blocked."""
    verdict = state["review"]["verdict"]
    if verdict == "revise":
        return "write"
    return "approve_script" if verdict == "pass" else "end_refused"


def after_script_gate(state: ProductionState) -> list[str]:
    """Accept goes on with voice and thumbnail side by side, an edit and a response make another script, ignore ends the run."""
    verdict = state["script_gate"]["verdict"]
    if verdict == "ignore":
        return ["end_rejected"]
    return ["write"] if verdict in {"edit", "respond"} else ["narrate", "design_thumbnail"]


def after_inspect(state: ProductionState) -> Literal["screen", "narrate", "illustrate", "render", "end_refused"]:
    """Go on when the media gate passes; otherwise send the named stage back, each at most once, and then refuse."""
    inspected = state["inspect"]
    if inspected["passed"]:
        return "screen"
    return inspected["send_back"] or "end_refused"


def after_screen(state: ProductionState) -> Literal["prepare", "end_refused"]:
    """Prepare the listing when nothing in the video breaks policy."""
    return "prepare" if state["screen"]["passed"] else "end_refused"


def after_prepare(state: ProductionState) -> Literal["approve_video", "end_refused"]:
    """Ask about what may still be published; what came too late for its time is refused where that was asked for."""
    return "end_refused" if state["prepare"]["late"] else "approve_video"


def after_publish(state: ProductionState) -> Literal["end_published", "prepare"]:
    """End, or list it anew when the time it was approved for had passed before it was published: what to do about that is decided there."""
    return "prepare" if state["publish"]["late"] else "end_published"


def after_video_gate(state: ProductionState) -> Literal["publish", "prepare", "write", "end_rejected"]:
    """Publish what was accepted; an edit of the listing prepares a new manifest for a new approval; one of the script, and a response, make another script."""
    if state["video_gate"]["verdict"] == "edit" and state["video_gate"].get("changes") == "script":
        return "write"
    return {"accept": "publish", "edit": "prepare", "respond": "write", "ignore": "end_rejected"}[state["video_gate"]["verdict"]]  # type: ignore[return-value]
