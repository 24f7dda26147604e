"""What speaks against a question: checks that did not pass, a quality below the floor, sources that were retracted, and what viewers are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from graphs.bodies import GateReport
from graphs.routes import QUALITY_FLOOR
from infra.errors import StudioError
from memory.artifacts import Brief, GateResult, Listing, Manifest
from memory.media import MediaStore


@dataclass(frozen=True)
class Judged:
    """What a question is about, as far as it was reached and can be read."""

    provenance: str
    checks: Sequence[GateResult] = ()
    quality: float | None = None
    brief: Brief | None = None
    listing: Listing | None = None


def risks_of(judged: Judged) -> list[str]:
    """Return every risk in words."""
    return [
        *(f"{one.name}: measured {one.measured}, limit {one.limit}" for one in judged.checks if not one.passed),
        *([f"quality {judged.quality:.2f} is below {QUALITY_FLOOR}"] if judged.quality is not None and judged.quality < QUALITY_FLOOR else []),
        *(f"the source {one.title!r} was retracted" for one in (judged.brief.documents if judged.brief else ()) if one.retracted),
        *_of_listing(judged.listing, judged.provenance),
    ]


@dataclass(frozen=True)
class Weighed:
    """How many risks a question has, None where a part of it cannot be read, and when its video is to be shown."""

    risks: int | None
    shown_at: datetime | None


def weigh(store: MediaStore, asked: dict[str, str], provenance: str) -> Weighed:
    """Return what is kept with a question, so that thousands are sorted without reading what each is about; `asked` are its digests by name."""
    try:
        listing = Manifest.model_validate_json(store.read(asked["manifest"])).listing if "manifest" in asked else None
        judged = Judged(
            provenance,
            tuple(gate for name in ("inspection", "screening") if name in asked for gate in GateReport.model_validate_json(store.read(asked[name])).gates),
            float(orjson.loads(store.read(asked["review"]))["score"]),
            Brief.model_validate_json(store.read(asked["brief"])),
            listing,
        )
    except StudioError:
        # What is lost is named to whoever opens the question; it is asked all the same.
        return Weighed(None, None)
    return Weighed(len(risks_of(judged)), listing.publish_at if listing else None)


def _of_listing(listing: Listing | None, provenance: str) -> list[str]:
    if listing is None:
        return []
    told = [f"it is {provenance}, and stays where such videos may be seen"] if provenance != "real" else []
    return [*told, *(["it contains synthetic media and says so"] if listing.contains_synthetic_media else [])]
