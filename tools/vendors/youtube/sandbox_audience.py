"""The stand-in's readings: statistics, comments, analytics by day and reach reports, as late and as incomplete as the platform's own."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tools.vendors.youtube.audience import REACH_REPORT, REPORT_LAG_DAYS
from tools.vendors.youtube.discovery import body_flaw
from tools.vendors.youtube.sandbox_answers import Refusal, listing
from tools.vendors.youtube.sandbox_world import Account, Video, World

_PACIFIC = ZoneInfo("America/Los_Angeles")
_MOST_IDS = 50
# https://developers.google.com/youtube/reporting/v1/reports: daily files stay 60 days, those of the 30 days before the job 30.
_KEPT = {"daily": timedelta(days=60), "earlier": timedelta(days=30)}
_BEFORE_JOB = timedelta(days=30)
# https://developers.google.com/youtube/analytics/channel_reports: metrics of the basic reports by day and video. Impressions are none of them.
_METRICS = {
    **{"views": "INTEGER", "estimatedMinutesWatched": "INTEGER", "averageViewDuration": "INTEGER", "averageViewPercentage": "FLOAT"},
    **{"likes": "INTEGER", "dislikes": "INTEGER", "comments": "INTEGER", "shares": "INTEGER", "subscribersGained": "INTEGER", "subscribersLost": "INTEGER"},
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLUMNS = ("date", "channel_id", "video_id", "video_thumbnail_impressions", "video_thumbnail_impressions_ctr")


class Readings:
    """Answers what an owner reads back; the world says what there is to read."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def batch_statistics(self, request: Request, _account: Account) -> Response:
        """videos.batchGetStats: up to 50 videos; it is not atomic, so one that is missing is left out of the answer."""
        ids = _listed(request, "id")
        if not ids or not _listed(request, "part"):
            raise Refusal(400, "missingRequiredParameter", "The parameters id and part are required.")
        if len(ids) > _MOST_IDS:
            raise Refusal(400, "invalidParameter", f"The number of IDs specified cannot exceed {_MOST_IDS}.")
        found = [self._world.videos[one] for one in dict.fromkeys(ids) if one in self._world.videos]
        return JSONResponse(
            {"kind": "youtube#batchGetStatsResponse", "items": [{"kind": "youtube#videoStats", "id": one.id, "statistics": _counts(one)} for one in found]}
        )

    async def list_comments(self, request: Request, _account: Account) -> Response:
        """commentThreads.list of a video: newest first, in pages; refused when comments are off."""
        asked = request.query_params
        video = self._world.videos.get(asked.get("videoId", ""))
        if video is None:
            raise Refusal(404, "videoNotFound", "The video identified by the videoId parameter could not be found.")
        if video.comments_off:
            raise Refusal(403, "commentsDisabled", "The video identified by the videoId parameter has disabled comments.")
        newest = video.comments[::-1]
        start, size = int(asked.get("pageToken") or 0), int(asked.get("maxResults") or 20)
        more = {"nextPageToken": str(start + size)} if start + size < len(newest) else {}
        return listing("commentThread", newest[start : start + size], **more)

    async def query(self, request: Request, account: Account) -> Response:
        """reports.query: one own video by day; days of the last two are not processed yet and left out."""
        asked = dict(request.query_params)
        metrics, start, end = _checked_query(asked, account)
        video = self._world.videos.get(asked.get("filters", "").removeprefix("video=="))
        if video is None or video.channel_id != account.channel_id:
            raise Refusal(403, "forbidden", "Forbidden")
        ready = self._today() - timedelta(days=REPORT_LAG_DAYS)
        rows = [[day.isoformat(), *(video.days[day].get(name, 0) for name in metrics)] for day in sorted(video.days) if start <= day <= min(end, ready)]
        headers = [{"name": "day", "columnType": "DIMENSION", "dataType": "STRING"}]
        headers += [{"name": name, "columnType": "METRIC", "dataType": _METRICS[name]} for name in metrics]
        return JSONResponse({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows})

    async def list_jobs(self, _request: Request, account: Account) -> Response:
        """jobs.list: the channel's own."""
        return JSONResponse({"jobs": [_shown(job) for job in self._world.report_jobs.values() if job["channel"] == account.channel_id]})

    async def create_job(self, request: Request, account: Account) -> Response:
        """jobs.create: one of each report type a channel."""
        body = json.loads(await request.body())
        flaw = body_flaw("youtubereporting.jobs.create", body)
        if flaw is not None or body.get("reportTypeId") != REACH_REPORT:
            raise Refusal(400, "INVALID_ARGUMENT", flaw.message if flaw else "Request contains an invalid argument.")
        if any(job["channel"] == account.channel_id and job["reportTypeId"] == body["reportTypeId"] for job in self._world.report_jobs.values()):
            raise Refusal(409, "ALREADY_EXISTS", "Requested entity already exists")
        job = {**body, "id": self._world.next_id("job-"), "createTime": _stamp(self._world.now()), "channel": account.channel_id, "made": self._world.now()}
        self._world.report_jobs[job["id"]] = job
        self._world.record("reporting.jobs.create", account.channel_id, job["id"], body["reportTypeId"])
        return JSONResponse(_shown(job))

    async def list_reports(self, request: Request, account: Account) -> Response:
        """jobs.reports.list: one file a day that is two days old, once the job itself is."""
        job = self._job(request.path_params["job"], account)
        after = request.query_params.get("createdAfter")
        found = [one for one in self._files(job) if after is None or one[1] > datetime.fromisoformat(after)]
        return JSONResponse({"reports": [_file(job, day, created, str(request.base_url)) for day, created in found]} if found else {})

    async def download(self, request: Request, account: Account) -> Response:
        """media.download: the day's table, with the header only when nothing was shown to anybody."""
        job_id, _, name = request.path_params["name"].partition("/")
        job = self._job(job_id, account)
        day = next((day for day, _ in self._files(job) if day.isoformat() == name), None)
        if day is None:
            raise Refusal(404, "NOT_FOUND", "Requested entity was not found.")
        own = [one for one in self._world.videos.values() if one.channel_id == account.channel_id and one.days.get(day, {}).get("impressions")]
        lines = [",".join(_COLUMNS)]
        lines += [f"{day:%Y%m%d},{one.channel_id},{one.id},{int(one.days[day]['impressions'])},{one.days[day]['ctr']}" for one in own]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/csv")

    def _job(self, job_id: str, account: Account) -> dict[str, Any]:
        job = self._world.report_jobs.get(job_id)
        if job is None or job["channel"] != account.channel_id:
            raise Refusal(404, "NOT_FOUND", "Requested entity was not found.")
        return job

    def _files(self, job: dict[str, Any]) -> Iterator[tuple[date, datetime]]:
        """Yield (day, when its report was made) of the reports that can be downloaded now, oldest day first."""
        lag = timedelta(days=REPORT_LAG_DAYS)
        for back in range(int((_BEFORE_JOB + _KEPT["daily"]).days) + 1, 0, -1):
            day = self._today() - timedelta(days=back)
            ended = datetime.combine(day + timedelta(days=1), time(), _PACIFIC)
            if ended < job["made"] - _BEFORE_JOB:
                continue
            made = max(ended, job["made"]) + lag
            kept = _KEPT["daily" if ended > job["made"] else "earlier"]
            if made <= self._world.now() < made + kept:
                yield day, made

    def _today(self) -> date:
        return self._world.now().astimezone(_PACIFIC).date()


def thread(comment_id: str, text: str, author: str, at: datetime, replies: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Return a comment thread as the API shows it, for a world's `Video.comments`."""
    snippet = {"topLevelComment": _comment(comment_id, text, author, at), "totalReplyCount": len(replies), "canReply": True, "isPublic": True}
    return {"kind": "youtube#commentThread", "id": comment_id, "snippet": snippet, **({"replies": {"comments": list(replies)}} if replies else {})}


def _comment(comment_id: str, text: str, author: str, at: datetime) -> dict[str, Any]:
    about = {"textDisplay": text, "authorDisplayName": author, "authorChannelId": {"value": f"UC{author}"}, "publishedAt": _stamp(at), "updatedAt": _stamp(at)}
    return {"kind": "youtube#comment", "id": comment_id, "snippet": {**about, "likeCount": 0}}


def _counts(video: Video) -> dict[str, str]:
    return {"viewCount": str(video.views), "likeCount": str(video.likes), "commentCount": str(len(video.comments))}


def _listed(request: Request, name: str) -> list[str]:
    return [part for given in request.query_params.getlist(name) for part in given.split(",") if part]


def _checked_query(asked: dict[str, str], account: Account) -> tuple[list[str], date, date]:
    metrics = asked.get("metrics", "").split(",")
    missing = next((name for name in ("ids", "startDate", "endDate", "metrics") if not asked.get(name)), None)
    if missing or not all(_DAY.fullmatch(asked[name]) for name in ("startDate", "endDate")):
        raise Refusal(400, "badRequest", f"The request is missing a valid {missing or 'date'}.")
    if asked["ids"] not in {"channel==MINE", f"channel=={account.channel_id}"}:
        raise Refusal(403, "forbidden", "Forbidden")
    if any(name not in _METRICS for name in metrics) or asked.get("dimensions") != "day" or not asked.get("filters", "").startswith("video=="):
        raise Refusal(400, "badRequest", "The query is not supported. Check the documentation for supported queries.")
    start, end = date.fromisoformat(asked["startDate"]), date.fromisoformat(asked["endDate"])
    if start > end:
        raise Refusal(400, "badRequest", "The start date must not be later than the end date.")
    return metrics, start, end


def _shown(job: dict[str, Any]) -> dict[str, Any]:
    return {name: job[name] for name in ("id", "reportTypeId", "name", "createTime") if name in job}


def _file(job: dict[str, Any], day: date, created: datetime, base: str) -> dict[str, Any]:
    starts, ends = (datetime.combine(one, time(), _PACIFIC) for one in (day, day + timedelta(days=1)))
    times = {"startTime": _stamp(starts), "endTime": _stamp(ends), "createTime": _stamp(created)}
    return {"id": f"{job['id']}-{day:%Y%m%d}", "jobId": job["id"], **times, "downloadUrl": f"{base}v1/media/{job['id']}/{day.isoformat()}?alt=media"}


def _stamp(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
