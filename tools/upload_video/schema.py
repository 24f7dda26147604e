"""What publishing to YouTube takes and gives."""

from typing import Literal

from pydantic import Field

from memory.artifacts import Manifest
from tools.base import Args, Result, ToolSpec
from tools.vendors.youtube.reference import REFERENCE_BYTES as REFERENCE_BYTES


class UploadVideoArgs(Args):
    """One approved video. `key` makes the publication unique; `approved` is the digest that was approved, of exactly this manifest.

    `playlist` is one of the channel's own, or None.
    """

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,80}$")
    manifest: Manifest
    approved: str = Field(pattern=r"^[0-9a-f]{64}$")
    playlist: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{2,80}$")


class UploadVideoResult(Result):
    """Where the video is and who sees it, as read back; `extras` says what became of captions and playlist."""

    video_id: str
    url: str
    privacy: Literal["private", "unlisted", "public"]
    created: bool
    verified: bool
    extras: dict[str, str]


SPEC = ToolSpec(
    name="upload_video",
    queue="publish",
    args=UploadVideoArgs,
    result=UploadVideoResult,
    implementation="tools.upload_video.tool:run",
    timeout_s=7200.0,
    # A finished video outlives an outage of the platform: at one try in three quarters of a minute, an hour of it.
    max_attempts=90,
    why_not_alone="nothing is published but what a run has made and somebody approved; "
    "start one with `POST /v1/runs`, or bring a film with a task of kind `ready`",
)
