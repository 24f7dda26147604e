"""`ytempire runs`: list the runs, or show one with its jobs, publications and costs."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api import run_verbs
from api.figures import figure_lines, figures_of_run
from api.looking import look_now
from api.stack import Stack
from api.workshop import open_workshop, run
from graphs.export import run_record
from infra.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="List the runs, show one, or run channels by themselves for hours.", invoke_without_command=True, no_args_is_help=False)
    verb.callback()(list_runs)
    verb.command(name="show")(show)
    verb.command(name="look")(look)
    run_verbs.add_to(verb)
    app.add_typer(verb, name="runs")


def list_runs(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """List the newest runs."""
    if ctx.invoked_subcommand is not None:
        return
    with Stack(load_settings()) as stack:
        rows = run(_list(stack))
    if as_json:
        typer.echo(json.dumps({"runs": rows}, ensure_ascii=False, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "channel", "status", "started", "title", "why"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row["run_id"], row["channel"], row["status"], row["created"][:16], row["title"] or row["topic"] or "", _why(row))
    Console().print(table if rows else "no runs yet; make one with: ytempire produce")


def _why(row: dict[str, Any]) -> str:
    """Return why a run ended without a video; nothing for one that published, works or waits."""
    return "" if row["status"] == "published" else "; ".join(row["reasons"])


def show(
    run_id: Annotated[str, typer.Argument(help="The run.")], as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Show one run: how it ended, its jobs with attempts and completions, its publications with their last known figures, its costs."""
    with Stack(load_settings()) as stack:
        record = run(_show(stack, run_id))
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, default=str))
        return
    console = Console(soft_wrap=True)
    console.print(
        f"{record['run_id']}  {record['channel']}  {record['status']}  ${record['cost_usd']:.2f}  {record['timings_s']['total']:.0f} s", highlight=False
    )
    for reason in (record["outcome"] or {}).get("reasons", []):
        console.print(f"  {reason}", markup=False, highlight=False)
    for job in record["jobs"]:
        line = f"  {job['node']:<22}{job['tool']:<20}{job['state']:<10}{job['attempts']} attempt(s)"
        console.print(line, markup=False, highlight=False)
    for publication in record["publications"]:
        console.print(f"  published by {publication['publisher']}: {publication['state']} {publication['url'] or ''}", markup=False, highlight=False)
    for line in figure_lines(record["audience"]):
        console.print(line, markup=False, highlight=False)


def look(
    run_id: Annotated[str, typer.Argument(help="The run.")], as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Make the next look at a run's publications now instead of when it falls due, and show what is known."""
    with Stack(load_settings()) as stack:
        found = run(_look(stack, run_id))
    if as_json:
        typer.echo(json.dumps({"run_id": run_id, "audience": found}, ensure_ascii=False))
        return
    for line in figure_lines(found):
        Console(soft_wrap=True).print(line, markup=False, highlight=False)


async def _list(stack: Stack) -> list[dict[str, Any]]:
    async with open_workshop(stack) as workshop:
        return await workshop.book.list_newest()


async def _show(stack: Stack, run_id: str) -> dict[str, Any]:
    async with open_workshop(stack) as workshop:
        # Beside the record and not in it: the record is written into files, which what a platform told must not be.
        return {**run_record(await workshop.book.studio(run_id)), "audience": figures_of_run(workshop.database, run_id)}


async def _look(stack: Stack, run_id: str) -> list[dict[str, Any]]:
    async with open_workshop(stack) as workshop:
        return await look_now(workshop, run_id)
