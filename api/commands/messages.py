"""`ytempire messages`: what the operator was told, how it fared at each address, and sending again what failed."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from api.stack import Stack
from infra.database import Database, UnitOfWork
from infra.settings import load_settings
from memory.addresses import addresses_of
from memory.records.messages import MessageRecord
from memory.repositories.messages import MessageRepository

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="See what the operator was told and how it fared at each address.", no_args_is_help=True)
    verb.command(name="list")(list_messages)
    verb.command(name="retry")(retry)
    app.add_typer(verb, name="messages")


def list_messages(as_json: AsJson = False) -> None:
    """List the newest messages with what became of them at each address of YTEMPIRE_NOTIFY."""
    settings = load_settings()
    with Stack(settings) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                rows = [_told(session, one) for one in MessageRepository(session).list_().items]
        finally:
            database.dispose()
    addresses = [one.label for one in addresses_of(settings)]
    if as_json:
        typer.echo(json.dumps({"messages": rows, "addresses": addresses}, ensure_ascii=False))
        return
    console = Console(soft_wrap=True)
    for row in rows:
        console.print(f"{row['id']}  {row['queued'][:16]}  {row['severity']:<9}{row['subject']}", markup=False, highlight=False)
        for one in row["deliveries"]:
            console.print(f"  {one['status']:<8}{one['address']}  {one['error'] or ''}", markup=False, highlight=False)
    if not addresses:
        console.print("YTEMPIRE_NOTIFY names no address, so messages are only kept here", markup=False, highlight=False)


def retry(message: Annotated[str, typer.Argument(help="The message.")], as_json: AsJson = False) -> None:
    """Send what failed of a message again, at the next turn of the messenger."""
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                again = MessageRepository(session).retry(message)
        finally:
            database.dispose()
    typer.echo(json.dumps({"message": message, "deliveries": again}) if as_json else f"{again} deliveries are tried again")


def _told(session: UnitOfWork, one: MessageRecord) -> dict[str, Any]:
    names = ("id", "key", "kind", "severity", "subject", "body", "about")
    deliveries = [
        {"address": row.label, "status": row.status, "attempts": row.attempts, "error": row.error} for row in MessageRepository(session).deliveries(one.id)
    ]
    return {**{name: getattr(one, name) for name in names}, "queued": one.created_at.isoformat(), "deliveries": deliveries}
