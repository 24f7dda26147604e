"""Books how calls end: answers are kept before they are settled, and nothing that may have been charged is forgotten."""

import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from infra.database import Database, DatabaseUnavailable
from infra.errors import Unavailable
from infra.ids import canonical_json
from infra.log import get_logger
from memory.ledger import CostEntryClosed, Ledger
from memory.media import ArtifactCorrupt, ArtifactMissing, MediaStore
from memory.repositories.circuits import Circuit, CircuitRepository, Temper
from memory.repositories.switches import Stopped
from tools.base import ToolRetry
from tools.gateway_call import Answer, CallRejected, CallSpoiled, CallTurnedAway
from tools.gateway_sockets import Flight

_NAMESPACE = "paid_calls"
_PATIENCE = 20
_PAUSE_S = 0.5
_log = get_logger("gateway")


class Books:
    """The ledger and the kept answers, as the gateway writes them."""

    def __init__(self, database: Database, store: MediaStore, temper: Temper) -> None:
        self._database = database
        self._store = store
        self._temper = temper

    def find_stored(self, call_key: str) -> tuple[str, dict[str, Any]] | None:
        """Return the digest and body of the answer that this machine stored for a logical call, if it is whole."""
        digest = self._store.remembered(_NAMESPACE, call_key)
        body = self.read(digest) if digest else None
        return (digest, body) if digest and body else None

    def read(self, digest: str) -> dict[str, Any] | None:
        """Return a kept answer's body, or None when it or an artifact it names is gone."""
        try:
            body: dict[str, Any] = json.loads(self._store.read(digest))
        except (ArtifactMissing, ArtifactCorrupt):
            return None
        return body if all(self._store.has(artifact) for artifact in body["artifacts"]) else None

    def keep(self, call_key: str, entry_id: str, answer: Answer, outcome: str = "answered") -> None:
        """Keep an answer, on the disk first so that it outlives an absent ledger, then settle its entry to what it cost."""
        usage, artifacts = dict(answer.usage), list(answer.artifacts)
        body = {"value": answer.value, "microusd": answer.microusd, "usage": usage, "artifacts": artifacts, "entry": entry_id}
        digest = self._store.put_bytes(canonical_json(body))
        self._store.remember(_NAMESPACE, call_key, digest)
        self.settle(entry_id, answer.microusd, usage, outcome, digest)

    def settle(self, entry_id: str, microusd: int, usage: dict[str, Any], outcome: str, answer: str | None = None) -> None:
        """Book what a call cost."""
        self._patiently(lambda ledger: ledger.settle(entry_id, microusd, usage, outcome, answer))

    def mark_unknown(self, entry_id: str, outcome: str) -> None:
        """Leave a call booked at its worst case."""
        self._patiently(lambda ledger: ledger.mark_unknown(entry_id, outcome))
        _log.warning("cost.left_unknown", entry=entry_id, outcome=outcome)

    def release(self, entry_id: str) -> None:
        """Book that a call was not made."""
        self._patiently(lambda ledger: ledger.release(entry_id))

    def tell_circuit(self, circuit: Circuit, error: BaseException | None) -> None:
        """Record what a call's end says about the provider: it answers, asks to wait, or fails."""
        with self._database.unit_of_work() as session:
            circuits = CircuitRepository(session)
            if error is None or isinstance(error, CallRejected | CallSpoiled):
                circuits.note_success(circuit)
            elif isinstance(error, ToolRetry) and error.after_s is not None:
                circuits.note_wait(circuit, error.after_s)
            elif isinstance(error, ToolRetry | Unavailable | OSError):
                circuits.note_failure(circuit, str(error) or type(error).__name__, self._temper)

    def _patiently(self, work: Callable[[Ledger], object]) -> None:
        write_patiently(self._database, work)


def write_patiently(database: Database, work: Callable[[Ledger], object]) -> None:
    """Write to the ledger; a database that restarts is waited for 10 s. An entry that somebody else closed meanwhile stays as it is."""
    for attempt in range(_PATIENCE):
        try:
            with database.unit_of_work() as session:
                work(Ledger(session))
            return
        except CostEntryClosed as closed:
            _log.warning("cost.closed_before", error=closed.message)
            return
        except DatabaseUnavailable:
            if attempt == _PATIENCE - 1:
                raise
            threading.Event().wait(_PAUSE_S)


class Booking:
    """Books how one call ended, whatever way the block is left."""

    def __init__(self, books: Books, call_key: str, circuit: Circuit, flight: Flight) -> None:
        self._books = books
        self._call_key = call_key
        self._circuit = circuit
        self._flight = flight
        self._kept = False

    def __enter__(self) -> "Booking":
        return self

    def keep(self, answer: Answer) -> None:
        """Book the call as answered."""
        self._books.keep(self._call_key, self._flight.entry_id, answer)
        self._kept = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None and not self._kept:
            self._book(error)
        if error is None or self._flight.stopped is None:
            self._books.tell_circuit(self._circuit, error)
        else:
            raise Stopped(self._flight.stopped, entry=self._flight.entry_id) from error

    def _book(self, error: BaseException) -> None:
        entry_id = self._flight.entry_id
        if isinstance(error, CallRejected | CallTurnedAway):
            self._books.settle(entry_id, 0, {"outcome": "not charged"}, "not charged")
        elif isinstance(error, CallSpoiled):
            self._books.settle(entry_id, error.microusd, error.usage, "spoiled")
        else:
            self._books.mark_unknown(entry_id, "stopped" if self._flight.stopped else "lost")
