"""Users: people of a tenant who may sign in and decide."""

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Key, Words, one_of

ROLES = ("owner", "operator", "viewer")


class UserRecord(Record):
    """One person; how they prove it is kept elsewhere."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Key]
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[Words]
    created_at: Mapped[Created]
