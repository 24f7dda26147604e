"""Quota: what was spent of the platform's daily buckets, what is set aside for publications under way, and what is closed until when."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.records.base import Record
from memory.records.columns import Created, Serial, Words


class QuotaSpendRecord(Record):
    """One request, booked before it is made, whatever comes of it."""

    __tablename__ = "quota_spends"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), Index("ix_quota_spends_day", "project", "day", "bucket"))

    id: Mapped[Serial]
    project: Mapped[Words]
    bucket: Mapped[Words]
    day: Mapped[date]
    operation: Mapped[Words]
    amount: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[Words]
    channel_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Created]


class QuotaPlanRecord(Record):
    """What a publication still needs of a bucket today, kept free of others."""

    __tablename__ = "quota_plans"
    __table_args__ = (CheckConstraint("remaining >= 0", name="remaining"),)

    project: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    remaining: Mapped[int] = mapped_column(BigInteger)


class QuotaBlockRecord(Record):
    """A bucket of a project, or the uploads of a channel, that the platform itself called used up."""

    __tablename__ = "quota_blocks"

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime]
    reason: Mapped[Words]
    created_at: Mapped[Created]
