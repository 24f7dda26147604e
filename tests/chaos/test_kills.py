"""The short version of `make chaos`: three kills of a ten-second production."""

from pathlib import Path

import pytest
from rich.console import Console

from evals.chaos import Point, draw_points, run_points


def test_the_same_seed_draws_the_same_points_and_every_target_comes_up() -> None:
    points = draw_points(10, seed=3)
    assert points == draw_points(10, seed=3)
    assert len({point.target for point in points}) == 5


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_kill_of_orchestrator_worker_or_postgres_loses_nothing_and_publishes_once(tmp_path: Path) -> None:
    points = [Point(0, "orchestrator", 0.5), Point(1, "worker", 0.6), Point(2, "postgres", 0.4)]
    verdicts = run_points(points, tmp_path, Console(stderr=True))
    assert [verdict for verdict in verdicts if verdict.problems] == []
    assert [verdict.status for verdict in verdicts] == ["published"] * 3
