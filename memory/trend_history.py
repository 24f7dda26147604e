"""The history of trends: every collection's stories join the topics they continue, or become new ones, and leave what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from infra.ids import content_digest
from memory.artifacts import Provenance
from memory.attention import AttentionPoint, AttentionSeries, Outlook, SeenStory
from memory.records.tenants import LOCAL_TENANT
from memory.records.trends import TrendObservationRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.trends import NewTopic, TrendRepository

# The threshold of `memory.recall.TOPIC_REPEAT`, measured there: 4 of 11,000 pairs of titles about different subjects reach it.
SAME_TOPIC = 0.70
# One address tells one story, but publishers also send many stories under one address (a live page, the feed's own): those share no meaning.
SAME_ADDRESS = 0.35
# A story that comes back later than this is a new one; an address may be linked longer.
MEANING_DAYS = 14
ADDRESS_DAYS = 60
HISTORY_DAYS = 120
KEPT_DAYS = 180

How = Literal["address", "meaning", "new"]


@dataclass(frozen=True)
class Measured:
    """One value that a collection measured of a story, under the name of the series it continues."""

    series: str
    unit: str
    value: float


@dataclass(frozen=True)
class Joined:
    """Which topic a story belongs to, and by what it was recognised."""

    topic_id: str
    how: How
    similarity: float


@dataclass(frozen=True)
class Tracked:
    """What a collection came to: the topic of each story, how many values were new, and every series of those topics."""

    joined: tuple[Joined, ...]
    observations: int
    history: dict[str, tuple[AttentionSeries, ...]]


class TrendHistory:
    """The trends of a channel's tenant in one provenance; inside one unit of work."""

    def __init__(self, session: Session, channel_id: str | None, provenance: Provenance) -> None:
        channel = ChannelRepository(session).find(channel_id) if channel_id else None
        self.trends = TrendRepository(session, channel.tenant_id if channel else LOCAL_TENANT, provenance)

    def track(self, stories: Sequence[SeenStory], measured: Sequence[Sequence[Measured]], at: datetime, names: Mapping[str, str]) -> Tracked:
        """Join the stories of one collection to topics, record what was measured of each, and forget what was not seen for half a year.

        Tracking the same collection again changes nothing. `names` says what to call a kind of series for people.
        """
        joined = join_stories(self.trends, stories, at)
        new = observe(self.trends, joined, measured, at)
        self.trends.forget(at - timedelta(days=KEPT_DAYS))
        return Tracked(joined, new, history_of(self.trends, [one.topic_id for one in joined], at, names))

    def file(self, series: Mapping[str, Sequence[AttentionSeries]]) -> None:
        """Keep series that sources publish themselves with their topics; a topic that was forgotten meanwhile is left alone."""
        for topic_id, several in series.items():
            if self.trends.find_topic(topic_id) is not None:
                for one in several:
                    self.trends.observe(topic_id, one.name, one.unit, one.points)

    def conclude(self, topic_id: str, scores: dict[str, float], outlook: Outlook | None) -> None:
        """Keep the scout's newest figures for a topic."""
        self.trends.conclude(topic_id, scores, outlook.model_dump(mode="json") if outlook else None)


def join_stories(trends: TrendRepository, stories: Sequence[SeenStory], at: datetime) -> tuple[Joined, ...]:
    """Return the topic of each story, in order, adding what is new; stories of one collection join only topics that were known before it.

    A story joins the topic seen at one of its addresses, else the nearest in meaning. Joining the same collection again finds the same topics,
    since a new topic's id is made of its collection and its title.
    """
    trends.lock()
    shared = _addresses_of_several(stories)
    found = [_known(trends, story, shared, at) for story in stories]
    joined = []
    for story, known in zip(stories, found, strict=True):
        topic = known or Joined(_new_id(trends, story, at), "new", 1.0)
        if known is None:
            trends.add_topic(NewTopic(topic.topic_id, story.title, story.category, story.keywords, story.vector), at)
        trends.sight(topic.topic_id, story.signals, at)
        joined.append(topic)
    return tuple(joined)


def observe(trends: TrendRepository, joined: Sequence[Joined], measured: Sequence[Sequence[Measured]], at: datetime) -> int:
    """Record what was measured of each story at `at` and return how many values were new; stories of one topic count together."""
    sums: dict[tuple[str, str, str], float] = {}
    for topic, values in zip(joined, measured, strict=True):
        for one in values:
            key = (topic.topic_id, one.series, one.unit)
            sums[key] = sums.get(key, 0.0) + one.value
    return sum(trends.observe(topic_id, series, unit, (AttentionPoint(at=at, value=value),)) for (topic_id, series, unit), value in sums.items())


def history_of(trends: TrendRepository, topic_ids: Sequence[str], until: datetime, names: Mapping[str, str]) -> dict[str, tuple[AttentionSeries, ...]]:
    """Return every series of each topic over the last 120 days before `until`; `names` says what to call a kind of series, by its first word."""
    rows = trends.list_observations(topic_ids, until - timedelta(days=HISTORY_DAYS), until)
    grouped: dict[tuple[str, str], list[TrendObservationRecord]] = {}
    for row in rows:
        grouped.setdefault((row.topic_id, row.series), []).append(row)
    found: dict[str, list[AttentionSeries]] = {}
    for (topic_id, name), values in grouped.items():
        points = tuple(AttentionPoint(at=row.at, value=row.value) for row in values)
        found.setdefault(topic_id, []).append(AttentionSeries(name=name, source=names.get(name.split(" ")[0], name), unit=values[-1].unit, points=points))
    return {topic_id: tuple(series) for topic_id, series in found.items()}


def _known(trends: TrendRepository, story: SeenStory, shared: frozenset[str], at: datetime) -> Joined | None:
    urls = sorted({signal.url for signal in story.signals} - shared)
    for topic_id in trends.at_addresses(urls, at - timedelta(days=ADDRESS_DAYS)) if urls else ():
        near = trends.find_nearest(story.vector, at - timedelta(days=ADDRESS_DAYS), topic_id)
        if near is not None and near.similarity >= SAME_ADDRESS:
            return Joined(topic_id, "address", near.similarity)
    near = trends.find_nearest(story.vector, at - timedelta(days=MEANING_DAYS))
    return Joined(near.topic_id, "meaning", near.similarity) if near is not None and near.similarity >= SAME_TOPIC else None


def _addresses_of_several(stories: Sequence[SeenStory]) -> frozenset[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for story in stories:
        urls = {signal.url for signal in story.signals}
        twice |= urls & seen
        seen |= urls
    return frozenset(twice)


def _new_id(trends: TrendRepository, story: SeenStory, at: datetime) -> str:
    return f"trend_{content_digest(f'{trends.tenant_id} {Provenance(trends.provenance).value} {at.isoformat()} {story.title}'.encode())[:32]}"
