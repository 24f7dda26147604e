"""What the stand-in platform holds: accounts, tokens, upload sessions, videos, quota by the Pacific day, and a record of every effect."""

import hashlib
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from infra.clock import SYSTEM_CLOCK
from tools.vendors.youtube.consent_page import SCOPES

_PACIFIC = ZoneInfo("America/Los_Angeles")
# https://developers.google.com/youtube/v3/determine_quota_cost, as of June 2026: uploads, searches and batch statistics have buckets of their own.
# Written down here once more, apart from the studio's tariff, so that the two check each other. Analytics and reports are APIs of their own.
LIMITS = {"insert_calls": 100, "search_calls": 100, "stats_calls": 10_000, "units": 10_000, "analytics_calls": 10_000, "reporting_calls": 10_000}
_COSTS = {
    **{"videos.insert": ("insert_calls", 1), "search.list": ("search_calls", 1), "videos.batchGetStats": ("stats_calls", 1)},
    "youtubeAnalytics.reports.query": ("analytics_calls", 1),
    **dict.fromkeys(("youtubereporting.jobs.list", "youtubereporting.jobs.create", "youtubereporting.jobs.reports.list"), ("reporting_calls", 1)),
    "youtubereporting.media.download": ("reporting_calls", 1),
    **{"videos.update": ("units", 50), "thumbnails.set": ("units", 50), "playlistItems.insert": ("units", 50)},
    **{"captions.insert": ("units", 400), "captions.list": ("units", 50)},
}
_TOKEN_LIFE_S = 3599


@dataclass
class Account:
    """A channel and its owner's consent. `upload_cap` is the channel's own daily limit; `private_lock` keeps every upload private."""

    channel_id: str
    title: str
    refresh_token: str
    upload_cap: int = 50
    private_lock: bool = False
    revoked: bool = False
    scopes: tuple[str, ...] = SCOPES
    playlists: dict[str, list[str]] = field(default_factory=dict)

    @property
    def uploads_playlist(self) -> str:
        """Id of the playlist that holds every upload: the channel's id with UU for UC."""
        return "UU" + self.channel_id.removeprefix("UC")


@dataclass
class Session:
    """A resumable upload: its bytes so far, and the video it became."""

    id: str
    channel_id: str
    total: int
    body: dict[str, Any]
    received: bytearray = field(default_factory=bytearray)
    expired: bool = False
    video_id: str | None = None


@dataclass
class Video:
    """A video of the stand-in; `unlisted_reads` is for how many more reads of the uploads playlist it does not show up yet."""

    id: str
    channel_id: str
    snippet: dict[str, Any]
    status: dict[str, Any]
    size: int
    sha256: str
    processing: str = "processing"
    thumbnail: str | None = None
    captions: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    comments_off: bool = False
    views: int = 0
    likes: int = 0
    days: dict[date, dict[str, float]] = field(default_factory=dict)
    unlisted_reads: int = 0


@dataclass(frozen=True)
class Effect:
    """Something that changed on the platform."""

    operation: str
    channel_id: str
    target: str
    detail: str = ""


@dataclass(frozen=True)
class Fate:
    """What becomes of an upload once its bytes are there, in the discovery document's words."""

    upload_status: str = "processed"
    failure_reason: str | None = None
    rejection_reason: str | None = None
    unlisted_reads: int = 0


class World:
    """The platform's state; one lock, since requests come from several threads of clients."""

    def __init__(self, now: Callable[[], datetime] = SYSTEM_CLOCK.now) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.sessions: dict[str, Session] = {}
        self.videos: dict[str, Video] = {}
        self.effects: list[Effect] = []
        self.fates: deque[Fate] = deque()
        self.codes: dict[str, tuple[str, str, str, str]] = {}
        self.redirects: set[str] = set()
        self.client_secrets = {"sandbox.apps.googleusercontent.com": "sandbox-secret"}
        self.limits = dict(LIMITS)
        self.spent: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.uploads: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self.report_jobs: dict[str, dict[str, Any]] = {}
        self.greet: Callable[[Video], None] = lambda _video: None
        self.turned_away = 0
        self._serial = 0

    def add_account(self, channel_id: str, title: str = "", **about: Any) -> Account:
        """Add a channel whose owner has consented; its refresh token is `refresh-<channel id>`."""
        made = Account(channel_id, title or channel_id, f"refresh-{channel_id}", **about)
        self.accounts[channel_id] = made
        return made

    def next_id(self, prefix: str) -> str:
        """Return a fresh id."""
        with self.lock:
            self._serial += 1
            return f"{prefix}{self._serial:06d}"

    def issue(self, account: Account) -> dict[str, Any]:
        """Issue an access token of an hour for what the owner consented to."""
        token = self.next_id("ya29.sandbox-")
        self._tokens[token] = (account.channel_id, self.now() + timedelta(seconds=_TOKEN_LIFE_S))
        return {"access_token": token, "expires_in": _TOKEN_LIFE_S, "token_type": "Bearer", "scope": " ".join(account.scopes)}  # nosec B105 # the name of a scheme

    def expire_tokens(self) -> None:
        """Let every access token lapse now."""
        self._tokens.clear()

    def account_of(self, token: str) -> Account | None:
        """Return whose valid access token this is."""
        channel, until = self._tokens.get(token, ("", self.now()))
        found = self.accounts.get(channel)
        return found if found is not None and not found.revoked and self.now() < until else None

    def day(self) -> str:
        """Return today's Pacific date, by which quota is counted."""
        return self.now().astimezone(_PACIFIC).date().isoformat()

    def charge(self, operation: str) -> bool:
        """Count a request against its bucket; False, with nothing served, when the bucket is empty. Refused requests count too."""
        bucket, units = _COSTS.get(operation, ("units", 1))
        with self.lock:
            if self.spent[bucket, self.day()] + units > self.limits[bucket]:
                self.turned_away += 1
                return False
            self.spent[bucket, self.day()] += units
            return True

    def record(self, operation: str, channel_id: str, target: str, detail: str = "") -> None:
        """Add to the record of effects."""
        self.effects.append(Effect(operation, channel_id, target, detail))

    def finish(self, session: Session) -> Video:
        """Turn a completely received upload into a video, exactly once."""
        with self.lock:
            if session.video_id is not None:
                return self.videos[session.video_id]
            sha256 = hashlib.sha256(session.received).hexdigest()
            fate = self.fates.popleft() if self.fates else Fate()
            twins = [one for one in self.videos.values() if one.sha256 == sha256 and one.channel_id == session.channel_id]
            if twins and fate == Fate():
                fate = Fate("rejected", rejection_reason="duplicate")
            video = Video(self.next_id("vid"), session.channel_id, dict(session.body["snippet"]), dict(session.body["status"]), session.total, sha256)
            video.unlisted_reads = fate.unlisted_reads
            self._settle(video, fate)
            self.videos[video.id] = video
            session.video_id = video.id
            session.received = bytearray()
            self.uploads[session.channel_id, self.day()] += 1
            self.record("videos.insert", session.channel_id, video.id, video.status["privacyStatus"])
            self.greet(video)
            return video

    def _settle(self, video: Video, fate: Fate) -> None:
        status = video.status
        status["uploadStatus"] = fate.upload_status
        status["madeForKids"] = bool(status.get("selfDeclaredMadeForKids", False))
        # https://developers.google.com/youtube/v3/docs/videos#status.privacyStatus: public when the request leaves it out.
        status.setdefault("privacyStatus", "public")
        if self.accounts[video.channel_id].private_lock:
            status["privacyStatus"] = "private"
        video.processing = "succeeded" if fate.upload_status == "processed" else "failed"
        for name, reason in (("failureReason", fate.failure_reason), ("rejectionReason", fate.rejection_reason)):
            if reason is not None:
                status[name] = reason
        video.snippet["publishedAt"] = self.now().isoformat()
        video.snippet["channelId"] = video.channel_id

    def publish_due(self) -> None:
        """Make public what was scheduled for a time that has come."""
        for video in self.videos.values():
            due = video.status.get("publishAt")
            if due and video.status["privacyStatus"] == "private" and datetime.fromisoformat(due) <= self.now():
                video.status["privacyStatus"] = "public"
                video.status.pop("publishAt")
                self.record("videos.publish", video.channel_id, video.id, "public")
