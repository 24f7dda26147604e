"""Where a video stands, in words: what it is at, and what it waits for."""

from typing import Any, Literal, get_args

Status = Literal[
    "making",
    "waiting_for_script",
    "waiting_for_video",
    "stopping",
    "paused",
    "publishing",
    "stuck",
    "scheduled",
    "published",
    "pulling_back",
    "pulled_back",
    "refused",
    "rejected",
    "failed",
]
STATUSES: tuple[Status, ...] = get_args(Status)
_WORDS: dict[str, tuple[str, str | None]] = {
    "making": ("it is being made", "its agents"),
    "waiting_for_script": ("its script is written", "a person, who decides about the script"),
    "waiting_for_video": ("it is made", "a person, who decides whether it is published"),
    "stopping": ("somebody wants it to end", "whoever makes it, who lets it go"),
    "paused": ("its production is paused", "a person, who lets it go on"),
    "publishing": ("it is on its way to its audience", "the platform"),
    "stuck": ("its publication cannot go on by itself", "a person, who looks at the platform"),
    "scheduled": ("it is approved and handed over", "its time"),
    "published": ("it can be seen", None),
    "pulling_back": ("it is being pulled back", "the platform"),
    "pulled_back": ("it was published and is private now", None),
    "refused": ("the studio refused it", None),
    "rejected": ("a person said no", None),
    "failed": ("making it failed", None),
}
# Why there is no room for an edit, and what can be done instead.
_NO_ROOM = {
    "making": "it is being made; wait until it asks",
    "stopping": "it is to end; start another run",
    "paused": "its production is paused; let it go on first",
    "publishing": "its publication has begun; let it end and pull it back",
    "stuck": "its publication has begun and needs a person; settle that first",
    "scheduled": "what was approved is bound to its words; pull it back and make another",
    "published": "it is published; pull it back and make another",
    "pulling_back": "it is being pulled back; make another",
    "pulled_back": "it was pulled back; make another",
    "refused": "the studio refused it; make another",
    "rejected": "a person said no to it; make another",
    "failed": "making it failed; make another",
}


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a video with its status in words."""
    words, waits_for = _WORDS[row["status"]]
    return {**row, "words": words, "waits_for": waits_for, "why_fixed": no_room(row["status"], "publish_at")}


def no_room(status: str, what: str) -> str:
    """Return why a video of this status cannot be changed; empty where it can."""
    if what == "publish_at" and status == "waiting_for_script":
        return "its script is being decided on; its time can be moved once the video is made"
    if what == "publish_at" and status == "scheduled":
        return ""
    return _NO_ROOM.get(status, "")
