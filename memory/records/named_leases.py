"""Named leases: rights that one process at a time holds, such as that of the scheduler."""

from datetime import datetime

from sqlalchemy import BigInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Key


class NamedLeaseRecord(Record):
    """One right by name; `token` only ever grows, and a holder's writes name it."""

    __tablename__ = "named_leases"

    name: Mapped[Key]
    owner: Mapped[str | None] = mapped_column(Text)
    token: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    expires_at: Mapped[datetime | None]
