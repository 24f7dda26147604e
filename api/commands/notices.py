"""`ytempire notices`: what others wrote to us about our videos, and handing in what came another way."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from agents.crisis_monitor.notices import MAX_BYTES, NoticeRefused
from api.stack import Stack
from graphs.notices import hand_in_text, inbox_of
from infra.database import Database
from infra.settings import load_settings
from memory.records.notices import NoticeRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.notices import NoticeRepository
from memory.repositories.operators import LOCAL_OPERATOR

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="Read notices of claims, strikes and policies, and hand in what came another way.", no_args_is_help=True)
    verb.command(name="list")(list_notices)
    verb.command(name="add")(add)
    app.add_typer(verb, name="notices")


def list_notices(as_json: AsJson = False) -> None:
    """List the newest notices; mails are taken from the folder `inbox` in the home while `ytempire up` runs."""
    settings = load_settings()
    with Stack(settings) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                rows = [_told(one) for one in NoticeRepository(session).list_().items]
        finally:
            database.dispose()
    if as_json:
        typer.echo(json.dumps({"notices": rows, "inbox": str(inbox_of(settings))}, ensure_ascii=False))
        return
    for row in rows:
        _print(row)
    if not rows:
        Console(soft_wrap=True).print(f"no notices; mails in {inbox_of(settings)} are read while `ytempire up` runs", markup=False, highlight=False)


def add(
    file: Annotated[str, typer.Argument(help="A mail (.eml) or a text; - reads standard input.")],
    channel: Annotated[str | None, typer.Option(help="The channel it is about, where it does not say so itself.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hand in a notice yourself: it is believed to be what it says, and answered at the next turn of the watcher."""
    raw = _read(file)
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            if channel is not None:
                with database.unit_of_work() as session:
                    ChannelRepository(session).get(channel)
            row, fresh = hand_in_text(database, raw, "file", LOCAL_OPERATOR, channel)
            told = {**_told(row), "new": fresh}
        finally:
            database.dispose()
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    _print(told)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    path = Path(file)
    if not path.is_file():
        raise NoticeRefused(f"file: {file} does not exist or is no file; give a mail or a text, or - for standard input")
    with path.open("rb") as handle:
        return handle.read(MAX_BYTES + 1)


def _told(one: NoticeRecord) -> dict[str, Any]:
    names = ("id", "kind", "source", "status", "confidence", "authenticated", "sender", "subject")
    about = {"channel": one.channel_id, "publication": one.publication_id, "incident": one.incident_id}
    return {**{name: getattr(one, name) for name in names}, **about, "received": one.received_at.isoformat()}


def _print(row: dict[str, Any]) -> None:
    # Outside text: nothing in it may steer a terminal.
    subject = "".join(letter if letter.isprintable() else " " for letter in row["subject"])[:200]
    line = f"{row['id']}  {row['received'][:16]}  {row['kind']:<11}{row['status']:<9}{row['confidence']:.0%} sure  {row['channel'] or 'no channel of ours'}"
    for told in (line, f"  {subject}  ({row['sender'] or row['source']})"):
        Console(soft_wrap=True).print(told, markup=False, highlight=False)
