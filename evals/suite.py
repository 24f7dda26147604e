"""What `make test` and `make check` run: every block with its budget, all of them even when one fails."""

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from defusedxml import ElementTree
from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# What `make test` may take on two otherwise idle cores; downloads and installs are not counted.
LIMIT_S = 1500


@dataclass(frozen=True)
class Block:
    """One part of the suite. The budget is for two cores; a block over budget is reported, a failing one fails the suite.

    One of `tests` is pytest: it is asked how many tests it ran, and fails when that is none.
    """

    name: str
    argv: tuple[str, ...]
    budget_s: int
    quick: bool = False
    tests: bool = False


# Blocks that follow each other on one core; the lanes of a step run side by side.
Lane = tuple[Block, ...]
Step = tuple[Lane, ...]


@dataclass(frozen=True)
class Outcome:
    """How a block went."""

    block: Block
    failure: str
    took_s: float
    counts: str = ""

    def told(self) -> str:
        """Say it in one line."""
        over = "  OVER BUDGET" if self.took_s > self.block.budget_s else ""
        verdict = f"failed ({self.failure})" if self.failure else "passed"
        return f"{verdict} {self.took_s:7.1f} s of {self.block.budget_s:4d} s{over}  {self.block.name}{f': {self.counts}' if self.counts else ''}"


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(BIN / name), *arguments)


def _pytest(processes: int, *arguments: str) -> tuple[str, ...]:
    # Tests of kills and races run on shared machines: one that fails is run once more and then shown as rerun, never hidden.
    return _tool("pytest", "-q", "-rR", "--reruns", "1", "--durations=10", "-n", str(processes), "--dist", "loadfile", *arguments)


# Bandit warns of every line beside one on which it was told to be silent; what it finds is told all the same.
_BANDIT = "import logging; logging.disable(logging.WARNING); from bandit.cli.main import main; main()"


def _console(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "api.console.npm", "run", "--silent", name, *arguments)


PACKAGES = ("infra", "memory", "tools", "agents", "graphs", "api", "evals", "tests")

# Quick blocks are what `make check` runs as well.
STEPS: tuple[Step, ...] = (
    (
        (
            Block("types", _tool("mypy", *PACKAGES), 85, quick=True),
            Block("console: build", (sys.executable, "-m", "api.console.build"), 15),
            Block("console: weight", _console("weight"), 3),
        ),
        (
            Block("format", _tool("ruff", "format", "--check", "-q", "."), 5, quick=True),
            Block("lint", _tool("ruff", "check", "-q", "."), 5, quick=True),
            Block("unsafe constructs", (sys.executable, "-c", _BANDIT, "-q", "-c", "pyproject.toml", "-r", *PACKAGES[:-1]), 20, quick=True),
            Block("import contracts", _tool("lint-imports", "--no-cache"), 25, quick=True),
            Block("architecture", _tool("pytest", "-q", "tests/test_architecture.py"), 30, quick=True, tests=True),
            Block("console: client is of the schema", _console("client:check"), 5, quick=True),
            Block("console: types", _console("types"), 16, quick=True),
            Block("console: lint", _console("lint"), 40, quick=True),
        ),
    ),
    # Quick tests wait for processes, locks and clocks, so that a third one finds time on two cores; slow ones have stacks of their own and would share it.
    ((Block("tests", _pytest(3, "-m", "not slow", "tests", "--deselect", "tests/test_architecture.py"), 570, quick=True, tests=True),),),
    # The longest files are begun first, so that the processes end together.
    ((Block("slow tests, real productions, kills", _pytest(2, "--no-loadscope-reorder", "-m", "slow", "tests"), 635, tests=True),),),
    (
        (
            Block("evals gate", (sys.executable, "-m", "evals.run"), 35),
            Block("console: tests", _console("test"), 65, quick=True),
        ),
        # One video's life, which waits for most of its time; `make e2e` shows every screen and measures. Left out where the machine has no Chromium.
        (Block("console: in a browser", _console("e2e:brief"), 145),),
    ),
)


def budget_of(steps: Sequence[Step]) -> int:
    """Return the seconds that the steps may take: of lanes that run side by side, the longest counts."""
    return sum(max(sum(block.budget_s for block in lane) for lane in step) for step in steps)


def quick(steps: Sequence[Step]) -> list[Step]:
    """Return the quick blocks of the steps, in the same order."""
    kept = [tuple(tuple(block for block in lane if block.quick) for lane in step) for step in steps]
    return [lanes for step in kept if (lanes := tuple(lane for lane in step if lane))]


def run(steps: Sequence[Step], console: Console) -> list[Outcome]:
    """Run the steps in order, the lanes of each side by side, and return how each block went."""
    said = threading.Lock()
    outcomes: list[Outcome] = []
    for step in steps:
        with ThreadPoolExecutor(len(step)) as lanes:
            for found in lanes.map(partial(_run_lane, console=console, said=None if len(step) == 1 else said), step):
                outcomes += found
    return outcomes


def _run_lane(lane: Lane, console: Console, said: "threading.Lock | None") -> list[Outcome]:
    return [_run(block, console, said) for block in lane]


def _run(block: Block, console: Console, said: "threading.Lock | None") -> Outcome:
    """Run a block; its output comes as it is written, or, beside others that share `said`, in one piece at its end."""
    title = f"{block.name} (budget {block.budget_s} s)"
    with tempfile.TemporaryDirectory(prefix="ytempire-suite-") as folder:
        report, output = Path(folder) / "report.xml", Path(folder) / "output"
        argv = [*block.argv, f"--junitxml={report}"] if block.tests else block.argv
        started = time.monotonic()
        if said is None:
            console.rule(title)
            code = subprocess.run(argv, cwd=ROOT, check=False).returncode
        else:
            with output.open("wb") as writer:
                code = subprocess.run(argv, cwd=ROOT, check=False, stdout=writer, stderr=subprocess.STDOUT).returncode
        took = time.monotonic() - started
        if said is not None:
            with said:
                console.rule(title)
                console.print(output.read_text(errors="replace"), markup=False, highlight=False, end="")
        ran, counts = _counted(report) if block.tests else (1, "")
    failure = f"exit {code}" if code else "" if ran else "ran no test"
    return Outcome(block, failure, took, counts)


def _counted(report: Path) -> tuple[int, str]:
    """Return how many tests pytest ran to an end, and that in words."""
    if not report.exists():
        return 0, "no report"
    totals = {name: sum(int(suite.get(name, 0)) for suite in ElementTree.parse(report).iter("testsuite")) for name in ("tests", "skipped")}
    ran = totals["tests"] - totals["skipped"]
    return ran, f"{ran} tests" + (f", {totals['skipped']} skipped" if totals["skipped"] else "")


def main() -> int:
    """Run `all` or `quick` and exit non-zero when a block failed."""
    console = Console(width=shutil.get_terminal_size((120, 20)).columns)
    steps = list(STEPS) if len(sys.argv) < 2 or sys.argv[1] == "all" else quick(STEPS)
    started = time.monotonic()
    outcomes = run(steps, console)
    took = time.monotonic() - started
    console.rule("summary")
    for outcome in outcomes:
        console.print(outcome.told(), markup=False, highlight=False, soft_wrap=True)
    budget = budget_of(steps)
    console.print(f"together {took:.0f} s; the budgets allow {budget} s, side by side counted once, and the limit is {LIMIT_S} s", highlight=False)
    failed = sum(bool(outcome.failure) for outcome in outcomes)
    console.print(f"{len(outcomes) - failed} passed, {failed} failed", highlight=False)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
