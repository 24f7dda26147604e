"""`ytempire trends`: the topics that the studio follows, what their attention measured, and what is expected of them."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.stack import Stack
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.errors import Invalid
from infra.settings import load_settings
from memory.artifacts import Provenance
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.trends import TrendRepository
from memory.trend_report import trend_report

_BARS = "▁▂▃▄▅▆▇█"
_SPARKS = 16
NOTHING = "no trends are known yet: they are remembered whenever `ytempire produce` chooses a story from live sources (the demo corpus leaves none)"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="trends")(trends)


def trends(
    days: Annotated[int, typer.Option(help="Topics seen in that many days, 1 to 120.")] = 7,
    limit: Annotated[int, typer.Option(help="At most that many topics, 1 to 200.")] = 20,
    provenance: Annotated[str, typer.Option(help="What kind of truth: real, rehearsal or simulated; each is kept apart.")] = Provenance.REAL.value,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which topics are known, how they score, what was measured of them and what the forecast says; nothing is fetched or changed."""
    for option, value, most in (("--days", days, 120), ("--limit", limit, 200)):
        if not 1 <= value <= most:
            raise Invalid(f"{option}: {value} is out of range; give 1 to {most}")
    kinds = [kind.value for kind in Provenance]
    if provenance not in kinds:
        raise Invalid(f"--provenance: {provenance!r} is unknown; give one of {', '.join(kinds)}")
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                report = trend_report(TrendRepository(session, LOCAL_TENANT, Provenance(provenance)), SYSTEM_CLOCK.now(), days, limit)
        finally:
            database.dispose()
    report["note"] = "" if report["topics"] else NOTHING
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        _tell(report)


def sparkline(values: Sequence[float]) -> str:
    """Return the newest values as a row of bars between their least and their most."""
    newest = values[-_SPARKS:]
    if not newest:
        return ""
    least, most = min(newest), max(newest)
    return "".join(_BARS[round((value - least) / (most - least) * (len(_BARS) - 1)) if most > least else 0] for value in newest)


def _tell(report: dict[str, Any]) -> None:
    console = Console(soft_wrap=True)
    if not report["topics"]:
        console.print(report["note"], markup=False, highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("topic", "score", "seen", "sources", "attention"):
        table.add_column(heading)
    for topic in report["topics"]:
        total = topic["scores"].get("total")
        series = max(topic["series"], key=lambda one: len(one["points"]), default=None)
        spark = f"{sparkline([point['value'] for point in series['points']])} {series['values']} x {series['unit']}" if series else "not measured"
        table.add_row(topic["topic"][:60], "-" if total is None else f"{total:.2f}", topic["last_seen"][:16], str(len(topic["sources"])), spark)
    console.print(table)
    for topic in report["topics"]:
        if topic["forecast"]:
            console.print(f"{topic['topic'][:60]}: {_outlook(topic['forecast'])}", markup=False, highlight=False)


def _outlook(forecast: dict[str, Any]) -> str:
    if not forecast["points"]:
        return f"no forecast of {forecast['source']}: {forecast['statement']}"
    last = forecast["points"][-1]
    growth = "" if forecast["growth"] is None else f"{forecast['growth']:+.0%} in 48 h, "
    band = f"{last['value']:,.0f} ({last['low']:,.0f} to {last['high']:,.0f}) {forecast['unit']} at {last['at'][:16]}"
    return f"{growth}{band}, from {forecast['length']} values of {forecast['source']}; {forecast['verdict'].replace('_', ' ')}: {forecast['statement']}"
