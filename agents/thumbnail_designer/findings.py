"""How the illustrator reacts to what the media gate found wrong with an earlier film: pure decisions."""

from collections.abc import Sequence

from agents.thumbnail_designer.phrases import clipped
from agents.thumbnail_designer.timing import Slot
from memory.artifacts import Decision, GateResult
from tools.make_visual.schema import MakeVisualArgs, Scene

AGENT = "thumbnail_designer"
_TOO_STILL = "visual_change"
_TOO_FAINT = "text_contrast"
_SEEN_TWICE = frozenset({"repeated_shots", "shots_unique"})
# Far from every seed that a shot of the same film is drawn with.
_OTHER_VIEWS = 7919


def tight_stretches(findings: Sequence[GateResult]) -> tuple[tuple[float, float], ...]:
    """Return the stretches (start and end in seconds) in which nothing new appeared for too long: their shots are split."""
    return tuple((one.at_s, one.at_s + one.value) for one in findings if one.name == _TOO_STILL and one.at_s is not None and one.value)


def view_seed(findings: Sequence[GateResult], seed: int) -> int:
    """Return the seed that views are drawn with: another one after two shots looked the same."""
    return seed + _OTHER_VIEWS if any(one.name in _SEEN_TWICE for one in findings) else seed


def plainer(findings: Sequence[GateResult], slots: Sequence[Slot], calls: Sequence[MakeVisualArgs]) -> list[MakeVisualArgs]:
    """Return the calls, with every shot whose text was too faint drawn as a headline on the channel's own ground instead."""
    faint = [one.at_s for one in findings if one.name == _TOO_FAINT and one.at_s is not None]
    return [_plain(call) if any(slot.start_s - 0.01 <= at < slot.end_s for at in faint) else call for slot, call in zip(slots, calls, strict=True)]


def decision_of(findings: Sequence[GateResult]) -> tuple[Decision, ...]:
    """Record what was done about each finding."""
    done = {_TOO_STILL: "the shots there are cut in two", _TOO_FAINT: "that shot is a plain headline now"}
    reasons = tuple(f"{one.name}: {one.measured}, {one.limit}; {done.get(one.name, 'views are drawn from another seed')}" for one in findings)
    question = "What changes after the media gate sent the pictures back?"
    return (Decision(agent=AGENT, question=question, choice=f"{len(reasons)} findings answered", reasons=reasons),) if reasons else ()


def _plain(call: MakeVisualArgs) -> MakeVisualArgs:
    title = clipped(call.scene.title or call.scene.number or call.channel, 6)
    return call.model_copy(update={"kind": "title", "scene": Scene(title=title), "picture": None, "credit": ""})
