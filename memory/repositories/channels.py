"""Statements about channels."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, Forbidden, NotFound, Unavailable
from memory.personality import personality_id_of
from memory.records.channels import ChannelRecord
from memory.records.tenants import LOCAL_TENANT, TenantRecord
from memory.repositories.allowance import AllowanceRepository
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(ChannelRecord.created_at, ChannelRecord.id)


class ChannelMissing(NotFound):
    """There is no channel of that id."""

    code = "channel_missing"


class ChannelExists(Conflict):
    """There is a channel of that id already."""

    code = "channel_exists"


class ChannelPaused(Forbidden):
    """The channel is paused: nothing new starts and nothing is published."""

    code = "channel_paused"


class ChannelHeld(Unavailable):
    """The channel's queue is held: what is ready waits, and goes out when the hold ends or is taken back."""

    code = "channel_held"


class ChannelRepository:
    """Channels: created from a personality, paused and resumed, given more or less freedom."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def ensure(self, channel_id: str, personality_id: str, name: str, tenant_id: str = LOCAL_TENANT) -> ChannelRecord:
        """Return the channel, creating it (and a missing local tenant) the first time; raises PlanLimitReached when the plan allows no other."""
        there = self.find(channel_id)
        if there is not None:
            return there
        # Requests of a tenant may create channels, not tenants: theirs is there.
        if tenant_id == LOCAL_TENANT and self.session.get(TenantRecord, LOCAL_TENANT) is None:
            self.session.execute(insert(TenantRecord).values(id=LOCAL_TENANT, name="This studio").on_conflict_do_nothing())
        AllowanceRepository(self.session).ensure_channel(tenant_id)
        fresh = {"id": channel_id, "tenant_id": tenant_id, "personality_id": personality_id_of(personality_id), "name": name}
        self.session.execute(insert(ChannelRecord).values(**fresh).on_conflict_do_nothing(index_elements=["id"]))
        return self.get(channel_id)

    def create(self, channel_id: str, personality_id: str, name: str, tenant_id: str) -> None:
        """Create a channel; raises ChannelExists, and PlanLimitReached when the plan allows no other."""
        if self.find(channel_id) is None:
            AllowanceRepository(self.session).ensure_channel(tenant_id)
        fresh = {"id": channel_id, "tenant_id": tenant_id, "personality_id": personality_id, "name": name}
        made = insert(ChannelRecord).values(**fresh).on_conflict_do_nothing(index_elements=["id"]).returning(ChannelRecord.id)
        if self.session.execute(made).one_or_none() is None:
            raise ChannelExists(f"channel: {channel_id!r} exists already; edit it, or take another personality", channel=channel_id)

    def find(self, channel_id: str) -> ChannelRecord | None:
        """Return the channel, if there is one."""
        return self.session.get(ChannelRecord, channel_id, populate_existing=True)

    def of(self, channel_ids: Sequence[str]) -> dict[str, ChannelRecord]:
        """Return those channels that there are, by id, as they are now."""
        statement = select(ChannelRecord).where(ChannelRecord.id.in_(channel_ids)).execution_options(populate_existing=True)
        return {found.id: found for found in self.session.scalars(statement)}

    def levels(self, channel_ids: Sequence[str] | None = None) -> dict[str, str]:
        """Return the degree of human control of those channels that there are, by id; None asks for all."""
        statement = select(ChannelRecord.id, ChannelRecord.autonomy)
        named = statement if channel_ids is None else statement.where(ChannelRecord.id.in_(channel_ids))
        return {found.id: found.autonomy for found in self.session.execute(named)}

    def get(self, channel_id: str) -> ChannelRecord:
        """Return the channel; raises ChannelMissing."""
        found = self.find(channel_id)
        if found is None:
            raise ChannelMissing(f"channel: {channel_id!r} does not exist", channel=channel_id)
        return found

    def list_(self, cursor: str | None = None, limit: int = 50) -> Page[ChannelRecord]:
        """Return channels, newest first."""
        return _KEYSET.page(self.session, select(ChannelRecord), cursor, limit)

    def pause(self, channel_id: str, reason: str) -> ChannelRecord:
        """Pause a channel, or give a paused one a new reason."""
        return self._change(channel_id, paused=True, paused_reason=reason, paused_at=func.now())

    def resume(self, channel_id: str) -> ChannelRecord:
        """Let a paused channel work again."""
        return self._change(channel_id, paused=False, paused_reason=None, paused_at=None)

    def set_autonomy(self, channel_id: str, autonomy: str) -> ChannelRecord:
        """Set the degree of human control: manual, review, policy or autonomous."""
        return self._change(channel_id, autonomy=autonomy)

    def set_budget(self, channel_id: str, microusd: int | None) -> ChannelRecord:
        """Set the most that a channel may spend in one UTC day; None leaves it to the studio's own limits."""
        return self._change(channel_id, budget_day_microusd=microusd)

    def set_two_person(self, channel_id: str, wanted: bool) -> ChannelRecord:
        """Say whether two people must accept what is published."""
        return self._change(channel_id, two_person=wanted)

    def ensure_active(self, channel_id: str) -> ChannelRecord:
        """Return the channel; raises ChannelPaused with the reason while it is paused."""
        channel = self.get(channel_id)
        if channel.paused:
            raise ChannelPaused(f"channel {channel_id} is paused: {channel.paused_reason}", channel=channel_id)
        return channel

    def hold(self, channel_id: str, reason: str, until: datetime) -> ChannelRecord:
        """Hold a channel's queue until then; a hold that lasts longer already stays."""
        channel = self.get(channel_id)
        if channel.held_until is not None and channel.held_until >= until:
            return channel
        return self._change(channel_id, held_until=until, held_reason=reason)

    def release_hold(self, channel_id: str) -> ChannelRecord:
        """Let a channel's queue go on."""
        return self._change(channel_id, held_until=None, held_reason=None)

    def ensure_publishing(self, channel_id: str, now: datetime) -> ChannelRecord:
        """Return the channel; raises ChannelHeld, naming until when and why, while it is paused or its queue is held."""
        channel = self.get(channel_id)
        if channel.paused:
            raise ChannelHeld(f"channel {channel_id} is paused: {channel.paused_reason}; nothing is published until it is resumed", channel=channel_id)
        if channel.held_until is not None and channel.held_until > now:
            until = f"{channel.held_until:%Y-%m-%d %H:%M} UTC"
            raise ChannelHeld(f"channel {channel_id}: its queue is held until {until}: {channel.held_reason}", channel=channel_id)
        return channel

    def _change(self, channel_id: str, **values: object) -> ChannelRecord:
        self.session.execute(update(ChannelRecord).where(ChannelRecord.id == channel_id).values(**values))
        return self.get(channel_id)
