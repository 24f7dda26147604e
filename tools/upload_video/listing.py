"""From an approved listing to what YouTube is told, and back: flags, marker, category, and what differs."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from memory.artifacts import Listing
from tools.base import ToolError
from tools.vendors.youtube.port import NewVideo, VideoFlags, VideoText, VideoView
from tools.vendors.youtube.reference import REFERENCE_BYTES, REFERENCE_PREFIX, reference_of

DESCRIPTION_BYTES = 5000
# Our categories and YouTube's (videoCategories.list, region US); what has no closer one is education.
_CATEGORIES = {
    **dict.fromkeys(("science", "space", "technology", "energy", "health"), "28"),
    **dict.fromkeys(("animals",), "15"),
    **dict.fromkeys(("economy", "security", "weather"), "25"),
    **dict.fromkeys(("countries",), "19"),
    **dict.fromkeys(("food",), "26"),
}
_EDUCATION = "27"


def marker(key: str) -> str:
    """Return the line by which a video of this key is recognised among a channel's uploads."""
    return REFERENCE_PREFIX + reference_of(key)


def text_of(listing: Listing, key: str) -> VideoText:
    """Return the snippet: the approved words and, as the description's last line, the marker. Raises ToolError when there is no room for it."""
    description = f"{listing.description.rstrip()}\n\n{marker(key)}"
    if len(description.encode()) > DESCRIPTION_BYTES:
        room = DESCRIPTION_BYTES - REFERENCE_BYTES
        raise ToolError(f"description: {len(listing.description.encode())} bytes; YouTube takes 5000, of which {room} are left beside the reference line")
    return VideoText(listing.title, description, listing.tags, _CATEGORIES.get(listing.category.lower(), _EDUCATION), listing.language)


def private_flags(listing: Listing) -> VideoFlags:
    """Return the flags of the upload itself: always private and unscheduled, everything else as approved."""
    return VideoFlags("private", listing.made_for_kids, listing.contains_synthetic_media, listing.license, listing.embeddable)


def released_flags(listing: Listing, now: datetime) -> VideoFlags:
    """Return the flags that were approved; a scheduled time that has passed while the upload waited means at once."""
    flags = private_flags(listing)
    if listing.publish_at is None:
        return replace(flags, privacy=listing.privacy)
    if listing.publish_at <= now:
        return replace(flags, privacy="public")
    return replace(flags, publish_at=listing.publish_at.replace(microsecond=0))


def new_video(listing: Listing, key: str, file: Path) -> NewVideo:
    """Return the upload; subscribers are told, if at all, when it is released, since a private upload reaches nobody."""
    size = file.stat().st_size
    if size == 0:
        raise ToolError("video: the file is empty; render it again")
    return NewVideo(text_of(listing, key), private_flags(listing), listing.notify_subscribers, file, size)


def flag_differences(view: VideoView, wanted: VideoFlags) -> tuple[str, ...]:
    """Return which flags read back differ from what was asked, in words; a schedule that has come true is no difference."""
    seen = view.flags
    if wanted.publish_at is not None and (seen.privacy, seen.publish_at) == ("public", None):
        seen = replace(seen, privacy=wanted.privacy, publish_at=wanted.publish_at)
    return tuple(f"{name} is {value}, not {getattr(wanted, name)}" for name, value in vars(seen).items() if value != getattr(wanted, name))


def text_differences(view: VideoView, wanted: VideoText) -> tuple[str, ...]:
    """Return which words read back differ; the platform keeps tags in an order of its own."""
    seen = replace(view.text, tags=tuple(sorted(view.text.tags)))
    asked = replace(wanted, tags=tuple(sorted(wanted.tags)))
    return tuple(name for name, value in vars(seen).items() if value != getattr(asked, name))
