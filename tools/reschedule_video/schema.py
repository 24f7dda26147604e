"""What moving the time of a scheduled video takes and gives."""

from typing import Literal

from pydantic import AwareDatetime, Field

from tools.base import Args, Result, ToolSpec


class RescheduleVideoArgs(Args):
    """The publication's key, when it is to be shown instead, and whose word that is (kept in its record); `place` is where it was published."""

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,80}$")
    publish_at: AwareDatetime
    reason: str = Field(min_length=3, max_length=2000)
    place: Literal["library", "youtube"] = "library"


class RescheduleVideoResult(Result):
    """From when to when it was moved, whether this call did it, and that it was read back."""

    location: str
    previous: AwareDatetime
    publish_at: AwareDatetime
    changed: bool
    verified: bool


SPEC = ToolSpec(
    name="reschedule_video",
    queue="publish",
    args=RescheduleVideoArgs,
    result=RescheduleVideoResult,
    implementation="tools.reschedule_video.tool:run",
    timeout_s=60.0,
    max_attempts=3,
    why_not_alone="it decides when a video is seen; move one with `PATCH /v1/videos/{id}`",
)
