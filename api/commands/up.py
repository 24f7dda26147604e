"""`ytempire up`: run the whole stack until stopped."""

import json
import sys
from typing import Annotated

import typer

from api.auth.first_run import first_admin_link
from api.capacity import capacity
from api.front import Front
from api.stack_host import StackHost, StackUrls
from infra.log import configure_logging
from infra.settings import Settings, load_settings
from memory.media_shared import place_of


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="up")(up)


def up(
    listen: Annotated[str, typer.Option("--listen", help="The address of this machine at which others may join (TLS and a password).")] = "",
    host: Annotated[str | None, typer.Option("--host", help="The address that the service answers at (YTEMPIRE_HOST; 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Its port (YTEMPIRE_PORT; 8000); 0 takes any that is free.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say where things are as one JSON object.")] = False,
) -> None:
    """Run the whole stack (database, queue, dispatcher, workers, the HTTP service) until Ctrl-C."""
    given = {name: value for name, value in (("listen", listen or None), ("host", host), ("port", port)) if value is not None}
    settings = load_settings().model_copy(update=given)
    if sys.stderr.isatty():  # a person wants to see where things are, not every process that starts
        configure_logging("WARNING")
    front = Front(settings)
    stack = StackHost(settings, plan=front.plan, before=front.open)

    def announce(urls: StackUrls) -> None:
        where = describe(stack, urls, front.address) | {"first_admin": first_admin_link(urls.database, front.address)}
        typer.echo(json.dumps(where) if as_json else render(stack.settings, where))

    try:
        stack.run(announce)
    finally:
        front.close()


def describe(host: StackHost, urls: StackUrls, address: str) -> dict[str, object]:
    """Return where the stack's parts are, without passwords."""
    return {
        "state": "ready",
        "address": address,
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
    lines += [f"  {name:<9}{where[name]}" for name in ("address", "database", "redis", "logs")]
    lines.append(f"  media    {where['media']}")
    if settings.listen:
        lines.append(f"  listens  {settings.listen} (`ytempire join --out FILE` writes what another machine needs)")
    if where.get("first_admin"):
        lines.append(f"  nobody may sign in yet: become the first admin at {where['first_admin']} (good once, for 24 hours), or `ytempire users add`")
    counts = capacity(settings)
    return "\n".join([*lines, "  workers  " + ", ".join(f"{count} {queue}" for queue, count in counts.items())])


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{place}"
