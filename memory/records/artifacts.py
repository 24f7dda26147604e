"""Artifacts: what each run made, by digest, with provenance and rights."""

from typing import Any

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import PROVENANCES, Created, Serial, Words, one_of


class ArtifactRecord(Record):
    """One run's claim on stored bytes: two runs that make equal bytes have a row each and share one file."""

    __tablename__ = "artifacts"
    __table_args__ = (
        CheckConstraint(one_of("provenance", PROVENANCES), name="provenance"),
        UniqueConstraint("digest", "run_id", "kind", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Serial]
    digest: Mapped[str] = mapped_column(CHAR(64))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Words]
    media_type: Mapped[Words]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    provenance: Mapped[Words]
    rights: Mapped[dict[str, Any] | None]
    created_at: Mapped[Created]
