"""What a paid call is, what comes of it, and the facts it may fail with: the vocabulary of the gateway."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from infra.clock import SYSTEM_CLOCK, Clock
from infra.ids import Json, json_digest
from tools.base import ToolError, ToolPaused, ToolRetry

LONGEST_WAIT_S = 86_400.0
_SECONDS = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class PaidCall:
    """A call about to be made: `request` is all that the answer depends on, `worst_microusd` the most it can cost, in millionths of a US dollar.

    `endpoint` and `credential` (a tag from `credential_tag`, never the key) name what a circuit breaker and a `Retry-After` are about.
    `reusable` lets an answer serve every later job, run and video that asks the same of the same provider; give it only to requests whose answer
    may be shared (a seeded completion, audio, a picture). `attempts` and `concurrency` override what the settings allow.
    """

    provider: str
    operation: str
    request: Json
    worst_microusd: int
    video_id: str | None = None
    endpoint: str = ""
    credential: str = ""
    reusable: bool = False
    attempts: int | None = None
    concurrency: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the provider returned (a JSON value), what it cost by the reported usage, that usage, and the stored artifacts the value names."""

    value: Json
    microusd: int
    usage: dict[str, Any] = field(default_factory=dict)
    artifacts: tuple[str, ...] = ()


Make = Callable[[], Answer]
LookUp = Callable[[], Answer | None]


class CallRejected(ToolError):
    """The provider refused the request before doing any work: it costs nothing, and asking again would not help."""

    code = "call_rejected"


class CallTurnedAway(ToolRetry):
    """The provider answered that it did no work (429, a 5xx it does not bill): it costs nothing, and may be asked again."""

    code = "call_turned_away"


class CallSpoiled(ToolError):
    """The provider did the work and charged `microusd` for it, but what it returned is of no use; asking again would not help."""

    code = "call_spoiled"

    def __init__(self, message: str, microusd: int, usage: dict[str, Any] | None = None, **details: object) -> None:
        super().__init__(message, microusd=microusd, **details)
        self.microusd = microusd
        self.usage = usage or {}


class OutcomeUnknown(ToolError):
    """A call and its one repetition both ended without an answer; both are booked at their worst case, and a person must look."""

    code = "outcome_unknown"


class AttemptsSpent(ToolError):
    """The call was made as often as it may be, and turned away; replaying the job, as whoever resumes its run does, makes it anew."""

    code = "attempts_spent"


class ProviderBusy(ToolPaused):
    """The provider asked to wait, its circuit is open, or as many calls run as its plan allows; no call was made."""

    code = "provider_busy"


def retry_after_s(header: str | None, clock: Clock = SYSTEM_CLOCK) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, given as seconds or as an HTTP date (RFC 9110 10.2.3).

    None when it says nothing that can be read; never more than a day, so that a broken header cannot shut a provider out for good.
    """
    value = (header or "").strip()
    if _SECONDS.fullmatch(value):
        return min(LONGEST_WAIT_S, float(value))
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return min(LONGEST_WAIT_S, max(0.0, (when - clock.now()).total_seconds()))


def credential_tag(secret: str) -> str:
    """Return a short name for a credential from which it cannot be told."""
    return json_digest(["credential", secret])[:12]
