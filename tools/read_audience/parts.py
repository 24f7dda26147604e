"""The parts of a look: what is asked of the platform, when, and what is kept of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from infra.ids import content_digest
from memory.quota import pacific_day
from memory.readings import NewReading
from memory.records.platform_channels import PlatformChannelRecord
from tools.base import ToolError
from tools.read_audience.shelf import Shelf
from tools.vendors.youtube.audience import ANALYTICS_SCOPE, REACH_REPORT, REPORT_LAG_DAYS, Audience, CommentView, ReachRow, ReportFile
from tools.vendors.youtube.errors import Refused
from tools.vendors.youtube.port import YouTube
from tools.youtube_door import Door

MOST_PAGES = 5
MOST_REPORTS = 10
_TEXT, _AUTHOR_DIGITS = 20_000, 16
_NOT_SHOWN = frozenset({"failed", "rejected", "deleted"})


class Unread(ToolError):
    """There is nothing to read yet, or the channel's consent does not cover it."""

    code = "not_read"


@dataclass
class Parts:
    """The readings of one publication through the channel's consent; every request passes the door."""

    shelf: Shelf
    door: Door
    youtube: YouTube
    audience: Audience
    connection: PlatformChannelRecord
    found: bool = False
    privacy: str = ""
    rejected: str = ""

    @property
    def video_id(self) -> str:
        """The platform's id of the publication."""
        return str(self.shelf.publication.external_id)

    def video(self) -> None:
        """Look whether the video is still there and who may see it."""
        view = self.door.call("videos.list", lambda: self.youtube.find_video(self.video_id))
        self.found, self.privacy = view is not None, view.flags.privacy if view else ""
        if view is not None and view.upload_status in _NOT_SHOWN:
            self.rejected = f"{view.upload_status}: {view.reason}" if view.reason else view.upload_status

    def statistics(self) -> None:
        """Read the counts of every video of the channel in one request, unless this round of looks already has."""
        newest = next(iter(self.shelf.own("statistics")[::-1]), None)
        if self.shelf.is_fresh(newest):
            return
        videos = self.shelf.videos()
        read = self.door.call("videos.batchGetStats", lambda: self.audience.statistics(list(videos)))
        bodies = [(one.id, {"views": one.views, "likes": one.likes, "comments": one.comments}) for one in read if one.id in videos]
        self.shelf.keep(*(NewReading("statistics", self._counted(video_id), body, videos[video_id]) for video_id, body in bodies))
        if self.video_id not in {video_id for video_id, _ in bodies}:
            raise Unread("statistics: YouTube left this video out of its answer this time")

    def _counted(self, video_id: str) -> str:
        """Return the key of a count: one for ever, or one an hour where counts may be compared over time."""
        return f"{video_id}:{self.shelf.now:%Y-%m-%dT%H}" if self.shelf.ctx.settings.youtube_derived_scores else video_id

    def comments(self) -> None:
        """Read the comments when the counts show another number than at the last reading of them."""
        counts = self.shelf.own("statistics")
        if not counts:
            return  # the gap in the counts is told already
        counted = counts[-1].body["comments"]
        before = next((one.body["comments"] for one in self.shelf.own("comment_count")), 0)
        if counted is None:
            raise Unread("comments: the video's count of them is hidden, or they are switched off")
        if counted == before:
            return
        said = self._said()
        self.shelf.keep(
            *(NewReading("comment", one.id, _body(one), self.shelf.publication.id) for one in said if one.text.strip()),
            NewReading("comment_count", self.video_id, {"comments": counted}, self.shelf.publication.id),
        )

    def _said(self) -> Sequence[CommentView]:
        said: list[CommentView] = []
        page: str | None = None
        for _ in range(MOST_PAGES):
            got, page = self.door.call("commentThreads.list", lambda at=page: self.audience.comments(self.video_id, at))  # type: ignore[misc]
            said += got
            if page is None:
                break
        return said

    def reach_job(self) -> None:
        """See to it that the platform makes reach reports of the channel: asked for once, the first come two days later."""
        self._ensure_covered("reach")
        if self.shelf.of_channel("report_job"):
            return
        job = self.door.call("youtubereporting.jobs.list", self.audience.find_reach_job)
        job = job or self.door.call("youtubereporting.jobs.create", self.audience.create_reach_job)
        self.shelf.keep(NewReading("report_job", REACH_REPORT, {"job": job}))

    def analytics(self) -> None:
        """Read the video's figures by day, as far as the platform has processed them."""
        self._ensure_covered("analytics")
        start, today = self._since(), pacific_day(self.shelf.now)
        days = self.door.call("youtubeAnalytics.reports.query", lambda: self.audience.days(self.video_id, start, today))
        if not days:
            raise Unread(f"analytics: YouTube has processed no day of this video yet; one shows about {REPORT_LAG_DAYS} days after it ended")
        self.shelf.keep(*(NewReading("day", f"{self.video_id}:{one.day}", one.figures, self.shelf.publication.id, one.day) for one in days))

    def reach(self) -> None:
        """Read the reach reports that came since the last look: impressions of thumbnails and how many were clicked, a day a report."""
        self._ensure_covered("reach")
        job = next((str(one.body["job"]) for one in self.shelf.of_channel("report_job")), None)
        if job is None:
            raise Unread("reach: the job that makes the reports could not be set up yet")
        for report in self._new_reports(job):
            rows = self._rows(report)
            self._keep_reach(rows, report)
        if not self.shelf.own("reach"):
            raise Unread(f"reach: not available yet; a day's report comes about {REPORT_LAG_DAYS} days after it ended, and leaves out what nobody was shown")

    def _new_reports(self, job: str) -> Sequence[ReportFile]:
        since = self.shelf.publication.published_at or self.shelf.publication.created_at
        try:
            listed = self.door.call("youtubereporting.jobs.reports.list", lambda: self.audience.reports(job, since - timedelta(days=1)))
        except Refused:
            self.shelf.drop("report_job")  # the job is gone; the next look asks for another
            raise
        seen = {one.key for one in self.shelf.of_channel("report")}
        # A later report of the same day replaces an earlier one.
        newest = {one.start: one for one in listed if one.end > since}
        return [one for one in newest.values() if one.id not in seen][-MOST_REPORTS:]

    def _rows(self, report: ReportFile) -> Sequence[ReachRow]:
        try:
            return self.door.call("youtubereporting.media.download", lambda: self.audience.reach(report))
        except Refused as error:
            if error.reason != "NOT_FOUND":
                raise
            return ()  # it was deleted since it was listed; its day stays unknown

    def _keep_reach(self, rows: Sequence[ReachRow], report: ReportFile) -> None:
        videos = self.shelf.videos()
        own = [one for one in rows if one.video_id in videos]
        bodies = [(one, {"impressions": one.impressions, "ctr": one.ctr}) for one in own]
        kept = [NewReading("reach", f"{one.video_id}:{one.day}", body, videos[one.video_id], one.day) for one, body in bodies]
        self.shelf.keep(*kept, NewReading("report", report.id, {}))

    def _since(self) -> date:
        publication = self.shelf.publication
        return pacific_day(publication.published_at or publication.created_at)

    def _ensure_covered(self, what: str) -> None:
        if ANALYTICS_SCOPE not in self.connection.scopes:
            channel = self.connection.channel_id
            raise Unread(f"{what}: the channel's consent is older than this and does not cover reports; run `ytempire channels connect {channel}` again")


def _body(said: CommentView) -> dict[str, str]:
    # Who wrote it is only told apart, never known.
    return {"author": content_digest(said.author.encode())[:_AUTHOR_DIGITS], "text": said.text[:_TEXT], "at": said.at.isoformat()}
