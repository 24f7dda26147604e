"""What is asked of the cache, and a process's own copies of the answers, which cost no round trip."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Self

from infra.clock import Clock

# Read again from Redis after this time, since a listening connection that is dead may not know it.
_NEAR_S, _NEAR_BYTES = 60.0, 32_000_000


@dataclass(frozen=True)
class Policy:
    """How long an answer is kept, and from which age on it is read again while it is served."""

    name: str
    ttl_s: float
    refresh_s: float


TRENDING_TOPICS = Policy("trending_topics", 3600, 3000)
CHANNEL_ANALYTICS = Policy("channel_analytics", 300, 240)
API_RESPONSES = Policy("api_responses", 60, 50)
USER_SESSIONS = Policy("user_sessions", 86400, 82800)


@dataclass(frozen=True)
class Asked:
    """What is asked: by which policy, whose rows, the question in words of the server's own, and which nouns the answer is made of."""

    policy: Policy
    tenant: str
    question: str
    nouns: tuple[str, ...]

    @property
    def tags(self) -> tuple[str, ...]:
        """The changes that end an answer."""
        return tuple(f"{self.tenant}:{noun}" for noun in self.nouns)


@dataclass(frozen=True)
class Kept:
    """One answer, the wall time at which it was read, and the era it belongs to."""

    value: bytes
    at: float
    era: str

    def age_s(self, clock: Clock) -> float:
        """Return how old it is."""
        return clock.now().timestamp() - self.at

    def packed(self) -> bytes:
        """Return it as it is stored."""
        return f"{self.at:.3f}\n".encode() + self.value

    @classmethod
    def unpacked(cls, stored: bytes, era: str) -> Self:
        """Return what was stored."""
        stamp, _, value = stored.partition(b"\n")
        return cls(value, float(stamp), era)


class NearAnswers:
    """The process's own copies: the least asked for go first when there are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Asked, tuple[Kept, float]] = OrderedDict()
        self._by_tag: dict[str, set[Asked]] = {}
        self._bytes = 0

    def find(self, asked: Asked, era: str) -> Kept | None:
        """Return the copy, if it is of this era and not too old."""
        found = self._kept.get(asked)
        if found is None or found[0].era != era or self._clock.monotonic() >= found[1]:
            return None
        self._kept.move_to_end(asked)
        return found[0]

    def keep(self, asked: Asked, kept: Kept) -> None:
        """Keep a copy."""
        self._forget(asked)
        left_s = min(_NEAR_S, asked.policy.ttl_s - kept.age_s(self._clock))
        self._kept[asked] = kept, self._clock.monotonic() + left_s
        self._bytes += len(kept.value)
        for tag in asked.tags:
            self._by_tag.setdefault(tag, set()).add(asked)
        while self._bytes > _NEAR_BYTES:
            self._forget(next(iter(self._kept)))

    def drop(self, tag: str) -> None:
        """Drop every copy that a change ends."""
        for asked in self._by_tag.pop(tag, set()):
            self._forget(asked)

    def clear(self) -> None:
        """Drop all."""
        self._kept.clear()
        self._by_tag.clear()
        self._bytes = 0

    def _forget(self, asked: Asked) -> None:
        gone = self._kept.pop(asked, None)
        if gone is not None:
            self._bytes -= len(gone[0].value)
            for tag in asked.tags:
                self._by_tag.get(tag, set()).discard(asked)
