"""Mistakes of a voice director."""

from dataclasses import dataclass
from typing import cast

from pydantic_evals.evaluators import EvaluationReason, Evaluator

from agents.voice_director import Output
from agents.voice_director.policy import SLOT_TOLERANCE
from evals.evaluators.any_agent import Context, expected, verdict
from evals.outcome import CasePart, Outcome
from evals.tasks.voice_director import VoiceCase
from memory.artifacts import Narration

LONGEST_SILENCE_S = 1.5


@dataclass(repr=False)
class NotOverlongSlot(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a narration that misses its slot although a natural pace would fill it, and a miss that nobody mentions."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare the measured length with the slot."""
        output, seconds = _output(ctx), cast(VoiceCase, ctx.inputs).seconds
        if output is None or seconds is None:
            return verdict(())
        misses = abs(output.duration_s - seconds) > 1.5 * SLOT_TOLERANCE * seconds
        told = any("slot" in text or f"{seconds:g}" in text for one in output.decisions for text in (one.question, one.choice, *one.reasons))
        wrong = [] if misses == bool(expected(ctx, "misses_slot", False)) else [f"took {output.duration_s:.1f} s of {seconds:.1f} s"]
        return verdict([*wrong, *(["the decisions do not mention the slot"] if misses and not told else [])])


@dataclass(repr=False)
class NotMissingWord(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a word without a time, words out of order, and a sentence that is not heard."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare the timed words with the script's."""
        output = _output(ctx)
        if output is None:
            return verdict(())
        narration = Narration.model_validate_json(ctx.output.context.store.read(output.narration))
        script = cast(VoiceCase, ctx.inputs).script.build()
        written = [word for sentence in script.sentences for word in sentence.text.split()]
        timed = [word.text for word in narration.words]
        wrong = [] if written == timed else [f"timed {len(timed)} words of {len(written)}"]
        starts = [word.start_s for word in narration.words]
        wrong += [] if starts == sorted(starts) else ["words are out of order"]
        return verdict([*wrong, *([] if len(narration.sentences) == len(script.sentences) else ["a sentence has no time"])])


@dataclass(repr=False)
class NotLongSilence(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a silence longer than 1.5 seconds."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Read the measured silence."""
        output = _output(ctx)
        found = output.longest_silence_s if output else 0.0
        return verdict([f"silent for {found:.2f} s"] if found > LONGEST_SILENCE_S else [])


@dataclass(repr=False)
class NotMisreadWord(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a number, abbreviation or name that is not read as the case says."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Look for the spoken form in what the voice was given."""
        says = expected(ctx, "says")
        given = " ".join(str(call.args) for call in ctx.output.calls if call.tool == "synthesize_speech").lower()
        decided = " ".join(text for one in getattr(ctx.output.output, "decisions", ()) for text in (one.choice, *one.reasons)).lower()
        return verdict(
            f"never says {word!r}" for word in (says if isinstance(says, tuple) else ()) if word.lower() not in given and word.lower() not in decided
        )


def _output(ctx: Context) -> Output | None:
    return cast(Output, ctx.output.output) if ctx.output.output is not None else None
