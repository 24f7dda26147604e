"""Kill switches: rows that stop paid calls and publishing until an operator releases them."""

from datetime import datetime

from sqlalchemy import Text, func
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Words


class SwitchRecord(Record):
    """One scope (`all`, `provider:<name>`, `channel:<id>`, `run:<id>`) and whether it is stopped."""

    __tablename__ = "kill_switches"

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    engaged: Mapped[bool]
    reason: Mapped[Words]
    changed_by: Mapped[Words]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
