"""Statements about quota: plan a publication, book each request before it is made, close what the platform says is used up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Unavailable
from memory.quota import next_reset, pacific_day, tariff_on
from memory.records.quota import QuotaBlockRecord, QuotaPlanRecord, QuotaSpendRecord

# How far our clock and the platform's may lie apart.
_SKEW = timedelta(minutes=15)


class QuotaExhausted(Unavailable):
    """A bucket does not hold what is needed; `until` is when it is filled again."""

    code = "quota_exhausted"

    def __init__(self, message: str, until: datetime, **details: object) -> None:
        super().__init__(message, until=until.isoformat(), **details)
        self.until = until


@dataclass(frozen=True)
class Spender:
    """Who spends: the project that all channels share, the publication, and its channel."""

    project: str
    key: str
    channel_id: str | None = None


class QuotaLedger:
    """The quota of one moment. `granted` replaces a bucket's daily limit where the platform granted the project another."""

    def __init__(self, session: Session, now: datetime, granted: Mapping[str, int] | None = None) -> None:
        self.session = session
        self._now = now
        self._day = pacific_day(now)
        self._tariff = tariff_on(self._day)
        self._limits = {**self._tariff.limits, **(granted or {})}

    def plan(self, who: Spender, operations: Iterable[str]) -> None:
        """Set aside what a publication needs today, once; commit before acting. Raises QuotaExhausted when a bucket lacks it."""
        for bucket, amount in sorted(self._tariff.total(operations).items()):
            self._lock(who.project, bucket)
            row = {"project": who.project, "day": self._day, "bucket": bucket, "key": who.key}
            if self.session.get(QuotaPlanRecord, row) is None:
                self._require(who, bucket, amount)
                self.session.execute(insert(QuotaPlanRecord).values(**row, remaining=amount))

    def spend(self, who: Spender, operation: str) -> None:
        """Book one request before it is made, first from what was set aside for it. Raises QuotaExhausted."""
        bucket, amount = self._tariff.cost(operation)
        self._lock(who.project, bucket)
        planned = self.session.get(QuotaPlanRecord, {"project": who.project, "day": self._day, "bucket": bucket, "key": who.key}, populate_existing=True)
        covered = min(amount, planned.remaining) if planned is not None else 0
        self._require(who, bucket, amount - covered)
        if planned is not None:
            planned.remaining -= covered
        booked = QuotaSpendRecord(project=who.project, bucket=bucket, day=self._day, operation=operation, amount=amount, key=who.key, channel_id=who.channel_id)
        self.session.add(booked)
        self.session.flush()

    def release(self, who: Spender) -> None:
        """Give back what a finished publication did not need."""
        self.session.execute(delete(QuotaPlanRecord).where(QuotaPlanRecord.project == who.project, QuotaPlanRecord.key == who.key))

    def free(self, project: str, bucket: str) -> int:
        """Return what a bucket still holds today beyond what is spent and set aside; 0 while it is closed."""
        if self._closed(bucket_scope(project, bucket)) is not None:
            return 0
        spent = select(func.coalesce(func.sum(QuotaSpendRecord.amount), 0)).filter_by(project=project, bucket=bucket, day=self._day)
        planned = select(func.coalesce(func.sum(QuotaPlanRecord.remaining), 0)).filter_by(project=project, bucket=bucket, day=self._day)
        used = int(self.session.scalar(spent) or 0) + int(self.session.scalar(planned) or 0)
        return max(0, self._limits.get(bucket, 0) - used)

    def summary(self, project: str) -> dict[str, int]:
        """Return what each bucket still holds today."""
        return {bucket: self.free(project, bucket) for bucket in sorted(self._limits)}

    def close_bucket(self, project: str, operation: str) -> datetime:
        """Close an operation's bucket until the next reset, because the platform said it is empty; return when that is."""
        bucket, _ = self._tariff.cost(operation)
        # Shortly after our midnight the platform's clock may still say yesterday: its word is then about that day, and it is asked again soon.
        until = next_reset(self._now - _SKEW)
        if until <= self._now:
            until += _SKEW
        return self._close(bucket_scope(project, bucket), until, "the platform said the bucket is used up")

    def close_channel(self, channel_id: str, until: datetime) -> datetime:
        """Close a channel's uploads until then."""
        return self._close(channel_scope(channel_id), until, "the platform said the channel has uploaded enough")

    def ensure_channel_open(self, channel_id: str) -> None:
        """Raise QuotaExhausted while the channel's own upload limit is reached."""
        until = self._closed(channel_scope(channel_id))
        if until is not None:
            raise QuotaExhausted(f"channel {channel_id}: YouTube takes no more uploads of it before {until:%Y-%m-%d %H:%M} UTC", until, channel=channel_id)

    def _require(self, who: Spender, bucket: str, amount: int) -> None:
        if amount > (free := self.free(who.project, bucket)):
            until = next_reset(self._now)
            said = f"quota: {amount} of {bucket} are needed and {free} are left today; it is filled again at {until:%Y-%m-%d %H:%M} UTC (midnight Pacific)"
            raise QuotaExhausted(said, until, bucket=bucket, needed=amount, free=free)

    def _close(self, scope: str, until: datetime, reason: str) -> datetime:
        statement = insert(QuotaBlockRecord).values(scope=scope, until=until, reason=reason)
        self.session.execute(statement.on_conflict_do_update(index_elements=["scope"], set_={"until": until, "reason": reason}))
        return until

    def _closed(self, scope: str) -> datetime | None:
        found = self.session.scalar(select(QuotaBlockRecord.until).filter_by(scope=scope))
        return found if found is not None and found > self._now else None

    def _lock(self, project: str, bucket: str) -> None:
        self.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"quota:{project}:{bucket}"})


def bucket_scope(project: str, bucket: str) -> str:
    """Return the name under which a bucket of a project is closed."""
    return f"bucket:{project}:{bucket}"


def channel_scope(channel_id: str) -> str:
    """Return the name under which the uploads of a channel are closed."""
    return f"channel:{channel_id}"
