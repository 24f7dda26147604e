"""What the platform is known to do wrong, or to refuse, each with its source; played once, per operation."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal

_ERRORS = "https://developers.google.com/youtube/v3/docs/errors"
_INSERT = "https://developers.google.com/youtube/v3/docs/videos/insert#errors"
_UPDATE = "https://developers.google.com/youtube/v3/docs/videos/update#errors"
_THUMBNAIL = "https://developers.google.com/youtube/v3/docs/thumbnails/set#errors"
_CAPTIONS = "https://developers.google.com/youtube/v3/docs/captions/insert#errors"
_PLAYLIST = "https://developers.google.com/youtube/v3/docs/playlistItems/insert#errors"
_THREADS = "https://developers.google.com/youtube/v3/docs/commentThreads/list#errors"
_REPORTS = "https://developers.google.com/youtube/reporting/v1/reference/rest/v1/jobs.reports/list"
_STATUS = "https://cloud.google.com/apis/design/errors#error_model"
_CORE = "https://developers.google.com/youtube/v3/docs/core_errors"
_RESUMABLE = "https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol"
_TOKEN = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2"  # noqa: S105 - an address  # nosec B105

Kind = Literal["error", "lost", "dropped", "partial", "gone"]


@dataclass(frozen=True)
class Play:
    """One misbehaviour. `error` answers instead of serving; `lost` serves and cuts the answer; `dropped` cuts before serving;
    `partial` keeps `keep` bytes of a chunk and then answers `status` (or cuts, when it is 0); `gone` forgets the upload session.
    """

    kind: Kind
    cite: str
    status: int = 0
    reason: str = ""
    message: str = ""
    keep: int = 0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Plays:
    """The script: `next(operation)` takes what was queued for it first."""

    queued: defaultdict[str, deque[Play]] = field(default_factory=lambda: defaultdict(deque))
    lasting: dict[str, Play] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, operation: str, *plays: Play) -> None:
        """Queue misbehaviours for an operation such as `videos.insert`, `upload.chunk`, `upload.probe` or `oauth.token`."""
        with self.lock:
            self.queued[operation].extend(plays)

    def always(self, operation: str, play: Play | None) -> None:
        """Play one to every request of an operation until cleared with None."""
        with self.lock:
            if play is None:
                self.lasting.pop(operation, None)
            else:
                self.lasting[operation] = play

    def next(self, operation: str) -> Play | None:
        """Return the next misbehaviour of an operation, if one is due."""
        with self.lock:
            return self.queued[operation].popleft() if self.queued[operation] else self.lasting.get(operation)


# reason -> (status, page that documents it). What the studio makes of each is in `errors.py`.
DOCUMENTED: dict[str, tuple[int, str]] = {
    **dict.fromkeys(("backendError", "internalError"), (503, _CORE)),
    **dict.fromkeys(("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "accessNotConfigured"), (403, _CORE)),
    **dict.fromkeys(
        ("insufficientPermissions", "forbidden", "accountClosed", "accountSuspended", "accountTerminated", "authenticatedUserNotChannel"), (403, _CORE)
    ),
    **dict.fromkeys(("authError", "expired", "required", "youtubeSignupRequired"), (401, _ERRORS)),
    **dict.fromkeys(("uploadLimitExceeded", "invalidTitle", "invalidDescription", "invalidTags", "invalidCategoryId", "invalidFilename"), (400, _INSERT)),
    **dict.fromkeys(("invalidPublishAt", "invalidVideoMetadata", "mediaBodyRequired", "invalidRecordingDetails", "defaultLanguageNotSet"), (400, _INSERT)),
    **dict.fromkeys(("forbiddenPrivacySetting", "forbiddenLicenseSetting", "forbiddenEmbedSetting"), (403, _INSERT)),
    "videoNotFound": (404, _UPDATE),
    **dict.fromkeys(("invalidImage", "mediaBodyRequired"), (400, _THUMBNAIL)),
    "uploadRateLimitExceeded": (429, _THUMBNAIL),
    "contentRequired": (400, _CAPTIONS),
    "captionExists": (409, _CAPTIONS),
    **dict.fromkeys(("playlistNotFound",), (404, _PLAYLIST)),
    "commentsDisabled": (403, _THREADS),
    "NOT_FOUND": (404, _REPORTS),
    **{"PERMISSION_DENIED": (403, _STATUS), "RESOURCE_EXHAUSTED": (429, _STATUS), "INVALID_ARGUMENT": (400, _STATUS), "ALREADY_EXISTS": (409, _STATUS)},
    **dict.fromkeys(("playlistContainsMaximumNumberOfVideos", "videoAlreadyInPlaylist"), (409, _PLAYLIST)),
}


def refused(reason: str, message: str = "", retry_after: str | None = None) -> Play:
    """Answer a documented error by its reason word."""
    status, cite = DOCUMENTED[reason]
    headers = (("retry-after", retry_after),) if retry_after else ()
    return Play("error", cite, status, reason, message or f"The request was refused: {reason}.", headers=headers)


def server_error(status: int = 503) -> Play:
    """Answer a bare 5xx, as the upload guide says to expect and retry."""
    return Play("error", _RESUMABLE, status, "backendError", "Backend Error")


def invalid_grant(description: str = "Token has been expired or revoked.") -> Play:
    """Answer the token request as for a consent that was withdrawn or has lapsed."""
    return Play("error", _TOKEN, 400, "invalid_grant", description)


def lost_reply() -> Play:
    """Serve the request and cut the connection before the answer is through."""
    return Play("lost", "https://www.rfc-editor.org/rfc/rfc9112#section-8")


def dropped() -> Play:
    """Cut the connection before serving anything."""
    return Play("dropped", "https://www.rfc-editor.org/rfc/rfc9112#section-9.6")


def partial(keep: int, status: int = 503) -> Play:
    """Keep the first `keep` bytes of a chunk, then answer 5xx, or cut the connection when `status` is 0."""
    return Play("partial", _RESUMABLE, status, keep=keep)


def session_gone(status: int = 404) -> Play:
    """Forget the upload session: 404, or 410."""
    return Play("gone", _RESUMABLE, status, "notFound", "Upload session not found")
