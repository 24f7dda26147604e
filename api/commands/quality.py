"""`ytempire quality`: run the media gate on any video file."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from infra.errors import Invalid
from infra.settings import load_settings
from memory.artifacts import Format
from memory.media_shared import open_media
from tools.base import ToolContext
from tools.inspect_media.schema import SPEC, Args, Result
from tools.registry import load_constant

EXIT_FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="Measure videos.", no_args_is_help=True)
    verb.callback()(quality)
    verb.command(name="inspect")(inspect)
    app.add_typer(verb, name="quality")


def quality() -> None:
    """Measure videos."""


def inspect(
    file: Annotated[Path, typer.Argument(help="The video.")],
    frame: Annotated[Format | None, typer.Option("--format", help="The frame it should have.")] = None,
    seconds: Annotated[float | None, typer.Option(help="The length it should have.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run the media gate on a file: streams, loudness, silences, black, frozen and repeated pictures."""
    if not file.is_file():
        raise Invalid(f"FILE: {file} is not a file")
    settings = load_settings()
    with tempfile.TemporaryDirectory() as scratch:
        ctx = ToolContext(settings=settings, store=open_media(settings), scratch=Path(scratch))
        # Resolved here and not imported above: every other verb starts without a decoder.
        result: Result = load_constant(SPEC.implementation)(Args(path=str(file.resolve()), format=frame, seconds=seconds), ctx)
    if as_json:
        typer.echo(json.dumps({"file": str(file)} | result.model_dump(mode="json"), ensure_ascii=False))
    else:
        _tell(file, result)
    if not result.passed:
        raise typer.Exit(EXIT_FAILED)


def _tell(file: Path, result: Result) -> None:
    console = Console(soft_wrap=True)
    console.print(f"{file}: {'passes' if result.passed else 'fails'}", markup=False, highlight=False)
    for gate in result.gates:
        mark = "ok  " if gate.passed else ("WARN" if gate.severity == "warn" else "FAIL")
        console.print(f"  {mark} {gate.name:<28} {gate.measured}  (limit {gate.limit})", markup=False, highlight=False)
