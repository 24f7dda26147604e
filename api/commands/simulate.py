"""`ytempire simulate`: days of the studio in minutes, on a virtual clock and against everything that can go wrong."""

import subprocess
import sys
from typing import Annotated

import typer

from infra.settings import CHECKOUT


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="simulate")(simulate)


def simulate(  # noqa: PLR0913 - one parameter an option
    hours: Annotated[float, typer.Option(help="Simulated hours, 1 to 336.")] = 72.0,
    channels: Annotated[int, typer.Option(help="Channels of the studio.")] = 15,
    seed: Annotated[int, typer.Option(help="Everything is drawn from it, and happens again for the same one.")] = 1,
    seeds: Annotated[int, typer.Option(help="How many seeds to simulate, one after the other, from --seed on.")] = 1,
    faults: Annotated[str, typer.Option(help="none, standard or hostile.")] = "standard",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each seed.")] = False,
) -> None:
    """Simulate the studio and watch seven invariants; exits with 1 when one was broken, and names the seed that shows it again."""
    arguments = ["--hours", f"{hours:g}", "--channels", str(channels), "--seed", str(seed), "--seeds", str(seeds), "--faults", faults]
    # A process of its own: the simulator replaces the clock, the ids and the connections of the process it runs in.
    argv = [sys.executable, "-m", "evals.simulation", *arguments, *(["--json"] if as_json else [])]
    code = subprocess.run(argv, cwd=CHECKOUT, check=False).returncode
    if code:
        raise typer.Exit(code)
