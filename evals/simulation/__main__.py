"""`python -m evals.simulation`: simulate one seed, or several side by side, and tell what each left; exits with 1 when an invariant was broken."""

import argparse
import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

import psutil

from evals.simulation import telling
from evals.simulation.database import SimulatedServer
from evals.simulation.faults import LEVELS, Level
from evals.simulation.kept_reports import KeptReports
from evals.simulation.report import Report
from evals.simulation.series import Crash, Outcome, play_all
from evals.simulation.world_play import Asked, Play
from infra.errors import Invalid, StudioError
from infra.ids import Json, canonical_json
from infra.log import configure_logging
from infra.room import require_room
from infra.settings import Settings, load_settings

EXIT_BROKEN, EXIT_REFUSED, EXIT_INTERRUPTED = 1, 2, 130
# A database with its log, and small files in place of films.
_ROOM_BYTES, _MOST_SEEDS, _MOST_JOBS = 1_500_000_000, 1000, 64
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it  # nosec B108
_PREFIX = "ytempire-simulation-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate what the arguments ask for."""
    chosen = _parser().parse_args(arguments)
    configure_logging("CRITICAL")
    try:
        seeds, jobs = _seeds(chosen.seed, chosen.seeds), _jobs(chosen.jobs)
        asked = [Asked(seed, chosen.hours, chosen.channels, _level(chosen.faults)) for seed in seeds]
        reports = KeptReports(chosen.report) if chosen.report is not None else None
        return _one(asked[0], reports, chosen.json) if len(asked) == 1 else _series(asked, jobs, reports, chosen.json)
    except StudioError as error:
        _refuse(error, chosen.json)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def simulate(asked: Asked, settings: Settings) -> Report:
    """Simulate one seed, on a server of its own. It leaves its event log in the home's logs."""
    # A studio makes few cycles and much else: looking for them as often as usual takes a tenth of the time.
    gc.set_threshold(100_000, 20, 50)
    with _scratch(settings) as scratch, SimulatedServer(scratch).running() as server:
        home = scratch / "studio"
        (home / "cache").mkdir(parents=True)
        # Models are built once for all studios of this machine.
        models = settings.cache_root / "models"
        models.mkdir(parents=True, exist_ok=True)
        (home / "cache" / "models").symlink_to(models.resolve(), target_is_directory=True)
        play = Play(asked, server.new_database("studio"), home, Settings(_env_file=None))
        with play.engine.log.kept_in(settings.home / "logs" / f"simulation-{asked.seed}.log"):
            return play.run()


def _one(asked: Asked, reports: KeptReports | None, as_json: bool) -> int:
    report = reports.known([asked]).get(asked.seed) if reports is not None else None
    if report is None:
        report = simulate(asked, load_settings())
        if reports is not None:
            reports.add(report)
    _say(canonical_json(_told(report)).decode() if as_json else "\n".join(telling.whole(report)))
    return 0 if report.kept else EXIT_BROKEN


def _series(asked: Sequence[Asked], jobs: int, reports: KeptReports | None, as_json: bool) -> int:
    """Simulate every seed that is in no report yet, tell each as it ends, and all of them in the end, also when interrupted."""
    known = reports.known(asked) if reports is not None else {}
    outcomes: dict[int, Outcome] = dict(known)
    beside = sys.stderr if as_json else sys.stdout
    for one in asked:
        if one.seed in known:
            _say("\n".join(telling.brief(one, known[one.seed], known=True)), beside)
    try:
        with closing(play_all([one for one in asked if one.seed not in known], jobs)) as playing:
            for one, outcome in playing:
                outcomes[one.seed] = outcome
                if reports is not None and isinstance(outcome, Report):
                    reports.add(outcome)
                _say("\n".join(telling.brief(one, outcome)), beside)
    finally:
        ordered = [outcomes[seed] for seed in sorted(outcomes)]
        _say(telling.summary(ordered, len(asked)), beside)
        if as_json:
            _say(canonical_json([_told(outcome) for outcome in ordered]).decode())
    return 0 if all(isinstance(outcome, Report) and outcome.kept for outcome in ordered) else EXIT_BROKEN


def _told(outcome: Outcome) -> Json:
    if isinstance(outcome, Crash):
        message = f"seed {outcome.seed} ended with code {outcome.code} and no report"
        return {"seed": outcome.seed, "error": {"code": "simulation_crashed", "message": message, "said": list(outcome.said)}}
    told: Json = outcome.model_dump(mode="json")
    return told


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.simulation", description=__doc__)
    parser.add_argument("--hours", type=float, default=72.0, help="simulated hours")
    parser.add_argument("--channels", type=int, default=15, help="channels of the studio")
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from --seed on")
    parser.add_argument("--jobs", type=int, default=1, help="how many seeds at a time; each takes a core and 1.5 GB")
    parser.add_argument("--report", type=Path, help="a file that gets one JSON line a seed; seeds that are in it already are not played again")
    parser.add_argument("--faults", default="standard", help="none, standard or hostile")
    parser.add_argument("--json", action="store_true", help="print JSON: an object for one seed, a list for several")
    return parser


def _seeds(first: int, count: int) -> range:
    if first < 0:
        raise Invalid(f"--seed: {first} is negative; give 0 or more")
    if not 1 <= count <= _MOST_SEEDS:
        raise Invalid(f"--seeds: {count} is outside 1 to {_MOST_SEEDS}; give a number within it")
    return range(first, first + count)


def _jobs(jobs: int) -> int:
    if not 1 <= jobs <= _MOST_JOBS:
        raise Invalid(f"--jobs: {jobs} is outside 1 to {_MOST_JOBS}; give a number within it, at most one a core")
    return jobs


def _level(name: str) -> Level:
    for level in LEVELS:
        if level == name:
            return level
    raise Invalid(f"--faults: {name!r} is unknown; give one of {', '.join(LEVELS)}")


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """Make a folder for the server and the studio, in memory where there is room, and remove it in the end, with what killed simulations left."""
    quick = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    if not quick:
        require_room(settings.home, _ROOM_BYTES, "a simulation")
        settings.home.mkdir(parents=True, exist_ok=True)
    place = _MEMORY if quick else settings.home
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Remove the folders of simulations that were killed: their names tell whose they were."""
    for left in place.glob(f"{_PREFIX}*-*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _refuse(error: StudioError, as_json: bool) -> None:
    """Say why nothing was simulated, in the form of every other verb."""
    told = {"error": {"code": error.code, "message": error.message, "retryable": error.retryable, "details": error.details}}
    (sys.stdout if as_json else sys.stderr).write(canonical_json(told).decode() + "\n" if as_json else f"error: {error.message}\n")


def _say(text: str, where: TextIO | None = None) -> None:
    stream = where or sys.stdout
    stream.write(text + "\n")
    stream.flush()


if __name__ == "__main__":
    # Told to end, it ends as an interrupted one does, also where a shell had it ignore interrupts: the server is stopped and its folder removed.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    raise SystemExit(main())
