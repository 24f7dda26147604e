"""`ytempire sandbox`: stand-ins of the outside services on this machine, with a script of faults and a record of every request."""

from pathlib import Path
from typing import Annotated

import typer

from infra.settings import load_settings
from tools.registry import load_constant


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="sandbox")(sandbox)


def sandbox(
    only: Annotated[str, typer.Option(help="Services, separated by commas, such as openai,youtube. Default: all but stripe.")] = "",
    port: Annotated[int, typer.Option(min=0, max=65000, help="First port; the services take this one and the next ones. 0: free ones.")] = 0,
    faults: Annotated[
        Path | None, typer.Option(help="TOML file of [[fault]] tables: service, path, method, kind, skip, times or plays, seconds, status ...")
    ] = None,
    record: Annotated[Path | None, typer.Option(help="File that gets a JSON line for every request; default: sandbox.jsonl in the studio's logs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: one object, then a line for every request that a fault makes wait.")] = False,
) -> None:
    """Serve stand-ins of outside services on this machine until stopped; prints the variables that send a studio to them."""
    names = tuple(name.strip() for name in only.split(",") if name.strip())
    path = record if record is not None else load_settings().home / "logs" / "sandbox.jsonl"
    # The stand-ins bring every vendor's library: they are loaded when they are served, so that the other verbs start without them.
    load_constant("api.standing_in:serve")(names, port, faults, path.expanduser(), as_json)
