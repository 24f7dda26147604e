"""What every process of one studio must share, whichever machine it runs on: one row."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record


class StudioRecord(Record):
    """The digest of the mark that lies in the right media store, where that store is, and which code the studio runs."""

    __tablename__ = "studio"

    id: Mapped[str] = mapped_column(Text, primary_key=True, server_default="studio")
    media_mark: Mapped[str] = mapped_column(Text)
    media_place: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id = 'studio'", name="one_row"),)
