"""`ytempire watchdog`: what the watchdog of the running stack found last, or one turn of it now."""

import asyncio
import json
from typing import Annotated, Any

import typer

from api.findings import last_findings, render_findings
from api.stack import Stack
from api.watchdog import open_watchdog
from infra.settings import load_settings

EXIT_CRITICAL = 1


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="watchdog")(watchdog)


def watchdog(
    once: Annotated[bool, typer.Option("--once", help="Do one turn now, heal what can be healed, and show what it found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the watchdog last found: every check with its status, what follows, and what to do. Exits with 1 when something is critical."""
    with Stack(load_settings()) as stack:
        body = asyncio.run(_turned(stack)) if once else last_findings(stack)
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        render_findings(body)
    if any(one["status"] == "critical" for one in body["findings"]):
        raise typer.Exit(EXIT_CRITICAL)


async def _turned(stack: Stack) -> dict[str, Any]:
    dog, database = open_watchdog(stack.connected, quiet=True)
    try:
        turn = await dog.turn()
    finally:
        database.dispose()
    found = [{"name": one.name, "status": one.status, "said": one.said, "fix": one.fix, "reading": dict(one.reading)} for one in turn.judgements]
    done = [{"act": one.act.kind, "target": one.act.target, "why": one.act.why, "outcome": one.outcome} for one in turn.done]
    return {"worst": turn.worst, "vouched": turn.vouched, "findings": found, "done": done}
