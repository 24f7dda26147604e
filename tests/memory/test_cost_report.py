"""The report adds up, tells booked from reserved from unknown, and keeps play money apart."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from infra.database import Database
from memory.cost_report import GROUPINGS, CostReport
from memory.ledger import Charge, Ledger, Limits
from tests.memory.conftest import Studio


@pytest.fixture
def spent(studio: Studio) -> Database:
    """Four calls: answered, in flight, without an outcome, and rehearsed; one more was never made."""

    def book(provider: str, end: Callable[[Ledger, str], object], provenance: str = "real") -> None:
        with studio.database.unit_of_work() as session:
            ledger = Ledger(session)
            end(ledger, ledger.reserve(Charge(provider=provider, operation="work", microusd=1_000, run_id=studio.run, provenance=provenance), Limits()).id)

    book("openai", lambda ledger, entry: ledger.settle(entry, 400, {"tokens": 3}, "answered"))
    book("openai", lambda ledger, entry: ledger.get(entry))
    book("elevenlabs", lambda ledger, entry: ledger.mark_unknown(entry, "lost"))
    book("elevenlabs", lambda ledger, entry: ledger.settle(entry, 0, None, "not charged"))
    book("elevenlabs", lambda ledger, entry: ledger.settle(entry, 900, None, "answered"), "rehearsal")
    book("openai", lambda ledger, entry: ledger.release(entry))
    return studio.database


def test_booked_reserved_and_unknown_are_told_apart(spent: Database) -> None:
    with spent.unit_of_work() as session:
        total = CostReport(session).total()
        rows = {row.key: row for row in CostReport(session).rows("provider")}
    assert (total.booked_microusd, total.reserved_microusd, total.unknown_microusd) == (400, 1_000, 1_000)
    assert (total.calls, total.unknown_calls, total.failed_calls) == (4, 1, 1)
    assert rows["openai"].counted_microusd == 1_400
    assert rows["elevenlabs"].unknown_microusd == 1_000


def test_a_runs_calls_count_for_its_video_and_channel(spent: Database) -> None:
    with spent.unit_of_work() as session:
        report = CostReport(session)
        keys = {grouping: [row.key for row in report.rows(grouping)] for grouping in GROUPINGS}
        assert (keys["video"], keys["channel"], keys["run"]) == (["video_1"], ["tide_lines"], ["run_1"])
        assert all(sum(row.counted_microusd for row in report.rows(grouping)) == report.total().counted_microusd for grouping in GROUPINGS)


def test_rehearsals_are_a_report_of_their_own(spent: Database) -> None:
    with spent.unit_of_work() as session:
        assert CostReport(session, rehearsed=True).total().booked_microusd == 900


def test_days_outside_the_span_do_not_count(spent: Database) -> None:
    with spent.unit_of_work() as session:
        (day,) = {entry.day for entry in Ledger(session).list_()}
        assert CostReport(session, since=day, until=day).total().calls == 4
        assert CostReport(session, since=day + timedelta(days=1)).total().calls == 0
        assert CostReport(session, until=day - timedelta(days=1)).total().calls == 0
