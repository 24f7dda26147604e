"""What `make test` and `make check` run: every block with its budget, all of them even when one fails."""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Block:
    """One part of the suite. The budget is for two cores; a block over budget is reported, a failing one fails the suite."""

    name: str
    argv: tuple[str, ...]
    budget_s: int
    quick: bool = False


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(BIN / name), *arguments)


def _pytest(*arguments: str) -> tuple[str, ...]:
    # Tests of kills and races run on shared machines: one that fails is run once more and then shown as rerun, never hidden.
    return _tool("pytest", "-q", "-rR", "--reruns", "1", "--durations=10", *arguments)


_LONG = ("--ignore=tests/e2e", "--ignore=tests/chaos")
PACKAGES = ("infra", "memory", "tools", "agents", "graphs", "api", "evals", "tests")

BLOCKS = (
    Block("format", _tool("ruff", "format", "--check", "-q", "."), 5, quick=True),
    Block("lint", _tool("ruff", "check", "-q", "."), 5, quick=True),
    Block("import contracts", _tool("lint-imports", "--no-cache"), 15, quick=True),
    Block("architecture", _tool("pytest", "-q", "tests/test_architecture.py"), 20, quick=True),
    Block("types", _tool("mypy", *PACKAGES), 80, quick=True),
    Block("tests", _pytest("-n", "2", "--dist", "loadfile", "-m", "not slow", "tests", *_LONG), 430, quick=True),
    Block("slow tests", _pytest("-n", "2", "--dist", "loadfile", "-m", "slow", "tests", *_LONG), 270),
    Block("evals gate", (sys.executable, "-m", "evals.run"), 45),
    Block("real productions and a rehearsal, a kill of each kind", _pytest("tests/e2e", "tests/chaos"), 600),
)


def run(blocks: tuple[Block, ...], console: Console) -> list[str]:
    """Run the blocks in order and return the names of the failed ones."""
    failed = []
    rows = []
    for block in blocks:
        console.rule(f"{block.name} (budget {block.budget_s} s)")
        started = time.monotonic()
        code = subprocess.run(block.argv, cwd=ROOT, check=False).returncode
        took = time.monotonic() - started
        if code != 0:
            failed.append(block.name)
        rows.append(
            f"{'failed' if code else 'passed':7} {took:7.1f} s of {block.budget_s:4d} s{'  OVER BUDGET' if took > block.budget_s else ''}  {block.name}"
        )
    console.rule("summary")
    for row in rows:
        console.print(row, highlight=False)
    return failed


def main() -> int:
    """Run `all` or `quick` and exit non-zero when a block failed."""
    console = Console(width=shutil.get_terminal_size((120, 20)).columns)
    wanted = sys.argv[1] if len(sys.argv) > 1 else "all"
    blocks = BLOCKS if wanted == "all" else tuple(block for block in BLOCKS if block.quick)
    failed = run(blocks, console)
    console.print(f"{len(blocks) - len(failed)} passed, {len(failed)} failed", highlight=False)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
