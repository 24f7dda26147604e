"""The channels of an autonomous run as planning sees them: their week so far, their audience, their quota, the stories about to peak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from graphs.approvals import reaches_youtube
from graphs.autonomous_request import AutonomousRequest
from graphs.runbook import expected
from graphs.scheduling import WEEK, Calendar, Peak
from infra.database import Session
from infra.errors import NotFound
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.attention import Outlook
from memory.personality import Personality, get_personality
from memory.quota import pacific_day, tariff_on
from memory.records.slots import SlotRecord
from memory.records.tenants import LOCAL_TENANT
from memory.records.trends import TrendTopicRecord
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


def calendar_of(session: Session, settings: Settings, request: AutonomousRequest, channel: str, own: Sequence[SlotRecord], now: datetime) -> Calendar | None:  # noqa: PLR0913 - one reading of one channel
    """Return what planning knows of a channel; None without a personality. `own` are the run's slots of every channel."""
    if find_personality(channel) is None:
        return None
    # With the changes that a person approved, and the room that its sameness leaves it.
    personality = PersonalityChangeRepository(session).personality(channel)
    alike = FingerprintRepository(session).budget(channel, provenance_of(request, settings).value)
    mine = [slot for slot in own if slot.channel_id == channel]
    planned = SlotRepository(session).list_of_channel(channel, now - WEEK, now + timedelta(days=60))
    # What was published has a row of its own; the others are still to come.
    coming = tuple(slot.publish_at for slot in planned if slot.status != "published")
    lost = sum(1 for slot in mine if slot.status == "failed")
    return Calendar(
        channel_id=channel,
        zone=personality.zone,
        hours=personality.publish_hours,
        per_week=personality.cadence_per_week,
        taken=tuple(sorted((*FleetRepository(session).published_since(channel, now - WEEK), *coming))),
        made=sum(1 for slot in mine if slot.status in _COUNTED) + max(0, lost - REPLACEMENTS),
        used=frozenset(slot.key for slot in mine),
        videos=request.videos,
        platform=is_on_platform(session, settings, request, channel),
        too_alike=alike.spent,
    )


def is_on_platform(session: Session, settings: Settings, request: AutonomousRequest, channel: str) -> bool:
    """Whether the channel's videos of this run go to the platform, and so spend its quota."""
    if settings.publisher == "library" or request.offline or not reaches_youtube(settings):
        return False
    connection = PlatformChannelRepository(session).find(channel)
    return connection is not None and connection.provenance == provenance_of(request, settings).value


def uploads_left(session: Session, settings: Settings, now: datetime, days: int) -> tuple[int, Mapping[date, int]]:
    """Return how many publications the platform's quota allows on any Pacific day, and on each of the next `days` as things stand."""
    project = settings.youtube_client_id or ""
    ledger, day = QuotaLedger(session, now, settings.youtube_granted), pacific_day(now)
    tariff = tariff_on(day)
    needed = {bucket: amount * (_RESERVE if bucket == "units" else 1) for bucket, amount in tariff.total(NEEDED).items()}
    limits = {**tariff.limits, **settings.youtube_granted}
    a_day = min(limits.get(bucket, 0) // amount for bucket, amount in needed.items())
    today = min(ledger.free(project, bucket) // amount for bucket, amount in needed.items())
    return a_day, {day: min(today, a_day)} if days else {}


def pause_of(session: Session, channel: str) -> str:
    """Return why a channel starts nothing new now; nothing when it may."""
    found = ChannelRepository(session).find(channel)
    return f"the channel is paused: {found.paused_reason}" if found is not None and found.paused else ""


def hold_of(session: Session, channel: str, at: datetime) -> str:
    """Return why nothing of a channel may be shown at that time; nothing when it may, as far as is known."""
    found = ChannelRepository(session).find(channel)
    if found is None or found.held_until is None or found.held_until <= at:
        return ""
    return f"the channel's queue is held until {found.held_until:%Y-%m-%d %H:%M} UTC: {found.held_reason}"


def topics_of(session: Session, settings: Settings, request: AutonomousRequest, since: datetime) -> tuple[TrendTopicRecord, ...]:
    """Return the stories that were seen since then, of every subject; read once for all channels."""
    return TrendRepository(session, LOCAL_TENANT, provenance_of(request, settings)).list_topics(since)


def peaks_of(topics: Sequence[TrendTopicRecord], personality: Personality, now: datetime) -> tuple[Peak, ...]:
    """Return the stories of the channel's subjects whose attention is expected to peak, on forecasts that have shown skill, soonest first."""
    found = []
    for topic in topics:
        outlook = _outlook(topic) if topic.category in personality.categories else None
        if outlook is not None and outlook.verdict == "skill" and outlook.peak_at is not None and outlook.peak_at > now:
            found.append(Peak(outlook.peak_at, topic.label, f"the forecast for {topic.label!r} ({outlook.series})"))
    return tuple(sorted(found, key=lambda peak: (peak.at, peak.topic)))


def breaking_of(topics: Sequence[TrendTopicRecord], personality: Personality) -> tuple[Breaking, ...]:
    """Return the stories of the channel's subjects that break now, the fastest first."""
    found = []
    for topic in topics:
        outlook = _outlook(topic) if topic.category in personality.categories else None
        if outlook is not None and outlook.verdict == "skill" and (outlook.growth or 0.0) >= BREAKING_GROWTH:
            found.append(Breaking(topic.id, topic.label, topic.category, outlook.growth or 0.0))
    return tuple(sorted(found, key=lambda one: (-one.growth, one.topic_id)))


def _outlook(topic: TrendTopicRecord) -> Outlook | None:
    return Outlook.model_validate(topic.outlook) if topic.outlook else None
