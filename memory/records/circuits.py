"""Circuits: whether a provider may be called at all, shared by every process."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import one_of

CIRCUIT_STATES = ("closed", "open", "half_open")


class CircuitRecord(Record):
    """One provider, endpoint and credential. `wait_until` is what a `Retry-After` asked for; `probe` is the entry of a half-open circuit's one call."""

    __tablename__ = "provider_circuits"
    __table_args__ = (CheckConstraint(one_of("state", CIRCUIT_STATES), name="state"),)

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint: Mapped[str] = mapped_column(Text, primary_key=True)
    credential: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text, server_default=text("'closed'"))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    openings: Mapped[int] = mapped_column(server_default=text("0"))
    open_until: Mapped[datetime | None]
    wait_until: Mapped[datetime | None]
    probe: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str] = mapped_column(Text, server_default=text("''"))
