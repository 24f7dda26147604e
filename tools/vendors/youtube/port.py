"""The port: what the studio asks of a video platform, in its own words; times are aware, sizes are bytes."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

Privacy = Literal["private", "unlisted", "public"]


@dataclass(frozen=True)
class VideoFlags:
    """The status of a video; every flag is always sent, because the platform's own defaults are public and unlabelled."""

    privacy: Privacy
    made_for_kids: bool
    synthetic_media: bool
    license: Literal["youtube", "creativeCommon"]
    embeddable: bool
    publish_at: datetime | None = None


@dataclass(frozen=True)
class VideoText:
    """The snippet of a video; `language` is a BCP 47 tag, `category_id` the platform's number as text."""

    title: str
    description: str
    tags: tuple[str, ...]
    category_id: str
    language: str


@dataclass(frozen=True)
class NewVideo:
    """A video to upload: text, flags, whether subscribers are told, and the file."""

    text: VideoText
    flags: VideoFlags
    notify_subscribers: bool
    file: Path
    size: int
    mime: str = "video/mp4"


@dataclass(frozen=True)
class Progress:
    """How far an upload is: `received` bytes are there; once all are, `video_id` is set."""

    received: int
    video_id: str | None = None


@dataclass(frozen=True)
class VideoView:
    """A video as its owner sees it. `upload_status` is uploaded, processed, failed, rejected or deleted; `reason` says why of the last three."""

    id: str
    text: VideoText
    flags: VideoFlags
    upload_status: str
    reason: str | None
    has_thumbnail: bool


@dataclass(frozen=True)
class UploadEntry:
    """One line of a channel's uploads playlist."""

    video_id: str
    title: str
    description: str


@dataclass(frozen=True)
class ChannelView:
    """The channel that a consent belongs to."""

    id: str
    title: str
    uploads_playlist: str


class YouTube(Protocol):
    """One channel's platform. Every method is one request and raises the errors of `errors.py`; none tries again by itself.

    Protocol of uploads: https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol.
    """

    @property
    def chunk_bytes(self) -> int:
        """The most that one request of an upload sends."""
        ...

    def channel(self) -> ChannelView:
        """Return the channel of this consent."""
        ...

    def open_session(self, video: NewVideo) -> str:
        """Open a resumable upload and return its address, a secret; no byte is sent yet, so nothing exists yet."""
        ...

    def probe(self, session: str, size: int) -> Progress:
        """Ask how far an upload is; raises SessionGone when the platform no longer knows it."""
        ...

    def send(self, session: str, video: NewVideo, start: int) -> Progress:
        """Send one chunk from byte `start` on; raises SessionGone, or OutcomeUnknown when no answer came through."""
        ...

    def list_uploads(self, playlist: str, page: str | None = None) -> tuple[tuple[UploadEntry, ...], str | None]:
        """Return up to 50 of the channel's uploads, newest first, and the token of the next page."""
        ...

    def find_video(self, video_id: str) -> VideoView | None:
        """Return a video as its owner sees it."""
        ...

    def set_flags(self, video_id: str, flags: VideoFlags) -> None:
        """Replace a video's whole status."""
        ...

    def set_text(self, video_id: str, text: VideoText) -> None:
        """Replace a video's whole snippet."""
        ...

    def set_thumbnail(self, video_id: str, file: Path, mime: str) -> None:
        """Give a video its picture: JPEG or PNG of at most 50 MB."""
        ...

    def list_captions(self, video_id: str) -> tuple[tuple[str, str], ...]:
        """Return (language, name) of a video's caption tracks."""
        ...

    def add_captions(self, video_id: str, language: str, name: str, file: Path) -> None:
        """Add a caption track."""
        ...

    def in_playlist(self, playlist: str, video_id: str) -> bool:
        """Whether a playlist holds the video."""
        ...

    def add_to_playlist(self, playlist: str, video_id: str) -> None:
        """Add the video to a playlist."""
        ...
