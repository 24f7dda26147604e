"""The channels of an autonomous run as planning sees them: their week so far, their audience, their quota, the stories about to peak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.approvals import reaches_youtube
from graphs.autonomous_request import AutonomousRequest
from graphs.beginning import expected
from graphs.scheduling import WEEK, Calendar, Peak
from infra.database import Session
from infra.errors import NotFound
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.attention import Outlook
from memory.personality import Personality, get_personality
from memory.quota import pacific_day, tariff_on
from memory.records.channels import ChannelRecord
from memory.records.slots import SlotRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.channels import ChannelRepository
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.quota import QuotaLedger
from memory.repositories.slots import SlotRepository
from memory.repositories.trends import TrendRepository
from tools.upload_video.machine import NEEDED

# What one publication needs of each bucket; the pool's checks afterwards are planned with as much again.
_RESERVE = 2
# A story counts as breaking when it is this fresh and its attention is expected to at least double within two days.
BREAKING_WITHIN = timedelta(hours=3)
# A forecast looks two days ahead, and no further back are peaks looked for.
PEAKS_WITHIN = timedelta(days=2)
BREAKING_GROWTH = 1.0
# Slots that stand for a video the channel has or will have; one that failed is planned anew, twice at most.
_COUNTED = ("planned", "launched", "asked", "published", "missed", "skipped", "cancelled")
REPLACEMENTS = 2


@dataclass(frozen=True)
class Breaking:
    """A story that breaks, and how fast."""

    topic_id: str
    topic: str
    category: str
    growth: float


def provenance_of(request: AutonomousRequest, settings: Settings) -> Provenance:
    """Return what kind of truth a run sets out with."""
    return expected(request.production(request.channels[0], "", 0), settings)


def find_personality(channel: str) -> Personality | None:
    """Return the channel's personality, if there is one."""
    try:
        return get_personality(channel)
    except NotFound:
        return None


def calendars_of(session: Session, settings: Settings, run: AutonomousRequest, own: Sequence[SlotRecord], now: datetime) -> dict[str, Calendar]:
    """Return what planning knows of the run's channels, by channel; one without a personality is left out. `own` are the run's slots of every channel."""
    channels = [channel for channel in run.channels if find_personality(channel) is not None]
    # With the changes that a person approved, and the room that its sameness leaves each.
    personalities = PersonalityChangeRepository(session).personalities(channels)
    alike = FingerprintRepository(session).budgets(channels, provenance_of(run, settings).value)
    on_platform = platform_of(session, settings, run)
    shown = FleetRepository(session).published_since(channels, now - WEEK)
    # What was published has a row of its own; the others are still to come.
    planned = SlotRepository(session).list_of_channels(channels, now - WEEK, now + timedelta(days=60))
    coming = {channel: [slot.publish_at for slot in planned if slot.channel_id == channel and slot.status != "published"] for channel in channels}
    found = {}
    for channel in channels:
        mine = [slot for slot in own if slot.channel_id == channel]
        lost = sum(1 for slot in mine if slot.status == "failed")
        found[channel] = Calendar(
            channel_id=channel,
            zone=personalities[channel].zone,
            hours=personalities[channel].publish_hours,
            per_week=personalities[channel].cadence_per_week,
            taken=tuple(sorted((*shown[channel], *coming[channel]))),
            made=sum(1 for slot in mine if slot.status in _COUNTED) + max(0, lost - REPLACEMENTS),
            used=frozenset(slot.key for slot in mine),
            videos=run.videos,
            platform=channel in on_platform,
            too_alike=alike[channel].spent,
        )
    return found


def platform_of(session: Session, settings: Settings, request: AutonomousRequest) -> frozenset[str]:
    """Return the channels whose videos of this run go to the platform, and so spend its quota."""
    if settings.publisher == "library" or request.offline or not reaches_youtube(settings):
        return frozenset()
    truth = provenance_of(request, settings).value
    return frozenset(channel for channel, one in PlatformChannelRepository(session).of(request.channels).items() if one.provenance == truth)


def uploads_left(session: Session, settings: Settings, now: datetime) -> tuple[int, int]:
    """Return how many publications the platform's quota allows on any Pacific day, and how many more today."""
    project = settings.youtube_client_id or ""
    ledger, day = QuotaLedger(session, now, settings.youtube_granted), pacific_day(now)
    tariff = tariff_on(day)
    needed = {bucket: amount * (_RESERVE if bucket == "units" else 1) for bucket, amount in tariff.total(NEEDED).items()}
    limits = {**tariff.limits, **settings.youtube_granted}
    a_day = min(limits.get(bucket, 0) // amount for bucket, amount in needed.items())
    today = min(ledger.free(project, bucket) // amount for bucket, amount in needed.items())
    return a_day, min(today, a_day)


@dataclass(frozen=True)
class Standing:
    """Whether channels may start and show something, as read in one moment."""

    channels: Mapping[str, ChannelRecord]

    def pause(self, channel: str) -> str:
        """Return why a channel starts nothing new now; nothing when it may."""
        found = self.channels.get(channel)
        return f"the channel is paused: {found.paused_reason}" if found is not None and found.paused else ""

    def hold(self, channel: str, at: datetime) -> str:
        """Return why nothing of a channel may be shown at that time; nothing when it may, as far as is known."""
        found = self.channels.get(channel)
        if found is None or found.held_until is None or found.held_until <= at:
            return ""
        return f"the channel's queue is held until {found.held_until:%Y-%m-%d %H:%M} UTC: {found.held_reason}"

    def hindrance(self, channel: str, at: datetime) -> str:
        """Return why nothing of a channel may be begun that is to be shown at that time; nothing when it may."""
        return self.pause(channel) or self.hold(channel, at)


def standing_of(session: Session, request: AutonomousRequest) -> Standing:
    """Read how the run's channels stand."""
    return Standing(ChannelRepository(session).of(request.channels))


@dataclass(frozen=True)
class Story:
    """A story that sources carry, and what is expected of it on a forecast that has shown skill."""

    topic_id: str
    topic: str
    category: str
    outlook: Outlook


def stories_of(session: Session, settings: Settings, request: AutonomousRequest, since: datetime) -> tuple[Story, ...]:
    """Return the stories with a skilled forecast that were seen since then, of every subject; read once for all channels."""
    topics = TrendRepository(session, LOCAL_TENANT, provenance_of(request, settings)).list_topics(since)
    found = (Story(topic.id, topic.label, topic.category, Outlook.model_validate(topic.outlook)) for topic in topics if topic.outlook)
    return tuple(story for story in found if story.outlook.verdict == "skill")


def peaks_of(stories: Sequence[Story], personality: Personality, now: datetime) -> tuple[Peak, ...]:
    """Return the stories of the channel's subjects whose attention is expected to peak, soonest first."""
    found = []
    for story in stories:
        peak_at = story.outlook.peak_at
        if story.category in personality.categories and peak_at is not None and peak_at > now:
            found.append(Peak(peak_at, story.topic, f"the forecast for {story.topic!r} ({story.outlook.series})"))
    return tuple(sorted(found, key=lambda peak: (peak.at, peak.topic)))


def breaking_of(stories: Sequence[Story], personality: Personality) -> tuple[Breaking, ...]:
    """Return the stories of the channel's subjects that break now, the fastest first."""
    found = []
    for story in stories:
        growth = story.outlook.growth or 0.0
        if story.category in personality.categories and growth >= BREAKING_GROWTH:
            found.append(Breaking(story.topic_id, story.topic, story.category, growth))
    return tuple(sorted(found, key=lambda one: (-one.growth, one.topic_id)))
