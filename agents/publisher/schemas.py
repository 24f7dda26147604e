"""What the publisher takes and gives."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from memory.artifacts import Brief, Decision, Frozen, GateResult, Listing, Manifest, Narration, Privacy, RenderedVideo, Script, Thumbnails
from memory.ready_film import ReadyFilm


class ListingEdits(Frozen):
    """What a person changed in the listing at the gate; None keeps the prepared value. `publish_at` moves the time that the video is shown at."""

    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    publish_at: AwareDatetime | None = None


class PrepareInput(Frozen):
    """The finished video and everything a listing is made from; with `publish_at` it is listed private until then.

    `film` is what the maker of a film that came finished says of it; such a film has no narration of ours.
    """

    script: Script
    brief: Brief
    narration: Narration | None
    thumbnails: Thumbnails
    video: RenderedVideo
    description: str
    edits: ListingEdits | None = None
    privacy: Privacy = "public"
    publish_at: datetime | None = None
    film: ReadyFilm | None = None


class Prepared(Frozen):
    """The manifest to approve and the checks it passed."""

    listing: Listing
    manifest: Manifest
    gates: tuple[GateResult, ...]
    decisions: tuple[Decision, ...]


class PublishInput(Frozen):
    """An approved manifest, the digest that was approved, and the files beside the video."""

    key: str
    manifest: Manifest
    approved: str
    captions_srt: str
    captions_vtt: str
    sources: str
    duration_s: float
    place: Literal["library", "youtube"] = "library"


class Published(Frozen):
    """One outside effect, verified."""

    location: str
    page: str
    external_id: str
    created: bool
    decisions: tuple[Decision, ...]
