"""How sure a share is unusual."""

import math


def exceeds(successes: int, trials: int, usual: float) -> float:
    """Return how sure it is that a share lies above the usual one: 1 - P(X >= successes) under Binomial(trials, usual)."""
    logs = (_log_choose(trials, k) + k * math.log(usual) + (trials - k) * math.log1p(-usual) for k in range(successes, trials + 1))
    return max(0.0, 1.0 - math.fsum(math.exp(one) for one in logs))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
