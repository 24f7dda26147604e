"""Reading back through the real client: batch statistics, comments in pages, analytics by day, reach reports two days late; every answer fits its schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from memory.quota import pacific_day, tariff_on
from tests.tools.youtube.conftest import CLIENT
from tools.sandbox import Sandbox
from tools.vendors.youtube.audience import REACH_REPORT, DayFigures, ReachRow, ReportFile
from tools.vendors.youtube.audience_client import AudienceClient
from tools.vendors.youtube.discovery import answer_flaw, method
from tools.vendors.youtube.errors import LimitReached, OperatorNeeded, OutcomeUnknown, ReauthoriseNeeded, Refused, TryAgain
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_audience import thread
from tools.vendors.youtube.sandbox_faults import Plays, dropped, invalid_grant, refused, server_error
from tools.vendors.youtube.sandbox_world import LIMITS, Account, Video, World

START = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)
_BY_DAY = "startDate=2026-11-20&endDate=2026-11-26&dimensions=day&filters=video==vid1"


@dataclass
class Yard:
    """The platform with one channel, a clock that the test moves, and the real client."""

    world: World
    plays: Plays
    server: Sandbox
    account: Account
    client: AudienceClient
    now: list[datetime]

    def video(self, name: str = "vid1", **about: object) -> Video:
        """Put a video on the channel."""
        made = Video(name, self.account.channel_id, {"title": name}, {"privacyStatus": "public"}, 1, "0" * 64)
        for field, value in about.items():
            setattr(made, field, value)
        self.world.videos[name] = made
        return made


@pytest.fixture
def yard() -> Iterator[Yard]:
    now = [START]
    world, plays = World(lambda: now[0]), Plays()
    account = world.add_account("UCtides", "Tide Lines")
    with Sandbox(youtube_app(world, plays)) as server:
        client = AudienceClient(account.refresh_token, CLIENT, server.url)
        yield Yard(world, plays, server, account, client, now)
        client.close()


def _said(count: int) -> list[dict[str, object]]:
    return [thread(f"c{number}", f"said {number}", f"viewer{number}", START + timedelta(minutes=number)) for number in range(count)]


def test_fifty_videos_are_one_request_on_a_bucket_of_its_own_and_a_missing_one_is_left_out(yard: Yard) -> None:
    for number in range(49):
        yard.video(f"v{number}", views=number, likes=1, comments=_said(number % 3))
    found = yard.client.statistics([*(f"v{number}" for number in range(49)), "gone"])
    assert [(one.id, one.views, one.likes, one.comments) for one in found] == [(f"v{number}", number, 1, number % 3) for number in range(49)]
    assert dict(yard.world.spent) == {("stats_calls", yard.world.day()): 1}


def test_comments_come_newest_first_in_pages_with_their_replies(yard: Yard) -> None:
    reply = thread("r1", "a reply", "viewer9", START)["snippet"]["topLevelComment"]
    yard.video(comments=[*_said(149), thread("last", "the newest", "viewer1", START, (reply,))])
    first, page = yard.client.comments("vid1")
    assert [(one.id, one.text, one.author) for one in first[:2]] == [("last", "the newest", "UCviewer1"), ("r1", "a reply", "UCviewer9")]
    assert page is not None
    second, end = yard.client.comments("vid1", page)
    assert (len(first), len(second), second[-1].id, second[-1].at, end) == (101, 50, "c0", START, None)


def test_analytics_leave_out_the_days_that_are_not_processed_yet(yard: Yard) -> None:
    yard.video(days={DAY + timedelta(days=number): {"views": 10.0 * number, "averageViewPercentage": 41.5} for number in range(4)})
    assert yard.client.days("vid1", DAY, DAY + timedelta(days=6)) == ()
    yard.now[0] += timedelta(days=3)
    days = yard.client.days("vid1", DAY, DAY + timedelta(days=6))
    assert [(one.day, one.figures["views"]) for one in days] == [(DAY, 0.0), (DAY + timedelta(days=1), 10.0)]
    assert isinstance(days[0], DayFigures)
    assert days[0].figures["averageViewPercentage"] == 41.5


def test_reach_reports_come_two_days_after_their_job_and_their_day_and_cover_thirty_days_before(yard: Yard) -> None:
    yard.video(days={DAY: {"impressions": 400.0, "ctr": 0.055}, DAY - timedelta(days=20): {"impressions": 7.0, "ctr": 0.1}})
    assert yard.client.find_reach_job() is None
    job = yard.client.create_reach_job()
    assert yard.client.find_reach_job() == job
    assert yard.client.reports(job, START - timedelta(days=60)) == ()
    yard.now[0] += timedelta(days=2, hours=1)
    back = yard.client.reports(job, START - timedelta(days=60))
    assert (len(back), back[0].start.date(), back[-1].end.date()) == (30, date(2026, 10, 23), DAY)
    yard.now[0] += timedelta(days=1)
    (new,) = yard.client.reports(job, yard.now[0] - timedelta(days=1, hours=1))
    assert yard.client.reach(new) == (ReachRow(DAY, "vid1", 400, 0.055),)
    assert yard.client.reach(back[-1]) == ()
    with pytest.raises(Refused, match="ALREADY_EXISTS"):
        yard.client.create_reach_job()


def test_a_report_that_is_gone_is_refused_and_one_elsewhere_is_never_fetched(yard: Yard) -> None:
    job = yard.client.create_reach_job()
    yard.now[0] += timedelta(days=3)
    (last,) = yard.client.reports(job, yard.now[0] - timedelta(days=1))
    yard.now[0] += timedelta(days=61)
    with pytest.raises(Refused, match="does not exist any more"):
        yard.client.reach(last)
    before = len(yard.server.seen)
    with pytest.raises(OperatorNeeded, match="another host"):
        yard.client.reach(ReportFile("r", START, START, START, "http://127.0.0.1:1/v1/media/x"))
    assert len(yard.server.seen) == before
    with pytest.raises(Refused):
        yard.client.reports("unknown", START)


def test_a_report_that_is_no_table_is_not_taken_for_an_empty_one(yard: Yard) -> None:
    job = yard.client.create_reach_job()
    yard.video(days={DAY: {"impressions": 400.0, "ctr": float("nan")}})
    yard.video("broken", days={DAY: {"impressions": 4.0, "ctr": "a third"}})
    yard.now[0] += timedelta(days=3, hours=1)
    newest = yard.client.reports(job, yard.now[0] - timedelta(days=1))[-1]
    with pytest.raises(OutcomeUnknown, match=REACH_REPORT):
        yard.client.reach(newest)


def test_comments_that_are_off_are_a_refusal_and_a_missing_video_is_told(yard: Yard) -> None:
    yard.video(comments_off=True)
    with pytest.raises(Refused, match="switched off"):
        yard.client.comments("vid1")
    with pytest.raises(OperatorNeeded, match="videoNotFound"):
        yard.client.comments("nothing")


def test_impressions_are_no_metric_of_the_analytics_api(yard: Yard) -> None:
    yard.video()
    token = yard.world.issue(yard.account)["access_token"]
    query = f"ids=channel==MINE&metrics=videoThumbnailImpressions&{_BY_DAY}"
    with httpx2.Client() as anyone:
        answer = anyone.get(f"{yard.server.url}/v2/reports?{query}", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 400


def test_a_consent_without_reports_still_opens_the_channel(yard: Yard) -> None:
    yard.account.scopes = yard.account.scopes[:1]
    yard.video(views=3)
    with pytest.raises(Refused, match="insufficientPermissions"):
        yard.client.days("vid1", DAY, DAY)
    assert yard.client.statistics(["vid1"])[0].views == 3


@pytest.mark.parametrize(
    ("play", "error"),
    [
        (refused("quotaExceeded"), LimitReached),
        (refused("RESOURCE_EXHAUSTED", retry_after="30"), TryAgain),
        (server_error(), TryAgain),
        (dropped(), OutcomeUnknown),
        (refused("authError"), ReauthoriseNeeded),
    ],
)
def test_each_fault_of_a_reading_has_its_outcome_and_is_not_repeated(yard: Yard, play: object, error: type[Exception]) -> None:
    yard.plays.always("videos.batchGetStats", play)  # type: ignore[arg-type]
    with pytest.raises(error):
        yard.client.statistics(["vid1"])
    asked = [request for request in yard.server.seen if "batchGetStats" in request.path]
    assert len(asked) == (3 if error is ReauthoriseNeeded else 1)  # google-auth renews a refused token twice


def test_an_expired_token_is_renewed_and_a_withdrawn_consent_is_told(yard: Yard) -> None:
    yard.video(views=5)
    assert yard.client.statistics(["vid1"])[0].views == 5
    yard.world.expire_tokens()
    assert yard.client.statistics(["vid1"])[0].views == 5
    yard.world.expire_tokens()
    yard.plays.play("oauth.token", invalid_grant())
    with pytest.raises(ReauthoriseNeeded, match="withdrawn"):
        yard.client.statistics(["vid1"])


def test_every_answer_of_the_stand_in_fits_the_published_schema(yard: Yard) -> None:
    yard.video(comments=_said(2), days={DAY: {"views": 3.0, "impressions": 9.0, "ctr": 0.2}})
    job = yard.client.create_reach_job()
    yard.now[0] += timedelta(days=4)
    token = yard.world.issue(yard.account)["access_token"]
    asked = {
        "videos.batchGetStats": "/youtube/v3/videos:batchGetStats?part=id,statistics&id=vid1",
        "commentThreads.list": "/youtube/v3/commentThreads?part=snippet&videoId=vid1",
        "youtubeAnalytics.reports.query": f"/v2/reports?ids=channel==MINE&metrics=views&{_BY_DAY}",
        "youtubereporting.jobs.list": "/v1/jobs",
        "youtubereporting.jobs.reports.list": f"/v1/jobs/{job}/reports",
    }
    with httpx2.Client(headers={"authorization": f"Bearer {token}"}) as owner:
        for name, path in asked.items():
            answer = owner.get(yard.server.url + path)
            assert answer.status_code == 200, answer.text
            assert answer_flaw(name, answer.json()) is None
        assert owner.get(f"{yard.server.url}/youtube/v3/commentThreads?part=snippet&videoId=vid1&maxResults=101").status_code == 400
        assert owner.get(f"{yard.server.url}/v1/jobs?colour=red").status_code == 400


def test_the_studios_tariff_and_the_stand_ins_are_the_same() -> None:
    tariff = tariff_on(pacific_day(START))
    assert dict(tariff.limits) == LIMITS
    assert tariff.cost("videos.batchGetStats") == ("stats_calls", 1)
    assert method("videos.batchGetStats")["path"] == "youtube/v3/videos:batchGetStats"
