"""The stand-in refuses what the published description refuses, counts quota by the Pacific day and keeps a record of effects."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import pytest

from tests.tools.youtube.conftest import Stage
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.discovery import body_flaw, document, parameter_flaw
from tools.vendors.youtube.errors import LimitReached
from tools.vendors.youtube.port import NewVideo, Progress
from tools.vendors.youtube.sandbox_faults import DOCUMENTED, refused
from tools.vendors.youtube.sandbox_world import Fate


def _upload(youtube: YouTubeClient, video: NewVideo) -> str:
    session, progress = youtube.open_session(video), Progress(0)
    while progress.video_id is None:
        progress = youtube.send(session, video, progress.received)
    return progress.video_id


def test_the_description_on_disk_is_the_one_of_november_2026() -> None:
    assert document()["revision"] == "20261104"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"snippet": {"title": "a", "headline": "b"}}, "snippet"),
        ({"status": {"privacyStatus": "secret"}}, "status.privacyStatus"),
        ({"status": {"selfDeclaredMadeForKids": "no"}}, "status.selfDeclaredMadeForKids"),
        ({"snippet": {"tags": "tides"}}, "snippet.tags"),
    ],
)
def test_a_body_against_the_published_schema_is_refused(body: dict[str, object], place: str) -> None:
    flaw = body_flaw("videos.insert", body)
    assert flaw is not None
    assert flaw.place == place


def test_parameters_must_be_known_and_complete() -> None:
    missing = parameter_flaw("videos.list", {"id": "x"})
    unknown = parameter_flaw("videos.list", {"part": "id", "colour": "red"})
    assert missing is not None
    assert unknown is not None
    assert (missing.reason, unknown.place) == ("missingRequiredParameter", "colour")
    assert parameter_flaw("videos.list", {"part": "id", "id": "x", "alt": "json"}) is None


async def test_nobody_is_served_without_a_token(stage: Stage) -> None:
    async with httpx2.AsyncClient() as anyone:
        answer = await anyone.get(f"{stage.server.url}/youtube/v3/channels?part=id&mine=true")
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (401, "authError")


def test_the_upload_bucket_the_pool_and_the_channel_cap_are_three_limits(stage: Stage, youtube: YouTubeClient, video: NewVideo) -> None:
    stage.world.limits["insert_calls"] = 2
    youtube.open_session(video)
    youtube.open_session(video)
    with pytest.raises(LimitReached) as bucket:
        youtube.open_session(video)
    assert bucket.value.limit == "bucket"
    assert youtube.channel().id == "UCtides"  # the pool is untouched
    stage.world.limits = {"insert_calls": 100, "units": stage.world.spent["units", stage.world.day()], "search_calls": 100}
    with pytest.raises(LimitReached):
        youtube.channel()
    stage.world.limits["units"] = 10_000
    stage.account.upload_cap = 1
    _upload(youtube, video)
    with pytest.raises(LimitReached) as cap:
        youtube.open_session(video)
    assert cap.value.limit == "channel"


def test_quota_comes_back_at_midnight_in_california_also_on_a_day_of_25_hours(stage: Stage) -> None:
    world = stage.world
    world.limits["units"] = 1
    world.now = lambda: datetime(2026, 11, 1, 7, 30, tzinfo=UTC)  # 00:30 in summer time
    assert world.charge("channels.list")
    world.now = lambda: datetime(2026, 11, 2, 7, 59, tzinfo=UTC)  # 23:59 in winter time, 24.5 hours later
    assert not world.charge("channels.list")
    world.now = lambda: datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    assert world.charge("channels.list")


def test_the_same_bytes_twice_on_a_channel_are_rejected_as_a_duplicate(youtube: YouTubeClient, video: NewVideo) -> None:
    first, second = (youtube.find_video(_upload(youtube, video)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.reason, second.upload_status, second.reason) == (None, "rejected", "duplicate")


def test_processing_can_fail_and_an_upload_can_be_claimed(stage: Stage, youtube: YouTubeClient, video: NewVideo) -> None:
    stage.world.fates.extend([Fate("failed", failure_reason="codec"), Fate("rejected", rejection_reason="copyright")])
    seen = [youtube.find_video(_upload(youtube, video)) for _ in range(2)]
    assert [(one.upload_status, one.reason) for one in seen if one] == [("failed", "codec"), ("rejected", "copyright")]


def test_a_locked_account_keeps_every_upload_private(stage: Stage, youtube: YouTubeClient, video: NewVideo) -> None:
    stage.account.private_lock = True
    video_id = _upload(youtube, video)
    youtube.set_flags(video_id, replace(video.flags, privacy="public"))
    found = youtube.find_video(video_id)
    assert found is not None
    assert found.flags.privacy == "private"


def test_a_new_video_may_be_missing_from_the_uploads_for_a_while(stage: Stage, youtube: YouTubeClient, video: NewVideo) -> None:
    stage.world.fates.append(Fate(unlisted_reads=2))
    video_id = _upload(youtube, video)
    reads = [[entry.video_id for entry in youtube.list_uploads("UUtides")[0]] for _ in range(3)]
    assert reads == [[], [], [video_id]]


def test_every_effect_is_on_record_and_every_fault_names_its_source(stage: Stage, youtube: YouTubeClient, video: NewVideo) -> None:
    video_id = _upload(youtube, video)
    youtube.set_flags(video_id, replace(video.flags, privacy="unlisted"))
    assert [(one.operation, one.detail) for one in stage.world.effects] == [("videos.insert", "private"), ("videos.release", "unlisted"), ("videos.update", "")]
    assert all(refused(reason).cite.startswith(("https://developers.google.com/youtube/", "https://cloud.google.com/apis/")) for reason in DOCUMENTED)
