"""`ytempire resume`: continue every unfinished run, or one."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from api.commands.produce import Order, deliver
from api.live import live_view
from api.stack import Stack
from api.workshop import open_workshop, run
from graphs.orchestrator import LEASE_S, RunStopped
from graphs.request import ProductionRequest
from infra.errors import StudioError
from infra.settings import load_settings

EXIT_UNFINISHED = 1


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="resume")(resume)


def resume(
    run_id: Annotated[str | None, typer.Argument(help="One run; default: every unfinished one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files of one run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Continue what a crash, a kill or a full disk interrupted; runs that wait for a person keep waiting."""
    with Stack(load_settings()) as stack:
        results = run(_resume(stack, run_id, out, as_json))
    if as_json:
        typer.echo(json.dumps({"runs": results}, ensure_ascii=False, default=str))
    if any(result["status"] == "running" for result in results):
        raise typer.Exit(EXIT_UNFINISHED)


async def _resume(stack: Stack, run_id: str | None, out: Path | None, as_json: bool) -> list[dict[str, Any]]:
    console = Console(stderr=as_json, soft_wrap=True)
    results: list[dict[str, Any]] = []
    async with open_workshop(stack) as workshop:
        unfinished = [one for one in await workshop.book.list_unfinished() if run_id in (None, one.id)]
        if not unfinished:
            console.print("nothing is unfinished" if run_id is None else f"run {run_id} is not unfinished", highlight=False)
        for one in unfinished:
            console.print(f"run {one.id} ({one.status})", highlight=False)
            try:
                async with live_view(workshop, one.id, console):
                    ended = await workshop.orchestrator.drive(one.id, wait_for_lease_s=LEASE_S + 5)
            except RunStopped as stopped:
                console.print(f"  {stopped.message}", markup=False, highlight=False)
                results.append({"run_id": one.id, "status": "running", "reasons": [stopped.message]})
                continue
            except StudioError as error:
                console.print(f"  {error.message}", markup=False, highlight=False)
                results.append({"run_id": one.id, "status": "running", "reasons": [error.message]})
                continue
            order = Order(ProductionRequest.model_validate(one.request), out, as_json=False)
            exported = await deliver(workshop, ended, order, console)
            results.append(exported.summary)
    return results
