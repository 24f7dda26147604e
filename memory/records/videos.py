"""Videos: what runs make."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
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
        Index("ix_videos_tenant_stands", "tenant_id", "stands", "created_at", "id"),
        Index("ix_videos_tenant_soonest", "tenant_id", text("coalesce(shows_at, 'infinity'::timestamptz)"), "id"),
        Index("ix_videos_tenant_latest", "tenant_id", text("coalesce(shows_at, '-infinity'::timestamptz)"), "id"),
        Index("ix_videos_tenant_title", "tenant_id", text("left(lower(coalesce(nullif(title, ''), topic)), 100)"), "id"),
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
    # Kept by the tables that they follow from (migration 0026): where it stands as far as rows tell, and when it is or was to be shown.
    stands: Mapped[str] = mapped_column(Text, server_default=text("'making'"))
    shows_at: Mapped[datetime | None]
