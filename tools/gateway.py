"""The only door to a paid call: reserve the worst case, check the fence, call, keep the answer, settle to what it cost."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from infra.database import Database
from infra.errors import StudioError
from infra.ids import Json, canonical_json
from infra.log import get_logger
from memory.ledger import MICROUSD_PER_USD, Charge, Ledger, Limits
from tools.base import ToolContext, ToolError, ToolRetry

_NAMESPACE = "paid_calls"
_log = get_logger("gateway")


@dataclass(frozen=True)
class PaidCall:
    """A call about to be made: `request` is what it depends on, `worst_microusd` the most it can cost, in millionths of a US dollar."""

    provider: str
    operation: str
    request: Json
    worst_microusd: int
    video_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the provider returned (a JSON value), what it cost by the reported usage, and that usage."""

    value: Json
    microusd: int
    usage: dict[str, Any] = field(default_factory=dict)


class CallRejected(ToolError):
    """The provider refused the request before doing any work: it costs nothing, and asking again would not help."""

    code = "call_rejected"


class CallTurnedAway(ToolRetry):
    """The provider was busy and did no work: it costs nothing, and may be asked again."""

    code = "call_turned_away"


class Gateway:
    """Paid calls of one job. What a provider answered is kept by its request, so a job that runs again never pays twice for it."""

    def __init__(self, context: ToolContext, database: Database) -> None:
        self._context = context
        self._database = database
        settings = context.settings
        video = round(settings.limit_video_usd * MICROUSD_PER_USD)
        self._limits = Limits(call=round(settings.limit_call_usd * MICROUSD_PER_USD), run=video, video=video)

    def call(self, paid: PaidCall, make: Callable[[], Answer]) -> Json:
        """Make a paid call within the limits and return its answer's value.

        `make` raises CallRejected or CallTurnedAway when the provider certainly charged nothing; any other error leaves the worst case
        booked as `unknown`. Raises BudgetExceeded before the call when a limit could be passed, Stopped while a kill switch covers it.
        """
        self._mark_abandoned(paid)
        kept = self._context.store.remembered(_NAMESPACE, self._key(paid))
        if kept is not None:
            value: Json = json.loads(self._context.store.read(kept))["value"]
            return value
        entry_id = self._reserve(paid)
        try:
            self._context.ensure_live()
        except StudioError:
            self._release(entry_id)
            raise
        try:
            answer = make()
        except (CallRejected, CallTurnedAway):
            self._settle(entry_id, 0, {"outcome": "not charged"})
            raise
        self._keep(paid, answer)
        self._settle(entry_id, answer.microusd, answer.usage)
        return answer.value

    def _reserve(self, paid: PaidCall) -> str:
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
        with self._ledger() as session:
            return Ledger(session).reserve(charge, self._limits).id

    def _mark_abandoned(self, paid: PaidCall) -> None:
        """Book what an earlier attempt of this job left open at its worst case: its answer died with the worker."""
        with self._ledger() as session:
            ledger = Ledger(session)
            for entry in ledger.list_open(self._context.job_id):
                if entry.status == "reserved" and (entry.provider, entry.operation) == (paid.provider, paid.operation):
                    ledger.mark_unknown(entry.id)
                    _log.warning("cost.left_unknown", entry=entry.id, job_id=self._context.job_id, provider=paid.provider)

    def _keep(self, paid: PaidCall, answer: Answer) -> None:
        store = self._context.store
        body = canonical_json({"value": answer.value, "microusd": answer.microusd, "usage": answer.usage})
        store.remember(_NAMESPACE, self._key(paid), store.put_bytes(body))

    def _release(self, entry_id: str) -> None:
        with self._ledger() as session:
            Ledger(session).release(entry_id)

    def _settle(self, entry_id: str, microusd: int, usage: dict[str, Any]) -> None:
        with self._ledger() as session:
            Ledger(session).settle(entry_id, microusd, usage)

    def _key(self, paid: PaidCall) -> Json:
        return {"job": self._context.job_id, "provider": paid.provider, "operation": paid.operation, "request": paid.request}

    def _ledger(self) -> AbstractContextManager[Any]:
        return self._database.unit_of_work()
