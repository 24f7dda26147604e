"""`ytempire resume`: continue every unfinished run, or one."""

import asyncio
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from api import productions
from api.autonomous_runs import OPERATOR
from api.commands.produce import Order, check_folder, deliver
from api.live import live_view
from api.stack import Stack
from api.workshop import Workshop, open_workshop, run
from graphs.orchestrator import LEASE_S
from graphs.request import ProductionRequest
from graphs.restored import Settlement, asking
from infra.errors import Conflict, Invalid, StudioError
from infra.room import with_room
from infra.settings import load_settings
from tools.registry import load_constant

EXIT_UNFINISHED = 1


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="resume")(resume)


def resume(
    run_id: Annotated[str | None, typer.Argument(help="One run; default: every unfinished one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files of one run.")] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Continue rehearsals: runs of `ytempire produce --rehearse`.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Continue what a crash, a kill or a full disk interrupted, or a paused run that is named; runs that wait for a person keep waiting."""
    if out is not None and run_id is None:
        raise Invalid("--out: names the folder of one run; name the run too")
    check_folder(out)
    settings = load_settings()
    # The stand-ins bring every vendor's library, so they are loaded for a rehearsal only.
    stage = load_constant("api.rehearsal:rehearsing")(settings) if rehearse else nullcontext(settings)
    with stage as studio, Stack(studio) as stack:
        results = run(_resume(stack, run_id, out, as_json))
    if as_json:
        typer.echo(json.dumps({"runs": results}, ensure_ascii=False, default=str))
    if any(result["status"] == "running" for result in results):
        raise typer.Exit(EXIT_UNFINISHED)


async def _resume(stack: Stack, run_id: str | None, out: Path | None, as_json: bool) -> list[dict[str, Any]]:
    console = Console(stderr=as_json, soft_wrap=True)
    results: list[dict[str, Any]] = []
    async with open_workshop(stack) as workshop:
        settled = await Settlement(workshop.settings, workshop.database, asking(workshop.caller)).settle()
        for line in settled.lines() if settled is not None else ():
            console.print(line, markup=False, highlight=False)
        await workshop.orchestrator.sweep()
        if run_id is not None and (outcome := await workshop.book.find_outcome(run_id)) is not None:
            raise Conflict(f"run {run_id} has ended ({outcome['status']}); there is nothing to resume", run=run_id, status=outcome["status"])
        unfinished = [one for one in await workshop.book.list_unfinished() if run_id in (None, one.id)]
        if not unfinished:
            console.print("nothing is unfinished", highlight=False)
        for one in unfinished:
            if one.status == "paused" and not await _unpaused(workshop, one.id, run_id, console):
                results.append({"run_id": one.id, "status": "paused", "reasons": []})
                continue
            console.print(f"run {one.id} ({one.status})", highlight=False)
            try:
                async with live_view(workshop, one.id, console):
                    ended = await workshop.orchestrator.drive(one.id, wait_for_lease_s=LEASE_S + 5)
            except StudioError as error:
                told = with_room(error.message, workshop.settings.home)
                console.print(f"  {told}", markup=False, highlight=False)
                results.append({"run_id": one.id, "status": "running", "reasons": [told]})
                continue
            folder = out if run_id is not None else None
            exported = await deliver(workshop, ended, Order(ProductionRequest.model_validate(one.request), folder, as_json=False), console)
            results.append(exported.summary)
    return results


async def _unpaused(workshop: Workshop, run_id: str, named: str | None, console: Console) -> bool:
    """Let a paused run go on if it is the one that was named; say how to name it otherwise."""
    if named is None:
        console.print(f"run {run_id} is paused; `ytempire resume {run_id}` continues it", markup=False, highlight=False)
        return False

    def resume() -> None:
        with workshop.database.unit_of_work() as session:
            productions.resume(session, run_id, OPERATOR)

    await asyncio.to_thread(resume)
    return True
