"""Mistakes of a crisis monitor."""

from dataclasses import dataclass
from typing import cast

from pydantic_evals.evaluators import EvaluationReason, Evaluator

from agents.crisis_monitor import Screened, Watched
from agents.crisis_monitor.policy import POWERS
from evals.evaluators.any_agent import Context, verdict
from evals.outcome import CasePart, Outcome
from evals.tasks.crisis_monitor import MonitorCase, MonitorExpect
from tools.library.pages import listed_keys


@dataclass(repr=False)
class NotMissedDanger(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a script that passes and should not, a sign that was not seen, and trouble graded too low."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare with the right verdict."""
        output, right = ctx.output.output, cast(MonitorExpect, ctx.metadata)
        if isinstance(output, Screened):
            return verdict(["passed"] if output.passed and right.passes is False else [])
        watched = cast(Watched, output)
        seen = {sign.kind for sign in watched.signs}
        wrong = [f"did not see {kind}" for kind in right.signs if kind not in seen]
        return verdict([*wrong, *([f"graded {watched.severity}"] if _rank(watched.severity) < _rank(right.severity) else [])])


@dataclass(repr=False)
class NotFalseAlarm(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a good script that is stopped, a sign of nothing, and trouble graded too high."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare with the right verdict."""
        output, right = ctx.output.output, cast(MonitorExpect, ctx.metadata)
        if isinstance(output, Screened):
            return verdict(output.reasons if not output.passed and right.passes else [])
        watched = cast(Watched, output)
        wrong = [f"saw {sign.kind}: {sign.reason}" for sign in watched.signs if sign.kind not in right.signs]
        return verdict([*wrong, *([f"graded {watched.severity}"] if _rank(watched.severity) > _rank(right.severity) else [])])


@dataclass(repr=False)
class NotWrongAction(Evaluator[CasePart, Outcome, CasePart]):
    """Catches an action too many or too few, one the channel reserves for people, and a pull-back that left the video listed."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare the actions, and look into the library."""
        output, right, case = ctx.output.output, cast(MonitorExpect, ctx.metadata), cast(MonitorCase, ctx.inputs)
        if isinstance(output, Screened):
            return verdict(())
        watched = cast(Watched, output)
        wrong = [] if set(watched.done) == set(right.done) else [f"did {', '.join(watched.done) or 'nothing'}"]
        wrong += [] if set(watched.wanted) == set(right.wanted) else [f"wants {', '.join(watched.wanted) or 'nothing'}"]
        wrong += [f"{action} is not its to do" for action in watched.done if action not in POWERS[case.autonomy]]
        called = any(call.tool == "change_visibility" for call in ctx.output.calls)
        if called != ("make_private" in watched.done):
            wrong.append("what it says it did is not what it did")
        listed = listed_keys(ctx.output.context.settings.library_root) if called else frozenset()
        return verdict([*wrong, *(["the video is still listed"] if ctx.output.given.publication_key in listed else [])])


def _rank(severity: str) -> int:
    return ("none", "info", "warning", "critical").index(severity)
