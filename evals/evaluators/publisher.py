"""Mistakes of a publisher."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic_evals.evaluators import EvaluationReason, Evaluator

from agents.publisher import Prepared, Published
from evals.evaluators.any_agent import Context, expected, verdict
from evals.outcome import CasePart, Outcome
from memory.artifacts import Listing, Provenance

TITLE_CHARACTERS = 100
DESCRIPTION_BYTES = 5000


@dataclass(repr=False)
class NotMissingFlag(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a flag that is not what the channel and the voice require."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Compare each flag."""
        listing = _listing(ctx)
        if listing is None:
            return verdict(())
        kids = bool(expected(ctx, "made_for_kids", False))
        wrong = [] if listing.contains_synthetic_media else ["synthetic voice is not disclosed"]
        wrong += [] if listing.made_for_kids == kids else [f"made for kids is {listing.made_for_kids}"]
        return verdict([*wrong, *([] if listing.language == "en" else [f"language is {listing.language!r}"])])


@dataclass(repr=False)
class NotUnlabelledDemo(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a video that is not real and does not say so, in the description or in the library."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Read the description and the page."""
        listing, published = _listing(ctx), _published(ctx)
        provenance = ctx.output.context.provenance
        if listing is None or published is None or provenance is Provenance.REAL:
            return verdict(())
        page = Path(published.page).read_text("utf-8")
        wrong = [] if provenance.value in listing.description.lower() else ["the description carries no label"]
        return verdict([*wrong, *([] if f">{provenance.value}</span>" in page else ["the page carries no label"])])


@dataclass(repr=False)
class NotOverLimit(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a listing the platform would refuse."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Measure title, description and forbidden characters."""
        listing = _listing(ctx)
        if listing is None:
            return verdict(())
        wrong = [] if 0 < len(listing.title) <= TITLE_CHARACTERS else [f"title of {len(listing.title)} characters"]
        wrong += [] if len(listing.description.encode()) <= DESCRIPTION_BYTES else ["description too long"]
        return verdict([*wrong, *(["angle brackets"] if set("<>") & set(listing.title + listing.description) else [])])


@dataclass(repr=False)
class NotPublishedTwice(Evaluator[CasePart, Outcome, CasePart]):
    """Catches a second entry for one publication, an entry of what was refused, and bytes that differ from the manifest."""

    def evaluate(self, ctx: Context) -> EvaluationReason:
        """Count entries of the key in the library."""
        published = _published(ctx)
        wanted = expected(ctx, "entries", 1)
        keys = {str(call.args["key"]) for call in ctx.output.calls if call.tool == "publish_to_library"}
        entries = [path for key in keys for path in ctx.output.context.settings.library_root.glob(f"*/*--{key}")]
        wrong = [] if len(entries) == wanted else [f"{len(entries)} entries, not {wanted}"]
        if published is not None and not (Path(published.location) / "video.mp4").is_file():
            wrong.append("the entry has no video")
        return verdict(wrong)


def _listing(ctx: Context) -> Listing | None:
    return cast(tuple[Prepared, Published], ctx.output.output)[0].listing if ctx.output.output is not None else None


def _published(ctx: Context) -> Published | None:
    return cast(tuple[Prepared, Published], ctx.output.output)[1] if ctx.output.output is not None else None
