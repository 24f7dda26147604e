"""`ytempire openapi`: write the schema of the HTTP service, without running it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from api.app import routed_app
from api.http.openapi import schema_of


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="openapi")(openapi)


def openapi(
    out: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="The file to write; standard output when left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say what was written as one JSON object (the schema itself is JSON anyhow).")] = False,
) -> None:
    """Write the OpenAPI schema of the HTTP service; the console's types are generated from it (`make client`)."""
    text = document()
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, "utf-8")
    typer.echo(json.dumps({"written": str(out), "bytes": len(text.encode())}) if as_json else f"The schema is in {out}.")


def document() -> str:
    """Return the schema as it is committed: one property a line, so that a change is a few lines."""
    return json.dumps(schema_of(routed_app()), indent=1, ensure_ascii=False) + "\n"
