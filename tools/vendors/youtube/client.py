"""The only door to google-api-python-client: one channel's YouTube, one request a method, no repeats."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload

from tools.vendors.youtube.discovery import document_at
from tools.vendors.youtube.errors import Answer, SessionGone, error_of
from tools.vendors.youtube.port import ChannelView, NewVideo, Progress, UploadEntry, VideoFlags, VideoText, VideoView
from tools.vendors.youtube.transport import TIMEOUT_S, answer_of, authorized, executed, translated

CHUNK_BYTES = 8 * 1024 * 1024
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address  # nosec B105
_PAGE = 50


class YouTubeClient:
    """A `YouTube` over the real protocol. `root_url` is another root than Google's, such as a stand-in's; the token endpoint goes with it."""

    def __init__(self, refresh_token: str, client: tuple[str, str], root_url: str | None = None, chunk_bytes: int = CHUNK_BYTES) -> None:
        token_url = TOKEN_URL if root_url is None else f"{root_url.rstrip('/')}/token"
        self._http = authorized(refresh_token, client, token_url, TIMEOUT_S)
        # Built from the document on disk: nothing is discovered over the network, and uploads follow the root as well.
        self._service = build_from_document(document_at(root_url), http=self._http)
        self.chunk_bytes = chunk_bytes

    def channel(self) -> ChannelView:
        """Return the channel of this consent; raises ReauthoriseNeeded when the account has none."""
        found = self._run("channels.list", self._service.channels().list(part="snippet,contentDetails", mine=True)).get("items", [])
        if not found:
            raise error_of(Answer("channels.list", 401, "youtubeSignupRequired", "the account has no channel"))
        one = found[0]
        return ChannelView(one["id"], one["snippet"]["title"], one["contentDetails"]["relatedPlaylists"]["uploads"])

    def open_session(self, video: NewVideo) -> str:
        """Open a resumable upload and return its address."""
        request = self._insert(video)
        headers = {**request.headers, "X-Upload-Content-Type": video.mime, "X-Upload-Content-Length": str(video.size)}
        with translated("videos.insert"):
            response, content = self._http.request(request.uri, method="POST", body=request.body, headers=headers)
        if response.status == 200 and "location" in response:
            return str(response["location"])
        raise error_of(answer_of("videos.insert", HttpError(response, content, uri=request.uri)))

    def probe(self, session: str, size: int) -> Progress:
        """Ask how far an upload is, with an empty PUT of range `bytes */size`."""
        with translated("upload.probe"):
            response, content = self._http.request(session, method="PUT", headers={"Content-Range": f"bytes */{size}", "Content-Length": "0"})
        if response.status in {200, 201}:
            return Progress(size, str(_parsed("upload.probe", content)["id"]))
        if response.status == 308:
            return Progress(int(response["range"].partition("-")[2]) + 1 if "range" in response else 0)
        raise _session_error("upload.probe", HttpError(response, content, uri=session))

    def send(self, session: str, video: NewVideo, start: int) -> Progress:
        """Send one chunk of at most `chunk_bytes` from `start` on; the platform may keep less of it."""
        request = self._insert(video)
        request.resumable_uri, request.resumable_progress = session, start
        try:
            with translated("upload.chunk"):
                _, body = request.next_chunk(num_retries=0)
        except HttpError as error:
            raise _session_error("upload.chunk", error) from error
        if body is None:
            return Progress(int(request.resumable_progress))
        return Progress(video.size, str(body["id"]))

    def list_uploads(self, playlist: str, page: str | None = None) -> tuple[tuple[UploadEntry, ...], str | None]:
        """Return a page of 50 of the uploads playlist."""
        request = self._service.playlistItems().list(part="snippet,contentDetails", playlistId=playlist, maxResults=_PAGE, pageToken=page)
        found = self._run("playlistItems.list", request)
        entries = [UploadEntry(one["contentDetails"]["videoId"], one["snippet"]["title"], one["snippet"]["description"]) for one in found["items"]]
        return tuple(entries), found.get("nextPageToken")

    def find_video(self, video_id: str) -> VideoView | None:
        """Return a video with its snippet, status and processing."""
        found = self._run("videos.list", self._service.videos().list(part="snippet,status,processingDetails", id=video_id))["items"]
        return _view(found[0]) if found else None

    def set_flags(self, video_id: str, flags: VideoFlags) -> None:
        """Replace the status part."""
        self._run("videos.update", self._service.videos().update(part="status", body={"id": video_id, "status": _status(flags)}))

    def set_text(self, video_id: str, text: VideoText) -> None:
        """Replace the snippet part."""
        self._run("videos.update", self._service.videos().update(part="snippet", body={"id": video_id, "snippet": _snippet(text)}))

    def set_thumbnail(self, video_id: str, file: Path, mime: str) -> None:
        """Set the thumbnail in one simple upload."""
        with _closing(MediaFileUpload(str(file), mimetype=mime)) as media:
            self._run("thumbnails.set", self._service.thumbnails().set(videoId=video_id, media_body=media))

    def list_captions(self, video_id: str) -> tuple[tuple[str, str], ...]:
        """Return the caption tracks."""
        found = self._run("captions.list", self._service.captions().list(part="snippet", videoId=video_id))["items"]
        return tuple((one["snippet"]["language"], one["snippet"]["name"]) for one in found)

    def add_captions(self, video_id: str, language: str, name: str, file: Path) -> None:
        """Insert a caption track; refused by the platform when language and name are taken."""
        body = {"snippet": {"videoId": video_id, "language": language, "name": name, "isDraft": False}}
        with _closing(MediaFileUpload(str(file), mimetype="application/octet-stream")) as media:
            self._run("captions.insert", self._service.captions().insert(part="snippet", body=body, media_body=media))

    def in_playlist(self, playlist: str, video_id: str) -> bool:
        """Ask a playlist for the one video."""
        request = self._service.playlistItems().list(part="contentDetails", playlistId=playlist, videoId=video_id, maxResults=_PAGE)
        return bool(self._run("playlistItems.list", request)["items"])

    def add_to_playlist(self, playlist: str, video_id: str) -> None:
        """Insert the video at the end of a playlist."""
        resource = {"kind": "youtube#video", "videoId": video_id}
        body = {"snippet": {"playlistId": playlist, "resourceId": resource}}
        self._run("playlistItems.insert", self._service.playlistItems().insert(part="snippet", body=body))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _insert(self, video: NewVideo) -> Any:
        media = _Slice(str(video.file), mimetype=video.mime, chunksize=self.chunk_bytes, resumable=True)
        body = {"snippet": _snippet(video.text), "status": _status(video.flags)}
        request = self._service.videos().insert(part="snippet,status", body=body, notifySubscribers=video.notify_subscribers, media_body=media)
        media.release()
        return request

    def _run(self, operation: str, request: Any) -> dict[str, Any]:
        found: dict[str, Any] = executed(operation, request)
        return found


class _Slice(MediaFileUpload):  # type: ignore[misc]
    """A file that is read chunk by chunk and not held open between requests."""

    def release(self) -> None:
        """Close the file that the base class opens to learn its size."""
        self._fd.close()

    def has_stream(self) -> bool:
        """Have the chunk read by `getbytes`."""
        return False

    def getbytes(self, begin: int, length: int) -> bytes:
        """Read a chunk."""
        with Path(self._filename).open("rb") as file:
            file.seek(begin)
            return file.read(length)


@contextmanager
def _closing(media: Any) -> Iterator[Any]:
    try:
        yield media
    finally:
        media.stream().close()


def _session_error(operation: str, error: HttpError) -> Exception:
    if error.resp.status in {404, 410}:
        return SessionGone(f"{operation}: YouTube no longer knows the upload session ({error.resp.status})", "sessionGone")
    return error_of(answer_of(operation, error))


def _parsed(operation: str, content: bytes) -> dict[str, Any]:
    with translated(operation):
        found: dict[str, Any] = json.loads(content)
    return found


def _snippet(text: VideoText) -> dict[str, Any]:
    about = {"title": text.title, "description": text.description, "tags": list(text.tags), "categoryId": text.category_id}
    return {**about, "defaultLanguage": text.language, "defaultAudioLanguage": text.language}


def _status(flags: VideoFlags) -> dict[str, Any]:
    due = {} if flags.publish_at is None else {"publishAt": flags.publish_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {
        "privacyStatus": flags.privacy,
        "selfDeclaredMadeForKids": flags.made_for_kids,
        "containsSyntheticMedia": flags.synthetic_media,
        "license": flags.license,
        "embeddable": flags.embeddable,
        **due,
    }


def _view(item: dict[str, Any]) -> VideoView:
    snippet, status = item["snippet"], item["status"]
    due = status.get("publishAt")
    flags = VideoFlags(
        privacy=status["privacyStatus"],
        made_for_kids=bool(status.get("selfDeclaredMadeForKids", status.get("madeForKids", False))),
        synthetic_media=bool(status.get("containsSyntheticMedia", False)),
        license=status.get("license", "youtube"),
        embeddable=bool(status.get("embeddable", True)),
        publish_at=datetime.fromisoformat(due) if due else None,
    )
    tags = tuple(str(tag) for tag in snippet.get("tags", ()))
    text = VideoText(snippet["title"], snippet["description"], tags, snippet.get("categoryId", ""), snippet.get("defaultLanguage", ""))
    reason = status.get("failureReason") or status.get("rejectionReason")
    return VideoView(item["id"], text, flags, status.get("uploadStatus", ""), reason, bool(snippet.get("thumbnails")))
