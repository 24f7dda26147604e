"""Serving stand-ins until told to stop, and saying how to send a studio to them."""

import json
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import typer

from tools.sandbox import Fault, Sandbox, SeenRequest, Watcher
from tools.sandboxes import EffectRecord, StandIn, chosen, load_faults, read_script


def serve(names: tuple[str, ...], port: int, faults: Path | None, record: Path, as_json: bool) -> None:
    """Serve the stand-ins of those names (all for none) with a script of faults; raises Invalid for a bad name or script before any starts."""
    wanted = chosen(names)
    script = read_script(faults) if faults is not None else ()
    effects = EffectRecord(record)
    with ExitStack() as running:
        variables: dict[str, str] = {}
        for number, one in enumerate(wanted):
            server = Sandbox(one.make(), port=port + number if port else 0, observe=effects.observer(one.name), held=_teller(one.name) if as_json else None)
            load_faults(server.faults, one.name, script)
            variables |= one.variables(running.enter_context(server).url)
        stop = _stop_signal(running)
        typer.echo(_told(wanted, variables, record, as_json))
        sys.stdout.flush()
        stop.wait()


def _teller(service: str) -> Watcher:
    """Return what prints a JSON line when a request begins to wait, so that whoever wrote the script can act at that moment."""

    def tell(request: SeenRequest, fault: Fault) -> None:
        about = {"service": service, "method": request.method, "path": request.path, "port": request.port}
        typer.echo(json.dumps({"held": fault.kind, "seconds": fault.seconds, **about}))
        sys.stdout.flush()

    return tell


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
