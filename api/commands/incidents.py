"""`ytempire incidents`: see what went wrong and what was done about it, take it back, do what waits, and close it."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console

from api.incidents.telling import acted, told, whole
from api.stack import Stack
from api.workshop import open_workshop, run
from graphs.reversal import ActionDesk
from infra.database import Database, UnitOfWork
from infra.settings import load_settings
from memory.repositories.incidents import IncidentRepository
from memory.repositories.operators import LOCAL_OPERATOR

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Incident = Annotated[str, typer.Argument(help="The incident.")]
Action = Annotated[str, typer.Argument(help="The action, as `ytempire incidents show` lists it.")]
Note = Annotated[str, typer.Option(help="What to write into the timeline.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="See what went wrong, take back what was done about it, and close it.", no_args_is_help=True)
    verb.command(name="list")(list_incidents)
    verb.command(name="show")(show)
    verb.command(name="acknowledge")(acknowledge)
    verb.command(name="reverse")(reverse)
    verb.command(name="carry-out")(carry_out)
    verb.command(name="resolve")(resolve)
    app.add_typer(verb, name="incidents")


def list_incidents(
    status: Annotated[str, typer.Option(help="open, acknowledged, resolved or all.")] = "open",
    channel: Annotated[str | None, typer.Option(help="Of this channel only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest incidents."""
    if status not in {"open", "acknowledged", "resolved", "all"}:
        raise typer.BadParameter(f"{status!r} is unknown; give open, acknowledged, resolved or all", param_hint="--status")
    rows = _within(lambda session: [told(one) for one in IncidentRepository(session).list_(None if status == "all" else status, channel).items])
    if as_json:
        typer.echo(json.dumps({"incidents": rows}, ensure_ascii=False))
        return
    console = Console(soft_wrap=True)
    for row in rows:
        line = f"{row['id']}  {row['severity']:<9}{row['status']:<13}{row['kind']:<20}{row['opened'][:16]}  {row['channel'] or ''}"
        console.print(line, markup=False, highlight=False)
        console.print(f"  {row['summary'][:300]}", markup=False, highlight=False)
    if not rows:
        console.print("no incidents" if status == "all" else f"no {status} incidents")


def show(incident: Incident, as_json: AsJson = False) -> None:
    """Show one incident: its signal, how sure that is, its timeline, what was done, what waits, and how each is taken back."""
    found = _within(lambda session: whole(session, IncidentRepository(session).get(incident)))
    _tell(found, as_json)


def acknowledge(incident: Incident, note: Note = "", as_json: AsJson = False) -> None:
    """Record that a person has seen the incident."""
    found = _within(lambda session: whole(session, IncidentRepository(session).acknowledge(incident, LOCAL_OPERATOR, note)))
    _tell(found, as_json)


def resolve(incident: Incident, note: Note = "", as_json: AsJson = False) -> None:
    """Close the incident. What was done in it stays as it is."""
    found = _within(lambda session: whole(session, IncidentRepository(session).resolve(incident, LOCAL_OPERATOR, note)))
    _tell(found, as_json)


def reverse(action: Action, as_json: AsJson = False) -> None:
    """Take an action back; the monitor does not do it again in this incident."""
    _tell_action(_act(action, "take_back"), as_json)


def carry_out(action: Action, as_json: AsJson = False) -> None:
    """Do what waits for a person."""
    _tell_action(_act(action, "carry_out"), as_json)


def _act(action: str, what: Literal["take_back", "carry_out"]) -> dict[str, Any]:
    async def work(stack: Stack) -> dict[str, Any]:
        async with open_workshop(stack) as workshop:
            desk = ActionDesk(workshop.database, workshop.caller)
            return acted(await (desk.take_back if what == "take_back" else desk.carry_out)(action, LOCAL_OPERATOR))

    with Stack(load_settings()) as stack:
        return run(work(stack))


def _within(work: Callable[[UnitOfWork], T]) -> T:
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                return work(session)
        finally:
            database.dispose()


def _tell(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console = Console(soft_wrap=True)
    sure = "" if found["confidence"] is None else f", {found['confidence']:.0%} sure"
    lines = [f"{found['id']}  {found['kind']}  {found['severity']}{sure}  {found['status']}", f"  {found['summary']}"]
    lines += [f"  seen in: {found['signal']}"] if found["signal"] else []
    lines += [f"  {one['at'][:19]}  {one['by']:<16}{one['what']}  {one['detail'][:200]}" for one in found["timeline"]]
    for line in [*lines, *(line for action in found["actions"] for line in _lines(action))]:
        console.print(line, markup=False, highlight=False)


def _lines(action: dict[str, Any]) -> list[str]:
    how = f"reverse it: ytempire incidents reverse {action['id']} ({action['reversal']})"
    waits = f"do it: ytempire incidents carry-out {action['id']}"
    after = {"done": how, "wanted": waits if action["reversible"] else action["reversal"], "reversed": f"taken back by {action['reversed_by']}"}
    texts = [f"      draft, never posted: {text}" for text in action["details"].get("texts", ())]
    return [f"  {action['status']:<9}{action['action']:<16}{action['target']}", f"      {after.get(action['status'], '')}", *texts]


def _tell_action(action: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(action, ensure_ascii=False))
        return
    for line in _lines(action):
        Console(soft_wrap=True).print(line, markup=False, highlight=False)
