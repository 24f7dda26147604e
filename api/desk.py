"""What verbs over a stack's database share: one transaction of work, and telling what came of it."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from rich.console import Console

from api.stack import Stack
from infra.database import Database, Session
from infra.settings import load_settings

T = TypeVar("T")


def at_database(work: Callable[[Session], T]) -> T:
    """Do work in one transaction on the home's database, starting the stack for it when none runs."""
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                return work(session)
        finally:
            database.dispose()


def tell(body: dict[str, Any], as_json: bool, lines: Callable[[dict[str, Any]], list[str]]) -> None:
    """Say what came of it: one JSON object for a program, lines for a person."""
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, default=str))
        return
    for line in lines(body):
        Console(soft_wrap=True).print(line, markup=False, highlight=False)
