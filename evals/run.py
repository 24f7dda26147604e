"""`python -m evals.run [--agent NAME] [--json]`: every agent on its stored cases, and a gate."""

import asyncio
import json
import sys
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from rich.console import Console

from evals.context import open_bench
from evals.suites import SUITES, Report, evaluate
from infra.log import configure_logging

_EXIT_BELOW_GATE = 1


async def run(agents: Sequence[str] = ()) -> tuple[Report, ...]:
    """Evaluate the named agents, or all, one after the other in one bench."""
    with open_bench() as bench:
        return tuple([await evaluate(suite, bench) for suite in SUITES if not agents or suite.agent in agents])


def shortfalls(reports: Sequence[Report], gates: dict[str, Any]) -> tuple[str, ...]:
    """Return what is below its gate: too few cases, too low a share of passed checks, or more time than the budget."""
    below = []
    for report in reports:
        gate = gates[report.agent]
        if report.cases < gate["cases"]:
            below.append(f"{report.agent}: {report.cases} cases, at least {gate['cases']} are wanted")
        if report.pass_rate < gate["pass_rate"]:
            below.append(f"{report.agent}: {report.passed} of {report.checks} checks passed, {gate['pass_rate']:.0%} are wanted")
    return tuple(below)


def load_gates() -> dict[str, Any]:
    """Read the shipped thresholds."""
    return tomllib.loads((files("evals") / "gates.toml").read_text("utf-8"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate, report and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    agents = [given[at + 1] for at, word in enumerate(given[:-1]) if word == "--agent"]
    configure_logging("CRITICAL")
    reports = asyncio.run(run(agents))
    gates = load_gates()
    below = shortfalls(reports, gates)
    took = sum(report.took_s for report in reports)
    if "--json" in given:
        sys.stdout.write(json.dumps(_as_json(reports, below, took, gates)) + "\n")
    else:
        _show(reports, below, took, gates)
    return _EXIT_BELOW_GATE if below else 0


def _as_json(reports: Sequence[Report], below: Sequence[str], took: float, gates: dict[str, Any]) -> dict[str, Any]:
    agents = [
        {
            "agent": report.agent,
            "cases": report.cases,
            "checks": report.checks,
            "passed": report.passed,
            "pass_rate": round(report.pass_rate, 4),
            "took_s": round(report.took_s, 2),
            "failed": [{"case": one.case, "check": one.check, "reason": one.reason} for one in report.failed],
        }
        for report in reports
    ]
    return {"passed": not below, "below_gate": list(below), "took_s": round(took, 1), "budget_s": gates["budget_s"], "agents": agents}


def _show(reports: Sequence[Report], below: Sequence[str], took: float, gates: dict[str, Any]) -> None:
    console = Console(highlight=False)
    for report in reports:
        console.print(f"{report.agent:20} {report.cases:3} cases  {report.passed:3} of {report.checks:3} checks  {report.took_s:5.1f} s")
        for one in report.failed:
            console.print(f"    {one.check} in {one.case!r}: {one.reason}", markup=False, soft_wrap=True)
    console.print(f"{took:.1f} s of {gates['budget_s']} s; " + ("; ".join(below) or "every agent is at its gate"), markup=False, soft_wrap=True)


if __name__ == "__main__":
    raise SystemExit(main())
