"""The port of reading back: statistics, comments, analytics and reach reports of one channel; days are the platform's (Pacific), times are aware."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

ANALYTICS_SCOPE = "https://www.googleapis.com/auth/yt-analytics.readonly"
# https://developers.google.com/youtube/reporting/v1/reports/channel_reports#reach-reports, there since January 15, 2026.
REACH_REPORT = "channel_reach_basic_a1"
# Two complete days pass before the reporting and analytics pipelines show a day.
REPORT_LAG_DAYS = 2
MOST_VIDEOS = 50


@dataclass(frozen=True)
class VideoStatistics:
    """A video's public counts at the moment of asking; None where its owner hides one."""

    id: str
    views: int | None
    likes: int | None
    comments: int | None


@dataclass(frozen=True)
class CommentView:
    """One comment or reply, as plain text; `author` is the author's channel where the platform names it."""

    id: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True)
class DayFigures:
    """A video's figures of one day, by the names of the Analytics API's metrics."""

    day: date
    figures: dict[str, float]


@dataclass(frozen=True)
class ReportFile:
    """A report that can be downloaded: it covers from `start` (inclusive) to `end` (exclusive)."""

    id: str
    start: datetime
    end: datetime
    created: datetime
    url: str


@dataclass(frozen=True)
class ReachRow:
    """How often a video's thumbnail was shown on a day, and the share of showings that were clicked (0 to 1)."""

    day: date
    video_id: str
    impressions: int
    ctr: float


class Audience(Protocol):
    """What one channel's consent lets the studio read back. Every method is one request and raises the errors of `errors.py`."""

    def statistics(self, video_ids: Sequence[str]) -> tuple[VideoStatistics, ...]:
        """Return the counts of up to 50 videos in one request; a video that is gone, or that failed by itself, is left out."""
        ...

    def comments(self, video_id: str, page: str | None = None) -> tuple[tuple[CommentView, ...], str | None]:
        """Return up to 100 threads, newest first, with the replies that come along, and the token of the next page."""
        ...

    def days(self, video_id: str, start: date, end: date) -> tuple[DayFigures, ...]:
        """Return a video's figures day by day, both ends included; days that are not processed yet are left out."""
        ...

    def find_reach_job(self) -> str | None:
        """Return the id of the job that makes the channel's reach reports."""
        ...

    def create_reach_job(self) -> str:
        """Ask for reach reports from now on; the first arrive about two days later and cover the 30 days before."""
        ...

    def reports(self, job: str, since: datetime) -> tuple[ReportFile, ...]:
        """Return the job's reports that were created after `since`, oldest first."""
        ...

    def reach(self, report: ReportFile) -> tuple[ReachRow, ...]:
        """Download a reach report and return its rows; a report without any is empty. Raises Refused when it is gone."""
        ...
