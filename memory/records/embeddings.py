"""Embeddings: texts the studio remembers, as vectors of one named model."""

from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Serial, Words, one_of

DIMENSIONS = 384


class EmbeddingRecord(Record):
    """One text of one channel, searched exactly within (channel, provenance, kind, model)."""

    __tablename__ = "embeddings"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        UniqueConstraint("channel_id", "provenance", "kind", "model", "ref_id"),
    )

    id: Mapped[Serial]
    kind: Mapped[Words]
    ref_id: Mapped[Words]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    video_id: Mapped[str | None] = mapped_column(ForeignKey("videos.id", ondelete="SET NULL"))
    provenance: Mapped[Words]
    model: Mapped[Words]
    text: Mapped[str] = mapped_column(Text)
    vector: Mapped[Any] = mapped_column(HALFVEC(DIMENSIONS))
    created_at: Mapped[Created]


Index("ix_embeddings_video_id", EmbeddingRecord.video_id)
