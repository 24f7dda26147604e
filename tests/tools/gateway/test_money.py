"""Money: booked like the provider's own invoice, never past a limit, alerted once, and never called more often than allowed."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.database import Database
from infra.errors import StudioError
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.cost_alerts import CostAlerts
from memory.ledger import BudgetExceeded, Ledger
from memory.repositories.incidents import IncidentRepository
from tests.fixtures.spending import UNIT_MICROUSD, Meter, ask, job, spend_many
from tools.base import ToolRetry
from tools.gateway import Answer, AttemptsSpent, CallSpoiled, CallTurnedAway, Gateway, OutcomeUnknown, PaidCall
from tools.sandbox import Fault, Sandbox, cut_connection, rate_limited, server_error


def statuses(database: Database) -> list[str]:
    with database.unit_of_work() as session:
        return [f"{one.status}:{one.outcome}" for one in sorted(Ledger(session).list_(), key=lambda one: one.created_at)]


def bury(database: Database, code: str) -> None:
    """Let the latest attempt of the job have been its last, of that error."""
    with database.unit_of_work() as session:
        columns = "id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s"
        values = "'job_1', 'run_1', 'write', 0, 0, 'scriptwriter', 'write_text', 'io', '{}', 'h', 'real', 4, 240"
        session.execute(text(f"insert into jobs ({columns}) values ({values}) on conflict do nothing"))
        attempt = "select 'job_1', count(*) + 1, 1, 'worker', clock_timestamp(), 'dead', jsonb_build_object('code', cast(:code as text)) from job_attempts"
        session.execute(text(f"insert into job_attempts (job_id, token, attempt, worker, ended_at, outcome, error) {attempt}"), {"code": code})


def booked(database: Database, status: str = "settled") -> int:
    with database.unit_of_work() as session:
        return sum(one.counted_microusd for one in Ledger(session).list_() if one.status == status)


def test_what_is_booked_is_what_the_provider_invoices_failures_included(
    settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, meter: Meter
) -> None:
    provider.faults.play("/work", server_error(500), rate_limited("0"), Fault("status", "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.1", status=400))
    for number, units in enumerate([50, 60, 70, 13, 80, 90]):
        context = job(settings, database.url, tmp_path, f"job_{number}")
        try:
            Gateway(context, database).call(*ask(provider.url, units))
        except StudioError:
            continue
    assert booked(database) == sum(meter.invoice) == (13 + 80 + 90) * UNIT_MICROUSD
    assert statuses(database) == ["settled:not charged"] * 3 + ["settled:spoiled"] + ["settled:answered"] * 2
    assert len(provider.seen) == 6


def test_a_cut_answer_is_booked_at_its_worst_and_told_apart(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, meter: Meter) -> None:
    provider.faults.play("/work", cut_connection())
    gateway = Gateway(job(settings, database.url, tmp_path), database)
    with pytest.raises(ToolRetry):
        gateway.call(*ask(provider.url, 100))
    assert booked(database, "unknown") == 100 * UNIT_MICROUSD * 2
    assert gateway.call(*ask(provider.url, 100)) == "100 done"
    assert booked(database) == sum(meter.invoice)


def test_a_call_without_an_answer_is_repeated_once_and_no_more(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.always("/work", cut_connection())
    gateway = Gateway(job(settings, database.url, tmp_path, paid_attempts=9), database)
    for _ in range(2):
        with pytest.raises(ToolRetry):
            gateway.call(*ask(provider.url))
    for _ in range(3):
        with pytest.raises(OutcomeUnknown, match="2 calls ended without an answer"):
            gateway.call(*ask(provider.url))
    assert len(provider.seen) == 2
    assert statuses(database) == ["unknown:lost"] * 2


def test_only_a_person_lets_a_lost_call_be_made_again(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    def call(error: type[StudioError], match: str = ".") -> None:
        with pytest.raises(error, match=match):
            Gateway(job(settings, database.url, tmp_path, circuit_failures=100), database).call(*ask(provider.url))

    provider.faults.play("/work", cut_connection(), server_error(503), server_error(503), cut_connection())
    call(ToolRetry)
    for _ in range(2):
        call(CallTurnedAway)
    call(AttemptsSpent)
    bury(database, "attempts_spent")  # and replayed by whoever resumes the run
    call(ToolRetry)
    call(OutcomeUnknown, "2 calls ended without an answer")
    assert len(provider.seen) == 4
    bury(database, "outcome_unknown")  # and replayed by a person, who has looked
    assert Gateway(job(settings, database.url, tmp_path), database).call(*ask(provider.url)) == "100 done"


@pytest.mark.parametrize("attempts", [1, 4])
def test_a_provider_that_always_fails_is_called_as_often_as_configured(
    settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, attempts: int
) -> None:
    provider.faults.always("/work", server_error(500))
    for round_ in range(attempts + 3):
        # A new gateway each time, as a job that is run again has.
        gateway = Gateway(job(settings, database.url, tmp_path, paid_attempts=attempts, circuit_failures=100), database)
        with pytest.raises(CallTurnedAway if round_ < attempts else AttemptsSpent):
            gateway.call(*ask(provider.url))
    assert len(provider.seen) == attempts


def test_the_provider_is_asked_for_the_answer_of_a_lost_call(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.play("/work", cut_connection())
    gateway = Gateway(job(settings, database.url, tmp_path), database)
    with pytest.raises(ToolRetry):
        gateway.call(*ask(provider.url))
    assert gateway.call(*ask(provider.url), look_up=lambda: Answer("found in the history", 700)) == "found in the history"
    assert len(provider.seen) == 1
    assert statuses(database) == ["settled:found"]


def test_a_spoiled_answer_is_paid_for_and_permanent(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    with pytest.raises(CallSpoiled):
        Gateway(job(settings, database.url, tmp_path), database).call(*ask(provider.url, 13))
    assert booked(database) == 13 * UNIT_MICROUSD


@pytest.mark.slow
def test_fifty_jobs_in_two_processes_pass_no_limit_by_one_reservation(database: Database, database_url: str, tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        made = sum(pool.map(spend_many, [database_url] * 2, [str(tmp_path)] * 2, range(0, 50, 25), [25] * 2))
    assert made == 10
    with database.unit_of_work() as session:
        ledger = Ledger(session)
        assert ledger.account_microusd("run", "run_1") == ledger.total_microusd() == 100_000
        raised = [(one.scope, one.percent) for one in CostAlerts(session).list_newest() if one.scope in {"run", "day"}]
        assert sorted(raised) == [("day", 50), ("run", 50), ("run", 80), ("run", 100)]
        critical = IncidentRepository(session).list_().items
        assert [(one.key, one.severity) for one in critical] == [("budget:run:run_1", "critical")]


def test_a_limit_of_a_kind_of_service_alerts_and_stops_only_when_told_to(settings: Settings, database: Database, tmp_path: Path) -> None:
    voices = [PaidCall("elevenlabs", "speech", number, 40_000) for number in range(3)]
    for call in voices[:2]:
        Gateway(job(settings, database.url, tmp_path), database).call(call, lambda: Answer("spoken", 40_000))
    strict = Gateway(job(settings, database.url, tmp_path, limit_kinds="stop"), database)
    with pytest.raises(BudgetExceeded, match="kind run_1/voice"):
        strict.call(voices[2], lambda: pytest.fail("was made"))
    with database.unit_of_work() as session:
        raised = [(one.percent, one.hard) for one in CostAlerts(session).list_newest() if one.scope == "kind"]
    assert sorted(raised) == [(50, False), (80, False), (100, False)]


def test_a_provider_has_a_hard_stop_of_its_own(settings: Settings, database: Database, tmp_path: Path) -> None:
    context = job(settings, database.url, tmp_path, limit_provider_day_usd=0.05)
    Gateway(context, database).call(PaidCall("acme", "work", 1, 50_000), lambda: Answer("dear", 50_000))
    with pytest.raises(BudgetExceeded, match="provider"):
        Gateway(context, database).call(PaidCall("acme", "work", 2, 1), lambda: pytest.fail("was made"))
    Gateway(context, database).call(PaidCall("other", "work", 2, 1), lambda: Answer("cheap", 1))


def test_a_rehearsal_spends_no_real_money_and_teaches_nothing_real(settings: Settings, database: Database, tmp_path: Path) -> None:
    real = job(settings, database.url, tmp_path)
    rehearsal = replace(real, provenance=Provenance.REHEARSAL, job_id="job_2")
    call = PaidCall("acme", "work", "the same", 50_000, reusable=True)
    assert Gateway(rehearsal, database).call(call, lambda: Answer("rehearsed", 50_000)) == "rehearsed"
    assert Gateway(real, database).call(call, lambda: Answer("real", 40_000)) == "real"
    with database.unit_of_work() as session:
        assert Ledger(session).account_microusd("run", "run_1") == 40_000
        assert Ledger(session).account_microusd("run", "rehearsal:run_1") == 50_000
