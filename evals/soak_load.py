"""What the stack under soak works on: productions, one after the other, resumed whenever their command was killed."""

import statistics
import subprocess
import time
from collections import Counter
from contextlib import suppress
from typing import Any, Protocol

from evals.chaos_home import Home
from evals.soak_stack import NotUp, Up
from infra.database import DatabaseUnavailable
from infra.ids import seeded
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.runs import RunRepository
from memory.repositories.slots import SlotRepository

CHANNELS = ("field-notes", "deep-orbit", "slow-water", "old-roads", "lab-bench", "blueprint")
SECONDS = 10
# What two cores make beside their faults.
VIDEOS_PER_MINUTE = 0.5


class Load(Protocol):
    """Something that keeps a stack busy."""

    begun: int
    resumes: int

    def runner(self) -> int | None:
        """Return the process outside the stack that drives the work, if there is one."""
        ...

    def turn(self, *, may_begin: bool) -> None:
        """Look after the work; begin more of it where that is allowed."""
        ...

    def stop(self, within_s: float) -> bool:
        """Let what is under way come to its end; say whether it did."""
        ...

    def told(self) -> dict[str, Any]:
        """Return what became of it, for the report."""
        ...


class Productions:
    """One production at a time on channels that take turns. A command that ends badly is followed by `resume`, as an operator would do."""

    def __init__(self, home: Home, seed: int) -> None:
        self._home = home
        self._random = seeded("soak load", seed)
        self._process: subprocess.Popen[str] | None = None
        self.resumes = 0
        self.begun = 0

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
            self.resumes += 1
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

    def told(self) -> dict[str, Any]:
        """Return how many productions were begun, and how often a command had to be given again."""
        return {"begun": self.begun, "resumes": self.resumes}

    def _begin(self) -> None:
        channel = CHANNELS[self.begun % len(CHANNELS)]
        self.begun += 1
        self._start("produce", "--channel", channel, "--seconds", str(SECONDS), "--seed", str(self._random.randrange(1_000_000)), "--json")

    def _start(self, *arguments: str) -> None:
        self._process = self._home.start(*arguments)


class Autonomous:
    """An autonomous run over several channels that lasts as long as the siege: nobody looks after it."""

    def __init__(self, up: Up, minutes: float, seed: int) -> None:
        self._up = up
        self._minutes = minutes
        self._seed = seed
        self.begun = 0
        self.resumes = 0

    @property
    def busy(self) -> bool:
        """Whether a run is going on, or a production of it is."""
        try:
            with self._up.database.unit_of_work() as session:
                return bool(AutonomousRunRepository(session).list_open() or RunRepository(session).list_unfinished())
        except DatabaseUnavailable:
            return True

    def runner(self) -> int | None:
        """Return nobody: the conductor drives it, which is a process of the stack."""
        return None

    def turn(self, *, may_begin: bool) -> None:
        """Start the run once; the studio does the rest."""
        if self.begun or not may_begin:
            return
        videos = max(1, round(self._minutes * VIDEOS_PER_MINUTE / len(CHANNELS)))
        about = ("--hours", f"{self._minutes / 60:.4f}", "--channels", ",".join(CHANNELS), "--videos", str(videos), "--seconds", str(SECONDS))
        done = self._up.home.command("runs", "start", *about, "--budget", "5", "--missed", "catch_up", "--seed", str(self._seed), "--json")
        if done.returncode:
            raise NotUp(f"`ytempire runs start` was refused: {done.stdout or done.stderr}")
        self.begun += 1

    def stop(self, within_s: float) -> bool:
        """Wait until the run has ended by its deadline, with everything that it began; say whether it did."""
        gives_up_at = time.monotonic() + within_s
        while self.busy:
            if time.monotonic() > gives_up_at:
                return False
            time.sleep(1.0)
        return True

    def told(self) -> dict[str, Any]:
        """Return how the run ended, and its planned publications by what became of them."""
        with self._up.database.unit_of_work() as session:
            runs = AutonomousRunRepository(session).list_().items
            slots = [slot for run in runs for slot in SlotRepository(session).list_of_run(run.id)]
            late = [(slot.finished_at - slot.publish_at).total_seconds() for slot in slots if slot.status == "published" and slot.finished_at is not None]
            return {
                "runs": [f"{run.status}: {run.ended_reason or run.paused_reason or ''}" for run in runs],
                "slots": dict(Counter(slot.status for slot in slots)),
                "unserved": [f"{slot.channel_id} {slot.status}: {slot.history[-1] if slot.history else ''}" for slot in slots if slot.status != "published"],
                "ready_after_plan_s": {"p50": statistics.median(late), "max": max(late)} if late else {},
            }
