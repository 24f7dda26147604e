"""What is read back from a platform: kept as one row each, for 30 days at most, and named by reference everywhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

# https://developers.google.com/youtube/terms/developer-policies#e.-handling-youtube-data-and-content (III.E.4): refreshed or deleted after 30 days.
LIFE = timedelta(days=30)

ReadingKind = Literal["statistics", "comment", "comment_count", "day", "reach", "report", "report_job"]
KINDS: tuple[ReadingKind, ...] = ("statistics", "comment", "comment_count", "day", "reach", "report", "report_job")


@dataclass(frozen=True)
class NewReading:
    """Something just read: what it is, the platform's key of it, its values, whose publication, and the day it covers."""

    kind: ReadingKind
    key: str
    body: Mapping[str, Any]
    publication_id: str | None = None
    covers: date | None = None


@dataclass(frozen=True)
class Reading:
    """A reading that is still kept; `id` is ours, and is all that other places may hold of it."""

    id: str
    kind: ReadingKind
    key: str
    body: Mapping[str, Any]
    fetched_at: datetime
    expires_at: datetime
    covers: date | None


@dataclass(frozen=True)
class KnownFigures:
    """What is still known of one publication: the newest counts, figures and reach by day, and comments, newest first."""

    statistics: Reading | None
    days: tuple[Reading, ...]
    reach: tuple[Reading, ...]
    comments: tuple[Reading, ...]
