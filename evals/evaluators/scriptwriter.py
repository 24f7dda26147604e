"""Mistakes of a scriptwriter."""

import re
from dataclasses import dataclass
from typing import cast

from pydantic_evals.evaluators import EvaluationReason, Evaluator

from agents.scriptwriter import Input, Output
from agents.scriptwriter.evidence import full_passages
from agents.scriptwriter.rubric import is_standing_line
from evals.evaluators.any_agent import Context, verdict
from evals.outcome import CasePart, Outcome
from evals.tasks.scriptwriter import WriterCase
from memory.support import check_script
from memory.takeover import check_takeover

SLOT_OVER = 1.20
SLOT_UNDER = 0.45


@dataclass(repr=False)
class NotUnsupportedSentence(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a fact without a citation, and one that its cited passage does not say."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Check every sentence with the checker that did not write the citations."""
        output = _output(ctx)
        if output is None:
            return verdict(())
        brief = cast(Input, ctx.output.given).brief
        wrong = [f"{one.id} cites nothing" for one in output.script.sentences if one.role in {"hook", "fact", "quote"} and not one.citations]
        personality = ctx.output.context.personality
        standing = {one.id for one in output.script.sentences if is_standing_line(one.text, personality)}
        found = [one for one in check_script(output.script, full_passages(brief), brief.topic) if one.sentence_id not in standing]
        return verdict([*wrong, *(f"{one.sentence_id}: {one.problem} {one.detail}" for one in found)])


@dataclass(repr=False)
class NotRetractedSource(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a sentence that rests on a retracted document."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Follow every citation to its document."""
        output = _output(ctx)
        retracted = {document.id for document in cast(Input, ctx.output.given).brief.documents if document.retracted}
        sentences = output.script.sentences if output else ()
        return verdict(f"{one.id} cites {cited}" for one in sentences for cited in one.citations if cited.rpartition("#")[0] in retracted)


@dataclass(repr=False)
class NotRepeatedSentence(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a sentence said twice, an opening used before, and a sentence of the same words."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare the words of all sentences."""
        output = _output(ctx)
        if output is None:
            return verdict(())
        said = [frozenset(re.findall(r"\w+", one.text.lower())) for one in output.script.sentences]
        wrong = [
            f"sentences {first} and {second} say the same"
            for second in range(len(said))
            for first in range(second)
            if len(said[first] & said[second]) >= 0.9 * max(len(said[first] | said[second]), 1)
        ]
        openings = {one.lower() for one in cast(WriterCase, ctx.inputs).earlier_openings}
        if output.script.sentences[0].text.lower() in openings:
            wrong.append("opens like an earlier video")
        return verdict(wrong)


@dataclass(repr=False)
class NotOverlongSlot(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a script that cannot be read in its time, or hardly fills it."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Count words at the channel's pace."""
        output = _output(ctx)
        if output is None:
            return verdict(())
        voice = ctx.output.context.personality.voice
        words = sum(len(one.text.split()) for one in output.script.sentences)
        took = words / voice.words_per_minute * 60 + voice.pause_s * len(output.script.sentences)
        share = took / ctx.output.context.seconds
        return verdict([f"takes {took:.0f} s of {ctx.output.context.seconds} s"] if not SLOT_UNDER <= share <= SLOT_OVER else [])


@dataclass(repr=False)
class NotTakenOver(Evaluator[CasePart, Outcome, CasePart]):
    """Catches wording taken from a source that only lends its facts, and a script below the rubric's bar."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare runs of words with the sources that are not quotable."""
        output = _output(ctx)
        if output is None:
            return verdict(())
        taken = check_takeover(output.script, cast(Input, ctx.output.given).brief.documents)
        blocking = [f"review blocks: {one.text}" for one in output.review.blocking]
        return verdict([*(f"{one.document_id}: {one.reason}" for one in taken), *blocking])


def _output(ctx: Context) -> Output | None:
    return cast(Output, ctx.output.output) if ctx.output.output is not None else None
