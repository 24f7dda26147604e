"""`ytempire up`: run the whole stack until stopped."""

import json
import sys
from typing import Annotated

import typer

from api.stack_host import StackHost, StackUrls, capacity, lasting
from infra.log import configure_logging
from infra.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="up")(up)


def up(as_json: Annotated[bool, typer.Option("--json", help="Say where things are as one JSON object.")] = False) -> None:
    """Run the whole stack (database, queue, dispatcher, workers) until Ctrl-C."""
    settings = load_settings()
    if sys.stderr.isatty():  # a person wants to see where things are, not every process that starts
        configure_logging("WARNING")
    host = StackHost(settings, plan=lasting)
    host.run(lambda urls: typer.echo(json.dumps(describe(host, urls)) if as_json else render(host.settings, describe(host, urls))))


def describe(host: StackHost, urls: StackUrls) -> dict[str, object]:
    """Return where the stack's parts are, without passwords."""
    return {
        "state": "ready",
        "home": str(host.settings.home),
        "database": _without_password(urls.database),
        "redis": _without_password(urls.redis),
        "logs": str(host.settings.home / "logs"),
        "note": str(host.note),
        "workers": capacity(host.settings),
    }


def render(settings: Settings, where: dict[str, object]) -> str:
    """Return the same for a person."""
    lines = [f"The stack is up in {settings.home} (Ctrl-C stops it)."]
    lines += [f"  {name:<9}{where[name]}" for name in ("database", "redis", "logs")]
    counts = capacity(settings)
    return "\n".join([*lines, "  workers  " + ", ".join(f"{count} {queue}" for queue, count in counts.items())])


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{place}"
