"""`ytempire simulate`: days of the studio in minutes, on a virtual clock and against everything that can go wrong."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.processes import environment
from infra.settings import CHECKOUT


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="simulate")(simulate)


def simulate(  # noqa: PLR0913 - one parameter an option
    hours: Annotated[float, typer.Option(help="Simulated hours, 1 to 336.")] = 72.0,
    channels: Annotated[int, typer.Option(help="Channels of the studio.")] = 15,
    seed: Annotated[int, typer.Option(help="Everything is drawn from it, and happens again for the same one.")] = 1,
    seeds: Annotated[int, typer.Option(help="How many seeds to simulate, from --seed on.")] = 1,
    jobs: Annotated[int, typer.Option(help="How many seeds at a time; each takes a core and 1.5 GB.")] = 1,
    report: Annotated[Path | None, typer.Option(help="A file that gets one JSON line a seed. Seeds that are in it already are not played again.")] = None,
    faults: Annotated[str, typer.Option(help="none, standard or hostile.")] = "standard",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: an object for one seed, a list for several.")] = False,
) -> None:
    """Simulate the studio and watch seven invariants; exits with 1 when one was broken, and prints the command that shows it again."""
    arguments = ["--hours", f"{hours:g}", "--channels", str(channels), "--seed", str(seed), "--seeds", str(seeds), "--jobs", str(jobs), "--faults", faults]
    arguments += ["--report", str(report.absolute())] if report is not None else []
    argv = [sys.executable, "-m", "evals.simulation", *arguments, *(["--json"] if as_json else [])]
    # The simulator replaces the clock, the ids and the connections of its process. It takes this one's place, so that signals reach it directly.
    os.chdir(CHECKOUT)
    os.execve(sys.executable, argv, environment())  # noqa: S606 - our own module  # nosec B606
