"""Looks at publications over the real client and a real Postgres: what is asked when, what is kept how long, and what is told instead."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from memory.ledger import Ledger
from memory.quota import pacific_day
from memory.readings import KnownFigures, Reading
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.readings import ReadingRepository
from tests.tools.upload_video.conftest import CLIENT, Rig
from tools.base import ToolError
from tools.read_audience.schema import SPEC, ReadAudienceArgs, ReadAudienceResult
from tools.read_audience.tool import run
from tools.upload_video.schema import UploadVideoArgs
from tools.vendors.youtube.errors import TryAgain
from tools.vendors.youtube.sandbox_audience import thread
from tools.vendors.youtube.sandbox_faults import invalid_grant, refused, server_error
from tools.vendors.youtube.sandbox_world import Video


def published(rig: Rig, **about: Any) -> tuple[UploadVideoArgs, Video]:
    """Publish a video and give it an audience."""
    task = rig.task(**about)
    video = rig.world.videos[rig.run(task).video_id]
    return task, video


def look(rig: Rig, task: UploadVideoArgs, reports: bool = False, attempt: int = 1) -> ReadAudienceResult:
    """Run the tool as a worker does."""
    return run(ReadAudienceArgs(key=task.key, reports=reports), replace(rig.context(task), job_id=f"look-{rig.clock.at}", attempt=attempt))


def say(rig: Rig, video: Video, *texts: str) -> None:
    """Let viewers comment."""
    video.comments += [thread(f"c{len(video.comments)}-{place}", text, f"viewer{place}", rig.clock.at) for place, text in enumerate(texts)]


def known(rig: Rig, task: UploadVideoArgs) -> KnownFigures:
    with rig.database.unit_of_work() as session:
        return ReadingRepository(session, rig.clock.at).known(rig.row(task).id)


def found(rig: Rig, ids: tuple[str, ...]) -> tuple[Reading, ...]:
    with rig.database.unit_of_work() as session:
        return ReadingRepository(session, rig.clock.at).find(ids)


def asked(rig: Rig, word: str) -> int:
    return sum(word in request.path for request in rig.server.seen)


def test_a_first_look_reads_counts_and_comments_and_names_them_only(rig: Rig) -> None:
    task, video = published(rig)
    video.views, video.likes = 1234, 56
    say(rig, video, "Great", "I doubt it")
    result = look(rig, task)
    assert (result.found, result.privacy, result.gaps) == (True, "public", ())
    assert result.expires_at == rig.clock.at + timedelta(days=30)
    assert "Great" not in result.model_dump_json()
    assert "1234" not in result.model_dump_json()
    assert {one.body["text"] for one in found(rig, result.comments)} == {"Great", "I doubt it"}
    statistics = known(rig, task).statistics
    assert statistics is not None
    assert statistics.body == {"views": 1234, "likes": 56, "comments": 2}
    assert [one.operation for one in rig.world.effects if "reporting" in one.operation] == ["reporting.jobs.create"]


def test_many_videos_are_one_request_and_comments_are_read_only_where_the_count_changed(rig: Rig) -> None:
    first, video = published(rig)
    others = [published(rig) for _ in range(3)]
    say(rig, video, "One")
    look(rig, first)
    for task, _ in others:
        look(rig, task)
    assert (asked(rig, "batchGetStats"), asked(rig, "commentThreads")) == (1, 1)
    rig.advance(hours=23)
    say(rig, others[0][1], "Two")
    for task in (first, *(task for task, _ in others)):
        look(rig, task)
    assert (asked(rig, "batchGetStats"), asked(rig, "commentThreads")) == (2, 2)
    assert rig.world.spent["stats_calls", rig.world.day()] in {1, 2}


def test_later_looks_add_days_and_reach_once_they_exist_and_say_so_until_then(rig: Rig) -> None:
    task, video = published(rig)
    day = pacific_day(rig.clock.at)
    video.days = {day + timedelta(days=n): {"views": 10.0, "impressions": 100.0 + n, "ctr": 0.05} for n in range(8)}
    look(rig, task)
    rig.advance(hours=23)
    early = look(rig, task, reports=True)
    assert [(gap.part, "about 2 days" in gap.reason) for gap in early.gaps] == [("analytics", True), ("reach", True)]
    rig.advance(days=6)
    late = look(rig, task, reports=True)
    assert late.gaps == ()
    figures = known(rig, task)
    today = pacific_day(rig.clock.at)
    assert [one.covers for one in figures.days] == [day + timedelta(days=n) for n in range(6) if day + timedelta(days=n) <= today - timedelta(days=2)]
    assert figures.reach[0].body == {"impressions": 100, "ctr": 0.05}
    downloads = asked(rig, "/v1/media/")
    look(rig, task, reports=True)
    assert asked(rig, "/v1/media/") == downloads


def test_what_cannot_be_read_is_a_gap_and_the_rest_is_read(rig: Rig) -> None:
    task, video = published(rig)
    video.comments_off = True
    say(rig, video, "hidden")
    rig.plays.always("youtubereporting.jobs.list", refused("PERMISSION_DENIED"))
    result = look(rig, task)
    assert [(gap.part, gap.code) for gap in result.gaps] == [("comments", "youtube_rejected"), ("reach", "youtube_rejected")]
    assert "switched off" in result.gaps[0].reason
    assert known(rig, task).statistics is not None


def test_an_empty_quota_is_told_and_not_waited_for_and_earlier_figures_stay_known(rig: Rig) -> None:
    task, video = published(rig)
    video.views = 7
    look(rig, task)
    rig.advance(minutes=30)
    rig.plays.always("videos.batchGetStats", refused("quotaExceeded"))
    result = look(rig, task)
    assert [(gap.part, gap.code) for gap in result.gaps] == [("statistics", "youtube_limit_reached")]
    assert len(result.figures) == 1


def test_a_passing_fault_is_tried_again_and_only_the_last_attempt_makes_it_a_gap(rig: Rig) -> None:
    task, _ = published(rig)
    rig.plays.always("videos.batchGetStats", server_error())
    with pytest.raises(TryAgain):
        look(rig, task)
    result = look(rig, task, attempt=SPEC.max_attempts)
    assert [gap.part for gap in result.gaps] == ["statistics"]


def test_a_video_that_is_gone_is_not_found_and_a_consent_that_ended_says_nothing_about_it(rig: Rig) -> None:
    task, video = published(rig)
    del rig.world.videos[video.id]
    assert look(rig, task).found is False
    rig.world.expire_tokens()
    rig.plays.play("oauth.token", invalid_grant())
    ended = look(rig, task)
    assert (ended.found, [gap.part for gap in ended.gaps]) == (None, ["consent"])
    assert [gap.part for gap in look(rig, task).gaps] == ["consent"]
    with rig.database.unit_of_work() as session:
        assert PlatformChannelRepository(session).get("tides").state == "needs_owner"


def test_a_consent_from_before_reports_reads_the_rest(rig: Rig) -> None:
    task, video = published(rig)
    say(rig, video, "Nice")
    with rig.database.unit_of_work() as session:
        PlatformChannelRepository(session).get("tides").scopes = ["youtube.force-ssl"]
    result = look(rig, task, reports=True)
    assert {gap.part for gap in result.gaps} == {"reach", "analytics"}
    assert "connect tides" in result.gaps[0].reason
    assert len(result.comments) == 1


def test_a_publication_that_is_not_at_youtube_is_refused(rig: Rig) -> None:
    with pytest.raises(ToolError, match="no publication at YouTube"):
        look(rig, rig.task())


def test_every_request_is_booked_by_its_bucket(rig: Rig) -> None:
    task, video = published(rig)
    say(rig, video, "Nice")
    before = dict(rig.world.spent)
    look(rig, task, reports=True)
    with rig.database.unit_of_work() as session:
        rows = session.connection().exec_driver_sql(
            "select bucket, sum(amount) from quota_spends where project = %s and key like 'audience:%%' group by bucket", (CLIENT[0],)
        )
        booked = {bucket: int(amount) for bucket, amount in rows}
    day = rig.world.day()
    spent = {bucket: amount - before.get((bucket, at), 0) for (bucket, at), amount in rig.world.spent.items() if at == day}
    assert booked == {bucket: amount for bucket, amount in spent.items() if amount}
    assert booked["stats_calls"] == 1
    with rig.database.unit_of_work() as session:
        entries = [one.operation for one in Ledger(session).list_(provider="youtube") if one.job_id and one.job_id.startswith("look-")]
    assert len(entries) == sum(booked.values())
    assert {"videos.batchGetStats", "commentThreads.list", "youtubereporting.jobs.create"} <= set(entries)
