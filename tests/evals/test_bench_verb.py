"""The bench verb: which goals count as missed, and what is said of a wrong word."""

import pytest
from typer.testing import CliRunner

from api.cli import build
from evals.bench import missed


def test_a_bench_that_is_not_there_and_no_points_are_refused_with_what_there_is() -> None:
    wrong = CliRunner().invoke(build(), ["bench", "nonsense"])
    assert wrong.exit_code == 2
    assert "give one of render, speech, captions, queue, api, restore, growth, forecast, comments, chaos, soak or all" in wrong.stderr
    none = CliRunner().invoke(build(), ["bench", "chaos", "--points", "0"])
    assert (none.exit_code, "give at least 1" in none.stderr) == (2, True)


@pytest.mark.parametrize(
    ("figures", "named"),
    [
        ({"limit_s": 10.0, "ours_s": 13.0, "moviepy_s": 200.0}, "ours_to_limit"),
        ({"limit_s": 10.0, "ours_s": 11.0, "moviepy_s": 100.0}, "moviepy_to_ours"),
        ({"jitter_px": 0.2}, "jitter_px"),
        ({"edit_ratio": 0.5}, "edit_ratio"),
        ({"rss_mb_1min": 500.0, "rss_mb_10min": 690.0}, "rss_10min_to_1min"),
        ({"rss_mb_1min": 800.0, "rss_mb_10min": 800.0}, "rss_mb_10min"),
    ],
)
def test_a_missed_goal_of_rendering_is_named(figures: dict[str, float], named: str) -> None:
    (miss,) = missed({"render": dict(figures)})
    assert miss.startswith(f"render.{named} is ")


def test_what_meets_its_goal_or_was_not_measured_misses_nothing() -> None:
    met = {"limit_s": 10.0, "ours_s": 12.0, "moviepy_s": 150.0, "jitter_px": 0.05, "rss_mb_1min": 600.0, "rss_mb_10min": 640.0}
    assert missed({"render": met, "speech": {}, "chaos": {"broken": []}}) == []
    assert missed({"chaos": {"broken": ["a video was lost"]}}) == ["chaos.broken_count is 1, at most 0 is the goal"]


def test_the_verb_explains_both_spellings() -> None:
    told = CliRunner().invoke(build(), ["bench", "--help"]).stdout
    assert "[named]" in told
    assert "--what" in told
