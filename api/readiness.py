"""Whether an autonomous run may start: everything it will need is looked at first, and whatever lacks is named with its fix."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from api.capabilities import capabilities
from api.live_providers import probe_providers
from api.live_sources import check_sources
from api.needs import NEEDED_QUEUES, Caller, room_for
from graphs.autonomous_request import AutonomousRequest
from graphs.fleet_channels import find_personality
from graphs.fleet_flight import takes, worst_microusd
from graphs.fleet_preview import Preview, preview
from infra.clock import SYSTEM_CLOCK
from infra.database import Database, Session
from infra.errors import Conflict
from infra.room import free_bytes
from infra.settings import Settings
from memory.addresses import addresses_of, mail_server, plain_mail
from memory.consents import list_consents
from memory.personality import load_personalities
from memory.production_figures import measured_productions
from memory.repositories.channels import ChannelRepository
from memory.repositories.heartbeats import HeartbeatRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.workers import WorkerRepository

NEEDED_PROCESSES = ("conductor", "watcher")
# Measured on the demo corpus: what a second of film leaves behind, with its parts and its copy in the library.
_BYTES_PER_SECOND = 2_500_000
_HALF = 2


class NotReady(Conflict):
    """The run is not started: `problems` in its details name each field, what lacks and the fix."""

    code = "not_ready"


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a run from starting; `code` is stable, and tells a page where it is mended, of which `channel` where it is one's."""

    field: str
    said: str
    fix: str
    code: str
    channel: str | None = None

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.field}: {self.said}; {self.fix}"


@dataclass(frozen=True)
class Readiness:
    """What was found: problems, notes that stop nothing, and the plan the run would begin with."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    preview: Preview

    def ensure(self) -> None:
        """Raise NotReady when anything keeps the run from starting."""
        _refuse("the run is not started", self.problems)


def every_channel(session: Session) -> tuple[str, ...]:
    """Return every channel that could work now: each personality whose channel is not paused."""
    known = {channel: ChannelRepository(session).find(channel) for channel in load_personalities()}
    return tuple(channel for channel, row in known.items() if row is None or not row.paused)


async def look(settings: Settings, database: Database, request: AutonomousRequest, asked: Sequence[Problem] = ()) -> Readiness:
    """Look at everything a run needs; `asked` is what came of asking those outside, by `ask_live`."""
    now = SYSTEM_CLOCK.now()

    def read() -> tuple[Preview, list[Problem]]:
        with database.unit_of_work() as session:
            seen = preview(session, settings, request, now)
            return seen, [*_channels(session, settings, request, now), *_served(session), *_capacity(settings, request, seen)]

    seen, problems = await asyncio.to_thread(read)
    problems += [*_money(request, seen), *_hours(request, seen), *_voices(settings, request, now), *_mail(settings, request)]
    notes = [f"{one.channel_id}: {one.reason}" for one in seen.plan.dropped]
    if not addresses_of(settings) and not request.report_to:
        notes.append("reports: no address is set (YTEMPIRE_NOTIFY), so they are only kept with the run")
    return Readiness((*problems, *asked), tuple(notes), seen)


def ensure_edit(session: Session, settings: Settings, before: AutonomousRequest, after: AutonomousRequest, starts_at: datetime) -> None:
    """Raise NotReady when a run could not go on as it is asked for after an edit; hours count from its start, and what the edit leaves alone is not judged."""
    figures = measured_productions(session)
    added = tuple(channel for channel in after.channels if channel not in before.channels)
    problems = list(_channels(session, settings, after.model_copy(update={"channels": added}), starts_at))
    if after.lasts > before.lasts:
        kept = [channel for channel in after.channels if channel not in added]
        problems += [one for channel in kept for one in _consent(session, settings, after, channel, starts_at)]
    if added or after.lasts > before.lasts:
        problems += _voices(settings, after, starts_at)
    if (after.budget_usd, after.seconds) != (before.budget_usd, before.seconds):
        problems += _too_dear(after, worst_microusd(settings, figures, after))
    if (after.hours, after.seconds) != (before.hours, before.seconds):
        problems += _too_long(after, takes(after, figures))
    _refuse("the run is not changed", problems)


def _refuse(what: str, problems: Sequence[Problem]) -> None:
    if problems:
        listed = "\n  ".join(str(one) for one in problems)
        raise NotReady(f"{what}:\n  {listed}", problems=[asdict(one) for one in problems])


def _channels(session: Session, settings: Settings, request: AutonomousRequest, now: datetime) -> Iterable[Problem]:
    for channel in request.channels:
        row = ChannelRepository(session).find(channel)
        if find_personality(channel) is None:
            fix = f"leave it out, or name one of {', '.join(load_personalities())}"
            yield Problem("channels", f"{channel!r} has no personality", fix, "no_personality", channel)
        elif row is not None and row.paused:
            fix = f"resume it with `ytempire channels resume {channel}`, or leave it out"
            yield Problem("channels", f"{channel} is paused ({row.paused_reason})", fix, "channel_paused", channel)
        else:
            yield from _consent(session, settings, request, channel, now)


def _consent(session: Session, settings: Settings, request: AutonomousRequest, channel: str, now: datetime) -> Iterable[Problem]:
    connection = PlatformChannelRepository(session).find(channel)
    again = f"let its owner consent again: `ytempire channels connect {channel}`"
    if connection is None:
        if settings.publisher == "youtube" and not request.offline:
            said, fix = f"{channel} is not connected and YTEMPIRE_PUBLISHER is youtube", f"`ytempire channels connect {channel}`, or leave it out"
            yield Problem("channels", said, fix, "not_connected", channel)
        return
    if settings.publisher == "library" or request.offline or settings.youtube_client_id is None:
        return
    if connection.state != "active":
        yield Problem("channels", f"{channel}: its owner's consent has ended ({connection.reason})", again, "consent_ended", channel)
    if settings.youtube_consent_days is not None:
        ends = connection.connected_at.timestamp() + settings.youtube_consent_days * 86_400
        if ends < (now + request.lasts).timestamp():
            left = max(0.0, (ends - now.timestamp()) / 3600)
            said = f"{request.hours:g} is longer than the consent of {channel} still holds ({left:.0f} h, YOUTUBE_CONSENT_DAYS={settings.youtube_consent_days})"
            yield Problem("hours", said, f"take at most {left:.0f}, or {again}", "consent_too_short", channel)


def _served(session: Session) -> Iterable[Problem]:
    missing = sorted(NEEDED_QUEUES - WorkerRepository(session).served_queues())
    if missing:
        fix = f"start `ytempire up`, or `ytempire worker --queue {missing[0]}` where it should run"
        yield Problem("workers", f"nobody serves {', '.join(missing)}", fix, "queues_unserved")
    alive = {pulse.name for pulse in HeartbeatRepository(session).list_() if pulse.silent_s <= pulse.within_s}
    silent = [name for name in NEEDED_PROCESSES if name not in alive]
    if silent:
        fix = "keep `ytempire up` running: an autonomous run lives in it, not in this command"
        yield Problem("stack", f"no {' and no '.join(silent)} is heard of", fix, "stack_silent")


def _capacity(settings: Settings, request: AutonomousRequest, seen: Preview) -> Iterable[Problem]:
    videos = len(seen.plan.slots)
    each = max(seen.bytes_each or 0, request.seconds * _BYTES_PER_SECOND)
    needed, free = room_for(settings.home, request.seconds) + each * max(0, videos - 1), free_bytes(settings.home)
    if free < needed:
        said = f"{free // 1_000_000} MB are free, {videos} videos need {needed // 1_000_000} MB"
        yield Problem("disk", said, f"free some on the disk of {settings.home}, set YTEMPIRE_HOME to another, or ask for fewer videos", "disk_short")
    short = [one for one in seen.plan.dropped if "upload" in one.reason]
    if short:
        said = f"{len(short)} of {len(short) + videos} planned uploads do not fit YouTube's quota ({short[0].reason})"
        yield Problem("quota", said, "ask for fewer videos or channels, or set YOUTUBE_QUOTA to what Google granted the project", "quota_short")


def _money(request: AutonomousRequest, seen: Preview) -> Iterable[Problem]:
    each, videos = seen.each_microusd / 1e6, len(seen.plan.slots)
    if each > request.budget_usd:
        yield from _too_dear(request, seen.each_microusd)
    elif each * videos > request.budget_usd:
        most = int(request.budget_usd / each)
        said = f"${request.budget_usd:.2f} pays for {most} of the {videos} planned videos at ${each:.2f} each"
        yield Problem("budget", said, f"raise the budget to {each * videos:.2f}, or plan fewer videos or channels", "budget_short")


def _too_dear(request: AutonomousRequest, each_microusd: int) -> Iterable[Problem]:
    if (each := each_microusd / 1e6) > request.budget_usd:
        said = f"${request.budget_usd:.2f} is less than one video may cost (${each:.2f})"
        yield Problem("budget", said, "raise the budget, or lower YTEMPIRE_LIMIT_VIDEO_USD, which bounds what one may cost", "video_too_dear")


def _too_long(request: AutonomousRequest, one_takes: timedelta) -> Iterable[Problem]:
    # A production may take half of what is planned for it; below that even luck does not help.
    if request.lasts < one_takes / _HALF:
        said = f"{request.hours:g} is too short: making one video takes about {one_takes.total_seconds() / 60:.0f} minutes here"
        yield Problem("hours", said, f"give at least {one_takes.total_seconds() / 3600:.2g}", "hours_short")


def _hours(request: AutonomousRequest, seen: Preview) -> Iterable[Problem]:
    if short := tuple(_too_long(request, seen.takes)):
        yield from short
    elif not seen.plan.slots:
        reasons = "; ".join(dict.fromkeys(f"{one.channel_id}: {one.reason}" for one in seen.plan.dropped)) or "no channel can publish in it"
        yield Problem("channels", f"none is ready to publish within {request.hours:g} h ({reasons})", "take other channels, or more hours", "none_publishes")


def _mail(settings: Settings, request: AutonomousRequest) -> Iterable[Problem]:
    if mail_server(settings) is None and (mails := [one for one in request.report_to if plain_mail(one)]):
        said = f"no mail server is set through which {mails[0]} is reached"
        fix = "put one into YTEMPIRE_NOTIFY (mailtos://user:password@smtp.example.org?to=...), or report to no mail address"
        yield Problem("report_to", said, fix, "mail_unset")


def _voices(settings: Settings, request: AutonomousRequest, now: datetime) -> Iterable[Problem]:
    last = (now + request.lasts).date()
    for consent in list_consents(settings.home):
        mine = [channel for channel in request.channels if not consent.channels or channel in consent.channels]
        if mine and consent.until is not None and now.date() <= consent.until < last:
            said = f"{request.hours:g} reaches beyond {consent.until}, when the consent to voice {consent.voice_id} ends"
            yield Problem("hours", said, "let the speaker consent for longer (voices/consents.toml), or end the run before", "voice_too_short")


def missing_here(settings: Settings) -> list[Problem]:
    """Return each capability that is missing, as `doctor` tells it without asking anybody."""
    missing = [one for one in capabilities(settings) if one.status == "missing"]
    return [Problem("doctor", f"{one.name}: {one.served_by or one.limits}", one.better or "see `ytempire doctor`", "capability_missing") for one in missing]


async def ask_live(workshop: Caller, request: AutonomousRequest) -> list[Problem]:
    """Ask as `doctor --live` does; a run that uses nothing outside asks nobody."""
    settings = workshop.settings
    problems = missing_here(settings)
    if request.offline or settings.network == "off":
        return problems
    probes = await probe_providers(workshop)
    problems += [Problem("doctor", f"{probe.name}: {probe.said}", probe.fix, "provider_silent") for probe in probes if not probe.ok]
    sources: list[dict[str, Any]] = await check_sources(workshop)
    if not any(source["status"] in {"ok", "not_modified"} for source in sources):
        fix = "look at this machine's network and at `ytempire doctor --live`, or start with YTEMPIRE_NETWORK=off for a demonstration"
        problems.append(Problem("doctor", "not one source of stories answers", fix, "sources_silent"))
    return problems
