"""How often somebody may ask: an even pace for each kind of request, of which a minute's worth may come at once."""

import ipaddress
from collections import OrderedDict
from typing import Literal

from starlette.types import Scope

from api.http.refusals import TooOften
from infra.clock import SYSTEM_CLOCK, Clock
from infra.settings import Settings

# What is asked, what is changed, what makes the studio work, and what comes from somebody who is not known.
Kind = Literal["reads", "changes", "work", "unknown"]
MOST = 10_000
_MINUTE_S = 60.0
_COUNTED = "ytempire.counted"
_READS = frozenset({"GET", "HEAD"})


class RateLimited(TooOften):
    """Whoever asks does so more often than the studio's settings let one caller."""

    code = "rate_limited"


class Pace:
    """Counts one kind by the generic cell rate algorithm (ATM Forum TM 4.0): a number for each caller, the moment at which what they asked is worked off.

    Of callers the last 10,000 are remembered; one who was forgotten begins anew.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._interval_s = _MINUTE_S / per_minute if per_minute else 0.0
        self._clock = clock
        self._worked_off: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._worked_off)

    def take(self, caller: str) -> float:
        """Count a request and return 0; or count nothing and return for how many seconds the caller must wait."""
        if not self._interval_s:
            return 0.0
        now = self._clock.monotonic()
        worked_off = max(now, self._worked_off.get(caller, now)) + self._interval_s
        if (wait_s := worked_off - now - _MINUTE_S) > 0:
            return wait_s
        self._worked_off[caller] = worked_off
        self._worked_off.move_to_end(caller)
        if len(self._worked_off) > MOST:
            self._worked_off.popitem(last=False)
        return 0.0


class Paces:
    """One pace for each kind, by the settings `YTEMPIRE_RATE_*` (requests a minute; 0: any number)."""

    def __init__(self, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
        most: dict[Kind, int] = {
            "reads": settings.rate_reads,
            "changes": settings.rate_changes,
            "work": settings.rate_work,
            "unknown": settings.rate_unknown,
        }
        self._of: dict[Kind, tuple[int, Pace]] = {kind: (number, Pace(number, clock)) for kind, number in most.items()}

    def count(self, scope: Scope, caller: str, kind: Kind) -> None:
        """Count a request, once however many ask for it on its way; raises RateLimited."""
        if _COUNTED in scope:
            return
        most, pace = self._of[kind]
        if (wait_s := pace.take(caller)) > 0:
            seconds = int(wait_s) + 1
            said = f"more than {most} requests of the kind {kind} a minute; wait {seconds} s, or raise YTEMPIRE_RATE_{kind.upper()}"
            raise RateLimited(said, kind=kind, retry_after_s=seconds)
        scope[_COUNTED] = True


def kind_of(method: str) -> Kind:
    """Return which kind a request is that makes the studio do no work."""
    return "reads" if method in _READS else "changes"


def network_of(address: str) -> str:
    """Return what stands for an address: itself, or the /64 of an IPv6 one, of which one customer has all."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address
