"""Where readings of one channel are kept and found, each step one transaction under the worker's fence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.database import Database
from memory.readings import NewReading, Reading, ReadingKind
from memory.records.publications import PublicationRecord
from memory.repositories.publications import PublicationRepository
from memory.repositories.readings import ReadingRepository
from tools.base import ToolContext
from tools.vendors.youtube.audience import MOST_VIDEOS

_AT_PLATFORM = frozenset({"released", "verified"})
# One round of looks asks for each video once; younger counts are not asked for again.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Shelf:
    """The readings of the channel that `publication` is on."""

    database: Database
    ctx: ToolContext
    publication: PublicationRecord

    @property
    def now(self) -> datetime:
        """The moment of this look."""
        return self.ctx.clock.now()

    def keep(self, *new: NewReading) -> tuple[Reading, ...]:
        """Keep what was just read."""
        self.ctx.ensure_live()
        with self.database.unit_of_work() as session:
            return ReadingRepository(session, self.now).keep(self.publication.channel_id, self.publication.provenance, new)

    def own(self, kind: ReadingKind) -> tuple[Reading, ...]:
        """Return the publication's readings of a kind, oldest first."""
        with self.database.unit_of_work() as session:
            return ReadingRepository(session, self.now).of_publication(self.publication.id, kind)

    def of_channel(self, kind: ReadingKind) -> tuple[Reading, ...]:
        """Return the channel's readings of a kind, oldest first."""
        with self.database.unit_of_work() as session:
            return ReadingRepository(session, self.now).of_channel(self.publication.channel_id, kind)

    def drop(self, kind: ReadingKind) -> None:
        """Forget the channel's readings of a kind, which do not hold any more."""
        with self.database.unit_of_work() as session:
            ReadingRepository(session, self.now).drop(self.publication.channel_id, kind)

    def is_fresh(self, reading: Reading | None) -> bool:
        """Whether a reading was made within this round of looks."""
        return reading is not None and self.now - reading.fetched_at < FRESH

    def videos(self) -> Mapping[str, str]:
        """Return publication ids by video id: this one's first, then the channel's newest, as many as one request takes."""
        with self.database.unit_of_work() as session:
            page = PublicationRepository(session).list_(channel_id=self.publication.channel_id, limit=4 * MOST_VIDEOS)
        found = [one for one in (self.publication, *page.items) if _is_there(one, self.publication)]
        by_video = {str(one.external_id): one.id for one in found}
        return dict(list(by_video.items())[:MOST_VIDEOS])


def _is_there(one: PublicationRecord, like: PublicationRecord) -> bool:
    same = (one.publisher, one.provenance) == (like.publisher, like.provenance)
    return same and one.external_id is not None and one.state in _AT_PLATFORM


def expiry_of(readings: Iterable[Reading]) -> datetime | None:
    """Return when the first of the readings is gone."""
    return min((one.expires_at for one in readings), default=None)
