"""What the stack under soak works on: productions, one after the other, resumed whenever their command was killed."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress

from evals.chaos_home import Home
from infra.ids import seeded

CHANNELS = ("field-notes", "deep-orbit", "slow-water", "old-roads", "lab-bench", "blueprint")
NOTHING_LEFT = "nothing is unfinished"


class Productions:
    """One production at a time on channels that take turns. A command that ends badly is followed by `resume`, as an operator would do."""

    def __init__(self, home: Home, seed: int, seconds: int) -> None:
        self._home = home
        self._seconds = seconds
        self._random = seeded("soak load", seed)
        self._process: subprocess.Popen[str] | None = None
        self._resumed = 0
        self.begun = 0
        self.failures: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether a production is under way."""
        return self._process is not None

    def runner(self) -> int | None:
        """Return the process that drives the production, if one does."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def turn(self, *, may_begin: bool) -> None:
        """Look after the command: begin the next one, resume one that was killed."""
        if self._process is None:
            if may_begin:
                self._begin()
            return
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        if code != 0:
            self._resumed += 1
            self.failures.append(f"a command ended with {code}")
            self._start("resume", "--json")

    def stop(self, within_s: float) -> bool:
        """Let what is under way come to its end; say whether it did."""
        gives_up_at = time.monotonic() + within_s
        while self.busy and time.monotonic() < gives_up_at:
            self.turn(may_begin=False)
            time.sleep(0.2)
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
            return False
        return True

    @property
    def resumes(self) -> int:
        """How often a command had to be given again."""
        return self._resumed

    def _begin(self) -> None:
        channel = CHANNELS[self.begun % len(CHANNELS)]
        self.begun += 1
        self._start("produce", "--channel", channel, "--seconds", str(self._seconds), "--seed", str(self._random.randrange(1_000_000)), "--json")

    def _start(self, *arguments: str) -> None:
        self._process = self._home.start(*arguments)


def told_of(home: Home, ended: Sequence[str]) -> str:
    """Return the end of what the commands said, for a report of what went wrong."""
    return home.told.read_text("utf-8", errors="replace")[-2000:] if ended and home.told.exists() else ""
