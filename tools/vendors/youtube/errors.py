"""What the platform's errors mean: for each reason word, what happens next and what a person is told."""

from dataclasses import dataclass
from typing import Literal

from tools.base import ToolError, ToolPaused, ToolRetry

Outcome = Literal["retry", "wait", "reauthorise", "reject", "page"]
Limit = Literal["bucket", "channel"]


@dataclass(frozen=True)
class Meaning:
    """What follows from a reason: `wait` names the limit that was met; `say` is for a person and says what to do."""

    outcome: Outcome
    say: str
    limit: Limit | None = None


class Platform(ToolError):
    """An error of the platform; `reason` is its word for it."""

    code = "youtube_refused"

    def __init__(self, message: str, reason: str = "", **details: object) -> None:
        super().__init__(message, reason=reason, **details)
        self.reason = reason


class Refused(Platform):
    """The request breaks a rule of the platform; the same request will always be refused."""

    code = "youtube_rejected"


class ReauthoriseNeeded(Platform):
    """The channel owner's consent no longer holds; only the owner can renew it."""

    code = "youtube_reauthorise"


class OperatorNeeded(Platform):
    """Something about the account, the project or this program is wrong in a way that only a person can mend."""

    code = "youtube_operator"


class SessionGone(Platform):
    """The platform no longer knows the upload session."""

    code = "youtube_session_gone"


class TryAgain(ToolRetry):
    """The platform is busy or broken for now and did nothing."""

    code = "youtube_busy"


class OutcomeUnknown(ToolRetry):
    """The connection broke: the platform may or may not have done what was asked."""

    code = "youtube_outcome_unknown"


class LimitReached(ToolPaused):
    """A limit of the project's quota or of the channel is used up; it comes back by itself at a known time."""

    code = "youtube_limit_reached"

    def __init__(self, message: str, limit: Limit, after_s: float | None = None, **details: object) -> None:
        super().__init__(message, after_s=after_s, limit=limit, **details)
        self.limit = limit


def _same(reasons: str, outcome: Outcome, say: str, limit: Limit | None = None) -> dict[str, Meaning]:
    return dict.fromkeys(reasons.split(), Meaning(outcome, say, limit))


# Reasons of https://developers.google.com/youtube/v3/docs/errors, /docs/core_errors and the error tables of the methods used.
MEANINGS: dict[str, Meaning] = {
    **_same("backendError internalError", "retry", "YouTube had a fault of its own; the request is repeated later"),
    **_same("serviceUnavailable", "retry", "YouTube is not available right now; the request is repeated later"),
    **_same("processingFailure", "retry", "YouTube could not process the request this time; it is repeated later"),
    **_same("rateLimitExceeded userRateLimitExceeded", "retry", "requests came too fast for YouTube; they go on more slowly"),
    **_same("uploadRateLimitExceeded", "retry", "the channel set too many thumbnails in a short time; this one is set later"),
    **_same("quotaExceeded", "wait", "the project's quota for today is used up; work goes on after midnight Pacific time", "bucket"),
    **_same("dailyLimitExceeded", "wait", "the project's daily limit is reached; work goes on after midnight Pacific time", "bucket"),
    **_same("uploadLimitExceeded", "wait", "the channel has uploaded as many videos as YouTube lets it in a day; it may go on in 24 hours", "channel"),
    **_same("authError expired required", "reauthorise", "YouTube does not accept the channel's consent any more; connect the channel again"),
    **_same("invalid_grant", "reauthorise", "the channel owner's consent was withdrawn or has expired; connect the channel again"),
    **_same("insufficientPermissions", "reauthorise", "the consent does not cover this; connect the channel again and accept every permission"),
    **_same(
        "authenticatedUserNotChannel youtubeSignupRequired",
        "reauthorise",
        "the account that consented has no YouTube channel; create one, then connect it again",
    ),
    **_same("invalidTitle", "reject", "title: 1 to 100 characters, without < and >"),
    **_same("invalidDescription", "reject", "description: at most 5000 bytes, without < and >"),
    **_same("invalidTags", "reject", "tags: at most 500 characters in all, without < and >"),
    **_same("invalidCategoryId", "reject", "category: not one of YouTube's; choose another"),
    **_same("invalidPublishAt", "reject", "publish_at: must lie in the future, and only a private video that was never public can have one"),
    **_same("invalidVideoMetadata invalidFilename invalidRecordingDetails defaultLanguageNotSet", "reject", "the listing lacks something YouTube insists on"),
    **_same("mediaBodyRequired contentRequired", "reject", "the file is empty; make it again"),
    **_same("badContent", "reject", "the file is not of a type YouTube takes; use MP4"),
    **_same("invalidImage", "reject", "thumbnail: not a JPEG or PNG of at most 50 MB"),
    **_same(
        "forbiddenPrivacySetting forbiddenLicenseSetting forbiddenEmbedSetting", "reject", "the channel may not use this privacy, licence or embedding setting"
    ),
    **_same("playlistNotFound", "reject", "the playlist does not exist; correct or remove it"),
    **_same("playlistContainsMaximumNumberOfVideos", "reject", "the playlist is full; start another"),
    **_same("captionExists videoAlreadyInPlaylist ALREADY_EXISTS", "reject", "it is there already"),
    **_same("commentsDisabled", "reject", "comments are switched off for this video; there are none to read"),
    **_same("NOT_FOUND", "reject", "the report or its job does not exist any more; later reports are unaffected"),
    **_same("PERMISSION_DENIED", "reject", "the consent does not cover the channel's reports; connect the channel again and accept every permission"),
    **_same("RESOURCE_EXHAUSTED", "retry", "requests for reports came too fast for YouTube; they go on more slowly"),
    **_same("INVALID_ARGUMENT", "page", "YouTube does not understand the request for a report; this program needs a fix"),
    **_same("videoNotFound", "page", "the video is gone from the channel; somebody deleted it, or YouTube did"),
    **_same(
        "accountClosed accountSuspended accountTerminated",
        "page",
        "YouTube has closed or suspended the account; appeal there before anything else is published",
    ),
    **_same("forbidden", "page", "YouTube refuses this channel the request; look at the channel's status in YouTube Studio"),
    **_same("accessNotConfigured", "page", "the YouTube Data API is not switched on for the Google Cloud project; switch it on there"),
    **_same("invalid_client unauthorized_client", "page", "Google does not know the OAuth client; correct YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET"),
    **_same(
        "badRequest missingRequiredParameter invalidParameter unknownParameter", "page", "YouTube does not understand the request; this program needs a fix"
    ),
}

# status.failureReason and status.rejectionReason of the discovery document: the upload is there, and will never be watchable.
FATES: dict[str, str] = {
    "duplicate": "the channel holds the same video already; nothing was published twice, decide which one stays",
    "copyright": "YouTube found material of somebody else's; replace it, or dispute the claim in YouTube Studio",
    "claim": "a rights holder claims the material; look at the claim in YouTube Studio",
    "trademark": "YouTube rejected the video for a trademark",
    "inappropriate": "YouTube finds the content inappropriate; do not upload it again",
    "termsOfUse": "the video breaks YouTube's terms; do not upload it again",
    "legal": "YouTube rejected the video for legal reasons",
    "length": "the video is longer than the channel may upload; verify the channel, or shorten the video",
    "uploaderAccountSuspended": "the account is suspended; appeal at YouTube",
    "uploaderAccountClosed": "the account is closed",
    "codec": "YouTube cannot decode the video; render it again as H.264 in MP4",
    "conversion": "YouTube could not convert the video; render it again",
    "emptyFile": "the file that arrived was empty; render it again",
    "invalidFile": "the file that arrived is not a video; render it again",
    "tooSmall": "the file that arrived is too small to be a video; render it again",
    "uploadAborted": "the upload was broken off",
}
_KINDS: dict[Outcome, type[Refused | ReauthoriseNeeded | OperatorNeeded]] = {
    "reauthorise": ReauthoriseNeeded,
    "reject": Refused,
    "page": OperatorNeeded,
}


@dataclass(frozen=True)
class Answer:
    """An error answer of the platform: status, reason word, its own message, and the wait it asked for in seconds."""

    operation: str
    status: int
    reason: str
    message: str = ""
    after_s: float | None = None


def error_of(answer: Answer) -> ToolError | ToolRetry:
    """Return the error to raise. A reason nobody has seen is never retried: 5xx and 429 are busy, everything else needs an operator."""
    meaning = MEANINGS.get(answer.reason)
    if meaning is None or (answer.status >= 500 and meaning.outcome != "retry"):
        busy = answer.status >= 500 or answer.status == 429
        say = f"YouTube answered {answer.status}" if busy else f"YouTube answered {answer.status} for a reason that is not known here"
        meaning = Meaning("retry" if busy else "page", say)
    text = f"{answer.operation}: {meaning.say} ({answer.reason or answer.status}: {answer.message[:200]})"
    if meaning.outcome == "retry":
        return TryAgain(text, after_s=answer.after_s, reason=answer.reason, status=answer.status)
    if meaning.limit is not None:
        return LimitReached(text, meaning.limit, answer.after_s, reason=answer.reason, operation=answer.operation)
    return _KINDS[meaning.outcome](text, answer.reason, status=answer.status, operation=answer.operation)
