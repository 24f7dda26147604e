"""The clock of a simulation: time moves only when nothing is left to do at the present moment."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Virtual time since `start`. The wall clock can be set wrong by a fault, the database's too; the monotonic one never."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._elapsed_s = 0.0
        self.wall_offset_s = 0.0
        self.database_offset_s = 0.0

    @property
    def start(self) -> datetime:
        """The true time at which the simulation began."""
        return self._start

    def now(self) -> datetime:
        """Return what the wall clock of the studio's machine shows."""
        return self._shown(self.wall_offset_s)

    def database_now(self) -> datetime:
        """Return what the database server's clock shows."""
        return self._shown(self.database_offset_s)

    def true_now(self) -> datetime:
        """Return the time as the outside world has it, whatever the studio's clocks show."""
        return self._shown(0.0)

    def monotonic(self) -> float:
        """Return the virtual seconds since the start."""
        return self._elapsed_s

    def advance_to(self, moment_s: float) -> None:
        """Move to a later moment; only the event loop does."""
        self._elapsed_s = max(self._elapsed_s, moment_s)

    def _shown(self, offset_s: float) -> datetime:
        # Whole microseconds, as Postgres keeps them: what is written and read back is the same moment.
        return self._start + timedelta(microseconds=round((self._elapsed_s + offset_s) * 1e6))
