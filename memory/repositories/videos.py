"""Statements about videos."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.records.videos import VideoRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(VideoRecord.created_at, VideoRecord.id)


class VideoMissing(NotFound):
    """There is no video of that id."""

    code = "video_missing"


class VideoRepository:
    """Videos of channels."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, video: VideoRecord) -> VideoRecord:
        """Add a video."""
        self.session.add(video)
        self.session.flush()
        return video

    def get(self, video_id: str) -> VideoRecord:
        """Return the video; raises VideoMissing."""
        found = self.session.get(VideoRecord, video_id, populate_existing=True)
        if found is None:
            raise VideoMissing(f"video: {video_id!r} does not exist", video=video_id)
        return found

    def name(self, video_id: str, topic: str, title: str) -> VideoRecord:
        """Record what the video turned out to be about."""
        self.session.execute(update(VideoRecord).where(VideoRecord.id == video_id).values(topic=topic, title=title))
        return self.get(video_id)

    def list_(self, channel_id: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[VideoRecord]:
        """Return videos, of one channel or of all, newest first."""
        statement = select(VideoRecord)
        if channel_id is not None:
            statement = statement.where(VideoRecord.channel_id == channel_id)
        return _KEYSET.page(self.session, statement, cursor, limit)
