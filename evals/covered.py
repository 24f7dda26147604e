"""What `make coverage` runs: the quick tests, with every Python that they start measured, then a table by package and the floors.

What a compiler takes over from Python (the loops of the renderer) is never seen running, and a process that is killed cannot say what it ran: both count
as not covered.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.suite import ROOT

FOLDER = ROOT / "var" / "coverage"
WHOLE = "whole"
# The name that pyproject gives the data; each process adds its own ending.
_DATA = "data"
# Shares of lines. A selection of tests is not held to them, since it proves nothing about the rest.
FLOORS: Mapping[str, float] = {"api": 0.90, WHOLE: 0.85}
_PYTEST = ("-q", "-rR", "--reruns", "1", "-n", "2", "--dist", "loadfile")
_QUICK = ("-m", "not slow", "tests")


@dataclass(frozen=True)
class Share:
    """How much of a package ran: lines, and ways that a branch can go."""

    name: str
    lines: int
    lines_run: int
    branches: int
    branches_run: int

    @property
    def of_lines(self) -> float:
        """The share of lines that ran, 0 to 1; of nothing nothing ran."""
        return self.lines_run / self.lines if self.lines else 0.0

    @property
    def of_branches(self) -> float:
        """The share of ways that were gone, 0 to 1."""
        return self.branches_run / self.branches if self.branches else 1.0


def shares_of(report: Mapping[str, Any]) -> list[Share]:
    """Return the share of each package and of the whole, from what `coverage json` wrote."""
    totals: dict[str, list[int]] = {}
    for path, about in report["files"].items():
        found = about["summary"]
        counts = (found["num_statements"], found["covered_lines"], found.get("num_branches", 0), found.get("covered_branches", 0))
        for name in (Path(path).parts[0], WHOLE):
            totals[name] = [sum(pair) for pair in zip(totals.get(name, (0, 0, 0, 0)), counts, strict=True)]
    whole = totals.pop(WHOLE, [0, 0, 0, 0])
    return [*(Share(name, *counts) for name, counts in sorted(totals.items())), Share(WHOLE, *whole)]


def below(shares: Iterable[Share], floors: Mapping[str, float]) -> list[str]:
    """Return what falls short of its floor, in words; a floor of what was not measured falls short too."""
    found = {share.name: share.of_lines for share in shares}
    return [f"{name}: {found.get(name, 0.0):.1%} of lines, {floor:.0%} wanted" for name, floor in floors.items() if found.get(name, 0.0) < floor]


def table_of(shares: Iterable[Share]) -> Table:
    """Return the shares as a table."""
    table = Table("package", box=None, pad_edge=False)
    for heading in ("lines", "run", "share", "branches", "share"):
        table.add_column(heading, justify="right")
    for one in shares:
        table.add_row(one.name, f"{one.lines}", f"{one.lines_run}", f"{one.of_lines:.1%}", f"{one.branches}", f"{one.of_branches:.1%}")
    return table


def _coverage(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT, check=False).returncode


def main(selection: Sequence[str]) -> int:
    """Measure the quick tests, or a selection of them given as pytest takes it; exit non-zero when one failed or a floor is undercut."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    failed = _coverage("run", "-m", "pytest", *_PYTEST, *(selection or _QUICK))
    report = FOLDER / "coverage.json"
    merged = _coverage("combine", "-q")
    lost = list(FOLDER.glob(f"{_DATA}.*"))
    for left in lost:
        left.unlink()
    if merged or _coverage("json", "-q", "-o", str(report)):
        return 1
    with (FOLDER / "missing.txt").open("wb") as missing:
        subprocess.run([sys.executable, "-m", "coverage", "report", "-m", "--skip-covered"], cwd=ROOT, check=False, stdout=missing)
    shares = shares_of(json.loads(report.read_text("utf-8")))
    console = Console(soft_wrap=True)
    console.print(table_of(shares))
    if lost:
        console.print(f"{len(lost)} processes were killed while they wrote what they had run; that is missing", highlight=False)
    console.print(f"lines and branches that did not run: {FOLDER / 'missing.txt'}", markup=False, highlight=False)
    short = [] if selection else below(shares, FLOORS)
    for line in short:
        console.print(f"too little: {line}", markup=False, highlight=False)
    return 1 if failed or short else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
