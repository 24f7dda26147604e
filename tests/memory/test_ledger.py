"""The ledger: no limit is ever passed, and nothing counts less than it may cost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.database import Database
from infra.errors import Invalid
from memory.ledger import BudgetExceeded, Charge, CostEntryClosed, CostEntryMissing, Ledger, Limits
from memory.repositories.channels import ChannelRepository
from memory.repositories.switches import Stopped, SwitchRepository

CHARGE = Charge(provider="openai", operation="chat", microusd=1_000, run_id="run_1", video_id="video_1", channel_id="tide_lines")


def _reserve(database: Database, charge: Charge = CHARGE, limits: Limits | None = None) -> str:
    with database.unit_of_work() as session:
        return Ledger(session).reserve(charge, limits or Limits()).id


@pytest.mark.parametrize("scope", ["run", "video", "channel", "day", "tenant"])
def test_fifty_parallel_reservations_stop_exactly_at_the_limit(database: Database, scope: str) -> None:
    limit: dict[str, Any] = {scope: 17_999}

    def attempt(number: int) -> bool:
        charge = Charge(provider="openai", operation="chat", microusd=1_000, run_id="run_1", video_id="video_1", channel_id="c", job_id=f"job_{number}")
        try:
            _reserve(database, charge, Limits(**limit))
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        accepted = sum(pool.map(attempt, range(50)))
    assert accepted == 17
    with database.unit_of_work() as session:
        assert Ledger(session).total_microusd(run_id="run_1") == Ledger(session).account_microusd("run", "run_1") == 17_000


def test_reservations_and_settlements_in_any_order_do_not_deadlock_and_add_up(database: Database) -> None:
    def spend(number: int) -> None:
        charge = Charge(provider="openai", operation="chat", microusd=100, run_id=f"run_{number % 3}", video_id=f"video_{number % 2}")
        entry = _reserve(database, charge)
        with database.unit_of_work() as session:
            ledger = Ledger(session)
            ledger.release(entry) if number % 4 == 0 else ledger.settle(entry, number)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(spend, range(60)))
    expected = sum(number for number in range(60) if number % 4)
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        assert ledger.total_microusd() == ledger.account_microusd("tenant", "tenant_local") == expected
        assert sum(ledger.account_microusd("run", f"run_{number}") for number in range(3)) == expected


def test_a_call_dearer_than_the_limit_of_a_call_is_refused_and_books_nothing(database: Database) -> None:
    with pytest.raises(BudgetExceeded, match=r"call chat: another \$0\.0010 would pass the limit of \$0\.00"):
        _reserve(database, limits=Limits(call=999))
    with database.unit_of_work() as session:
        assert Ledger(session).total_microusd() == 0


def test_a_channels_own_budget_of_a_day_holds_until_it_is_lifted(database: Database) -> None:
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("tide_lines", "tide_lines", "Tide Lines")
        ChannelRepository(session).set_budget("tide_lines", 1_500)
    entry = _reserve(database)
    with pytest.raises(BudgetExceeded) as refused:
        _reserve(database)
    assert (refused.value.details["scope"], refused.value.details["limit"]) == ("channel_day", 1_500)
    with database.unit_of_work() as session:
        Ledger(session).settle(entry, 200)
    _reserve(database)
    with database.unit_of_work() as session:
        ChannelRepository(session).set_budget("tide_lines", None)
    _reserve(database)


def test_a_refusal_by_one_limit_leaves_every_other_account_as_it_was(database: Database) -> None:
    with pytest.raises(BudgetExceeded):
        _reserve(database, limits=Limits(video=500))
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        assert [ledger.account_microusd(scope, key) for scope, key in (("run", "run_1"), ("channel", "tide_lines"), ("tenant", "tenant_local"))] == [0, 0, 0]


def test_settling_frees_the_difference_for_the_next_call(database: Database) -> None:
    entry = _reserve(database, limits=Limits(run=1_500))
    with pytest.raises(BudgetExceeded):
        _reserve(database, limits=Limits(run=1_500))
    with database.unit_of_work() as session:
        settled = Ledger(session).settle(entry, 200, {"input_tokens": 12})
        assert (settled.status, settled.settled_microusd, settled.counted_microusd, settled.usage) == ("settled", 200, 200, {"input_tokens": 12})
    _reserve(database, limits=Limits(run=1_500))


def test_a_call_that_cost_more_than_reserved_is_booked_in_full(database: Database) -> None:
    entry = _reserve(database)
    with database.unit_of_work() as session:
        Ledger(session).settle(entry, 5_000)
    with database.unit_of_work() as session:
        assert Ledger(session).account_microusd("run", "run_1") == 5_000


def test_an_unknown_outcome_keeps_its_worst_case_until_it_is_known(database: Database) -> None:
    entry = _reserve(database)
    with database.unit_of_work() as session:
        assert Ledger(session).mark_unknown(entry).status == "unknown"
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        assert ledger.total_microusd(video_id="video_1") == 1_000
        assert [one.id for one in ledger.list_open()] == [entry]
        ledger.settle(entry, 300)
    with database.unit_of_work() as session:
        assert Ledger(session).total_microusd(video_id="video_1") == 300
        assert Ledger(session).list_open() == ()


@pytest.mark.parametrize("first", ["settle", "release"])
def test_an_entry_is_closed_once(database: Database, first: str) -> None:
    entry = _reserve(database)
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        ledger.settle(entry, 1) if first == "settle" else ledger.release(entry)
    closings: list[Callable[[Ledger], object]] = [lambda one: one.settle(entry, 1), lambda one: one.release(entry), lambda one: one.mark_unknown(entry)]
    for again in closings:
        with pytest.raises(CostEntryClosed), database.unit_of_work() as session:
            again(Ledger(session))


def test_negative_money_and_unknown_entries_are_refused(database: Database) -> None:
    with pytest.raises(Invalid):
        _reserve(database, Charge(provider="openai", operation="chat", microusd=-1))
    with pytest.raises(CostEntryMissing), database.unit_of_work() as session:
        Ledger(session).settle("cost_none", 1)


def test_totals_are_told_apart_by_provider_run_and_day(database: Database) -> None:
    entry = _reserve(database)
    _reserve(database, Charge(provider="elevenlabs", operation="speech", microusd=7, run_id="run_2"))
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        day = ledger.get(entry).day
        assert ledger.totals_by_provider(day=day) == {"elevenlabs": 7, "openai": 1_000}
        assert ledger.total_microusd(run_id="run_2", day=day) == 7
        assert ledger.account_microusd("day", f"tenant_local/{day}") == 1_007


@pytest.mark.parametrize("scope", ["all", "provider:openai", "channel:tide_lines", "run:run_1"])
def test_a_kill_switch_stops_every_reservation_it_covers_until_it_is_released(database: Database, scope: str) -> None:
    with database.unit_of_work() as session:
        SwitchRepository(session).engage(scope, "spend looks wrong", "ada")
    with pytest.raises(Stopped, match="stopped by ada: spend looks wrong"):
        _reserve(database)
    with database.unit_of_work() as session:
        assert [switch.scope for switch in SwitchRepository(session).list_engaged()] == [scope]
        SwitchRepository(session).release(scope, "checked", "ada")
    _reserve(database)


def test_a_kill_switch_of_another_provider_stops_nothing_here(database: Database) -> None:
    with database.unit_of_work() as session:
        SwitchRepository(session).engage("provider:elevenlabs", "down", "ada")
    _reserve(database)
