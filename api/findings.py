"""The watchdog's newest findings, for the verbs that show them."""

from typing import Any

from rich.console import Console

from api.stack import Stack
from infra.clock import SYSTEM_CLOCK
from infra.database import Database, Session
from memory.repositories.brakes import BrakeRepository
from memory.repositories.findings import FindingRepository
from memory.repositories.heartbeats import HeartbeatRepository

# Words younger than this are of this moment.
_FRESH_S = 60


def last_findings(stack: Stack) -> dict[str, Any]:
    """Return what every check last said, what is held back, and who was last heard of when."""
    database = Database(stack.urls.database)
    try:
        with database.unit_of_work() as session:
            return findings_of(session)
    finally:
        database.dispose()


def findings_of(session: Session) -> dict[str, Any]:
    """Return the same inside a unit of work."""
    rows, now = FindingRepository(session).list_(), SYSTEM_CLOCK.now()
    found = [
        {"name": row.name, "status": row.status, "said": row.said, "fix": row.fix, "reading": row.reading}
        | {"since": row.since.isoformat(), "at": row.at.isoformat(), "age_s": round((now - row.at).total_seconds())}
        for row in rows
    ]
    brakes = [{"scope": one.scope, "reason": one.reason, "until": one.expires_at.isoformat()} for one in BrakeRepository(session).list_()]
    pulses = {pulse.name: {"silent_s": round(pulse.silent_s, 1), "work": pulse.progress} for pulse in HeartbeatRepository(session).list_()}
    return {"worst": worst_of([row.status for row in rows]), "findings": found, "brakes": brakes, "heartbeats": pulses}


def _age(one: dict[str, Any]) -> str:
    """Return how old the words of a finding are, where they are not of this moment: they are renewed when they change for the worse, else now and then."""
    if "age_s" not in one or one["age_s"] < _FRESH_S:
        return ""
    minutes = one["age_s"] // 60
    return f" (as read {minutes} min ago)" if minutes < 120 else f" (as read {minutes // 60} h ago)"


def worst_of(statuses: list[str]) -> str:
    """Return the gravest of these statuses; `unknown` when nothing was ever found."""
    return next((status for status in ("critical", "warning", "unknown", "ok") if status in statuses), "unknown")


def render_findings(body: dict[str, Any]) -> None:
    """Write findings, acts and brakes for a person."""
    console = Console(soft_wrap=True)
    if body["worst"] == "unknown":
        console.print("the watchdog has not looked yet: it runs with `ytempire up`; `ytempire watchdog --once` looks now", highlight=False)
    for one in body["findings"]:
        console.print(f"{one['status']:<9}{one['name']:<17}{one['said']}{_age(one)}", markup=False, highlight=False)
        if one["fix"] and one["status"] != "ok":
            console.print(f"{'':9}fix: {one['fix']}", markup=False, highlight=False)
    for one in body.get("done", ()):
        console.print(f"done     {one['act']} {one['target']}: {one['outcome']} ({one['why']})", markup=False, highlight=False)
    for one in body.get("brakes", ()):
        console.print(f"held     {one['scope']} until {one['until']}: {one['reason']}", markup=False, highlight=False)
