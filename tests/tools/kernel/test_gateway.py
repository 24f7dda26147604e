"""Paid calls: reserved before, settled after, booked when they fail, never made twice, never past a limit."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.database import Database
from infra.settings import Settings
from memory.ledger import BudgetExceeded, Ledger
from memory.media import MediaStore
from memory.repositories.switches import Stopped, SwitchRepository
from tools.base import ToolContext
from tools.gateway import Answer, CallRejected, Gateway, PaidCall
from tools.worker_faults import LeaseLost

CALL = PaidCall("acme", "write", {"prompt": "hello"}, worst_microusd=50_000)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def context(settings: Settings, tmp_path: Path) -> ToolContext:
    return ToolContext(settings=settings, store=MediaStore(tmp_path / "media"), scratch=tmp_path, job_id="job_1", run_id="run_1")


def spent(database: Database) -> int:
    """What counts for the run, in millionths of a dollar."""
    with database.unit_of_work() as session:
        return Ledger(session).total_microusd(run_id="run_1")


def test_a_call_is_settled_to_what_it_cost(context: ToolContext, database: Database) -> None:
    assert Gateway(context, database).call(CALL, lambda: Answer({"text": "hi"}, 1234)) == {"text": "hi"}
    assert spent(database) == 1234


def test_an_answer_that_is_kept_is_never_paid_for_again(context: ToolContext, database: Database) -> None:
    made: list[int] = []

    def make() -> Answer:
        made.append(1)
        return Answer("once", 10)

    assert [Gateway(context, database).call(CALL, make) for _ in range(3)] == ["once"] * 3
    assert len(made) == 1
    assert spent(database) == 10


def test_a_rejected_call_costs_nothing_and_is_on_the_books(context: ToolContext, database: Database) -> None:
    def make() -> Answer:
        raise CallRejected("the prompt is too long; shorten it")

    with pytest.raises(CallRejected):
        Gateway(context, database).call(CALL, make)
    assert spent(database) == 0
    with database.unit_of_work() as session:
        assert Ledger(session).totals_by_provider(run_id="run_1") == {"acme": 0}


def test_a_call_whose_outcome_is_unknown_stays_booked_at_its_worst_case(context: ToolContext, database: Database) -> None:
    def make() -> Answer:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        Gateway(context, database).call(CALL, make)
    assert spent(database) == 50_000
    assert Gateway(context, database).call(CALL, lambda: Answer("second try", 700)) == "second try"
    assert spent(database) == 50_700
    with database.unit_of_work() as session:
        assert [entry.status for entry in Ledger(session).list_open("job_1")] == ["unknown"]


def test_a_call_over_its_own_limit_is_not_made(context: ToolContext, database: Database) -> None:
    with pytest.raises(BudgetExceeded):
        Gateway(context, database).call(replace(CALL, worst_microusd=100_001), lambda: pytest.fail("was made"))
    assert spent(database) == 0


def test_calls_of_one_video_stop_at_its_limit(context: ToolContext, database: Database) -> None:
    dear = [replace(CALL, request=number, worst_microusd=100_000) for number in range(31)]
    for call in dear[:30]:
        Gateway(context, database).call(call, lambda: Answer("dear", 100_000))
    with pytest.raises(BudgetExceeded):
        Gateway(context, database).call(dear[30], lambda: pytest.fail("was made"))
    assert spent(database) == 3_000_000


def test_a_kill_switch_stops_the_next_call(context: ToolContext, database: Database) -> None:
    with database.unit_of_work() as session:
        SwitchRepository(session).engage("provider:acme", "too dear", "operator")
    with pytest.raises(Stopped):
        Gateway(context, database).call(CALL, lambda: pytest.fail("was made"))


def test_a_worker_that_lost_its_job_makes_no_call(context: ToolContext, database: Database) -> None:
    def lost() -> None:
        raise LeaseLost("job_1 belongs to another worker now")

    with pytest.raises(LeaseLost):
        Gateway(replace(context, ensure_live=lost), database).call(CALL, lambda: pytest.fail("was made"))
    assert spent(database) == 0
