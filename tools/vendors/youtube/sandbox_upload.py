"""The stand-in's resumable uploads: sessions, chunks, probes, and the checks a video's metadata must pass."""

import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tools.vendors.youtube.discovery import body_flaw
from tools.vendors.youtube.sandbox_answers import Cut, Refusal, played
from tools.vendors.youtube.sandbox_faults import Play, Plays
from tools.vendors.youtube.sandbox_world import Account, Session, Video, World

# https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol: chunks but the last are multiples of this.
_GRAIN = 262_144
_CATEGORIES = frozenset({"1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"})


def metadata_flaw(body: dict[str, dict[str, Any]], now: datetime) -> tuple[str, str] | None:
    """Return the reason and message with which the platform refuses a video's metadata, if it does."""
    snippet, status = body.get("snippet", {}), body.get("status", {})
    title, description = str(snippet.get("title", "")), str(snippet.get("description", ""))
    tags = [str(tag) for tag in snippet.get("tags", ())]
    counted = sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)
    flaws = (
        ("invalidTitle", not 0 < len(title) <= 100 or "<" in title or ">" in title, "The request metadata specifies an invalid or empty video title."),
        (
            "invalidDescription",
            len(description.encode()) > 5000 or "<" in description or ">" in description,
            "The request metadata specifies an invalid video description.",
        ),
        ("invalidTags", counted > 500 or any("<" in tag or ">" in tag for tag in tags), "The request metadata specifies invalid video keywords."),
        ("invalidCategoryId", str(snippet.get("categoryId")) not in _CATEGORIES, "The categoryId property specifies an invalid category ID."),
        ("invalidPublishAt", not _may_schedule(status, now), "The request metadata specifies an invalid scheduled publishing time."),
    )
    return next(((reason, message) for reason, broken, message in flaws if broken), None)


def _may_schedule(status: dict[str, object], now: datetime) -> bool:
    due = status.get("publishAt")
    return due is None or (status.get("privacyStatus") == "private" and datetime.fromisoformat(str(due)) > now)


class Uploads:
    """Starts sessions and takes their bytes."""

    def __init__(self, world: World, plays: Plays) -> None:
        self._world = world
        self._plays = plays

    async def start(self, request: Request, account: Account) -> Response:
        """Open a session: 200 with its address in `Location`."""
        world = self._world
        if request.query_params.get("uploadType") != "resumable":
            raise Refusal(400, "badRequest", "The stand-in takes resumable uploads only.")
        body = json.loads(await request.body())
        flaw = body_flaw("videos.insert", body)
        if flaw is not None:
            raise Refusal(400, flaw.reason, flaw.message)
        refused = metadata_flaw(body, world.now())
        if refused is not None:
            raise Refusal(400, *refused)
        if not request.headers.get("x-upload-content-type", "").startswith(("video/", "application/octet-stream")):
            raise Refusal(400, "badContent", "Media type is not supported.")
        if world.uploads[account.channel_id, world.day()] >= account.upload_cap:
            raise Refusal(400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload.")
        made = Session(world.next_id("session-"), account.channel_id, int(request.headers["x-upload-content-length"]), body)
        world.sessions[made.id] = made
        address = request.url.replace(query=f"uploadType=resumable&upload_id={made.id}")
        return Response(status_code=200, headers={"location": str(address), "x-guploader-uploadid": made.id})

    async def take(self, request: Request, account: Account) -> Response:
        """Take a chunk, or tell how far the upload is when the range is `bytes */TOTAL`."""
        session = self._world.sessions.get(request.query_params.get("upload_id", ""))
        spoken = request.headers.get("content-range", "")
        play = self._plays.next("upload.probe" if spoken.startswith("bytes */") else "upload.chunk")
        if play is not None and play.kind == "gone" and session is not None:
            session.expired = True
        if session is None or session.expired or session.channel_id != account.channel_id:
            raise Refusal(play.status if play and play.status else 404, "notFound", "Upload session not found")
        if play is not None and play.kind in {"error", "dropped"}:
            return played(play)
        if not spoken.startswith("bytes */"):
            cut_short = self._append(session, spoken, await request.body(), play)
            if cut_short is not None:
                return cut_short
        answer = self._progress(session)
        return Cut() if play is not None and play.kind == "lost" else answer

    def _append(self, session: Session, spoken: str, data: bytes, play: Play | None) -> Response | None:
        if session.video_id is not None:
            return None
        first, last, total = _range(spoken)
        if total != session.total or last - first + 1 != len(data) or first > len(session.received):
            raise Refusal(400, "badRequest", f"Failed to parse Content-Range header: {spoken}")
        if last + 1 < total and len(data) % _GRAIN:
            raise Refusal(400, "badRequest", f"Chunks must be a multiple of {_GRAIN} bytes.")
        if play is not None and play.kind == "partial":
            session.received[first:] = data[: play.keep // _GRAIN * _GRAIN]
            return played(Play("error", play.cite, play.status, "backendError", "Backend Error"))
        session.received[first:] = data
        if len(session.received) == session.total:
            self._world.finish(session)
        return None

    def _progress(self, session: Session) -> Response:
        if session.video_id is not None:
            return JSONResponse(resource(self._world.videos[session.video_id], ("id", "snippet", "status")))
        held = len(session.received)
        return Response(status_code=308, headers={"range": f"bytes=0-{held - 1}"} if held else {})


def _range(spoken: str) -> tuple[int, int, int]:
    span, _, total = spoken.removeprefix("bytes ").partition("/")
    first, _, last = span.partition("-")
    if not (first.isdigit() and last.isdigit() and total.isdigit()):
        raise Refusal(400, "badRequest", f"Failed to parse Content-Range header: {spoken}")
    return int(first), int(last), int(total)


def resource(video: Video, parts: tuple[str, ...]) -> dict[str, object]:
    """Return a video as the API shows it to its owner."""
    whole = {
        "snippet": {**video.snippet, "thumbnails": {"default": {"url": f"https://i.ytimg.com/{video.thumbnail}"}} if video.thumbnail else {}},
        "status": video.status,
        "processingDetails": {"processingStatus": video.processing},
        "contentDetails": {"caption": "true" if video.captions else "false"},
        "statistics": {"viewCount": str(video.views), "likeCount": str(video.likes), "commentCount": str(len(video.comments))},
    }
    return {"kind": "youtube#video", "id": video.id, **{part: whole[part] for part in parts if part in whole}}
