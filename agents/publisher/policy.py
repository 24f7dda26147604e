"""Platform limits and flags, as pure checks. Limits are YouTube's: bytes where the limit is bytes."""

from typing import Literal

from infra.errors import Forbidden
from memory.artifacts import Chapter, GateResult, Listing, Narration, Provenance, Script
from memory.ready_film import ReadyFilm

TITLE_CHARACTERS = 100
DESCRIPTION_BYTES = 5000
TAG_CHARACTERS = 500
LEAST_CHAPTER_S = 10.0
LEAST_CHAPTERS = 3
_DISCLOSED = {True: "the voice is synthetic", False: "as its maker says"}

Place = Literal["library", "youtube"]


class ChannelNotConnected(Forbidden):
    """YouTube was asked for, and the channel is not connected to it."""

    code = "channel_not_connected"


def choose_place(wanted: str, provenance: Provenance, connected_as: str | None) -> Place:
    """Return where a video is published. `wanted` is the studio's setting; `connected_as` the provenance that may use the channel's connection.

    A demonstration never leaves the library, and a connection serves its own provenance only. Raises ChannelNotConnected when YouTube is wanted
    for a video that may go there and the channel is not connected.
    """
    if wanted == "library" or provenance is Provenance.DEMO:
        return "library"
    if connected_as == provenance.value:
        return "youtube"
    if wanted == "youtube" and provenance is Provenance.REAL:
        raise ChannelNotConnected("publisher: YTEMPIRE_PUBLISHER is youtube and the channel is not connected; run `ytempire channels connect`")
    return "library"


def tag_length(tags: tuple[str, ...]) -> int:
    """Return what the platform counts: a tag with a space is quoted, tags are joined by commas."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(len(tags) - 1, 0)


def fit_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return the leading tags that fit the platform's limit, cleaned of characters it refuses."""
    kept: tuple[str, ...] = ()
    for tag in tags:
        clean = " ".join(tag.replace("<", " ").replace(">", " ").replace(",", " ").split())
        if clean and clean.lower() not in {one.lower() for one in kept} and tag_length((*kept, clean)) <= TAG_CHARACTERS:
            kept = (*kept, clean)
    return kept


def chapters_of(script: Script, narration: Narration | None) -> tuple[Chapter, ...]:
    """Return chapter marks at beat starts, where the voice is ours; the platform wants the first at 0 and each at least 10 s long, else none count."""
    if narration is None:
        return ()
    starts = {timing.sentence_id: timing.start_s for timing in narration.sentences}
    marks: list[Chapter] = []
    for beat in script.beats:
        start = 0.0 if not marks else starts.get(beat.sentences[0].id, 0.0)
        if marks and (start - marks[-1].start_s < LEAST_CHAPTER_S or narration.duration_s - start < LEAST_CHAPTER_S):
            continue
        marks.append(Chapter(start_s=round(start, 2), title=beat.heading))
    return tuple(marks) if len(marks) >= LEAST_CHAPTERS else ()


def check_listing(listing: Listing, film: ReadyFilm | None = None) -> tuple[GateResult, ...]:
    """Return one gate per platform limit; `film` is what the maker of a finished film says of it."""
    said = film is None or film.synthetic
    title, description = len(listing.title), len(listing.description.encode())
    angle = any(mark in text for mark in "<>" for text in (listing.title, listing.description))
    return (
        _gate("title length", 0 < title <= TITLE_CHARACTERS, f"{title} characters", f"1..{TITLE_CHARACTERS} characters"),
        _gate("description length", description <= DESCRIPTION_BYTES, f"{description} bytes", f"at most {DESCRIPTION_BYTES} bytes"),
        _gate("tags length", tag_length(listing.tags) <= TAG_CHARACTERS, f"{tag_length(listing.tags)} characters", f"at most {TAG_CHARACTERS} characters"),
        _gate("no angle brackets", not angle, "found" if angle else "none", "none in title and description"),
        _gate("synthetic media disclosed", listing.contains_synthetic_media == said, str(listing.contains_synthetic_media), _DISCLOSED[film is None]),
        _gate("scheduled only while private", listing.publish_at is None or listing.privacy == "private", listing.privacy, "private when scheduled"),
    )


def check_room(listing: Listing, taken: int) -> GateResult:
    """Check that the description leaves room for what YouTube's copy carries beside it, in bytes."""
    used = len(listing.description.encode())
    return _gate("room for the reference line", used + taken <= DESCRIPTION_BYTES, f"{used} bytes", f"at most {DESCRIPTION_BYTES - taken} bytes")


def check_label(listing: Listing, provenance: Provenance) -> GateResult:
    """Check that whatever is not real says so where viewers read it."""
    labelled = provenance is Provenance.REAL or provenance.value in listing.description.lower()
    return _gate("provenance labelled", labelled, provenance.value, "demo, rehearsal and simulated videos are labelled in the description")


def _gate(name: str, passed: bool, measured: str, limit: str) -> GateResult:
    return GateResult(name=name, passed=passed, measured=measured, limit=limit, stage="listing")
