"""What is moved, and when it is too late for that."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from memory.records.publications import PublicationRecord
from tools.base import ToolError

# What is shown sooner than this may be shown before the new time is heard.
TOO_CLOSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Scheduled:
    """A publication that is to be moved, its new time (whole seconds, as YouTube keeps them), and whose word that is."""

    row: PublicationRecord
    to: datetime
    reason: str

    def ensure_time(self, now: datetime) -> None:
        """Raise ToolError for a new time that has passed while the job waited for its turn."""
        if self.to <= now + TOO_CLOSE:
            raise ToolError(f"publish_at: {self.to:%Y-%m-%d %H:%M} UTC came while the move waited for its turn; move it to a later time")

    def ensure_waits(self, privacy: str, due: datetime | None, now: datetime) -> datetime:
        """Return when it is shown as it stands there; raises ToolError for what is seen already, has no time any more, or is about to be shown."""
        told = f"key {self.row.key}"
        if privacy != "private":
            raise ToolError(f"{told}: it is {privacy} already, and a time can be moved only before it comes")
        if due is None:
            raise ToolError(f"{told}: it was taken off its schedule, so it has no time to move; make another video")
        if due != self.to and due <= now + TOO_CLOSE:
            raise ToolError(f"{told}: it is shown at {due:%H:%M:%S} UTC, too soon to be moved; pull it back if nobody may see it")
        return due
