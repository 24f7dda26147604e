"""The API bench itself: it measures what it says it does, with no error; how quick is judged where nothing else runs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from evals.bench import missed
from evals.bench_api import measure_api
from evals.bench_api_load import Rate
from evals.bench_api_render import Render


@contextmanager
def burning() -> Iterator[Render]:
    """Stand for the render, which takes long to begin, by a program that takes a core."""
    with subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"], start_new_session=True) as burner:
        render = Render(burner)
        render.go_alone(0.2)
        try:
            yield render
        finally:
            burner.kill()


@pytest.mark.slow
def test_a_short_bench_has_no_error_and_its_reads_keep_up() -> None:
    found = measure_api(seconds=0.2, rounds=1, users=20, changes=10, beside=burning)
    assert [name for name in found if name.endswith("_errors") and found[name]] == []
    assert found["cache_hit_ratio"] > 0.4
    # A fortieth of the goals: other tests share the processors, and Postgres its turns with them.
    assert found["row_rps_share"] > 0.005
    assert found["polled_rps_share"] > 0.01
    assert found["list_rps_share"] > 0.003
    assert found["reach_p50_ms"] > 0
    assert found["rendering_row_rps"] > 0
    assert found["rendering_cores"] > 0
    assert found["rendering_cores_alone"] > 0


def test_figures_that_miss_a_goal_are_named() -> None:
    good = {"row_rps_share": 0.3, "row_p99_ratio": 4.0, "row_errors": 0, "polled_rps_share": 0.5, "cache_hit_ratio": 0.9, "crowd_errors": 0}
    assert missed({"api": good}) == []
    bad = {**good, "row_rps_share": 0.1, "cache_hit_ratio": 0.1, "crowd_errors": 3}
    assert [miss.split(" ")[0] for miss in missed({"api": bad})] == ["api.row_rps_share", "api.crowd_errors", "api.cache_hit_ratio"]
    beside = {"rendering_row_rps_share": 0.11, "rendering_row_p99_ratio": 15.0, "rendering_list_rps_share": 0.05, "rendering_polled_errors": 1}
    assert [miss.split(" ")[0] for miss in missed({"api": {**good, **beside}})] == ["api.rendering_polled_errors", "api.rendering_list_rps_share"]


def test_percentiles_are_of_what_was_answered() -> None:
    rate = Rate(seconds=2.0, took_s=[0.001 * n for n in range(1, 101)], statuses={200: 99, 500: 1})
    assert (rate.rps, rate.errors) == (50.0, 1)
    assert 99.0 < rate.percentile_ms(0.99) <= 100.0
