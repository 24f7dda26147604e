"""How the platform's quota stands: by bucket of a project, and what each of its channels has taken of it or has set aside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from memory.quota import pacific_day, tariff_on
from memory.records.quota import QuotaBlockRecord, QuotaPlanRecord, QuotaSpendRecord
from memory.records.runs import RunRecord
from memory.repositories.quota import bucket_scope, channel_scope


@dataclass(frozen=True)
class Closed:
    """Until when the platform itself called something used up, and in which words."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class BucketStanding:
    """One bucket today: what it holds, what was spent of it, what publications under way have set aside, and what is left beyond both."""

    bucket: str
    limit: int
    spent: int
    reserved: int
    closed: Closed | None

    @property
    def left(self) -> int:
        """What may still be spent or set aside; nothing while the bucket is closed."""
        return 0 if self.closed is not None else max(0, self.limit - self.spent - self.reserved)


@dataclass(frozen=True)
class ChannelStanding:
    """One channel's part of its project's quota today, by bucket."""

    channel_id: str
    spent: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    closed: Closed | None = None


class QuotaStandings:
    """Reads of quota at one moment. `granted` replaces a bucket's daily limit where the platform granted another."""

    def __init__(self, session: Session, now: datetime, granted: Mapping[str, int] | None = None) -> None:
        self._session = session
        self._now = now
        self._day = pacific_day(now)
        self._limits = {**tariff_on(self._day).limits, **(granted or {})}

    def buckets(self, project: str) -> tuple[BucketStanding, ...]:
        """Return every bucket of a project, by name."""
        spends, plans = QuotaSpendRecord, QuotaPlanRecord
        spent = select(spends.bucket, func.sum(spends.amount)).where(spends.project == project, spends.day == self._day).group_by(spends.bucket)
        planned = select(plans.bucket, func.sum(plans.remaining)).where(plans.project == project, plans.day == self._day).group_by(plans.bucket)
        taken = {bucket: int(amount) for bucket, amount in self._session.execute(spent)}
        aside = {bucket: int(amount) for bucket, amount in self._session.execute(planned)}
        closed = self._closed(bucket_scope(project, name) for name in self._limits)
        return tuple(
            BucketStanding(name, limit, taken.get(name, 0), aside.get(name, 0), closed.get(bucket_scope(project, name)))
            for name, limit in sorted(self._limits.items())
        )

    def channels(self, project: str, channel_ids: Sequence[str]) -> tuple[ChannelStanding, ...]:
        """Return what those channels have taken of a project's quota today, in their order; what is set aside is its run's channel's."""
        spends, plans = QuotaSpendRecord, QuotaPlanRecord
        spent = select(spends.channel_id, spends.bucket, func.sum(spends.amount)).where(spends.project == project, spends.day == self._day)
        planned = select(RunRecord.channel_id, plans.bucket, func.sum(plans.remaining)).join(RunRecord, RunRecord.id == plans.key)
        planned = planned.where(plans.project == project, plans.day == self._day, plans.remaining > 0, RunRecord.channel_id.in_(channel_ids))
        closed = self._closed(channel_scope(one) for one in channel_ids)
        found = {one: ChannelStanding(one, closed=closed.get(channel_scope(one))) for one in channel_ids}
        for channel_id, bucket, amount in self._session.execute(spent.where(spends.channel_id.in_(channel_ids)).group_by(spends.channel_id, spends.bucket)):
            found[str(channel_id)].spent[bucket] = int(amount)
        for channel_id, bucket, amount in self._session.execute(planned.group_by(RunRecord.channel_id, plans.bucket)):
            found[channel_id].reserved[bucket] = int(amount)
        return tuple(found.values())

    def _closed(self, scopes: Iterable[str]) -> dict[str, Closed]:
        blocks = select(QuotaBlockRecord).where(QuotaBlockRecord.scope.in_(list(scopes)), QuotaBlockRecord.until > self._now)
        return {one.scope: Closed(one.until, one.reason) for one in self._session.scalars(blocks)}
