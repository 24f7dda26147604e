"""What a simulation says on a terminal: several lines for one seed, one line a seed for a series, and how to see a failing one again."""

from collections.abc import Mapping, Sequence

from evals.simulation.report import Report
from evals.simulation.series import Crash, Outcome
from evals.simulation.world_play import Asked


def replay(asked: Asked) -> str:
    """Return the command that plays a seed again."""
    return f"ytempire simulate --hours {asked.hours:g} --channels {asked.channels} --seed {asked.seed} --faults {asked.level}"


def whole(report: Report) -> list[str]:
    """Tell one seed in some lines."""
    return [
        f"seed {report.seed}: {report.hours:g} simulated hours x {report.channels} channels, {report.level} faults, in {report.wall_s:.0f} s",
        f"  published {report.published}, due {report.due}, on time {report.on_time}, duplicates {report.duplicates}, "
        f"unapproved {report.unapproved}, lost {report.lost}",
        *([f"  not on time: {_counts(report.missed)}"] if report.missed else []),
        *(f"  {one.found} of {one.shown} shown signs of {fault} found, the slowest after {one.slowest_s:.0f} s" for fault, one in report.signs.items()),
        f"  {sum(report.faults.values())} faults, recovery p50 {report.recovery_s.p50:.1f} s, max {report.recovery_s.max:.1f} s, "
        f"uptime {100 * report.uptime:.2f} %",
        f"  invariants {'all kept' if report.kept else 'BROKEN: ' + ', '.join(_broken(report))}; log {report.log_sha256}",
        *(f"  {violation}" for violation in report.violations),
    ]


def brief(asked: Asked, outcome: Outcome, *, known: bool = False) -> list[str]:
    """Tell one seed of a series in a line; one that failed is followed by what was seen and by the command that plays it again."""
    if isinstance(outcome, Crash):
        return [f"seed {outcome.seed}: ENDED with code {outcome.code} and no report; again: {replay(asked)}", *(f"  {line}" for line in outcome.said)]
    kept = sum(outcome.invariants.values())
    line = (
        f"seed {outcome.seed}: {kept} of {len(outcome.invariants)} invariants, {outcome.on_time} of {outcome.due} on time"
        f"{f' ({_counts(outcome.missed)})' if outcome.missed else ''}, "
        f"{sum(outcome.faults.values())} faults, recovery at most {outcome.recovery_s.max:.0f} s, uptime {100 * outcome.uptime:.2f} %, "
        + ("known from the report" if known else f"{outcome.wall_s:.0f} s")
    )
    if outcome.kept:
        return [line]
    return [f"{line}; BROKEN: {', '.join(_broken(outcome))}; again: {replay(asked)}", *(f"  {violation}" for violation in outcome.violations)]


def summary(outcomes: Sequence[Outcome], of: int) -> str:
    """Tell a series in a line."""
    failed = [outcome.seed for outcome in outcomes if isinstance(outcome, Crash) or not outcome.kept]
    told = f"{len(outcomes)} of {of} seeds: {len(outcomes) - len(failed)} kept every invariant"
    return told + (f"; failed: {', '.join(str(seed) for seed in sorted(failed))}" if failed else "")


def _counts(of: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in of.items())


def _broken(report: Report) -> list[str]:
    return [name for name, kept in report.invariants.items() if not kept]
