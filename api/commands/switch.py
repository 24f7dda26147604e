"""`ytempire stop` and `ytempire switch`: stop paid calls and publishing, see what is stopped, and let it go on."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from api.stack import Stack
from infra.database import Database
from infra.operator_token import find_operator_token, make_operator_token
from infra.settings import Settings, load_settings
from memory.records.switches import SwitchRecord
from memory.repositories.operators import OperatorRepository
from memory.switchboard import Switchboard

Scope = Annotated[str, typer.Argument(help="all, provider:NAME, channel:ID, run:ID or tenant:ID.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever reads it next.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="stop")(stop)
    verb = typer.Typer(help="See what is stopped, and let it go on.", no_args_is_help=True)
    verb.command(name="list")(list_stopped)
    verb.command(name="engage")(stop)
    verb.command(name="release")(release)
    verb.command(name="reset")(reset)
    app.add_typer(verb, name="switch")


def stop(reason: Reason, scope: Scope = "all", as_json: AsJson = False) -> None:
    """Stop outside calls at once: none is made from now on, and those in flight are cut within five seconds. It outlives a restart."""
    _tell(_at_switchboard(lambda board: board.engage(scope, reason)), as_json)


def release(scope: Scope, reason: Reason, as_json: AsJson = False) -> None:
    """Let a scope work again."""
    _tell(_at_switchboard(lambda board: board.release(scope, reason)), as_json)


def reset(provider: Annotated[str, typer.Argument(help="The provider's name, as `ytempire costs` shows it.")], as_json: AsJson = False) -> None:
    """Call a provider again that asked to wait or failed too often."""

    def work(board: Switchboard) -> tuple[SwitchRecord, ...]:
        board.reset(provider)
        return board.list_engaged()

    _tell(_at_switchboard(work), as_json)


def list_stopped(as_json: AsJson = False) -> None:
    """Say what is stopped, by whom and why."""
    _tell(_at_switchboard(Switchboard.list_engaged), as_json)


def _at_switchboard(work: Callable[[Switchboard], tuple[SwitchRecord, ...]]) -> list[dict[str, Any]]:
    settings = load_settings()
    with Stack(settings) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                board = Switchboard.with_token(session, _token(stack.settings, first=OperatorRepository(session).is_empty()))
                return [_shown(one) for one in work(board)]
        finally:
            database.dispose()


def _token(settings: Settings, *, first: bool) -> str:
    """Return the operator's token; a studio without an operator gets one, whose token is kept in the home."""
    token = find_operator_token(settings)
    return token if token is not None else make_operator_token(settings) if first else ""


def _shown(switch: SwitchRecord) -> dict[str, Any]:
    return {"scope": switch.scope, "reason": switch.reason, "by": switch.changed_by, "since": switch.changed_at.isoformat()}


def _tell(engaged: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"stopped": engaged}, ensure_ascii=False))
        return
    console = Console(soft_wrap=True)
    for one in engaged:
        console.print(f"stopped  {one['scope']:<24} {one['reason']}  ({one['by']}, {one['since'][:16]})", markup=False, highlight=False)
    if not engaged:
        console.print("nothing is stopped")
