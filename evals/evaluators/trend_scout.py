"""Mistakes of a trend scout."""

from dataclasses import dataclass
from typing import cast

from pydantic_evals.evaluators import EvaluationReason, Evaluator

from agents.trend_scout import Output
from evals.evaluators.any_agent import Context, expected, verdict
from evals.outcome import CasePart, Outcome
from evals.tasks.trend_scout import ScoutCase
from memory.recall import TOPIC_REPEAT


@dataclass(repr=False)
class NotRepeatedTopic(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a topic the channel has already made."""

    async def evaluate(self, ctx: Context) -> EvaluationReason:
        """Embed the chosen topic beside the earlier ones."""
        output, case = _output(ctx), cast(ScoutCase, ctx.inputs)
        if output is None or output.brief is None:
            return verdict(())
        marked = {story.topic for story in case.stories if story.nearest}
        wrong = [f"{output.brief.topic!r} was marked as a repeat"] if output.brief.topic in marked else []
        near = await ctx.output.context.recall.topics(output.brief.topic, limit=1)
        wrong += [f"{output.brief.topic!r} repeats {one.text!r} ({one.similarity:.2f})" for one in near if one.similarity >= TOPIC_REPEAT]
        return verdict(wrong)


@dataclass(repr=False)
class NotClosedEvidence(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a brief whose passages come from a retracted document, or that none of its quotable documents carries."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Follow every passage to its document."""
        output = _output(ctx)
        if output is None or output.brief is None:
            return verdict(())
        documents = {document.id: document for document in output.brief.documents}
        wrong = [f"{passage.id} is of a retracted document" for passage in output.brief.passages if documents[passage.document_id].retracted]
        if not any(documents[passage.document_id].rights.quotable for passage in output.brief.passages):
            wrong.append("no passage is quotable")
        return verdict(wrong)


@dataclass(repr=False)
class NotWrongStory(Evaluator[CasePart, Outcome, CasePart]):
    """Catches another story than the one the case is clear about, and evidence under the wrong provenance."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare topic and provenance."""
        output = _output(ctx)
        wanted, provenance = expected(ctx, "chooses", ""), expected(ctx, "provenance")
        if output is None or output.brief is None:
            return verdict(())
        wrong = [f"chose {output.brief.topic!r}, not {wanted!r}"] if wanted and output.brief.topic != wanted else []
        if output.provenance != provenance or output.brief.provenance != provenance:
            wrong.append(f"provenance is {output.provenance}, not {provenance}")
        return verdict(wrong)


@dataclass(repr=False)
class NotSilentForecast(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a choice from live trends that does not say where its momentum comes from, and one that credits a forecast without shown skill."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare the reasons of the choice with the snapshot it was made on."""
        output, case = _output(ctx), cast(ScoutCase, ctx.inputs)
        chosen = next((story for story in case.stories if output and output.brief and story.topic == output.brief.topic), None)
        if output is None or chosen is None or case.mode != "trends":
            return verdict(["no forecast chose the story"] if expected(ctx, "foreseen", False) else ())
        told = next((reason for reason in output.decisions[0].reasons if reason.startswith("momentum ")), "")
        wrong = [] if told else ["the choice does not say where its momentum comes from"]
        if chosen.outlook is not None:
            wrong += [f"the choice does not name {word!r}" for word in (str(chosen.outlook.length), chosen.outlook.statement) if word not in told]
        skilled = chosen.outlook is not None and chosen.outlook.verdict == "skill" and chosen.momentum_from == "forecast"
        if ("comes from a forecast" in told) != skilled or (expected(ctx, "foreseen", False) and not skilled):
            wrong.append(f"the momentum is told as {told[:60]!r}")
        return verdict(wrong)


def _output(ctx: Context) -> Output | None:
    return cast(Output, ctx.output.output) if ctx.output.output is not None else None
