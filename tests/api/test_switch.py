"""`ytempire stop`, `ytempire switch` and `ytempire costs`: what is stopped, who may let it go on, and what was spent on what."""

import pytest

from memory.ledger import Charge, Ledger, Limits
from memory.repositories.circuits import Circuit, CircuitRepository
from tests.fixtures.desk import Desk


def test_what_is_stopped_is_listed_until_it_is_released(desk: Desk) -> None:
    assert desk.told("switch", "list") == "nothing is stopped\n"
    (stopped,) = desk.json("stop", "provider:openai", "--reason", "the bill looks wrong")["stopped"]
    assert (stopped["scope"], stopped["reason"], stopped["by"]) == ("provider:openai", "the bill looks wrong", "operator")
    assert desk.json("switch", "list")["stopped"] == [stopped]
    assert "provider:openai          the bill looks wrong  (operator, " in desk.told("switch", "list")
    assert (desk.home / "operator.token").stat().st_mode & 0o777 == 0o600
    (desk.home / "operator.token").rename(desk.home / "elsewhere")
    assert "no operator's" in desk.refused("switch", "release", "provider:openai", "--reason", "I may not")
    (desk.home / "elsewhere").rename(desk.home / "operator.token")
    assert desk.json("switch", "release", "provider:openai", "--reason", "it was right")["stopped"] == []


def test_a_provider_that_asked_to_wait_is_called_again_once_an_operator_says_so(desk: Desk) -> None:
    with desk.database.unit_of_work() as session:
        CircuitRepository(session).note_wait(Circuit("openai", "write", ""), 600)
    desk.told("switch", "engage", "channel:deep-orbit", "--reason", "a strike")
    assert [one["scope"] for one in desk.json("switch", "reset", "openai")["stopped"]] == ["channel:deep-orbit"]
    assert desk.json("costs")["held_back"] == []


def test_the_costs_are_told_by_every_grouping(desk: Desk) -> None:
    assert "nothing was bought yet" in desk.told("costs")
    with desk.database.unit_of_work() as session:
        ledger = Ledger(session)
        ledger.settle(ledger.reserve(Charge(provider="openai", operation="write", microusd=900, run_id="r", kind="llm"), Limits(run=1_000)).id, 250)
        lost = ledger.reserve(Charge(provider="elevenlabs", operation="speech", microusd=50_000, run_id="r", kind="voice"), Limits())
        ledger.mark_unknown(lost.id, "lost")
        CircuitRepository(session).note_wait(Circuit("elevenlabs", "speech", ""), 60)
    report = desk.json("costs")
    assert report["total"] == {
        "key": "total",
        "booked_usd": 0.00025,
        "reserved_usd": 0.0,
        "unknown_usd": 0.05,
        "calls": 2,
        "unknown_calls": 1,
        "failed_calls": 0,
    }
    assert {row["key"] for row in report["by_provider"]} == {"openai", "elevenlabs"}
    assert [one["provider"] for one in report["unknown"]] == ["elevenlabs"]
    assert sorted(one["percent"] for one in report["alerts"]) == [50, 80]
    assert [(one["provider"], one["state"]) for one in report["held_back"]] == [("elevenlabs", "closed")]
    told = desk.told("costs", "--by", "kind")
    assert all(word in told for word in ("llm", "voice", "0.0500", "80% of $0.00", "run r", "held back until"))
    assert "nothing was bought yet" in desk.told("costs", "--since", "2031-01-01")


@pytest.mark.parametrize(("option", "value"), [("--by", "colour"), ("--since", "yesterday")])
def test_a_report_that_cannot_be_made_is_refused(desk: Desk, option: str, value: str) -> None:
    assert value in desk.refused("costs", option, value)
