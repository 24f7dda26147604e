"""Videos: what runs make."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Empty, Key, Words, one_of


class VideoRecord(Record):
    """One video of a channel; its files are artifacts of its runs."""

    __tablename__ = "videos"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        Index("ix_videos_channel_created", "channel_id", "created_at", "id"),
        Index("ix_videos_tenant_created", "tenant_id", "created_at", "id"),
    )

    id: Mapped[Key]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    # Taken from the channel by the table itself.
    tenant_id: Mapped[str] = mapped_column(Text)
    topic: Mapped[Empty]
    title: Mapped[Empty]
    format: Mapped[Words]
    seconds: Mapped[int]
    provenance: Mapped[Words]
    created_at: Mapped[Created]
