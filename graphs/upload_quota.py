"""The platform's quota for a video that is made and approved for a time: set aside before it is published, or the time it can come instead."""

import asyncio
from datetime import datetime

from graphs.approvals import place_of
from graphs.context import Studio
from graphs.scheduling_times import jittered
from graphs.state import ProductionState
from memory.artifacts import Provenance
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.publications import PublicationRepository
from memory.repositories.quota import QuotaExhausted, QuotaLedger, Spender
from memory.repositories.runs import RunRepository
from memory.repositories.slots import SlotRepository
from tools.upload_video.machine import NEEDED


async def set_aside(studio: Studio, publish_at: datetime | None, provenance: Provenance) -> datetime | None:
    """Set aside what an upload needs today; returns from when on there is quota again where that is too late for its time, None where it goes on.

    What was begun is finished, what has no time waits, and what is shown after the reset is uploaded after it.
    """
    if publish_at is None:
        return None

    def write() -> None:
        with studio.database.unit_of_work() as session:
            studio.ensure_held(RunRepository(session))
            begun = PublicationRepository(session).find_by_key(studio.run_id) is not None
            if begun or place_of(session, studio, provenance) != "youtube":
                return
            connection = PlatformChannelRepository(session).get(studio.channel_id)
            ledger = QuotaLedger(session, studio.clock.now(), studio.settings.youtube_granted)
            ledger.ensure_channel_open(studio.channel_id)
            ledger.plan(Spender(connection.project, studio.run_id, studio.channel_id), NEEDED)

    try:
        await asyncio.to_thread(write)
    except QuotaExhausted as spent:
        return spent.until if spent.until > publish_at else None
    return None


def moved_to(studio: Studio, state: ProductionState) -> datetime | None:
    """Return when a video is shown that found no quota before its time: soon after there is some, each at a moment of its own."""
    published = state.get("publish")
    since = published.get("quota_from", "") if published else ""
    return jittered(datetime.fromisoformat(since), "quota", studio.run_id) if since else None


async def tell_slot(studio: Studio, at: datetime | None, asked: datetime | None) -> None:
    """Write a moved time into the plan of the autonomous run, where the video is made for one; `asked` is what people want by now."""
    if at is None or at == studio.request.publish_at:
        return
    why = "as a person asked" if at == asked else "when YouTube takes an upload again"

    def write() -> None:
        with studio.database.unit_of_work() as session:
            studio.ensure_held(RunRepository(session))
            SlotRepository(session).rebind(studio.run_id, at, f"moved to {at:%Y-%m-%d %H:%M} UTC, {why}")

    await asyncio.to_thread(write)
