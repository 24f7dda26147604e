"""A stand-in for the YouTube Data, Analytics and Reporting APIs: it refuses what their published descriptions refuse, misbehaves on script, records effects."""

import email
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.vendors.youtube.discovery import body_flaw, method, parameter_flaw
from tools.vendors.youtube.sandbox_answers import Cut, Refusal, listing, played
from tools.vendors.youtube.sandbox_audience import Readings
from tools.vendors.youtube.sandbox_faults import Plays
from tools.vendors.youtube.sandbox_oauth import Consent
from tools.vendors.youtube.sandbox_upload import Uploads, metadata_flaw, resource
from tools.vendors.youtube.sandbox_world import Account, Video, World

Handler = Callable[[Request, Account], Awaitable[Response]]
_IMAGES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
_THUMBNAIL_LIMIT = 52_428_800


class Platform:
    """The API's operations over one world. `plays` is the fault script, `world.effects` the record."""

    def __init__(self, world: World, plays: Plays) -> None:
        self._world = world
        self._plays = plays
        self._uploads = Uploads(world, plays)

    async def answer(self, operation: str, request: Request, serve: Handler) -> Response:
        """Serve one request: fault script, who asks, parameters, quota, then the operation itself."""
        play = self._plays.next(operation)
        try:
            if play is not None and play.kind != "lost":
                return played(play)
            account = self._who(request)
            self._permit(operation, account)
            # The bytes of an upload cost nothing; what opened the session was charged.
            if operation != "upload.bytes":
                self._admit(operation, request)
            made = await serve(request, account)
        except Refusal as refusal:
            return refusal.answer()
        return Cut() if play is not None else made

    def _who(self, request: Request) -> Account:
        account = self._world.account_of(request.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            raise Refusal(401, "authError", "Invalid Credentials", {"www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'})
        return account

    def _permit(self, operation: str, account: Account) -> None:
        if operation != "upload.bytes" and not set(method(operation)["scopes"]) & set(account.scopes):
            raise Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.")

    def _admit(self, operation: str, request: Request) -> None:
        if not self._world.charge(operation):
            raise Refusal(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota.")
        flaw = parameter_flaw(operation, dict(request.query_params))
        if flaw is not None:
            raise Refusal(400, flaw.reason, flaw.message)

    async def start_upload(self, request: Request, account: Account) -> Response:
        """videos.insert: open a resumable session."""
        return await self._uploads.start(request, account)

    async def take_bytes(self, request: Request, account: Account) -> Response:
        """A chunk or a probe of a session."""
        return await self._uploads.take(request, account)

    async def list_videos(self, request: Request, account: Account) -> Response:
        """videos.list by id: an owner sees everything of a video, others only what is public."""
        self._world.publish_due()
        parts = tuple(request.query_params["part"].split(","))
        found = [self._world.videos[one] for one in request.query_params.get("id", "").split(",") if one in self._world.videos]
        seen = [one for one in found if one.channel_id == account.channel_id or one.status["privacyStatus"] == "public"]
        return listing("video", [resource(one, parts) for one in seen])

    async def update_video(self, request: Request, account: Account) -> Response:
        """videos.update: each part named is replaced as a whole."""
        body = await _body("videos.update", request)
        video = self._own(str(body.get("id", "")), account)
        merged = {"snippet": video.snippet, "status": video.status} | {part: body[part] for part in request.query_params["part"].split(",") if part in body}
        refused = metadata_flaw(merged, self._world.now())
        if refused is not None:
            raise Refusal(400, *refused)
        if "publishAt" in merged["status"] and video.status["privacyStatus"] != "private":
            raise Refusal(400, "invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")
        kept = {name: video.status[name] for name in ("uploadStatus", "failureReason", "rejectionReason", "madeForKids") if name in video.status}
        status = {**merged["status"], **kept}
        if self._world.accounts[account.channel_id].private_lock:
            status["privacyStatus"] = "private"
        if status["privacyStatus"] != video.status["privacyStatus"] or status.get("publishAt") != video.status.get("publishAt"):
            self._world.record("videos.release", account.channel_id, video.id, status.get("publishAt") or status["privacyStatus"])
        video.snippet, video.status = {**video.snippet, **merged["snippet"]}, status
        self._world.record("videos.update", account.channel_id, video.id)
        return JSONResponse(resource(video, ("snippet", "status")))

    async def set_thumbnail(self, request: Request, account: Account) -> Response:
        """thumbnails.set: a JPEG or PNG of at most 50 MB."""
        video, image = self._own(request.query_params["videoId"], account), await request.body()
        if not image:
            raise Refusal(400, "mediaBodyRequired", "The request does not include the image content.")
        if len(image) > _THUMBNAIL_LIMIT or not any(image.startswith(magic) for magic in _IMAGES):
            raise Refusal(400, "invalidImage", "The provided image content is invalid.")
        video.thumbnail = f"vi/{video.id}/default.jpg"
        self._world.record("thumbnails.set", account.channel_id, video.id, str(len(image)))
        return JSONResponse({"kind": "youtube#thumbnailSetResponse", "items": [{"default": {"url": f"https://i.ytimg.com/{video.thumbnail}"}}]})

    async def insert_captions(self, request: Request, account: Account) -> Response:
        """captions.insert: a track by language and name, with its file in the second part of the body."""
        about, file = _multipart(request.headers["content-type"], await request.body())
        flaw = body_flaw("captions.insert", about)
        if flaw is not None:
            raise Refusal(400, flaw.reason, flaw.message)
        snippet = about["snippet"]
        video = self._own(snippet["videoId"], account)
        if not file:
            raise Refusal(400, "contentRequired", "The request does not contain the caption track contents.")
        if any((one["language"], one["name"]) == (snippet["language"], snippet["name"]) for one in video.captions):
            raise Refusal(409, "captionExists", "The specified video already has a caption track with the given language and name.")
        video.captions.append({**snippet, "id": self._world.next_id("cap")})
        self._world.record("captions.insert", account.channel_id, video.id, snippet["language"])
        return JSONResponse({"kind": "youtube#caption", "id": video.captions[-1]["id"], "snippet": snippet})

    async def list_captions(self, request: Request, account: Account) -> Response:
        """captions.list of an own video."""
        video = self._own(request.query_params["videoId"], account)
        return listing("caption", [{"id": one["id"], "snippet": {key: value for key, value in one.items() if key != "id"}} for one in video.captions])

    async def list_channels(self, _request: Request, account: Account) -> Response:
        """channels.list with mine=true."""
        item = {"id": account.channel_id, "snippet": {"title": account.title}, "contentDetails": {"relatedPlaylists": {"uploads": account.uploads_playlist}}}
        return listing("channel", [item])

    async def list_playlist_items(self, request: Request, account: Account) -> Response:
        """playlistItems.list: the uploads playlist, newest first, or a playlist of the account's own."""
        asked = request.query_params
        wanted = asked.get("playlistId", "")
        if wanted == account.uploads_playlist:
            videos = self._listed_uploads(account)
        elif wanted in account.playlists:
            videos = [self._world.videos[one] for one in account.playlists[wanted] if asked.get("videoId") in {None, one}]
        else:
            raise Refusal(404, "playlistNotFound", "The playlist identified with the request's playlistId parameter cannot be found.")
        start, size = int(asked.get("pageToken") or 0), int(asked.get("maxResults") or 5)
        page = videos[start : start + size]
        more = {"nextPageToken": str(start + size)} if start + size < len(videos) else {}
        items = [{"id": f"item-{one.id}", "snippet": {**one.snippet, "resourceId": {"videoId": one.id}}, "contentDetails": {"videoId": one.id}} for one in page]
        return listing("playlistItem", items, **more)

    def _listed_uploads(self, account: Account) -> list[Video]:
        own = [one for one in self._world.videos.values() if one.channel_id == account.channel_id]
        shown = [one for one in own if one.unlisted_reads == 0]
        for one in own:
            one.unlisted_reads = max(0, one.unlisted_reads - 1)
        return shown[::-1]

    async def insert_playlist_item(self, request: Request, account: Account) -> Response:
        """playlistItems.insert into a playlist of the account's own; the platform itself lets a video stand there twice."""
        snippet = (await _body("playlistItems.insert", request))["snippet"]
        video = self._own(snippet["resourceId"]["videoId"], account)
        if snippet["playlistId"] not in account.playlists:
            raise Refusal(404, "playlistNotFound", "The playlist identified with the request's playlistId property cannot be found.")
        account.playlists[snippet["playlistId"]].append(video.id)
        self._world.record("playlistItems.insert", account.channel_id, video.id, snippet["playlistId"])
        return JSONResponse({"kind": "youtube#playlistItem", "id": f"item-{video.id}", "snippet": snippet})

    async def search(self, request: Request, account: Account) -> Response:
        """search.list among the account's own videos, by words of the title."""
        wanted = request.query_params.get("q", "").lower()
        found = [one for one in self._listed_uploads(account) if wanted in str(one.snippet["title"]).lower()]
        return listing("search", [{"id": {"kind": "youtube#video", "videoId": one.id}, "snippet": one.snippet} for one in found])

    def _own(self, video_id: str, account: Account) -> Video:
        video = self._world.videos.get(video_id)
        if video is None:
            raise Refusal(404, "videoNotFound", "The video identified by the request cannot be found.")
        if video.channel_id != account.channel_id:
            raise Refusal(403, "forbidden", "The request is not properly authorized.")
        return video


async def _body(operation: str, request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(await request.body())
    flaw = body_flaw(operation, body)
    if flaw is not None:
        raise Refusal(400, flaw.reason, flaw.message)
    return body


def _multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    parts = email.message_from_bytes(b"content-type: " + content_type.encode() + b"\r\n\r\n" + body).get_payload()
    if not isinstance(parts, list) or len(parts) != 2:
        raise Refusal(400, "badRequest", "Multipart content must have exactly two parts.")
    payloads = [part.get_payload(decode=True) for part in parts if not isinstance(part, str)]
    return json.loads(bytes(payloads[0])), bytes(payloads[1])


def youtube_app(world: World, plays: Plays | None = None) -> Starlette:
    """Serve the API, the upload endpoint and Google's consent and token endpoints over one world."""
    script = plays or Plays()
    platform, consent, readings = Platform(world, script), Consent(world, script), Readings(world)

    def route(path: str, verb: str, operation: str, serve: Handler) -> Route:
        async def handle(request: Request) -> Response:
            return await platform.answer(operation, request, serve)

        return Route(path, handle, methods=[verb])

    return Starlette(
        routes=[
            route("/upload/youtube/v3/videos", "POST", "videos.insert", platform.start_upload),
            route("/upload/youtube/v3/videos", "PUT", "upload.bytes", platform.take_bytes),
            route("/upload/youtube/v3/thumbnails/set", "POST", "thumbnails.set", platform.set_thumbnail),
            route("/upload/youtube/v3/captions", "POST", "captions.insert", platform.insert_captions),
            route("/youtube/v3/captions", "GET", "captions.list", platform.list_captions),
            route("/youtube/v3/videos", "GET", "videos.list", platform.list_videos),
            route("/youtube/v3/videos", "PUT", "videos.update", platform.update_video),
            route("/youtube/v3/channels", "GET", "channels.list", platform.list_channels),
            route("/youtube/v3/playlistItems", "GET", "playlistItems.list", platform.list_playlist_items),
            route("/youtube/v3/playlistItems", "POST", "playlistItems.insert", platform.insert_playlist_item),
            route("/youtube/v3/videos:batchGetStats", "GET", "videos.batchGetStats", readings.batch_statistics),
            route("/youtube/v3/commentThreads", "GET", "commentThreads.list", readings.list_comments),
            route("/v2/reports", "GET", "youtubeAnalytics.reports.query", readings.query),
            route("/v1/jobs", "GET", "youtubereporting.jobs.list", readings.list_jobs),
            route("/v1/jobs", "POST", "youtubereporting.jobs.create", readings.create_job),
            route("/v1/jobs/{job}/reports", "GET", "youtubereporting.jobs.reports.list", readings.list_reports),
            route("/v1/media/{name:path}", "GET", "youtubereporting.media.download", readings.download),
            route("/youtube/v3/search", "GET", "search.list", platform.search),
            Route("/o/oauth2/v2/auth", consent.authorize, methods=["GET"]),
            Route("/token", consent.token, methods=["POST"]),
            Route("/revoke", consent.revoke, methods=["POST"]),
        ],
    )
