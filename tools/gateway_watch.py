"""The watch over calls in flight: while any runs, its lease is renewed, and an engaged kill switch cuts its connections."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from infra.database import Database, DatabaseUnavailable
from infra.log import get_logger
from memory.records.switches import SwitchRecord
from memory.repositories.paid_calls import PaidCallRepository
from memory.repositories.switches import SwitchRepository
from tools.gateway_sockets import FLIGHTS, Flight

LEASE_S = 15.0
BEAT_S = 1.0
_log = get_logger("gateway")


class Watch:
    """One thread a process, for as long as calls are in flight."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._mine: dict[str, Flight] = {}
        self._thread: threading.Thread | None = None
        self._landed = threading.Event()

    def begin(self, flight: Flight) -> None:
        """Watch a call."""
        with self._lock:
            FLIGHTS.begin(flight)
            self._mine[flight.entry_id] = flight
            if self._thread is None:
                self._landed.clear()
                self._thread = threading.Thread(target=self._run, daemon=True, name="call-watch")
                self._thread.start()

    def end(self, flight: Flight) -> None:
        """Watch it no more."""
        with self._lock:
            FLIGHTS.end(flight)
            self._mine.pop(flight.entry_id, None)
            if not self._mine:
                self._landed.set()

    def _run(self) -> None:
        database = Database(self._url, pool_size=1, checked=False)
        try:
            while self._wait():
                self._beat(database)
        finally:
            database.dispose()

    def _wait(self) -> bool:
        """Wait for the next beat; False, with the thread forgotten, once nothing is in flight."""
        self._landed.wait(BEAT_S)
        with self._lock:
            if self._mine:
                self._landed.clear()
                return True
            self._thread = None
            return False

    def _beat(self, database: Database) -> None:
        with self._lock:
            flights = tuple(self._mine.values())
        try:
            with database.unit_of_work() as session:
                engaged = SwitchRepository(session).list_engaged()
                PaidCallRepository(session).renew([flight.entry_id for flight in flights], LEASE_S)
        except DatabaseUnavailable as error:
            _log.warning("switches.missed", error=error.message)
            return
        for flight in flights:
            switch = next((one for one in engaged if one.scope in flight.scopes), None)
            if switch is not None and flight.stopped is None:
                _cut(flight, switch)


def _cut(flight: Flight, switch: SwitchRecord) -> None:
    count = FLIGHTS.cut(flight, f"{switch.scope} is stopped by {switch.changed_by}: {switch.reason}")
    _log.warning("call.cut", entry=flight.entry_id, provider=flight.provider, scope=switch.scope, connections=count)


_WATCHES: dict[str, Watch] = {}
_WATCHES_LOCK = threading.Lock()


@contextmanager
def in_flight(url: str, flight: Flight) -> Iterator[Flight]:
    """Watch over a call made in this block; `url` is the ledger's database."""
    with _WATCHES_LOCK:
        watch = _WATCHES.setdefault(url, Watch(url))
    watch.begin(flight)
    try:
        yield flight
    finally:
        watch.end(flight)
