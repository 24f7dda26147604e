"""The only way to a request: the fence holds, the gateway books and watches it, its quota is booked, and a limit the platform names is remembered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from infra.database import Database
from memory.repositories.incidents import IncidentRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.quota import QuotaExhausted, QuotaLedger, Spender
from tools.base import ToolContext, ToolError
from tools.gateway_free import FreeCall, free_charge
from tools.vendors.youtube.errors import LimitReached, OperatorNeeded, OutcomeUnknown, ReauthoriseNeeded
from tools.vendors.youtube.port import VideoView, YouTube

T = TypeVar("T")
_CHANNEL_PAUSE = timedelta(hours=24)


@dataclass(frozen=True)
class Door:
    """Requests of one publication. `granted` are daily limits that the platform gave this project beyond the usual."""

    database: Database
    ctx: ToolContext
    who: Spender
    granted: dict[str, int]

    def plan(self, operations: Iterable[str]) -> None:
        """Set aside what the publication needs before anything is begun; raises LimitReached until when it must wait."""
        now = self.ctx.clock.now()
        try:
            with self.database.unit_of_work() as session:
                ledger = QuotaLedger(session, now, self.granted)
                ledger.ensure_channel_open(str(self.who.channel_id))
                ledger.plan(self.who, operations)
        except QuotaExhausted as error:
            raise _waiting(error, now) from error

    def free_units(self, bucket: str = "units") -> int:
        """Return what a bucket holds beyond all plans."""
        with self.database.unit_of_work() as session:
            return QuotaLedger(session, self.ctx.clock.now(), self.granted).free(self.who.project, bucket)

    def call(self, operation: str, make: Callable[[], T]) -> T:
        """Make one request that costs quota."""
        now = self.ctx.clock.now()
        try:
            with self.database.unit_of_work() as session:
                QuotaLedger(session, now, self.granted).spend(self.who, operation)
        except QuotaExhausted as error:
            raise _waiting(error, now) from error
        return self.send(operation, make)

    def send(self, operation: str, make: Callable[[], T]) -> T:
        """Make one request that costs none, such as a chunk of an upload."""
        self.ctx.ensure_live()
        try:
            with FreeCall(self.database, free_charge(self.ctx, "youtube", operation, self.who.channel_id), (OutcomeUnknown,)):
                return make()
        except LimitReached as error:
            raise self._remembered(error, operation) from error
        except ReauthoriseNeeded as error:
            self._end_consent(error)
            raise
        except OperatorNeeded as error:
            self._raise_alarm(f"youtube:{self.who.channel_id}:{error.reason}", error.message)
            raise

    def view(self, youtube: YouTube, video_id: str) -> VideoView:
        """Read one of the channel's videos; raises ToolError when YouTube does not hold it."""
        found = self.call("videos.list", lambda: youtube.find_video(video_id))
        if found is None:
            raise ToolError(f"video {video_id}: YouTube does not hold it any more")
        return found

    def release(self) -> None:
        """Give back what was set aside and not needed."""
        with self.database.unit_of_work() as session:
            QuotaLedger(session, self.ctx.clock.now(), self.granted).release(self.who)

    def _remembered(self, error: LimitReached, operation: str) -> LimitReached:
        now = self.ctx.clock.now()
        with self.database.unit_of_work() as session:
            ledger = QuotaLedger(session, now, self.granted)
            if error.limit == "channel":
                until = ledger.close_channel(str(self.who.channel_id), now + _CHANNEL_PAUSE)
            else:
                until = ledger.close_bucket(self.who.project, operation)
        return LimitReached(f"{error.message}; waiting until {until:%Y-%m-%d %H:%M} UTC", error.limit, (until - now).total_seconds())

    def _end_consent(self, error: ReauthoriseNeeded) -> None:
        with self.database.unit_of_work() as session:
            PlatformChannelRepository(session).mark_ended(str(self.who.channel_id), error.message)
        self._raise_alarm(f"youtube:{self.who.channel_id}:consent", error.message)

    def _raise_alarm(self, key: str, summary: str) -> None:
        with self.database.unit_of_work() as session:
            IncidentRepository(session).open(key, "publication", "critical", summary, channel_id=self.who.channel_id, run_id=self.ctx.run_id)


def _waiting(error: QuotaExhausted, now: datetime) -> LimitReached:
    limit = "channel" if "channel" in error.details else "bucket"
    return LimitReached(error.message, "channel" if limit == "channel" else "bucket", (error.until - now).total_seconds())
