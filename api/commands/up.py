"""`ytempire up`: run the whole stack until stopped."""

import json
import sys
from typing import Annotated

import typer

from api.stack_host import StackHost, StackUrls, capacity, lasting
from infra.log import configure_logging
from infra.settings import Settings, load_settings
from memory.media_shared import place_of


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="up")(up)


def up(
    listen: Annotated[str, typer.Option("--listen", help="The address of this machine at which others may join (TLS and a password).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Say where things are as one JSON object.")] = False,
) -> None:
    """Run the whole stack (database, queue, dispatcher, workers) until Ctrl-C."""
    settings = load_settings()
    if listen:
        settings = settings.model_copy(update={"listen": listen})
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
        "media": place_of(host.settings),
        "listens": host.settings.listen,
        "workers": capacity(host.settings),
    }


def render(settings: Settings, where: dict[str, object]) -> str:
    """Return the same for a person."""
    lines = [f"The stack is up in {settings.home} (Ctrl-C stops it)."]
    lines += [f"  {name:<9}{where[name]}" for name in ("database", "redis", "logs")]
    lines.append(f"  media    {where['media']}")
    if settings.listen:
        lines.append(f"  listens  {settings.listen} (`ytempire join --out FILE` writes what another machine needs)")
    counts = capacity(settings)
    return "\n".join([*lines, "  workers  " + ", ".join(f"{count} {queue}" for queue, count in counts.items())])


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{place}"
