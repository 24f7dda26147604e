"""Reading back through google-api-python-client: the Data, Analytics and Reporting APIs under one consent, one request a method."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from googleapiclient.discovery import build_from_document

from tools.vendors.youtube.audience import MOST_VIDEOS, REACH_REPORT, CommentView, DayFigures, ReachRow, ReportFile, VideoStatistics
from tools.vendors.youtube.client import TOKEN_URL
from tools.vendors.youtube.discovery import ANALYTICS, REPORTING, document_at
from tools.vendors.youtube.errors import OperatorNeeded, OutcomeUnknown, ReauthoriseNeeded, Refused
from tools.vendors.youtube.transport import TIMEOUT_S, authorized, executed

# Thumbnail impressions are not among them: the Analytics API answers 400, only reach reports carry them.
METRICS = ("views", "estimatedMinutesWatched", "averageViewDuration", "averageViewPercentage", "likes", "shares", "subscribersGained")
_THREADS = 100
_NARROW = frozenset({"insufficientPermissions", "PERMISSION_DENIED"})


class AudienceClient:
    """An `Audience` over the real protocol. `root_url` is another root than Google's for all three APIs, such as a stand-in's."""

    def __init__(self, refresh_token: str, client: tuple[str, str], root_url: str | None = None) -> None:
        self._http = authorized(refresh_token, client, TOKEN_URL if root_url is None else f"{root_url.rstrip('/')}/token", TIMEOUT_S)
        self._root_url = root_url
        self._data = build_from_document(document_at(root_url), http=self._http)

    # Most looks need the Data API alone, and building the others takes longer than asking them.
    @cached_property
    def _analytics(self) -> Any:
        return build_from_document(document_at(self._root_url, ANALYTICS), http=self._http)

    @cached_property
    def _reporting(self) -> Any:
        return build_from_document(document_at(self._root_url, REPORTING), http=self._http)

    def statistics(self, video_ids: Sequence[str]) -> tuple[VideoStatistics, ...]:
        """Return the counts of up to 50 videos."""
        request = self._data.videos().batchGetStats(id=list(video_ids[:MOST_VIDEOS]), part="id,statistics")
        items = executed("videos.batchGetStats", request).get("items", [])
        return tuple(VideoStatistics(one["id"], *(_count(one, name) for name in ("viewCount", "likeCount", "commentCount"))) for one in items)

    def comments(self, video_id: str, page: str | None = None) -> tuple[tuple[CommentView, ...], str | None]:
        """Return a page of threads."""
        wanted = {"part": "snippet,replies", "videoId": video_id, "order": "time", "textFormat": "plainText", "maxResults": _THREADS, "pageToken": page}
        found = executed("commentThreads.list", self._data.commentThreads().list(**wanted))
        threads = found.get("items", [])
        said = [one for thread in threads for one in (thread["snippet"]["topLevelComment"], *thread.get("replies", {}).get("comments", ()))]
        return tuple(_comment(one) for one in said), found.get("nextPageToken")

    def days(self, video_id: str, start: date, end: date) -> tuple[DayFigures, ...]:
        """Ask the Analytics API for one video, by day."""
        period = {"startDate": start.isoformat(), "endDate": end.isoformat()}
        about = {"ids": "channel==MINE", "dimensions": "day", "sort": "day", "metrics": ",".join(METRICS), "filters": f"video=={video_id}"}
        found = _covered("youtubeAnalytics.reports.query", self._analytics.reports().query(**period, **about))
        names = [one["name"] for one in found.get("columnHeaders", ())]
        rows = [dict(zip(names, row, strict=True)) for row in found.get("rows", ())]
        return tuple(DayFigures(date.fromisoformat(row["day"]), {name: float(row[name]) for name in METRICS}) for row in rows)

    def find_reach_job(self) -> str | None:
        """Look for the job among the channel's."""
        jobs = _covered("youtubereporting.jobs.list", self._reporting.jobs().list()).get("jobs", [])
        return next((str(job["id"]) for job in jobs if job["reportTypeId"] == REACH_REPORT and "expireTime" not in job), None)

    def create_reach_job(self) -> str:
        """Create the job."""
        body = {"reportTypeId": REACH_REPORT, "name": "thumbnail impressions and clicks"}
        return str(_covered("youtubereporting.jobs.create", self._reporting.jobs().create(body=body))["id"])

    def reports(self, job: str, since: datetime) -> tuple[ReportFile, ...]:
        """List the job's newest reports: one page, which holds more than there are days."""
        after = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = _covered("youtubereporting.jobs.reports.list", self._reporting.jobs().reports().list(jobId=job, createdAfter=after, pageSize=200))
        made = [_report(one) for one in found.get("reports", ())]
        return tuple(sorted(made, key=lambda one: one.created))

    def reach(self, report: ReportFile) -> tuple[ReachRow, ...]:
        """Download a report from the address that the list named."""
        request = self._reporting.media().download_media(resourceName="report")
        if urlsplit(report.url)[:2] != urlsplit(request.uri)[:2]:
            raise OperatorNeeded(
                f"youtubereporting.media.download: the report lies at another host than the API's ({urlsplit(report.url).netloc}); it is not fetched"
            )
        request.uri = report.url
        body = _covered("youtubereporting.media.download", request)
        try:
            return tuple(_reach(row) for row in csv.DictReader(io.StringIO(body.decode("utf-8"))))
        except (UnicodeDecodeError, KeyError, ValueError, TypeError) as error:
            raise OutcomeUnknown(
                f"youtubereporting.media.download: report {report.id} is not the table that {REACH_REPORT} is ({type(error).__name__})"
            ) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _covered(operation: str, request: Any) -> Any:
    """Send a request for reports. A consent without their permission still opens the channel, so its lack is not the consent's end."""
    try:
        return executed(operation, request)
    except ReauthoriseNeeded as error:
        if error.reason not in _NARROW:
            raise
        raise Refused(error.message, error.reason, operation=operation) from error


def _count(item: dict[str, Any], name: str) -> int | None:
    found = item.get("statistics", {}).get(name)
    return None if found is None else int(found)


def _comment(item: dict[str, Any]) -> CommentView:
    snippet = item["snippet"]
    author = snippet.get("authorChannelId", {}).get("value") or snippet.get("authorDisplayName", "")
    return CommentView(item["id"], author, snippet.get("textDisplay", ""), _time(snippet["publishedAt"]))


def _report(item: dict[str, Any]) -> ReportFile:
    return ReportFile(item["id"], _time(item["startTime"]), _time(item["endTime"]), _time(item["createTime"]), item["downloadUrl"])


def _reach(row: dict[str, str]) -> ReachRow:
    day = datetime.strptime(row["date"], "%Y%m%d").replace(tzinfo=UTC).date()
    return ReachRow(day, row["video_id"], int(row["video_thumbnail_impressions"]), float(row["video_thumbnail_impressions_ctr"]))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
