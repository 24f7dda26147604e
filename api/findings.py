"""The watchdog's newest findings, for the verbs that show them."""

from typing import Any

from rich.console import Console

from api.stack import Stack
from infra.database import Database
from memory.repositories.brakes import BrakeRepository
from memory.repositories.findings import FindingRepository
from memory.repositories.heartbeats import HeartbeatRepository


def last_findings(stack: Stack) -> dict[str, Any]:
    """Return what every check last said, what is held back, and who was last heard of when."""
    database = Database(stack.urls.database)
    try:
        with database.unit_of_work() as session:
            rows = FindingRepository(session).list_()
            found = [
                {"name": row.name, "status": row.status, "said": row.said, "fix": row.fix, "reading": row.reading, "since": row.since.isoformat()}
                for row in rows
            ]
            brakes = [{"scope": one.scope, "reason": one.reason, "until": one.expires_at.isoformat()} for one in BrakeRepository(session).list_()]
            pulses = {pulse.name: {"silent_s": round(pulse.silent_s, 1), "work": pulse.progress} for pulse in HeartbeatRepository(session).list_()}
    finally:
        database.dispose()
    return {"worst": worst_of([row.status for row in rows]), "findings": found, "brakes": brakes, "heartbeats": pulses}


def worst_of(statuses: list[str]) -> str:
    """Return the gravest of these statuses; `unknown` when nothing was ever found."""
    return next((status for status in ("critical", "warning", "unknown", "ok") if status in statuses), "unknown")


def render_findings(body: dict[str, Any]) -> None:
    """Write findings, acts and brakes for a person."""
    console = Console(soft_wrap=True)
    if body["worst"] == "unknown":
        console.print("the watchdog has not looked yet: it runs with `ytempire up`; `ytempire watchdog --once` looks now", highlight=False)
    for one in body["findings"]:
        console.print(f"{one['status']:<9}{one['name']:<17}{one['said']}", markup=False, highlight=False)
        if one["fix"] and one["status"] != "ok":
            console.print(f"{'':9}fix: {one['fix']}", markup=False, highlight=False)
    for one in body.get("done", ()):
        console.print(f"done     {one['act']} {one['target']}: {one['outcome']} ({one['why']})", markup=False, highlight=False)
    for one in body.get("brakes", ()):
        console.print(f"held     {one['scope']} until {one['until']}: {one['reason']}", markup=False, highlight=False)
