"""The `ytempire` command: assembles the verbs of `api.commands` and of entry points, and renders errors as facts."""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup
from typer.exceptions import TyperException

from api import commands
from infra.errors import Invalid, StudioError
from infra.log import configure_logging
from infra.processes import end_quickly
from infra.room import DiskFull, out_of_room, with_room
from infra.settings import Settings, load_settings

_EXIT_ERROR = 2
_EXIT_INTERRUPTED = 130


class StudioGroup(TyperGroup):
    """A command group whose errors are one line on stderr, or one JSON object on stdout with `--json`, and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; a StudioError becomes its message, never a traceback."""
        try:
            return super().invoke(ctx)
        except (StudioError, ValidationError, OSError) as error:
            known = told(error)
            if known is None:
                raise
            render(known, as_json="--json" in sys.argv)
            raise typer.Exit(_EXIT_ERROR) from error
        except TyperException as error:
            if "--json" not in sys.argv:
                raise
            render(Invalid(error.format_message()), as_json=True)
            raise typer.Exit(_EXIT_ERROR) from error
        except KeyboardInterrupt:
            typer.echo("interrupted; `ytempire resume` continues what is unfinished", err=True)
            raise typer.Exit(_EXIT_INTERRUPTED) from None


def told(error: StudioError | ValidationError | OSError) -> StudioError | None:
    """Return what to tell a person of an error, None when it is a bug and wants its traceback."""
    if isinstance(error, ValidationError):
        return misset(error) if error.title == Settings.__name__ else None
    if isinstance(error, OSError):
        return out_of_room(error, load_settings().home)
    if error.retryable and not isinstance(error, DiskFull):
        error.message = with_room(error.message, load_settings().home)
    return error


def misset(error: ValidationError) -> Invalid:
    """Return what to tell a person of settings that break their limits, without the values, which may be secret."""
    told = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors(include_input=False)]
    return Invalid(f"{'; '.join(told)}; correct it in the environment or in .env (.env.example says what each takes)")


def render(error: StudioError, *, as_json: bool) -> None:
    """Write an error for a person, or for a program."""
    if as_json:
        typer.echo(json.dumps({"error": {"code": error.code, "message": error.message, "retryable": error.retryable, "details": error.details}}, default=str))
    else:
        typer.secho(f"error: {error.message}", err=True, fg="red")


def verbs(asked: str = "") -> Iterator[ModuleType]:
    """Yield the modules of all verbs: those of `api.commands`, then those that other packages register as `ytempire.verbs`.

    Only the one of the verb that is `asked` for where a module has its name: a stack that stays up holds what it loaded for as long.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    for name in [asked] if asked in names else names:
        yield importlib.import_module(f"{commands.__name__}.{name}")
    if asked in names:
        return
    for point in sorted(entry_points(group="ytempire.verbs"), key=lambda point: point.name):
        yield point.load()


def build(asked: str = "") -> typer.Typer:
    """Return the whole command, or as much of it as the verb that is `asked` for takes."""
    app = typer.Typer(cls=StudioGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

    @app.callback()
    def ytempire() -> None:
        """Run YouTube channels with six agents: find, write, voice, picture, render, check, publish."""
        configure_logging(load_settings().log_level)

    for verb in verbs(asked):
        verb.register(app)
    return app


def main() -> None:
    """Run the command line."""
    end_quickly()
    build(sys.argv[1] if len(sys.argv) > 1 else "")()
