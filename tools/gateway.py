"""The only door to a paid or outside call: reserve the worst case, check the fence, call, keep the answer, settle to what it cost.

    with open_gateway(ctx) as gateway:
        value = gateway.call(PaidCall("elevenlabs", "speech", request, worst_microusd, credential=credential_tag(key)), make)

`make()` makes exactly one request (SDK retries off) and returns an `Answer`; the job is the only layer that retries. How `make` tells what happened:

- `CallRejected`: the provider answered that it will not do it (4xx): books 0, permanent.
- `CallTurnedAway(after_s=retry_after_s(header))`: it answered that it did no work (429, 503, a 5xx that it does not bill): books 0, may be tried again;
  `after_s` holds back every process that uses this provider, endpoint and credential.
- `CallSpoiled(message, microusd, usage)`: it did the work and charges for it, but the answer is of no use: books that, permanent.
- anything else (a cut connection, a timeout, a bug): the outcome is unknown, the worst case stays booked, the call is repeated at most once.

A stored answer is returned without a call: of this job always, of any job when the call is `reusable`. Bodies go to `ctx.store` inside `make`;
the answer's value names their digests, and lists them in `Answer.artifacts`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from infra.database import Database
from infra.errors import StudioError
from infra.ids import Json, canonical_json
from infra.log import get_logger
from memory.ledger import MICROUSD_PER_USD, Charge, Ledger, Limits
from tools.base import ToolContext, ToolError
from tools.gateway_call import (
    Answer,
    AttemptsSpent,
    CallRejected,
    CallSpoiled,
    CallTurnedAway,
    OutcomeUnknown,
    PaidCall,
    ProviderBusy,
    credential_tag,
    retry_after_s,
)

__all__ = [
    "Answer",
    "AttemptsSpent",
    "CallRejected",
    "CallSpoiled",
    "CallTurnedAway",
    "Gateway",
    "OutcomeUnknown",
    "PaidCall",
    "ProviderBusy",
    "credential_tag",
    "open_gateway",
    "retry_after_s",
]

_NAMESPACE = "paid_calls"
_log = get_logger("gateway")


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
        except CallSpoiled as spoiled:
            self._settle(entry_id, spoiled.microusd, spoiled.usage)
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


@contextmanager
def open_gateway(context: ToolContext) -> Iterator[Gateway]:
    """Yield the gateway of a job on a database connection of its own; raises ToolError where there is no ledger."""
    url = context.settings.database_url
    if url is None:
        raise ToolError("database_url: a paid call needs the ledger; run this in a worker of a started studio")
    database = Database(url, pool_size=1)
    try:
        yield Gateway(context, database)
    finally:
        database.dispose()
