"""`ytempire sandbox`: stand-ins of the outside services on this machine, with a script of faults and a record of every request."""

import json
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from infra.settings import load_settings
from tools.sandbox import Sandbox
from tools.sandboxes import SHELF, EffectRecord, StandIn, chosen, load_faults, read_script

_NAMES = ", ".join(one.name for one in SHELF)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="sandbox")(sandbox)


def sandbox(
    only: Annotated[str, typer.Option(help=f"Services, separated by commas: {_NAMES}. Default: all.")] = "",
    port: Annotated[int, typer.Option(min=0, max=65000, help="First port; the services take this one and the next ones. 0: free ones.")] = 0,
    faults: Annotated[Path | None, typer.Option(help="TOML file of [[fault]] tables: service, path, kind, times or plays, status ...")] = None,
    record: Annotated[Path | None, typer.Option(help="File that gets a JSON line for every request; default: sandbox.jsonl in the studio's logs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Serve stand-ins of outside services on this machine until stopped; prints the variables that send a studio to them."""
    wanted = chosen(tuple(name.strip() for name in only.split(",") if name.strip()))
    script = read_script(faults) if faults is not None else ()
    path = record if record is not None else load_settings().home / "logs" / "sandbox.jsonl"
    effects = EffectRecord(path.expanduser())
    with ExitStack() as running:
        variables: dict[str, str] = {}
        for number, one in enumerate(wanted):
            server = Sandbox(one.make(), port=port + number if port else 0, observe=effects.observer(one.name))
            load_faults(server.faults, one.name, script)
            variables |= one.variables(running.enter_context(server).url)
        stop = _stop_signal(running)
        typer.echo(_told(wanted, variables, path, as_json))
        stop.wait()


def _stop_signal(running: ExitStack) -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.callback(signal.signal, number, signal.signal(number, lambda *_: stop.set()))
    return stop


def _told(wanted: tuple[StandIn, ...], variables: dict[str, str], record: Path, as_json: bool) -> str:
    if as_json:
        return json.dumps({"services": [one.name for one in wanted], "environment": variables, "record": str(record)})
    lines = [f"stand-ins of {', '.join(one.name for one in wanted)} run until Ctrl-C; every request is written to {record}"]
    return "\n".join([*lines, "to send a studio to them:", *(f"  export {name}={value}" for name, value in variables.items())])
