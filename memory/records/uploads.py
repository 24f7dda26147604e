"""Uploads: files that people and programs hand in for tasks to be made from."""

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Money, Words


class UploadRecord(Record):
    """One file of a tenant under the name it came with; its bytes are an artifact."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("tenant_id", "digest", "name"), CheckConstraint("bytes > 0", name="bytes"))

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    digest: Mapped[str] = mapped_column(CHAR(64))
    name: Mapped[Words]
    media_type: Mapped[Words]
    bytes: Mapped[Money]
    created_by: Mapped[Words]
    created_at: Mapped[Created]
