"""`ytempire join`: what another machine needs to serve this studio, in one file that only its owner can read."""

import json
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlsplit

import typer

from api.stack import Stack
from api.stack_host import StackUrls, stack_note
from infra.embedded.certificate import ensure_certificate
from infra.errors import Conflict, Invalid, Unavailable
from infra.files import write_private
from infra.keyring import read_keys
from infra.settings import Settings, load_settings

# A connection over a network whose other end vanished is given up within half a minute.
_KEPT = {"connect_timeout": "10", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "25000"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="join")(join)


def join(
    out: Annotated[Path, typer.Option("--out", help="The file to write; it holds passwords, and only you can read it.")],
    publish: Annotated[bool, typer.Option("--publish", help="For a machine that publishes: with the role and keys for owners' consents.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write what another machine needs to serve the stack that runs in this home."""
    settings = load_settings()
    stack = Stack(settings)
    urls = stack.join()
    if urls is None:
        raise Unavailable(f"no stack runs in {stack.settings.home}; start one with `ytempire up --listen ADDRESS`")
    stack.stop()
    # Where the stack listens and keeps its media it was told when it started, perhaps by an option.
    noted = json.loads(stack_note(stack.settings).read_text("utf-8"))
    found = variables(stack.settings.model_copy(update={"listen": noted["listen"], "media": noted["media"]}), urls, publish=publish)
    if out.exists():
        raise Conflict(f"--out {out}: there is such a file already; remove it, or name another")
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# What a machine needs to serve this studio. It holds passwords: copy it by a way that you trust, and keep it private (chmod 600)."]
    write_private(out, "\n".join([*lines, *(f"{name}={value}" for name, value in found.items())]) + "\n")
    command = f"ytempire worker --queue {'publish' if publish else 'cpu'} --join {out.name}"
    if as_json:
        typer.echo(json.dumps({"file": str(out), "variables": sorted(found), "command": command}))
    else:
        typer.echo(f"{out} holds {', '.join(found)}.\nCopy it to the other machine, and start there as many as it has room for: {command}")


def variables(settings: Settings, urls: StackUrls, *, publish: bool) -> dict[str, str]:
    """Return the settings of another machine; raises Invalid naming what is not shared yet."""
    if not settings.media:
        raise Invalid(f"YTEMPIRE_MEDIA is not set: media lie in {settings.media_root}, where no other machine looks; set it to a shared folder or s3://bucket")
    embedded = not (settings.database_url and settings.redis_url)
    if embedded and not settings.listen:
        raise Invalid("YTEMPIRE_LISTEN is not set: the embedded servers are reached from this machine only; start `ytempire up --listen ADDRESS`")
    told = {"YTEMPIRE_STUDIO_CERT": ensure_certificate(settings.home / "services", settings.listen).copy()} if embedded else {}
    database = urls.database_publish if publish else urls.database
    told["DATABASE_URL"] = database if settings.database_url else outer_database(settings, database)
    told["REDIS_URL"] = urls.redis if settings.redis_url else outer_queue(settings, urls.redis)
    given = settings.environment()
    shared = ("YTEMPIRE_MEDIA", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION")
    told |= {name: given[name] for name in shared if given.get(name)} | {"YTEMPIRE_MEDIA": settings.media}
    return told | (_of_publishers(settings, given) if publish else {})


def _of_publishers(settings: Settings, given: dict[str, str]) -> dict[str, str]:
    keys = given.get("YTEMPIRE_TOKEN_KEYS") or ",".join(read_keys(settings.token_keys_file))
    named = {name: given[name] for name in ("YOUTUBE_CLIENT_ID", "YOUTUBE_CLIENT_SECRET") if given.get(name)}
    return named | ({"YTEMPIRE_TOKEN_KEYS": keys} if keys else {})


def outer_database(settings: Settings, url: str) -> str:
    """Return the embedded database's URL as another machine writes it."""
    parts = urlsplit(url)
    query = "&".join(f"{name}={value}" for name, value in {"sslmode": "verify-full", "sslnegotiation": "direct", **_KEPT}.items())
    return f"postgresql://{parts.netloc.rpartition('@')[0]}@{_host(settings)}:{settings.listen_postgres_port}{parts.path}?{query}"


def outer_queue(settings: Settings, url: str) -> str:
    """Return the embedded queue's URL as another machine writes it."""
    return f"rediss://{urlsplit(url).netloc.rpartition('@')[0]}@{_host(settings)}:{settings.listen_redis_port}/0"


def trusting(url: str, name: str, certificate: Path) -> str:
    """Return a URL with the certificate that its server must show, where the URL names none."""
    parts = urlsplit(url)
    if name in dict(parse_qsl(parts.query)):
        return url
    return f"{url}{'&' if parts.query else '?'}{name}={quote(str(certificate), safe='/')}"


def _host(settings: Settings) -> str:
    return f"[{settings.listen}]" if ":" in settings.listen else settings.listen
