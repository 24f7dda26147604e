"""Calls that cost no money go through the same door as those that do: the ledger counts them, and a kill switch holds them back and cuts them.

A call of the platform is one entry; the reads of a job from the open web are one entry with the number of requests and bytes for each host.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any

from infra.database import Database
from infra.errors import StudioError
from memory.ledger import Charge, Ledger
from memory.repositories.paid_calls import PaidCallRepository
from memory.repositories.switches import Stopped, covering
from tools.base import ToolContext
from tools.fetch import Fetcher, FetchLimits
from tools.gateway_books import write_patiently
from tools.gateway_limits import provider_of
from tools.gateway_sockets import Flight
from tools.gateway_watch import LEASE_S, in_flight

WEB = "web"


class FreeCall:
    """Books the call made in its block at no cost, and watches it; what the block puts into the yielded object is kept as its usage.

    Raises Stopped, before or during the block, while a kill switch covers the call. Errors of `lost`, and those that are not ours, mean that
    nobody knows what the call did: it stays booked as unknown.
    """

    def __init__(self, database: Database, charge: Charge, lost: tuple[type[StudioError], ...] = ()) -> None:
        self._database = database
        self._charge = charge
        self._lost = lost
        self._usage: dict[str, Any] = {}
        self._watched = ExitStack()

    def __enter__(self) -> dict[str, Any]:
        charge = self._charge
        with self._database.unit_of_work() as session:
            # A job makes its free calls one after another: what is still open was left by an attempt of it that died.
            PaidCallRepository(session).mark_expired(charge.provider, charge.credential, charge.job_id)
            entry = Ledger(session).open_free(charge)
            scopes = covering(tenant=entry.tenant_id, provider=entry.provider, channel=entry.channel_id, run=entry.run_id)
            self._flight = Flight(entry.id, entry.provider, frozenset(scopes))
        self._watched.enter_context(in_flight(self._database.url, self._flight))
        return self._usage

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._watched.close()
        write_patiently(self._database, lambda ledger: self._close(ledger, error))
        if error is not None and self._flight.stopped is not None:
            raise Stopped(self._flight.stopped, entry=self._flight.entry_id) from error

    def _close(self, ledger: Ledger, error: BaseException | None) -> None:
        entry_id, stopped = self._flight.entry_id, self._flight.stopped is not None
        if self._usage.get("hosts") == {}:
            ledger.release(entry_id)  # nothing was asked of anybody
        elif error is None:
            ledger.settle(entry_id, 0, self._usage, "answered")
        elif stopped or not isinstance(error, StudioError) or isinstance(error, self._lost):
            ledger.mark_unknown(entry_id, "stopped" if stopped else "lost")
        else:
            ledger.settle(entry_id, 0, self._usage, "not charged")


def free_charge(ctx: ToolContext, provider: str, operation: str, channel_id: str | None = None) -> Charge:
    """Return what a free call of a job is booked as; `channel_id` where the job itself names none."""
    return Charge(
        provider=provider,
        operation=operation,
        microusd=0,
        channel_id=channel_id or ctx.channel_id,
        run_id=ctx.run_id,
        job_id=ctx.job_id,
        provenance=ctx.provenance.value,
        kind=provider_of(provider).kind,
        lease_s=LEASE_S,
    )


@contextmanager
def open_reader(ctx: ToolContext, limits: FetchLimits | None = None) -> Iterator[Fetcher]:
    """Yield the guarded fetcher of a job; what it reads is counted in the ledger, where there is one, and can be stopped like any call."""
    with Fetcher(ctx.settings, limits, ctx.clock) as fetcher:
        if ctx.settings.database_url is None or ctx.settings.network == "off":
            yield fetcher
            return
        database = Database(ctx.settings.database_url, pool_size=1)
        try:
            with FreeCall(database, free_charge(ctx, WEB, "read")) as usage:
                try:
                    yield fetcher
                finally:
                    usage["hosts"] = fetcher.tally()
        finally:
            database.dispose()
