"""What publishing to the local library takes and gives."""

from pydantic import Field

from memory.artifacts import Listing
from tools.base import Args, Result, ToolSpec


class PublishToLibraryArgs(Args):
    """One finished video. `key` makes the publication unique: the same key twice is one entry.

    `video`, `thumbnail`, `captions_srt`, `captions_vtt` and `sources` are digests; `sources` names a JSON document.
    """

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,80}$")
    channel_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")
    channel_name: str
    manifest: str
    listing: Listing
    video: str
    thumbnail: str
    captions_srt: str
    captions_vtt: str
    sources: str
    duration_s: float = Field(gt=0)


class PublishToLibraryResult(Result):
    """Where the entry is, whether this call made it, and that its bytes were read back and verified."""

    location: str
    page: str
    external_id: str
    created: bool
    verified: bool


SPEC = ToolSpec(
    name="publish_to_library",
    queue="publish",
    args=PublishToLibraryArgs,
    result=PublishToLibraryResult,
    implementation="tools.publish_to_library.tool:run",
    timeout_s=120.0,
    max_attempts=3,
    why_not_alone="nothing is published but what a run has made and somebody approved; "
    "start one with `POST /v1/runs`, or bring a film with a task of kind `ready`",
)
