"""What people do to channels: create one from a personality, change how it is run, and set when it publishes. Each is put on record."""

from dataclasses import asdict
from typing import Any

from api.auth.confirming import ensure_confirmed
from api.authority import ensure_level
from api.channels.schemas import USUAL, ChannelChange, NewChannel, Schedule
from api.http.principal import Principal
from api.http.state import ServiceState
from infra.database import UnitOfWork
from infra.errors import Invalid, NotFound
from infra.ids import canonical_json
from memory.ledger import MICROUSD_PER_USD
from memory.personality import channel_id_of, get_personality, load_personalities
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.sameness_standing import Nearest, Standing

# What may be undone only by who says what each person may do.
UNGUARDS = "users:manage"
# The schedule's fields as a personality names them.
_SCHEDULE = {"per_week": "cadence_per_week", "hours": "publish_hours", "zone": "zone"}


def create(session: UnitOfWork, who: Principal, new: NewChannel) -> str:
    """Create a channel and return its id; raises ChannelExists, NotFound for an unknown personality, and LevelNotAllowed for a freer level than is usual."""
    if new.personality not in load_personalities():
        raise NotFound(f"personality: {new.personality!r} is unknown; known: {', '.join(load_personalities())}", personality=new.personality)
    channels, channel_id = ChannelRepository(session), channel_id_of(new.personality, who.tenant_id)
    ensure_level(who, new.autonomy, {channel_id: USUAL})
    channels.create(channel_id, new.personality, get_personality(channel_id).name, who.tenant_id)
    channels.set_autonomy(channel_id, new.autonomy)
    channels.set_budget(channel_id, _microusd(new.budget_day_usd))
    AuditRepository(session).append(who.user_id, "channel.created", channel_id, new.model_dump(mode="json"))
    return channel_id


def ensure_may_change(session: UnitOfWork, state: ServiceState, who: Principal, channel_id: str, asked: ChannelChange) -> None:
    """Raise LevelNotAllowed for a freer level by who may not decide, and ConfirmationNeeded or NotAllowed for what guards the studio less than before."""
    now = ChannelRepository(session).get(channel_id)
    ensure_level(who, asked.autonomy, {channel_id: now.autonomy})
    if now.two_person and asked.two_person is False:
        who.ensure_may(UNGUARDS)
        ensure_confirmed(who, state.settings, f"two_person: letting one person accept what is published on {channel_id}")
    if "budget_day_usd" in asked.model_fields_set and _is_raised(now.budget_day_microusd, _microusd(asked.budget_day_usd)):
        ensure_confirmed(who, state.settings, f"budget_day_usd: a higher limit for {channel_id} than it has")


def change(session: UnitOfWork, who: Principal, channel_id: str, asked: ChannelChange) -> None:
    """Change what is asked; raises Invalid for a pause without a reason."""
    channels = ChannelRepository(session)
    if asked.autonomy is not None:
        channels.set_autonomy(channel_id, asked.autonomy)
    if "budget_day_usd" in asked.model_fields_set:
        channels.set_budget(channel_id, _microusd(asked.budget_day_usd))
    if asked.two_person is not None:
        channels.set_two_person(channel_id, asked.two_person)
    if asked.paused is True:
        if asked.reason is None:
            raise Invalid("reason: a pause needs one of 1 to 500 characters; say why, for whoever reads it next")
        channels.pause(channel_id, asked.reason)
    elif asked.paused is False:
        channels.resume(channel_id)
    AuditRepository(session).append(who.user_id, "channel.changed", channel_id, asked.model_dump(mode="json", exclude_unset=True))


def schedule_of(session: UnitOfWork, channel_id: str) -> bytes:
    """Return when a channel publishes, as JSON: its personality's schedule and what was changed of it."""
    personality = PersonalityChangeRepository(session).personality(channel_id)
    return canonical_json({name: _plain(getattr(personality, field)) for name, field in _SCHEDULE.items()})


def set_schedule(session: UnitOfWork, who: Principal, channel_id: str, asked: Schedule) -> None:
    """Set when a channel publishes: from the next planning on. Raises ChangeDecided while a proposed change of the same field waits for a decision."""
    changes = PersonalityChangeRepository(session)
    now = changes.personality(channel_id)
    for name, field in _SCHEDULE.items():
        wanted = _plain(getattr(asked, name))
        if wanted != _plain(getattr(now, field)):
            made = changes.propose(channel_id, (field, wanted), "the operator set the schedule", who.user_id)
            changes.decide(made.id, "approved", who.user_id)


def sameness_told(channel_id: str, found: Standing) -> dict[str, Any]:
    """Return how a channel stands among the others."""
    measures = [_nearest(one) for one in found.measures]
    nearest = None if found.nearest is None else _nearest(found.nearest)
    about = {"channel": channel_id, "provenance": found.provenance, "checks": found.checks}
    return {**about, "nearest": nearest, "measures": measures, "budget": found.budget.model_dump()}


def _nearest(one: Nearest) -> dict[str, Any]:
    return {**asdict(one), "share": round(one.share, 4)}


def _is_raised(now: int | None, wanted: int | None) -> bool:
    return now is not None and (wanted is None or wanted > now)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _microusd(usd: float | None) -> int | None:
    return None if usd is None else round(usd * MICROUSD_PER_USD)
