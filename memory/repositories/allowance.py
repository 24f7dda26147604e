"""What a tenant's plan allows and how much of it is used; asked wherever a channel is created, a run is started or a video is begun."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.orm import Session

from infra.errors import Forbidden
from memory.plans import ENTRY, SELF_HOSTED, Plan, load_plans, plan_of_price
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.channels import ChannelRecord
from memory.records.payments import SubscriptionRecord
from memory.records.runs import RunRecord
from memory.records.tenants import TenantRecord
from memory.repositories.payments import OWING, PAID

_S = 3600.0
_HOW = "choose a larger plan (POST /v1/payments/checkout, or /v1/payments/portal to change the one you have)"
# A run counts as a video while it goes on, and when it came to one; whoever rejected it has seen it.
_MADE = ("published", "rejected")


class PlanLimitReached(Forbidden):
    """The tenant's plan allows no more of this: the message names plan, limit and the way to change it."""

    code = "plan_limit_reached"


@dataclass(frozen=True)
class Standing:
    """The plan that counts for a tenant now, the subscription it comes from, and until when an unpaid one still counts."""

    plan: Plan
    subscription: str | None = None
    status: str | None = None
    grace_until: datetime | None = None
    period_ends_at: datetime | None = None
    ends: bool = False


@dataclass(frozen=True)
class Usage:
    """How much of a plan is used: channels that there are, and of this UTC month the videos begun and the hours of autonomy asked for."""

    channels: int
    videos: int
    autonomy_hours: float


class AllowanceRepository:
    """Reads what counts for one tenant; raises PlanLimitReached where the plan allows no more."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def standing(self, tenant_id: str) -> Standing:
        """Return the largest plan that is paid for, or owed for within the grace; else the least. Without a key of Stripe, the self-hosted one."""
        plans = load_plans()
        if not self._session.scalar(select(TenantRecord.billed).filter_by(id=tenant_id)):
            return Standing(plans[SELF_HOSTED])
        owed = and_(SubscriptionRecord.status.in_(OWING), SubscriptionRecord.grace_until > func.now())
        counted = select(SubscriptionRecord).where(SubscriptionRecord.tenant_id == tenant_id, or_(SubscriptionRecord.status.in_(PAID), owed))
        rows = self._session.scalars(counted.execution_options(populate_existing=True))
        found = [(list(plans).index(plan), row) for row in rows if (plan := plan_of_price(row.price)) is not None]
        if not found:
            return Standing(plans[ENTRY])
        place, row = max(found, key=lambda one: (one[0], one[1].id))
        return Standing(list(plans.values())[place], row.id, row.status, row.grace_until, row.period_ends_at, row.ends)

    def usage(self, tenant_id: str) -> Usage:
        """Return how much of its plan a tenant uses."""
        channels = self._count(ChannelRecord.tenant_id == tenant_id, ChannelRecord.id)
        return Usage(channels, self._videos(tenant_id), round(self._hours(tenant_id), 2))

    def ensure_channel(self, tenant_id: str) -> None:
        """Raise PlanLimitReached unless the tenant may have one more channel; creations of one tenant wait for one another."""
        plan = self._begin(tenant_id)
        if plan.channels is not None and (there := self._count(ChannelRecord.tenant_id == tenant_id, ChannelRecord.id)) >= plan.channels:
            raise _reached(plan, "channels", f"allows {plan.channels} channels and there are {there}", _HOW)

    def ensure_video(self, channel_id: str) -> None:
        """Raise PlanLimitReached unless a video of this channel may be begun: the month has one left, and the channel is among those that the plan runs."""
        tenant_id = self._session.scalar(select(ChannelRecord.tenant_id).filter_by(id=channel_id))
        if tenant_id is None:
            return
        plan = self._begin(tenant_id)
        if plan.channels is not None and (before := self._older(tenant_id, channel_id)) >= plan.channels:
            said = f"runs the {plan.channels} channels that were created first, and {channel_id} is number {before + 1}; it is kept as it is"
            raise _reached(plan, "channels", said, _HOW)
        if plan.videos_per_month is not None and (made := self._videos(tenant_id)) >= plan.videos_per_month:
            raise _reached(plan, "videos_per_month", f"allows {plan.videos_per_month} videos a month and {made} were begun", f"{_HOW}, or wait for next month")

    def ensure_hours(self, tenant_id: str, hours: float, but: str = "") -> None:
        """Raise PlanLimitReached unless that many hours of autonomy are left of the month; those of the run `but` do not count."""
        plan = self._begin(tenant_id)
        if plan.autonomy_hours_per_month is None:
            return
        left = max(0.0, plan.autonomy_hours_per_month - self._hours(tenant_id, but))
        if hours > left + 1 / _S:
            said = f"allows {plan.autonomy_hours_per_month} hours of autonomy a month, {left:.1f} are left and {hours:.1f} were asked for"
            raise _reached(plan, "autonomy_hours_per_month", said, f"ask for fewer hours, {_HOW}, or wait for next month")

    def _begin(self, tenant_id: str) -> Plan:
        """Return the plan that counts, with the tenant's other askings waiting where it has a limit: two together may not pass what each alone may."""
        plan = self.standing(tenant_id).plan
        if plan.id != SELF_HOSTED:
            self._session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 4))"), {"name": f"plan/{tenant_id}"})
        return plan

    def _count(self, which: ColumnElement[bool], column: object) -> int:
        return int(self._session.scalar(select(func.count(column)).where(which)) or 0)  # type: ignore[arg-type]

    def _older(self, tenant_id: str, channel_id: str) -> int:
        at = select(ChannelRecord.created_at).filter_by(id=channel_id).scalar_subquery()
        earlier = or_(ChannelRecord.created_at < at, and_(ChannelRecord.created_at == at, ChannelRecord.id < channel_id))
        return self._count(and_(ChannelRecord.tenant_id == tenant_id, earlier), ChannelRecord.id)

    def _videos(self, tenant_id: str) -> int:
        counted = or_(RunRecord.finished_at.is_(None), RunRecord.status.in_(_MADE))
        return self._count(and_(RunRecord.tenant_id == tenant_id, RunRecord.created_at >= _month(), RunRecord.kind == "production", counted), RunRecord.id)

    def _hours(self, tenant_id: str, but: str = "") -> float:
        run = AutonomousRunRecord
        ends = func.coalesce(run.ended_at, run.ends_at)
        seconds = func.extract("epoch", ends - func.greatest(run.starts_at, _month()))
        mine = select(func.coalesce(func.sum(func.greatest(seconds, 0)), 0)).where(run.tenant_id == tenant_id, ends > _month(), run.id != but)
        return float(self._session.scalar(mine) or 0) / _S


def _month() -> ColumnElement[datetime]:
    return func.date_trunc("month", func.now(), "UTC")


def _reached(plan: Plan, limit: str, said: str, way: str) -> PlanLimitReached:
    return PlanLimitReached(f"plan: {plan.name} {said}; {way}", plan=plan.id, limit=limit)
