"""`ytempire restore`: make a new home out of a backup, as of any moment kept."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from api.backup_desk import open_key, open_place
from graphs.restored import pause
from infra.backup.catalog import Catalog, Entry
from infra.backup.restoring import Restored, Wanted, restore
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Invalid
from infra.settings import load_settings
from memory.migrations import migrate
from memory.schema_revision import newest_revision


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="restore")(restored)


def restored(  # noqa: PLR0913 - one per option
    into: Annotated[Path | None, typer.Option(help="The home to make; a folder that does not exist yet.")] = None,
    place: Annotated[str, typer.Option("--from", help="Where the backups are. Default: YTEMPIRE_BACKUP_TO.")] = "",
    at: Annotated[str, typer.Option(help="A moment, as 2026-11-28T20:15:00Z. Default: as late as was kept.")] = "",
    key: Annotated[Path | None, typer.Option(help="The key's file. Default: YTEMPIRE_BACKUP_KEY.")] = None,
    series: Annotated[str, typer.Option(help="Which series, where the place holds those of several homes. Default: that of the newest backup.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="Only say what backups there are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a new home out of a backup. It starts stopped: `ytempire resume` compares the outside world with it, then goes on."""
    began = SYSTEM_CLOCK.monotonic()
    settings = load_settings()
    if key is not None:
        settings = settings.model_copy(update={"backup_key": key})
    where = open_place(place or settings.backup_to, settings)
    catalog = Catalog(where, open_key(settings, where, make=False)[0])
    if listing:
        _list(catalog, series or None, as_json)
        return
    if into is None:
        raise Invalid("--into: names no home; give a folder that does not exist yet")
    wanted = Wanted(into, _moment(at), series or None)
    result = restore(catalog, wanted, _settle_in)
    summary = _summary(result, round(SYSTEM_CLOCK.monotonic() - began, 2))
    typer.echo(json.dumps(summary, ensure_ascii=False)) if as_json else _tell(summary)


def _settle_in(urls: PostgresUrls, entry: Entry) -> None:
    """Bring the recovered database to this studio's schema, and let it begin stopped."""
    if entry.schema_revision > newest_revision():
        message = f"backup {entry.id}: its schema is {entry.schema_revision}, this studio knows up to {newest_revision()}"
        raise Invalid(f"{message}; install the version of the studio that made it, or a later one")
    migrate(urls.admin)
    database = Database(urls.admin, pool_size=1)
    try:
        pause(database, entry.id, entry.ended)
    finally:
        database.dispose()


def _moment(text: str) -> datetime | None:
    """Return the moment that a person named; without a time zone it is UTC."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--at {text!r}: is no moment; give one as 2026-11-28T20:15:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _summary(result: Restored, seconds: float) -> dict[str, Any]:
    return {
        "home": str(result.into),
        "backup": result.entry.id,
        "backed_up": result.entry.ended.isoformat(),
        "log_segments": result.log_segments,
        "last_commit": result.last_commit.isoformat() if result.last_commit else None,
        "files": result.files,
        "file_bytes": result.file_bytes,
        "steps": result.seconds,
        "seconds": seconds,
    }


def _tell(summary: dict[str, Any]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"restored {summary['home']} in {summary['seconds']} s", markup=False)
    console.print(f"  backup      {summary['backup']}, and {summary['log_segments']} segments of the log after it", markup=False)
    console.print(f"  up to       {summary['last_commit'] or summary['backed_up']}", markup=False)
    console.print(f"  files       {summary['files']}", markup=False)
    console.print(f"  next        YTEMPIRE_HOME={summary['home']} ytempire resume", markup=False)
    console.print("              Nothing goes out of it before: that compares what was published meanwhile, then lifts the stop.", markup=False)


def _list(catalog: Catalog, series: str | None, as_json: bool) -> None:
    shown = {"id", "series", "kind", "parent_id", "ended", "database_bytes", "home"}
    found = [entry.model_dump(mode="json", include=shown) for entry in catalog.entries(series)]
    if as_json:
        typer.echo(json.dumps({"backups": found}))
        return
    console = Console(soft_wrap=True, highlight=False)
    for one in found:
        console.print(f"{one['ended'][:19]}  {one['kind']:<12} {one['id']:<36} {one['home']}  (series {one['series']})", markup=False)
    if not found:
        console.print("there is no complete backup", markup=False)
