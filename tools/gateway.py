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

from collections.abc import Iterator
from contextlib import contextmanager

from infra.database import Database
from infra.errors import StudioError
from infra.ids import Json
from infra.log import get_logger
from memory.repositories.paid_calls import PaidCallRepository
from memory.repositories.switches import Stopped
from tools.base import ToolContext, ToolError
from tools.gateway_admission import Admission
from tools.gateway_books import Booking, Books
from tools.gateway_call import (
    Answer,
    AttemptsSpent,
    CallRejected,
    CallSpoiled,
    CallTurnedAway,
    LookUp,
    Make,
    OutcomeUnknown,
    PaidCall,
    ProviderBusy,
    credential_tag,
    retry_after_s,
)
from tools.gateway_limits import temper_for
from tools.gateway_sockets import Flight
from tools.gateway_watch import in_flight

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
    "Stopped",
    "credential_tag",
    "open_gateway",
    "retry_after_s",
]

_log = get_logger("gateway")


class Gateway:
    """Paid calls of one job. What a provider answered is kept by its request, so a job that runs again never pays twice for it."""

    def __init__(self, context: ToolContext, database: Database) -> None:
        self._context = context
        self._database = database
        self._admission = Admission(context, database)
        self._books = Books(database, context.store, temper_for(context.settings))

    def call(self, paid: PaidCall, make: Make, look_up: LookUp | None = None) -> Json:
        """Make a paid call within the limits and return its answer's value; the module says what `make` may raise and what that books.

        `look_up` asks the provider for the answer of an earlier call whose outcome is unknown (None: it knows of none); without it such a call is
        repeated once. Raises, without any call, BudgetExceeded (a limit could be passed), Stopped (a kill switch), ProviderBusy (wait: the job
        pauses at no cost), OutcomeUnknown or AttemptsSpent (a person must look). A kill switch engaged during the call cuts it and raises Stopped.
        """
        self._take_over(paid, look_up)
        unusable = None
        while True:
            admitted = self._admission.admit(paid, unusable=unusable)
            if isinstance(admitted, Flight):
                return self._make(paid, admitted, make)
            body = self._books.read(admitted.digest)
            if body is not None:
                value: Json = body["value"]
                return value
            unusable = admitted.digest

    def _make(self, paid: PaidCall, flight: Flight, make: Make) -> Json:
        try:
            self._context.ensure_live()
        except StudioError:
            self._books.release(flight.entry_id)
            raise
        booking = Booking(self._books, self._admission.call_key(paid), self._admission.circuit(paid), flight)
        with booking, in_flight(self._database.url, flight):
            answer = make()
            booking.keep(answer)
        return answer.value

    def _take_over(self, paid: PaidCall, look_up: LookUp | None) -> None:
        """Close what an earlier attempt of this job left open: by its stored answer, by the provider's word, or as unknown."""
        call_key = self._admission.call_key(paid)
        with self._database.unit_of_work() as session:
            calls = PaidCallRepository(session)
            left, unknown = calls.list_reserved(call_key), calls.last_unknown(call_key)
        if not left and unknown is None:
            return
        stored = self._books.find_stored(call_key)
        if stored is not None and stored[1]["entry"] in {*left, unknown}:
            digest, body = stored
            self._books.settle(body["entry"], body["microusd"], body["usage"], "answered", digest)
            return
        for entry_id in left:
            self._books.mark_unknown(entry_id, "abandoned")
        open_entry = left[-1] if left else unknown
        found = look_up() if look_up is not None else None
        if found is not None and open_entry is not None:
            self._books.keep(call_key, open_entry, found, "found")
            _log.info("answer.found_at_provider", entry=open_entry, provider=paid.provider)


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
