"""A finished video that finds no quota before its time is listed and approved for the first time that has some, asked about, or refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.keyring import new_key
from infra.settings import Settings
from memory.artifacts import Manifest
from memory.quota import next_reset
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.repositories.quota import QuotaLedger
from memory.vault import Vault
from tests.fixtures.autonomy import Skies
from tests.fixtures.production import ScriptedCaller, World
from tests.fixtures.sources import FixedClock
from tools.upload_video.schema import UploadVideoArgs

CHANNEL, PROJECT = "field-notes", "sandbox.apps.googleusercontent.com"


@dataclass
class Desk:
    """A studio whose channel is connected to the platform, at noon in California."""

    world: World
    now: datetime
    uploaded: list[UploadVideoArgs]

    @property
    def reset(self) -> datetime:
        return next_reset(self.now)

    def spend(self) -> None:
        """Let the day's quota be used up."""
        with self.world.database.unit_of_work() as session:
            QuotaLedger(session, self.now).close_bucket(PROJECT, "videos.insert")


@pytest.fixture
def desk(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Desk:
    uploaded: list[UploadVideoArgs] = []
    told = ScriptedCaller._answer

    def answer(caller: ScriptedCaller, tool: str, args: Any, run: Any) -> dict[str, Any]:
        if tool != "upload_video":
            return told(caller, tool, args, run)
        uploaded.append(cast(UploadVideoArgs, args))
        return {"video_id": "v1", "url": "https://www.youtube.com/watch?v=v1", "privacy": "private", "created": True, "verified": True, "extras": {}}

    monkeypatch.setattr(ScriptedCaller, "_answer", answer)
    changes = {"publisher": "auto", "youtube_client_id": PROJECT, "youtube_base_url": "http://127.0.0.1:9"}
    world.book.settings = settings.model_copy(update=changes)
    connection = Connection(CHANNEL, "UC1", "Field Notes", PROJECT, "real", "UU1", ())
    publishing = Database(world.urls.publish, pool_size=1)
    with publishing.unit_of_work() as session:
        ChannelRepository(session).ensure(CHANNEL, CHANNEL, CHANNEL)
        PlatformChannelRepository(session).connect(connection, "refresh", Vault([new_key()]))
    publishing.dispose()
    return Desk(world, next_reset(SYSTEM_CLOCK.now()) + timedelta(hours=12), uploaded)


def _manifest(desk: Desk) -> Manifest:
    (args,) = desk.uploaded
    return args.manifest


async def test_a_channel_that_catches_up_is_approved_anew_for_soon_after_the_reset(desk: Desk) -> None:
    due = desk.now + timedelta(hours=2)
    with SYSTEM_CLOCK.installed(FixedClock(desk.now)):
        desk.spend()
        run_id = await desk.world.begin(publish_at=due.isoformat(), late="publish")
        assert (await desk.world.drive(run_id)).status == "published"
    at = _manifest(desk).listing.publish_at
    assert at is not None
    assert desk.reset < at < desk.reset + timedelta(hours=1)
    # The approval that counts is of the new time; that of the old one published nothing.
    assert desk.world.one("select count(*) from approvals where status = 'accepted'") == 2
    assert desk.world.one("select count(*) from approvals where manifest_digest = :digest", digest=desk.uploaded[0].approved) == 1
    assert desk.world.one("select published_at from publications") == at


async def test_where_a_person_decides_about_lateness_the_new_time_is_what_they_are_asked_about(desk: Desk) -> None:
    with SYSTEM_CLOCK.installed(FixedClock(desk.now)):
        desk.spend()
        run_id = await desk.world.begin(publish_at=(desk.now + timedelta(hours=2)).isoformat(), late="ask")
        assert (await desk.world.drive(run_id)).status == "waiting"
        assert desk.uploaded == []
        await desk.world.answer(run_id, {"type": "accept"})
        assert (await desk.world.drive(run_id)).status == "published"
    assert (_manifest(desk).listing.publish_at or desk.now) > desk.reset


@pytest.mark.parametrize("late", ["refuse", "publish"])
async def test_what_may_not_be_late_or_would_outlast_its_run_is_refused_with_the_reason(desk: Desk, late: str) -> None:
    until = None if late == "refuse" else (desk.reset - timedelta(hours=1)).isoformat()
    with SYSTEM_CLOCK.installed(FixedClock(desk.now)):
        desk.spend()
        run_id = await desk.world.begin(publish_at=(desk.now + timedelta(hours=2)).isoformat(), late=late, publish_until=until)
        ended = await desk.world.drive(run_id)
    assert ended.status == "refused"
    assert "YouTube takes no more uploads before" in ended.reasons[0]
    assert ("its run ends at" in ended.reasons[0]) == (late == "publish")
    assert desk.uploaded == []


async def test_what_is_shown_after_the_reset_and_what_finds_quota_keeps_its_time(desk: Desk) -> None:
    later = desk.reset + timedelta(hours=3)
    with SYSTEM_CLOCK.installed(FixedClock(desk.now)):
        soon = await desk.world.begin(publish_at=(desk.now + timedelta(hours=2)).isoformat(), late="refuse")
        assert (await desk.world.drive(soon)).status == "published"
        assert desk.world.one("select count(*) from quota_plans where key = :run", run=soon) > 0
        desk.spend()
        run_id = await desk.world.begin(publish_at=later.isoformat(), late="refuse")
        assert (await desk.world.drive(run_id)).status == "published"
    assert [one.manifest.listing.publish_at for one in desk.uploaded] == [desk.now + timedelta(hours=2), later]


async def test_the_plan_of_an_autonomous_run_follows(desk: Desk) -> None:
    skies = Skies(desk.world)
    with SYSTEM_CLOCK.installed(FixedClock(desk.now)):
        skies.begin(channels=(CHANNEL,), videos=1, missed="catch_up", offline=False)
        await skies.wake()
        skies.execute("update slots set launch_at = :at, publish_at = :due", at=desk.now - timedelta(seconds=1), due=desk.now + timedelta(hours=1))
        await skies.wake()
        desk.spend()
        await skies.drive()
        await skies.wake()
    (slot,) = skies.slots()
    assert (slot.status, slot.publish_at) == ("launched", _manifest(desk).listing.publish_at)
    assert any("when YouTube takes an upload again" in entry["note"] for entry in slot.history)
