"""What reading a publication's audience takes and gives: references to readings, never what they say."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tools.base import Args, Result, ToolSpec

Part = Literal["consent", "video", "statistics", "comments", "analytics", "reach"]


class ReadAudienceArgs(Args):
    """The publication's key, and whether the platform's reports are read beside counts and comments."""

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,80}$")
    reports: bool = False


class Gap(Result):
    """Something that could not be read now, in words for a person; what was read earlier stays known until it expires."""

    part: Part
    code: str
    reason: str


class ReadAudienceResult(Result):
    """What is there to be looked at. `found` is None when the platform could not be asked; `privacy` is our own setting as it stands there, and
    `rejected` the platform's word for why it failed, rejected or deleted our video.

    `comments` and `figures` are ids of readings, which expire 30 days after they were read; `expires_at` is when the first of them does.
    """

    found: bool | None
    privacy: Literal["private", "unlisted", "public", ""]
    rejected: str = ""
    comments: tuple[str, ...]
    figures: tuple[str, ...]
    expires_at: datetime | None
    gaps: tuple[Gap, ...]


SPEC = ToolSpec(
    name="read_audience",
    queue="publish",
    args=ReadAudienceArgs,
    result=ReadAudienceResult,
    implementation="tools.read_audience.tool:run",
    timeout_s=300.0,
    max_attempts=3,
    why_not_alone="what a platform lends is read by the looks at a video, for as long as its terms allow; "
    "`GET /v1/analytics/videos/{publication_id}` tells the figures",
)
