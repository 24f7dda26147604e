"""`python -m evals.simulation`: simulate one seed or several in a row, and tell what each left; exits with 1 when an invariant was broken."""

import argparse
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evals.simulation.database import SimulatedServer
from evals.simulation.faults import LEVELS, Level
from evals.simulation.report import Report
from evals.simulation.world_play import Asked, Play
from infra.errors import Invalid, StudioError
from infra.ids import canonical_json
from infra.log import configure_logging
from infra.room import require_room
from infra.settings import Settings, load_settings

EXIT_BROKEN, EXIT_REFUSED = 1, 2
# A database with its log, and small files in place of films.
_ROOM_BYTES, _MOST_SEEDS = 1_500_000_000, 1000
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate what the arguments ask for."""
    chosen = _parser().parse_args(arguments)
    configure_logging("CRITICAL")
    try:
        seeds = _seeds(chosen.seed, chosen.seeds)
        asked = [Asked(seed, chosen.hours, chosen.channels, _level(chosen.faults)) for seed in seeds]
        kept = [_told(report, chosen.json) for report in simulate(asked, load_settings())]
    except StudioError as error:
        _refuse(error, chosen.json)
        return EXIT_REFUSED
    return 0 if all(kept) else EXIT_BROKEN


def simulate(asked: Sequence[Asked], settings: Settings) -> Iterator[Report]:
    """Yield the report of each simulation; they share a server, and nothing else. Each leaves its event log in the home's logs."""
    logs = settings.home / "logs"
    # A studio makes few cycles and much else: looking for them as often as usual takes a tenth of the time.
    gc.set_threshold(100_000, 20, 50)
    with _scratch(settings) as scratch, SimulatedServer(scratch).running() as server:
        for number, one in enumerate(asked):
            home = scratch / f"studio-{number}"
            (home / "cache").mkdir(parents=True)
            # Models are built once for all studios of this machine.
            models = settings.cache_root / "models"
            models.mkdir(parents=True, exist_ok=True)
            (home / "cache" / "models").symlink_to(models.resolve(), target_is_directory=True)
            play = Play(one, server.new_database(f"studio_{number}"), home, Settings(_env_file=None))
            with play.engine.log.kept_in(logs / f"simulation-{one.seed}.log"):
                report = play.run()
            shutil.rmtree(home, ignore_errors=True)
            yield report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.simulation", description=__doc__)
    parser.add_argument("--hours", type=float, default=72.0, help="simulated hours")
    parser.add_argument("--channels", type=int, default=15, help="channels of the studio")
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from --seed on")
    parser.add_argument("--faults", default="standard", help="none, standard or hostile")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line for each seed")
    return parser


def _seeds(first: int, count: int) -> range:
    if first < 0:
        raise Invalid(f"--seed: {first} is negative; give 0 or more")
    if not 1 <= count <= _MOST_SEEDS:
        raise Invalid(f"--seeds: {count} is outside 1 to {_MOST_SEEDS}; give a number within it")
    return range(first, first + count)


def _level(name: str) -> Level:
    for level in LEVELS:
        if level == name:
            return level
    raise Invalid(f"--faults: {name!r} is unknown; give one of {', '.join(LEVELS)}")


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """Make a folder for the servers and studios, in memory where there is room, and remove it in the end."""
    quick = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    if not quick:
        require_room(settings.home, _ROOM_BYTES, "a simulation")
        settings.home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"ytempire-simulation-{os.getpid()}-", dir=_MEMORY if quick else settings.home))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse(error: StudioError, as_json: bool) -> None:
    """Say why nothing was simulated, in the form of every other verb."""
    told = {"error": {"code": error.code, "message": error.message, "retryable": error.retryable, "details": error.details}}
    (sys.stdout if as_json else sys.stderr).write(canonical_json(told).decode() + "\n" if as_json else f"error: {error.message}\n")


def _told(report: Report, as_json: bool) -> bool:
    """Write one report down and say whether every invariant held."""
    if as_json:
        sys.stdout.write(canonical_json(report.model_dump(mode="json")).decode() + "\n")
    else:
        sys.stdout.write("\n".join(_lines(report)) + "\n")
    sys.stdout.flush()
    return report.kept


def _lines(report: Report) -> list[str]:
    broken = [name for name, kept in report.invariants.items() if not kept]
    return [
        f"seed {report.seed}: {report.hours:g} simulated hours x {report.channels} channels, {report.level} faults, in {report.wall_s:.0f} s",
        f"  published {report.published}, due {report.due}, on time {report.on_time}, duplicates {report.duplicates}, "
        f"unapproved {report.unapproved}, lost {report.lost}",
        f"  {sum(report.faults.values())} faults, recovery p50 {report.recovery_s.p50:.1f} s, max {report.recovery_s.max:.1f} s, "
        f"uptime {100 * report.uptime:.2f} %",
        f"  invariants {'all kept' if not broken else 'BROKEN: ' + ', '.join(broken)}; log {report.log_sha256}",
        *(f"  {violation}" for violation in report.violations),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
