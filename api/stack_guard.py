"""Who watches the watchdog: its supervisor, by the time of one file."""

from pathlib import Path

from infra.clock import SYSTEM_CLOCK, Clock
from infra.errors import NotFound
from infra.log import get_logger
from infra.supervisor import Supervisor

LOOK_EVERY_S = 30.0
UNIT_SILENT = "process.fell_silent"
_log = get_logger("supervisor")


class Guard:
    """Kills a unit, so that it is started anew, once the file that it touches has stood still for `within_s` seconds."""

    def __init__(self, supervisor: Supervisor, name: str, file: Path, within_s: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._supervisor = supervisor
        self._name = name
        self._file = file
        self._within_s = within_s
        self._clock = clock

    def look(self) -> bool:
        """Look once; say whether the unit was killed. One that was started only just has its time to begin."""
        state = next((state for state in self._supervisor.states() if state.name == self._name), None)
        if state is None or state.pid is None or min(state.up_s, self._silent_s()) < self._within_s:
            return False
        _log.warning(UNIT_SILENT, unit=self._name, pid=state.pid, silent_s=round(self._silent_s(), 1))
        try:
            self._supervisor.kill(state.pid)
        except NotFound:  # it ended by itself meanwhile
            return False
        return True

    def keep_looking(self) -> None:
        """Look now and then for as long as the supervisor runs."""
        self.look()
        self._supervisor.call_later(LOOK_EVERY_S, self.keep_looking)

    def _silent_s(self) -> float:
        try:
            return self._clock.now().timestamp() - self._file.stat().st_mtime
        except FileNotFoundError:
            return float("inf")
