"""The short version of `make chaos`: one kill of each kind in a ten-second production."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from evals.chaos import run_points
from evals.chaos_points import MOMENTS, TARGETS, Moment, Point, Station, Target, draw_points, stations_of
from memory.repositories.jobs import JobView

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
STATIONS = (Station("", 0, 0, 3.0, 0.0), *(Station(node, 0, number, 0.4, 0.1) for node in ("scout", "narrate", "illustrate", "render") for number in range(3)))
# (which process, at which node, when): together they touch the queue, a running job, a written result and the run itself.
KILLS: tuple[tuple[Target, str, Moment], ...] = (
    ("orchestrator", "illustrate", "inside"),
    ("worker", "render", "inside"),
    ("redis", "narrate", "before"),
    ("postgres", "design_thumbnail", "after"),
)


def job(node: str, ordinal: int, start_s: float, end_s: float) -> JobView:
    """Return a job that was asked for and started `start_s` seconds after the beginning."""
    told: dict[str, object] = dict.fromkeys(JobView.__dataclass_fields__)
    moments = {"created_at": start_s, "started_at": start_s, "finished_at": end_s}
    told |= {name: BEGAN + timedelta(seconds=value) for name, value in moments.items()}
    return JobView(**(told | {"node": node, "iteration": 0, "ordinal": ordinal}))  # type: ignore[arg-type]


def test_the_same_seed_draws_the_same_points_and_every_kind_and_moment_comes_up_over_the_whole_production() -> None:
    points = draw_points(40, 3, STATIONS)
    assert points == draw_points(40, 3, STATIONS) != draw_points(40, 4, STATIONS)
    assert {point.target for point in points} == {*TARGETS, "dispatcher"}
    assert {point.moment for point in points} == set(MOMENTS)
    assert {point.station.node for point in points} == {"", "scout", "narrate", "illustrate", "render"}


def test_stations_hold_how_long_each_job_ran_and_how_long_until_the_next() -> None:
    jobs = (job("scout", 0, 2.0, 3.0), job("write", 0, 3.5, 5.5))
    start, scout, write = stations_of(jobs, BEGAN, BEGAN + timedelta(seconds=7))
    assert (start.is_start, start.ran_s) == (True, 2.0)
    assert (scout.label, scout.ran_s, scout.gap_s) == ("scout.0.0", 1.0, 0.5)
    assert (write.ran_s, write.gap_s) == (2.0, 1.5)
    assert Point(0, "redis", write, "after", 0.5).delay_s == 0.75


def chosen(stations: Sequence[Station]) -> list[Point]:
    """Return the four kills at the first job of their node in this production."""
    first = {station.node: station for station in reversed(stations)}
    return [Point(number, target, first[node], moment, 0.4) for number, (target, node, moment) in enumerate(KILLS)]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_kill_of_orchestrator_worker_redis_or_postgres_loses_nothing_and_publishes_once(tmp_path: Path) -> None:
    verdicts = run_points(chosen, tmp_path, Console(stderr=True))
    assert [verdict.told() for verdict in verdicts if verdict.problems] == []
    assert [(verdict.status, verdict.duplicates, verdict.lost, verdict.repaid) for verdict in verdicts] == [("published", 0, 0, 0)] * len(KILLS)
