"""Chaos: kill -9 one process of the studio at a random moment of a production, resume, and count what exists."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.ids import seeded
from infra.processes import environment

TARGETS = ("orchestrator", "worker", "dispatcher", "redis", "postgres")
COMMAND = Path(sys.executable).parent / "ytempire"
PRODUCE_WITHIN_S = 600.0
RESUMES = 3
SECONDS = 10


@dataclass(frozen=True)
class Point:
    """One kill: which process, after which share of an undisturbed production."""

    number: int
    target: str
    share: float


@dataclass(frozen=True)
class Verdict:
    """What a point left behind; `problems` is empty when every promise held."""

    point: Point
    status: str
    killed: int | None
    resumes: int
    took_s: float
    problems: tuple[str, ...]


def draw_points(count: int, seed: int) -> list[Point]:
    """Draw `count` points; the same seed draws the same ones, and every target comes up in turn."""
    random = seeded("chaos", seed)
    return [Point(number, TARGETS[number % len(TARGETS)], round(random.uniform(0.05, 0.95), 3)) for number in range(count)]


def run_points(points: list[Point], place: Path, console: Console) -> list[Verdict]:
    """Run every point in a home of its own under `place`; caches that cost minutes to build are taken over from a first, undisturbed run."""
    calm = place / "calm home"
    started = time.monotonic()
    first = _command(calm, "produce", "--seconds", str(SECONDS), "--json")
    calm_s = time.monotonic() - started
    problems = () if first.returncode == 0 else (f"the undisturbed production failed: {first.stderr[-2000:]}",)
    if problems:
        return [Verdict(Point(-1, "none", 0.0), "failed", None, 0, calm_s, problems)]
    console.print(f"undisturbed: {calm_s:.1f} s", highlight=False)
    verdicts = []
    for point in points:
        verdict = _run_point(point, _home(place, f"point {point.number}", calm), calm_s)
        verdicts.append(verdict)
        console.print(f"{'FAILED ' if verdict.problems else 'held   '}{asdict(verdict)}", markup=False, highlight=False, soft_wrap=True)
    return verdicts


def _home(place: Path, name: str, calm: Path) -> Path:
    home = place / name
    home.mkdir()
    shutil.copytree(calm / "cache", home / "cache", ignore=shutil.ignore_patterns("keys"))
    return home


def _run_point(point: Point, home: Path, calm_s: float) -> Verdict:
    started = time.monotonic()
    process = subprocess.Popen(
        [COMMAND, "produce", "--seconds", str(SECONDS), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_env(home),
        text=True,
        start_new_session=True,
    )
    killed = None
    try:
        while process.poll() is None and time.monotonic() - started < point.share * calm_s:
            time.sleep(0.05)
        killed = _kill(point.target, home, process.pid)
        process.communicate(timeout=PRODUCE_WITHIN_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    resumes, runs = 0, _runs(home)
    while resumes < RESUMES and any(run["status"] == "running" for run in runs):
        _command(home, "resume", "--json")
        resumes, runs = resumes + 1, _runs(home)
    status, problems = _judge(home, runs)
    verdict = Verdict(point, status, killed, resumes, round(time.monotonic() - started, 1), tuple(problems))
    if not problems:
        shutil.rmtree(home, ignore_errors=True)
    return verdict


def _judge(home: Path, runs: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Compare what exists with what was promised: one run, published once, and no job completed twice."""
    if not runs:
        # Killed before the run was written down: nothing was promised, so nothing may exist.
        published = list((home / "library").glob("*/*--*"))
        return "never begun", [f"{len(published)} publications of no run"] if published else []
    problems = [] if len(runs) == 1 else [f"{len(runs)} runs instead of one"]
    record: dict[str, Any] = json.loads(_command(home, "runs", "show", runs[0]["run_id"], "--json").stdout)
    if record["status"] != "published":
        problems.append(f"the run is {record['status']}: {record['error'] or record['outcome']}")
    if len(record["publications"]) != 1 or record["publications"][0]["state"] != "verified":
        problems.append(f"publications: {record['publications']}")
    entries = list((home / "library").glob("*/*--*"))
    if len(entries) != 1:
        problems.append(f"the library holds {len(entries)} entries")
    problems += [f"{job['tool']} completed {job['completions']} times" for job in record["jobs"] if job["completions"] > 1]
    problems += [f"{job['tool']} is {job['state']}" for job in record["jobs"] if job["state"] not in {"done", "cancelled"}]
    left = [pid for pid, _ in _processes(home)]
    if left:
        problems.append(f"processes left running: {left}")
    return record["status"], problems


def _runs(home: Path) -> list[dict[str, Any]]:
    """Return the home's runs; a stack that cannot start after a kill is a broken promise, so an error of the command escapes."""
    listed = _command(home, "runs", "--json")
    if listed.returncode != 0:
        raise RuntimeError(f"`ytempire runs` failed in {home}: {listed.stderr[-2000:] or listed.stdout[-2000:]}")
    found: list[dict[str, Any]] = json.loads(listed.stdout)["runs"]
    return found


def _kill(target: str, home: Path, orchestrator: int) -> int | None:
    """Send SIGKILL to one process of that kind; None when there is none at this moment."""
    if target == "orchestrator":
        found = [orchestrator]
    else:
        marks = {"worker": "tools.worker", "dispatcher": "tools.dispatch", "redis": "redis-server", "postgres": "postgres"}
        found = [pid for pid, line in _processes(home) if marks[target] in line and not (target == "postgres" and _parent_is(pid, "postgres"))]
    for pid in found[:1]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        return pid
    return None


def _processes(home: Path) -> Iterator[tuple[int, str]]:
    """Yield the living processes of a home: those whose environment, command line or working folder names it."""
    mark = str(home).encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
            if line and (mark in (entry / "environ").read_bytes() or mark in line or os.readlink(entry / "cwd").startswith(str(home))):
                yield int(entry.name), line.replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue


def _parent_is(pid: int, name: str) -> bool:
    try:
        parent = int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        return name in (Path("/proc") / str(parent) / "comm").read_text()
    except (OSError, ValueError):
        return False


def _env(home: Path) -> dict[str, str]:
    return environment(YTEMPIRE_HOME=str(home), YTEMPIRE_NETWORK="off")


def _command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], env=_env(home), capture_output=True, text=True, timeout=PRODUCE_WITHIN_S, check=False)


def main() -> int:
    """Run the points that the command line asks for; exit 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="chaos ") as place:
        verdicts = run_points(draw_points(options.points, options.seed), Path(place), console)
    broken = [verdict for verdict in verdicts if verdict.problems]
    console.print(f"{len(verdicts) - len(broken)} of {len(verdicts)} points held (seed {options.seed})", highlight=False)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
