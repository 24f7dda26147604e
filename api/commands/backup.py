"""`ytempire backup`: make a backup now, or say what there is."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from api.backup_desk import BackupBusy, Desk, open_key, open_place, same_volume
from api.stack import Stack
from infra.backup.key import BackupKey
from infra.backup.making import Made
from infra.database import Database
from infra.processes import deadline
from infra.settings import load_settings

BUSY_WITHIN_S = 120.0
_MB = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="backup")(backup)


def backup(
    full: Annotated[bool, typer.Option("--full", help="A full backup, also where one is there to build on.")] = False,
    to: Annotated[str, typer.Option(help="A folder on another disk, or s3://BUCKET/PREFIX. Default: YTEMPIRE_BACKUP_TO.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Back up the database, media, library and configuration, encrypted; `ytempire up` does it every hour where YTEMPIRE_BACKUP_TO is set."""
    settings = load_settings()
    settings = settings.model_copy(update={"home": settings.home.resolve()})
    place = open_place(to or settings.backup_to, settings)
    key, made_key = open_key(settings, place, make=True)
    with Stack(settings) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            desk = Desk(settings, place, key, database, stack.urls.database_admin)
            with _alone(desk):
                made = desk.back_up(full=full)
        finally:
            database.dispose()
    summary = _summary(made, desk, made_key=made_key)
    typer.echo(json.dumps(summary, ensure_ascii=False)) if as_json else _tell(summary, key)


@contextmanager
def _alone(desk: Desk) -> Iterator[None]:
    """Wait while the running stack makes a backup of its own."""
    limit = deadline(BUSY_WITHIN_S)
    while True:
        try:
            with desk.alone():
                yield
                return
        except BackupBusy:
            if deadline(0) > limit:
                raise
        time.sleep(0.5)


def _summary(made: Made, desk: Desk, *, made_key: bool) -> dict[str, Any]:
    entry = made.entry
    return {
        "id": entry.id,
        "kind": entry.kind,
        "builds_on": entry.parent_id,
        "place": desk.place.label,
        "series": entry.series,
        "bytes_added": made.bytes,
        "database_bytes": entry.database_bytes,
        "files": made.tree.files,
        "file_bytes": made.tree.bytes,
        "skipped": made.tree.skipped,
        "seconds": made.seconds,
        "key": str(desk.settings.backup_key_file),
        "key_name": desk.key.short_name,
        "key_made_now": made_key,
        "same_volume": same_volume(desk.place, desk.settings.home),
    }


def _tell(summary: dict[str, Any], key: BackupKey) -> None:
    console = Console(soft_wrap=True, highlight=False)
    after = f" after {summary['builds_on']}" if summary["builds_on"] else ""
    console.print(f"{summary['kind']} backup {summary['id']}{after}", markup=False)
    told = f"  at       {summary['place']}: {summary['bytes_added'] / _MB:.1f} MB added"
    console.print(f"{told}, {summary['files']} files of {summary['file_bytes'] / _MB:.1f} MB kept beside the database", markup=False)
    for name in summary["skipped"]:
        console.print(f"  left out {name}", markup=False)
    console.print(f"  key      {summary['key']} (named {key.short_name})", markup=False)
    if summary["key_made_now"]:
        console.print("           It was made just now. Copy it to a place apart from this machine and from the backups:", markup=False)
        console.print("           without it nobody can read them, you included.", markup=False)
    if summary["same_volume"]:
        console.print("  warning  the place is on the same volume as the home: one broken disk takes both", markup=False)
    console.print(f"  restore  ytempire restore --from {summary['place']} --into NEW_HOME", markup=False)
