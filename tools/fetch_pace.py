"""Manners towards other people's servers: few requests at a time to a host, spaced, and silence when it asks for it."""

import threading
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from infra.clock import SYSTEM_CLOCK, Clock
from tools.fetch_guard import SourceUnreachable

_LONGEST_SILENCE_S = 3600.0
_DEFAULT_SILENCE_S = 30.0


class RateLimited(SourceUnreachable):
    """The host asked us to wait; `after_s` says how long."""

    code = "rate_limited"

    def __init__(self, message: str, after_s: float, **details: object) -> None:
        super().__init__(message, **details)
        self.after_s = after_s


@dataclass
class _Host:
    """What is known of one host; times are monotonic seconds."""

    slots: threading.BoundedSemaphore
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_start: float = 0.0
    silent_until: float = 0.0


class HostPacer:
    """Spaces requests to each host by `interval_s`, with at most `concurrency` at once, and keeps Retry-After promises."""

    def __init__(self, interval_s: float = 0.25, concurrency: int = 2, clock: Clock = SYSTEM_CLOCK) -> None:
        self._interval_s = interval_s
        self._concurrency = concurrency
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def enter(self, host: str, deadline: float) -> None:
        """Wait for a turn at `host`; raises `RateLimited` while it asked for silence, `SourceUnreachable` past `deadline`."""
        state = self._state(host)
        self.check(host)
        if not state.slots.acquire(timeout=max(0.0, deadline - self._clock.monotonic())):
            raise SourceUnreachable(f"host {host}: no turn before the deadline", host=host)
        with state.lock:
            now = self._clock.monotonic()
            start = max(now, state.next_start)
            if start > deadline:
                state.slots.release()
                raise SourceUnreachable(f"host {host}: no turn before the deadline", host=host)
            state.next_start = start + self._interval_s
        if start > now:
            threading.Event().wait(start - now)

    def leave(self, host: str) -> None:
        """Give the turn back."""
        self._state(host).slots.release()

    def check(self, host: str) -> None:
        """Raise `RateLimited` while `host` asked for silence."""
        left = self._state(host).silent_until - self._clock.monotonic()
        if left > 0:
            raise RateLimited(f"host {host}: it asked us to wait another {left:.0f} s", after_s=left, host=host)

    def silence(self, host: str, retry_after: str) -> float:
        """Note that `host` asked for silence by a Retry-After of seconds or a date; return the wait in seconds."""
        wait_s = min(max(self._seconds(retry_after), 0.0), _LONGEST_SILENCE_S)
        self._state(host).silent_until = self._clock.monotonic() + wait_s
        return wait_s

    def _seconds(self, retry_after: str) -> float:
        text = retry_after.strip()
        if text.isdigit():
            return float(text)
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return _DEFAULT_SILENCE_S
        return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - self._clock.now()).total_seconds()

    def _state(self, host: str) -> _Host:
        with self._lock:
            if host not in self._hosts:
                self._hosts[host] = _Host(threading.BoundedSemaphore(self._concurrency))
            return self._hosts[host]


class NetworkWatch:
    """Notices that this machine has no network: when lookups or connections to several hosts fail and none works, the rest is not tried.

    One success clears the suspicion; so does `forget_after_s`, since networks come back.
    """

    def __init__(self, hosts: int = 4, forget_after_s: float = 30.0, clock: Clock = SYSTEM_CLOCK) -> None:
        self._limit = hosts
        self._forget_after_s = forget_after_s
        self._clock = clock
        self._failed: dict[str, float] = {}
        self._worked_at: float | None = None
        self._lock = threading.Lock()

    @property
    def down(self) -> bool:
        """Whether everything tried lately failed before a connection stood."""
        now = self._clock.monotonic()
        with self._lock:
            self._failed = {host: at for host, at in self._failed.items() if now - at < self._forget_after_s}
            return len(self._failed) >= self._limit

    @property
    def worked(self) -> bool:
        """Whether any host was reached."""
        return self._worked_at is not None

    def reached(self) -> None:
        """Note that a host answered."""
        with self._lock:
            self._failed.clear()
            self._worked_at = self._clock.monotonic()

    def missed(self, host: str) -> None:
        """Note that `host` could not be looked up or connected to."""
        with self._lock:
            recently = self._worked_at is not None and self._clock.monotonic() - self._worked_at < self._forget_after_s
            if not recently:
                self._failed[host] = self._clock.monotonic()
