"""Mistakes of a thumbnail designer."""

from dataclasses import dataclass
from typing import cast

from pydantic_evals.evaluators import EvaluationReason, Evaluator

from agents.thumbnail_designer import Designed, Illustrated, IllustrateInput
from evals.evaluators.any_agent import Context, expected, verdict
from evals.outcome import CasePart, Outcome
from memory.artifacts import Shot

LONGEST_SHOT_S = 6.0
GAP_S = 0.02
MOST_ALIKE = 2
LEAST_CONTRAST = 3.0


@dataclass(repr=False)
class NotSameKindThrice(Evaluator[CasePart, Outcome, CasePart]):
    """Catches three shots of one kind in a row, and a kind of visual the words ask for that never comes."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Read the kinds in order."""
        kinds = [shot.kind for shot in _shots(ctx)]
        wrong = [
            f"shots {at} to {at + MOST_ALIKE} are all {kinds[at]}" for at in range(len(kinds) - MOST_ALIKE) if len(set(kinds[at : at + MOST_ALIKE + 1])) == 1
        ]
        wanted = expected(ctx, "kinds")
        return verdict([*wrong, *(f"no {kind}" for kind in (wanted if isinstance(wanted, tuple) else ()) if kind not in kinds)])


@dataclass(repr=False)
class NotStaleShot(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a gap, a shot longer than six seconds, and the same picture used for two shots."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Follow the shots along the narration."""
        shots = _shots(ctx)
        if not shots:
            return verdict(())
        end = cast(IllustrateInput, ctx.output.given).narration.duration_s
        wrong = [f"{one.id} lasts {one.end_s - one.start_s:.1f} s" for one in shots if one.end_s - one.start_s > LONGEST_SHOT_S]
        wrong += [f"gap before {after.id}" for before, after in zip(shots, shots[1:], strict=False) if abs(after.start_s - before.end_s) > GAP_S]
        if shots[0].start_s > GAP_S or shots[-1].end_s < end - GAP_S:
            wrong.append("the shots do not cover the narration")
        looks = [tuple(layer.image for layer in one.layers) for one in shots]
        return verdict([*wrong, *(["a shot is used twice"] if len(set(looks)) < len(looks) else [])])


@dataclass(repr=False)
class NotUntiedShot(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a shot that belongs to no sentence or says no reason, a sentence without a shot, and a picture that is not in the store."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Tie shots and sentences."""
        shots = _shots(ctx)
        if not shots:
            return verdict(())
        served = {sentence for one in shots for sentence in one.sentence_ids}
        wanted = {one.id for one in cast(IllustrateInput, ctx.output.given).script.sentences}
        wrong = [f"{one.id} serves nothing or says not why" for one in shots if not one.sentence_ids or not one.reason]
        wrong += [f"{missing} has no shot" for missing in sorted(wanted - served)]
        return verdict([*wrong, *(f"{one.id} has no picture" for one in shots for layer in one.layers if not ctx.output.context.store.has(layer.image))])


@dataclass(repr=False)
class NotWeakThumbnail(Evaluator[CasePart, Outcome, CasePart]):
    """Catches fewer than three variants, equal ones, one that is not the best, a missing file, and a claim that is more than a heuristic."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare the variants."""
        if not isinstance(ctx.output.output, Designed):
            return verdict(())
        made = ctx.output.output.thumbnails
        images = {one.image for one in made.variants}
        wrong = [] if len(made.variants) == len(images) == 3 else [f"{len(images)} different variants of {len(made.variants)}"]
        if made.variants[made.chosen].score < max(one.score for one in made.variants):
            wrong.append("another variant scores higher than the chosen one")
        wrong += [f"{one.image[:8]} is not in the store" for one in made.variants if not ctx.output.context.store.has(one.image)]
        return verdict([*wrong, *(["the method is not called a heuristic"] if made.method != "heuristic" else [])])


def _shots(ctx: Context) -> tuple[Shot, ...]:
    return ctx.output.output.storyboard.shots if isinstance(ctx.output.output, Illustrated) else ()
