"""The one place where an error of a job is judged: try again and when, or bury it with its cause."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from infra.errors import Conflict, StudioError, Unavailable
from infra.ids import seeded
from memory.ledger import BudgetExceeded
from memory.repositories.switches import Stopped
from tools.base import ToolPaused, ToolRetry

# What is back is used again within the minute; how often a provider that stays away is asked is for its circuit to say.
RETRY_CAP_S = 45.0
# How often a job that an operator or a day's budget holds back looks again; waiting costs it nothing, and nothing is lost.
LOOK_AGAIN_S = {"stopped": 5.0, "budget": 60.0}
_BUDGETS_THAT_REFILL = frozenset({"day", "provider", "channel_day"})


class LeaseLost(Conflict):
    """Another worker owns the job now, or it was cancelled: what this one makes is thrown away."""

    code = "lease_lost"


class JobTimedOut(Unavailable):
    """The tool ran longer than its limit; the machine may have been busy, so it may be tried again."""

    code = "job_timed_out"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a failed attempt. `retry_in_s` is None when trying again would not help; a bug is an error nobody foresaw.

    `cost` is what the attempt takes from the job's budget: nothing when the job only has to wait.
    """

    error: dict[str, Any] = field(default_factory=dict)
    retry_in_s: float | None = None
    is_bug: bool = False
    cost: int = 1


def judge(error: Exception, job_id: str, failures: int, base_s: float = 1.0) -> Verdict:
    """Judge an error. `failures` counts earlier failed attempts.

    Waits are drawn with full jitter from [0, min(45, base * 2^failures)) seconds (Brooker, "Exponential Backoff and Jitter",
    AWS 2015) and are never shorter than the wait the other side named.
    """
    if not isinstance(error, StudioError):
        return Verdict(_describe(type(error).__name__, _message(error)), is_bug=True)
    described = _describe(error.code, error.message, error.details)
    held_back_s = _held_back_s(error)
    if held_back_s is not None:
        return Verdict(described, retry_in_s=held_back_s + seeded("pause", job_id, failures).uniform(0.0, base_s), cost=0)
    if not error.retryable:
        return Verdict(described)
    if isinstance(error, ToolPaused):
        # Spread out, so that all who waited for the same moment do not come at once.
        return Verdict(described, retry_in_s=(error.after_s or base_s) + seeded("pause", job_id, failures).uniform(0.0, base_s), cost=0)
    named = error.after_s if isinstance(error, ToolRetry) and error.after_s is not None else 0.0
    return Verdict(described, retry_in_s=max(named, backoff_s(job_id, failures, base_s)))


def _held_back_s(error: StudioError) -> float | None:
    """Return how soon to look again when a switch or a budget that refills by itself holds the job back; None for any other error."""
    if isinstance(error, Stopped):
        return LOOK_AGAIN_S["stopped"]
    if isinstance(error, BudgetExceeded) and error.details.get("scope") in _BUDGETS_THAT_REFILL:
        return LOOK_AGAIN_S["budget"]
    return None


def backoff_s(job_id: str, failures: int, base_s: float = 1.0) -> float:
    """Return the seconds to wait after failure number `failures` (from 0); the same job waits the same in a replayed simulation."""
    ceiling = min(RETRY_CAP_S, base_s * 2.0 ** min(failures, 30))
    return seeded("backoff", job_id, failures).uniform(0.0, ceiling)


def _describe(code: str, message: str, details: dict[str, object] | None = None) -> dict[str, Any]:
    plain = {name: value if isinstance(value, str | int | float | bool | None) else str(value) for name, value in (details or {}).items()}
    return {"code": code, "message": message, "details": plain}


def _message(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"{error.error_count()} invalid fields of {error.title}: {error.errors(include_url=False, include_input=False)}"
    return str(error) or type(error).__name__
