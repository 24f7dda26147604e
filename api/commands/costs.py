"""`ytempire costs`: what was booked, is reserved and is unknown, with the alerts of limits."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.costs.telling import circuit_told, row_told, usd
from api.stack import Stack
from infra.database import Database
from infra.errors import Invalid
from infra.settings import load_settings
from memory.cost_alerts import CostAlerts
from memory.cost_report import GROUPINGS, CostReport
from memory.ledger import MICROUSD_PER_USD, Ledger
from memory.repositories.circuits import CircuitRepository
from memory.repositories.paid_calls import PaidCallRepository

Day = Annotated[str | None, typer.Option(help="UTC day such as 2026-11-22.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="costs")(costs)


def costs(
    by: Annotated[str, typer.Option(help=f"What the table has a row for: {', '.join(GROUPINGS)}.")] = "video",
    since: Day = None,
    until: Day = None,
    rehearsed: Annotated[bool, typer.Option("--rehearsed", help="The play money of rehearsals instead of real money.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with every grouping.")] = False,
) -> None:
    """Say what was spent, on what, and what may still be charged."""
    if by not in GROUPINGS:
        raise Invalid(f"--by: {by!r} is unknown; give one of {', '.join(GROUPINGS)}")
    first, last = _day("--since", since), _day("--until", until)
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                # What a killed worker left is unknown, not reserved: nobody will settle it by himself.
                PaidCallRepository(session).mark_expired()
                report = read_report(CostReport(session, first, last, rehearsed=rehearsed), Ledger(session), CostAlerts(session))
                report["held_back"] = [circuit_told(circuit) for circuit in CircuitRepository(session).list_held_back()]
        finally:
            database.dispose()
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, default=str))
    else:
        _tell(report, by)


def read_report(report: CostReport, ledger: Ledger, alerts: CostAlerts) -> dict[str, Any]:
    """Return the report as JSON values: the total, a list of rows for each grouping, the calls without a known outcome, and the alerts."""
    unknown = [
        {
            "entry": one.id,
            "provider": one.provider,
            "operation": one.operation,
            "run_id": one.run_id,
            "job_id": one.job_id,
            "usd": usd(one.reserved_microusd),
            "outcome": one.outcome,
            "at": one.created_at.isoformat(),
        }
        for one in ledger.list_(status="unknown")
    ]
    rows = {f"by_{grouping}": [row_told(row) for row in report.rows(grouping)] for grouping in GROUPINGS}
    return {"total": row_told(report.total())} | rows | {"unknown": unknown, "alerts": [asdict(one) for one in alerts.list_newest()]}


def _day(option: str, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Invalid(f"{option}: {value!r} is not a day; give one such as 2026-11-22") from error


def _tell(report: dict[str, Any], by: str) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column(by)
    for heading in ("booked $", "reserved $", "unknown $", "calls", "failed"):
        table.add_column(heading, justify="right")
    for row in (*report[f"by_{by}"], report["total"]):
        money = [f"{row[name]:.4f}" for name in ("booked_usd", "reserved_usd", "unknown_usd")]
        table.add_row(row["key"] or "(none)", *money, str(row["calls"]), str(row["failed_calls"]))
    console = Console(soft_wrap=True)
    console.print(table if report["total"]["calls"] else "nothing was bought yet")
    for one in report["unknown"]:
        console.print(f"unknown  {one['entry']}  {one['provider']} {one['operation']}  up to ${one['usd']:.4f}  ({one['outcome']})", highlight=False)
    for one in report["alerts"]:
        limit = one["limit_microusd"] / MICROUSD_PER_USD
        console.print(f"{one['percent']:>3}% of ${limit:.2f}  {one['scope']} {one['key']}{'' if one['hard'] else '  (alert only)'}", highlight=False)
    for one in report["held_back"]:
        console.print(f"held back until {one['until']}  {one['provider']} {one['endpoint']}  {one['last_error']}", markup=False, highlight=False)
