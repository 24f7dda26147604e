"""One watcher's place in a tenant's events: what it is told next, from the past into the present without a seam."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from api.events.feed import Stream
from api.events.topics import MOST_TOPICS, Topic, permission_of
from api.http.refusals import NotAllowed
from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid, NotFound
from memory.reads.events import EventLine

_BATCH = 200
# A watcher that asks for more than this is told to read everything again; one that falls this far behind the present is let go.
MOST_REPLAYED, MOST_BEHIND = 5_000, 1_000


class TopicMissing(NotFound):
    """There is no such run or channel."""

    code = "topic_missing"


@dataclass(frozen=True)
class Resync:
    """It cannot be vouched that nothing is missing: everything is to be read again, and events count on from `last`."""

    last: int
    why: Literal["unknown_id", "too_old", "too_many", "restored"]


@dataclass
class Follower:
    """Hands out events in the order of their numbers; nothing waits in it, so a slow watcher costs no memory."""

    stream: Stream
    scopes: frozenset[str]
    wake: asyncio.Event
    most_behind: int = MOST_BEHIND
    topics: set[Topic] = field(default_factory=set)
    cursor: int = 0
    _breaks: int = 0
    _caught_up_at: float = field(default_factory=SYSTEM_CLOCK.monotonic)

    def is_slow(self, patience_s: float) -> bool:
        """Whether it is far behind and was not up to date for that long: many events at once are no reason to let go of whoever reads them."""
        return self.stream.last - self.cursor > self.most_behind and SYSTEM_CLOCK.monotonic() - self._caught_up_at > patience_s

    async def begin(self, after: int | None) -> Resync | None:
        """Begin after a number, or with what comes next; return what to say when some of it is not there any more."""
        self._breaks = self.stream.breaks
        bounds = await self.stream.reads.bounds()
        self.cursor = max(self.stream.last, bounds.last)
        if after is None or after == bounds.last:
            return None
        if after > bounds.last:
            return Resync(self.cursor, "unknown_id")
        if after + 1 < bounds.oldest:
            return Resync(self.cursor, "too_old")
        if bounds.last - after > MOST_REPLAYED:
            return Resync(self.cursor, "too_many")
        self.cursor = after
        return None

    async def add(self, topic: Topic) -> None:
        """Be told of a topic from here on; raises NotAllowed, TopicMissing, Invalid."""
        if topic.permission not in self.scopes:
            raise NotAllowed(f"permission {topic.permission}: the topic {topic.name} needs it; ask an admin of the studio", permission=topic.permission)
        if len(self.topics | {topic}) > MOST_TOPICS:
            raise Invalid(f"topics: more than {MOST_TOPICS}; unsubscribe from some, or subscribe to tenant")
        if topic.id and not await self.stream.reads.knows(topic.noun, topic.id):
            raise TopicMissing(f"topic: {topic.name!r} does not exist", topic=topic.name)
        self.topics.add(topic)

    async def next(self) -> list[EventLine] | Resync:
        """Return some of what comes next, nothing when there is nothing more yet."""
        if self._breaks != self.stream.breaks:
            self._breaks, self.cursor = self.stream.breaks, self.stream.last
            return Resync(self.cursor, "restored")
        while self.cursor < self.stream.last:
            lines = await self.stream.after(self.cursor, _BATCH)
            if not lines:
                break
            if lines[0].seq != self.cursor + 1:  # swept away while it was behind
                self.cursor = self.stream.last
                return Resync(self.cursor, "too_old")
            self.cursor = lines[-1].seq
            if told := [line for line in lines if self._concerns(line)]:
                return told
        self._caught_up_at = SYSTEM_CLOCK.monotonic()
        return []

    def _concerns(self, line: EventLine) -> bool:
        return permission_of(line) in self.scopes and any(topic.covers(line) for topic in self.topics)
