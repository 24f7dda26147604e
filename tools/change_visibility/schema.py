"""What changing a publication's visibility takes and gives."""

from typing import Literal

from pydantic import Field

from tools.base import Args, Result, ToolSpec

Privacy = Literal["private", "unlisted", "public"]


class ChangeVisibilityArgs(Args):
    """The publication's key, who may see it from now on, and why (kept in its record); `place` is where it was published.

    `scheduled` shows a library's entry because its time has come: one that was pulled back before, and so has no time any more, stays as it is.
    """

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,80}$")
    privacy: Privacy
    reason: str = Field(min_length=3, max_length=2000)
    place: Literal["library", "youtube"] = "library"
    scheduled: bool = False


class ChangeVisibilityResult(Result):
    """What it was, what it is, whether this call changed it, and that the index and the feed were read back."""

    location: str
    previous: Privacy
    privacy: Privacy
    changed: bool
    verified: bool


SPEC = ToolSpec(
    name="change_visibility",
    queue="publish",
    args=ChangeVisibilityArgs,
    result=ChangeVisibilityResult,
    implementation="tools.change_visibility.tool:run",
    timeout_s=60.0,
    max_attempts=3,
    why_not_alone="it decides who sees a video; "
    "pull one back with `POST /v1/videos/{id}/pull-back`, and take back what the monitor did with `POST /v1/incident-actions/{id}/reverse`",
)
