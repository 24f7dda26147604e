"""Decides, in one transaction for all processes, whether a call may be made now: answers kept, circuits, attempts, calls at once, money."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from infra.database import Database
from infra.ids import json_digest
from infra.log import get_logger
from memory.ledger import REHEARSED, BudgetExceeded, Charge, Ledger
from memory.repositories.circuits import Circuit, CircuitRepository, CircuitWaits
from memory.repositories.paid_calls import PaidCallRepository
from memory.repositories.switches import covering
from tools.base import ToolContext
from tools.gateway_call import AttemptsSpent, OutcomeUnknown, PaidCall, ProviderBusy
from tools.gateway_limits import concurrency_for, limits_for, provider_of
from tools.gateway_sockets import Flight
from tools.gateway_watch import LEASE_S

_PATIENCE_S = 10.0
_LOOK_AGAIN_S = 0.2
_PAUSE_S = 2.0
_MOST_UNKNOWN = 2
_log = get_logger("gateway")


@dataclass(frozen=True)
class Kept:
    """Nothing needs to be bought: the digest of the answer that was."""

    digest: str


class _NotYet(ProviderBusy):
    """Another call must end first; it is worth waiting a little for."""


class Admission:
    """Admits calls of one job."""

    def __init__(self, context: ToolContext, database: Database) -> None:
        self._context = context
        self._database = database

    def call_key(self, paid: PaidCall) -> str:
        """Return what names the logical call: the same request of the same job."""
        return json_digest([self._context.job_id, paid.provider, paid.operation, paid.request])

    def content_key(self, paid: PaidCall) -> str | None:
        """Return what a shared answer is found by; what was rehearsed, or made for a demonstration, is never taken for real."""
        return json_digest([self._context.provenance.value, paid.provider, paid.operation, paid.request]) if paid.reusable else None

    def circuit(self, paid: PaidCall) -> Circuit:
        """Return what a call's success or failure tells about; what fails in a rehearsal says nothing about the real provider."""
        rehearsed = self._context.provenance.value if self._context.provenance.value in REHEARSED else ""
        return Circuit(paid.provider, paid.endpoint, f"{rehearsed}:{paid.credential}" if rehearsed else paid.credential)

    def admit(self, paid: PaidCall, *, unusable: str | None = None) -> Kept | Flight:
        """Reserve the worst case and return the flight to watch, or the answer that is kept (unless it is `unusable`).

        Waits up to 10 s for a free place or for somebody who buys the same content; then, and while the provider is left alone, raises ProviderBusy.
        Raises BudgetExceeded, Stopped, AttemptsSpent or OutcomeUnknown when the call may not be made at all.
        """
        pause, waited_s = threading.Event(), 0.0
        while True:
            try:
                return self._try(paid, unusable)
            except _NotYet as busy:
                if waited_s >= _PATIENCE_S:
                    raise ProviderBusy(busy.message, after_s=_PAUSE_S, provider=paid.provider) from busy
            except CircuitWaits as waits:
                raise ProviderBusy(waits.message, after_s=waits.after_s, provider=paid.provider) from waits
            except BudgetExceeded as refused:
                with self._database.unit_of_work() as session:
                    Ledger(session).note_refused(refused)
                raise
            pause.wait(_LOOK_AGAIN_S)
            waited_s += _LOOK_AGAIN_S

    def _try(self, paid: PaidCall, unusable: str | None) -> Kept | Flight:
        circuit = self.circuit(paid)
        with self._database.unit_of_work() as session:
            circuits, calls, ledger = CircuitRepository(session), PaidCallRepository(session), Ledger(session)
            circuits.hold(circuit.provider, circuit.credential)
            content_key = self.content_key(paid)
            # Asked before the answer is looked for: whoever buys it may settle between the two.
            being_bought = content_key is not None and calls.is_being_bought(content_key)
            answer = calls.find_answer(self.call_key(paid), content_key)
            if answer is not None and answer != unusable:
                return Kept(answer)
            if being_bought:
                raise _NotYet(f"{paid.provider} {paid.operation}: the same is being bought by another job")
            for entry_id in calls.mark_expired(circuit.provider, circuit.credential):
                _log.warning("cost.left_unknown", entry=entry_id, provider=paid.provider)
            probe = circuits.ensure_closed(circuit)
            self._ensure_attempts_left(paid, calls)
            self._ensure_free(paid, calls)
            entry = ledger.reserve(self._charge(paid), limits_for(paid.provider, self._context.settings))
            if probe:
                circuits.begin_probe(circuit, entry.id)
            scopes = covering(tenant=entry.tenant_id, provider=entry.provider, channel=entry.channel_id, run=entry.run_id)
            return Flight(entry.id, paid.provider, frozenset(scopes))

    def _ensure_attempts_left(self, paid: PaidCall, calls: PaidCallRepository) -> None:
        history = calls.history(self.call_key(paid), self._context.job_id)
        named: dict[str, Any] = {"provider": paid.provider, "operation": paid.operation, "job_id": self._context.job_id}
        if history.unknown >= _MOST_UNKNOWN:
            raise OutcomeUnknown(
                f"{paid.provider} {paid.operation}: {history.unknown} calls ended without an answer and are booked at their worst case; "
                "look at the provider's own records, then replay the job",
                **named,
            )
        allowed = paid.attempts or self._context.settings.paid_attempts
        if history.made >= allowed:
            raise AttemptsSpent(f"{paid.provider} {paid.operation}: was called {history.made} times, {allowed} are allowed; replay the job to go on", **named)

    def _ensure_free(self, paid: PaidCall, calls: PaidCallRepository) -> None:
        allowed = concurrency_for(paid.provider, paid.concurrency, self._context.settings)
        if allowed is not None and (running := calls.count_in_flight(paid.provider, self.circuit(paid).credential)) >= allowed:
            raise _NotYet(f"{paid.provider}: {running} calls run, {allowed} may at once")

    def _charge(self, paid: PaidCall) -> Charge:
        context = self._context
        charge = Charge(
            provider=paid.provider,
            operation=paid.operation,
            microusd=paid.worst_microusd,
            channel_id=context.channel_id,
            video_id=paid.video_id,
            run_id=context.run_id,
            job_id=context.job_id,
        )
        return replace(
            charge,
            provenance=context.provenance.value,
            kind=provider_of(paid.provider).kind,
            endpoint=paid.endpoint,
            credential=self.circuit(paid).credential,
            call_key=self.call_key(paid),
            content_key=self.content_key(paid),
            lease_s=LEASE_S,
        )
