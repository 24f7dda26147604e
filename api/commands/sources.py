"""`ytempire sources`: the feeds that the trend scout listens to, and your own from and to any feed reader (OPML)."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infra.errors import Invalid
from infra.settings import load_settings
from tools.collect_trends.catalogue import export_opml
from tools.collect_trends.own_sources import OwnSources, known_sources
from tools.collect_trends.schema import Source

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="The feeds that the trend scout listens to: list them, bring your own (OPML), take them along.", no_args_is_help=True)
    verb.command(name="list")(list_sources)
    verb.command(name="import")(import_feeds)
    verb.command(name="export")(export_feeds)
    verb.command(name="remove")(remove)
    app.add_typer(verb, name="sources")


def list_sources(as_json: AsJson = False) -> None:
    """List every source: its category, what may be done with its words, and whether it is your own."""
    home = load_settings().home
    own = {source.id for source in OwnSources(home).list_()}
    rows = [_row(source, source.id in own) for source in known_sources(home)]
    if as_json:
        typer.echo(json.dumps({"sources": rows}))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("source", "category", "licence", "name", "own"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row["id"], row["category"], row["licence"], row["name"], "yes" if row["own"] else "")
    Console().print(table)


def import_feeds(
    file: Annotated[Path, typer.Argument(help="An OPML file, as every feed reader exports.")],
    category: Annotated[str | None, typer.Option(help="Put all of them there. Default: the folder's name where it is a category, else every channel.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file; they count as signals only, so no sentence is ever taken over from them."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Invalid(f"file: {file} cannot be read ({error.strerror}); give an OPML file") from error
    new = OwnSources(load_settings().home).add(data, category)
    if as_json:
        typer.echo(json.dumps({"added": [_row(source, True) for source in new]}))
        return
    typer.echo(f"{len(new)} feeds were added" + (f": {', '.join(source.name for source in new[:10])}" if new else "; the others were known"))


def export_feeds(
    out: Annotated[Path | None, typer.Option(help="The file to write. Default: standard output.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Only your own feeds.")] = False,
) -> None:
    """Write every feed as OPML 2.0, grouped by category."""
    home = load_settings().home
    written = export_opml(OwnSources(home).list_() if own else known_sources(home))
    if out is None:
        typer.echo(written.decode(), nl=False)
        return
    try:
        out.write_bytes(written)
    except OSError as error:
        raise Invalid(f"--out: {out} cannot be written ({error.strerror}); give a file in a folder that exists") from error
    typer.echo(f"written to {out}")


def remove(source: Annotated[str, typer.Argument(help="The source's id.")], as_json: AsJson = False) -> None:
    """Remove one of your own feeds."""
    gone = OwnSources(load_settings().home).remove(source)
    typer.echo(json.dumps({"removed": _row(gone, True)}) if as_json else f"{gone.name} is not listened to any more")


def _row(source: Source, own: bool) -> dict[str, Any]:
    told = source.model_dump(include={"id", "name", "url", "category", "kind", "licence", "language"})
    return {**told, "own": own}
