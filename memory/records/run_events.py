"""Run events: the progress of a run as it happens, for live views."""

from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Words


class RunEventRecord(Record):
    """One event of a run; `seq` counts from 1 without gaps, in commit order."""

    __tablename__ = "run_events"

    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[Words]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[Created]
