"""Plans: what each allows, counted in the database, and what a failed payment changes and when."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from infra.clock import SYSTEM_CLOCK
from infra.database import Database, Session
from memory.personality import load_personalities
from memory.plans import ENTRY, SELF_HOSTED, load_plans, plan_of_price
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.payments import SubscriptionRecord
from memory.records.runs import RunRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.allowance import AllowanceRepository, PlanLimitReached
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.payments import PaymentRepository, SeenSubscription

STUDIO = "ytempire_studio_monthly"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A transaction of a studio that sells plans."""
    with database.unit_of_work() as opened:
        PaymentRepository(opened).set_billed(True)
        yield opened


def seen(status: str, asked: int = 1, price: str | None = STUDIO, sub: str = "sub_1") -> SeenSubscription:
    return SeenSubscription(sub, LOCAL_TENANT, False, "cus_1", status, price, None, False, asked)


def add_channels(session: Session, count: int) -> list[str]:
    made = list(load_personalities())[:count]
    for channel in made:
        ChannelRepository(session).ensure(channel, channel, channel)
        session.flush()
    return made


def autonomous(session: Session, run_id: str, hours: float) -> AutonomousRunRecord:
    now = SYSTEM_CLOCK.now()
    about = {"id": run_id, "tenant_id": LOCAL_TENANT, "key": run_id, "request": {"channels": []}, "provenance": "demo", "budget_microusd": 0}
    return AutonomousRunRepository(session).create(AutonomousRunRecord(**about, starts_at=now, ends_at=now + timedelta(hours=hours)))


def test_the_table_has_five_channels_on_entry_and_no_limit_self_hosted() -> None:
    plans = load_plans()
    assert (plans[ENTRY].channels, plans[ENTRY].price) == (5, None)
    assert plans[SELF_HOSTED].model_dump(exclude={"id", "name"}, exclude_none=True) == {}
    assert [one.id for one in plans.values() if one.price and plan_of_price(one.price) != one.id] == []
    sold = [one for one in plans.values() if one.id != SELF_HOSTED]
    assert [one.channels for one in sold] == sorted(one.channels or 0 for one in sold)


def test_without_a_key_of_stripe_there_is_no_limit(database: Database) -> None:
    with database.unit_of_work() as session:
        PaymentRepository(session).set_billed(False)
        assert len(add_channels(session, 20)) == 20
        assert AllowanceRepository(session).standing(LOCAL_TENANT).plan.id == SELF_HOSTED
        autonomous(session, "auto_1", 10_000)


def test_the_entry_plan_has_five_channels_and_says_how_to_have_more(session: Session) -> None:
    made = add_channels(session, 5)
    with pytest.raises(PlanLimitReached, match=r"plan: Entry allows 5 channels and there are 5; choose a larger plan \(POST /v1/payments/checkout") as refused:
        add_channels(session, 6)
    assert refused.value.details == {"plan": "entry", "limit": "channels"}
    assert ChannelRepository(session).ensure(made[0], made[0], "x").id == made[0]
    with pytest.raises(PlanLimitReached):
        ChannelRepository(session).create("new", made[0], "x", LOCAL_TENANT)
    PaymentRepository(session).put(seen("active"))
    assert len(add_channels(session, 15)) == 15


def test_a_later_asking_is_never_undone_by_an_earlier_one(session: Session) -> None:
    payments = PaymentRepository(session)
    first, second = payments.next_asking(), payments.next_asking()
    assert first < second
    assert payments.put(seen("canceled", second))
    assert not payments.put(seen("active", first))
    assert AllowanceRepository(session).standing(LOCAL_TENANT).plan.id == ENTRY


def test_the_largest_plan_that_is_paid_for_counts(session: Session) -> None:
    payments = PaymentRepository(session)
    payments.put(seen("active", sub="sub_1"))
    payments.put(seen("active", price="ytempire_network_monthly", sub="sub_2"))
    payments.put(seen("active", price="something_else", sub="sub_3"))
    assert AllowanceRepository(session).standing(LOCAL_TENANT).plan.id == "network"


def test_a_failed_payment_has_grace_and_then_limits_count_without_deleting_anything(session: Session) -> None:
    payments, allowance = PaymentRepository(session), AllowanceRepository(session)
    payments.put(seen("active", 1))
    made = add_channels(session, 8)
    payments.put(seen("past_due", 2))
    until = allowance.standing(LOCAL_TENANT).grace_until
    assert until is not None
    assert timedelta(days=6.9) < until - SYSTEM_CLOCK.now() <= timedelta(days=7)
    assert allowance.standing(LOCAL_TENANT).plan.id == "studio"
    payments.put(seen("unpaid", 3))
    assert allowance.standing(LOCAL_TENANT).grace_until == until
    over = session.get_one(SubscriptionRecord, "sub_1", populate_existing=True)
    over.grace_until = SYSTEM_CLOCK.now() - timedelta(seconds=1)
    session.flush()
    assert allowance.standing(LOCAL_TENANT).plan.id == ENTRY
    allowance.ensure_video(made[4])
    with pytest.raises(PlanLimitReached, match=rf"runs the 5 channels that were created first, and {made[5]} is number 6; it is kept as it is"):
        allowance.ensure_video(made[5])
    assert allowance.usage(LOCAL_TENANT).channels == 8
    payments.put(seen("active", 4))
    assert allowance.standing(LOCAL_TENANT).grace_until is None
    allowance.ensure_video(made[5])


def test_videos_of_the_month_are_counted_without_those_that_came_to_nothing(session: Session) -> None:
    (channel,) = add_channels(session, 1)
    most = load_plans()[ENTRY].videos_per_month or 0
    ended = SYSTEM_CLOCK.now()
    for number in range(most):
        session.add(RunRecord(id=f"run_{number}", channel_id=channel, request={}, provenance="demo", status="published", finished_at=ended))
    session.add(RunRecord(id="run_failed", channel_id=channel, request={}, provenance="demo", status="failed", finished_at=ended))
    session.flush()
    with pytest.raises(PlanLimitReached, match=f"plan: Entry allows {most} videos a month and {most} were begun"):
        AllowanceRepository(session).ensure_video(channel)
    session.get_one(RunRecord, "run_0").created_at = ended - timedelta(days=32)
    session.flush()
    AllowanceRepository(session).ensure_video(channel)
    assert AllowanceRepository(session).usage(LOCAL_TENANT).videos == most - 1


def test_hours_of_autonomy_are_counted_as_they_were_asked_for(session: Session) -> None:
    autonomous(session, "auto_1", 48)
    autonomous(session, "auto_2", 24)
    with pytest.raises(PlanLimitReached, match=r"plan: Entry allows 72 hours of autonomy a month, 0\.0 are left and 1\.0 were asked for"):
        autonomous(session, "auto_3", 1)
    allowance = AllowanceRepository(session)
    allowance.ensure_hours(LOCAL_TENANT, 24, but="auto_2")
    with pytest.raises(PlanLimitReached):
        allowance.ensure_hours(LOCAL_TENANT, 25, but="auto_2")
