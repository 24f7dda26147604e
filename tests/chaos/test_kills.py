"""The short version of `make chaos`: a rehearsed and a local production, each struck where it hurts most."""

from pathlib import Path

import pytest
from rich.console import Console

from evals.chaos import run_points
from evals.chaos_points import Effect, Map, Moment, Point, Station, Target

UPLOADS = "/upload/youtube/v3/videos"
# (what, service and method and path, when): an answer that was bought and lost, a sound half delivered, the last bytes of a video whose answer nobody
# read, the command itself while a thumbnail is set, and the step that shows the video to the world while the database dies.
AT_EFFECTS: tuple[tuple[Target, tuple[str, str, str], Moment], ...] = (
    ("worker", ("anthropic", "POST", "/v1/messages"), "after"),
    ("provider line", ("elevenlabs", "POST", "/v1/text-to-speech"), "answering"),
    ("worker", ("youtube", "PUT", UPLOADS), "after"),
    ("orchestrator", ("youtube", "POST", "/upload/youtube/v3/thumbnails/set"), "inside"),
    ("postgres", ("youtube", "PUT", "/youtube/v3/videos"), "inside"),
)
# (which process, at which node, when): the queue, the run itself and a long job of a production without any provider.
AT_JOBS: tuple[tuple[Target, str, Moment], ...] = (
    ("redis", "narrate", "before"),
    ("orchestrator", "illustrate", "inside"),
    ("worker", "render", "inside"),
)


def chosen(places: Map) -> list[Point]:
    """Return the points at the last effect of their kind and the first job of their node."""
    points: list[Point] = []
    for target, (service, method, path), moment in AT_EFFECTS:
        effects: list[Effect] = [one for one in places.effects if (one.service, one.method) == (service, method) and one.path.startswith(path)]
        points.append(Point(len(points), target, effects[-1], moment))
    for target, node, moment in AT_JOBS:
        stations: list[Station] = [one for one in places.stations if one.node == node]
        points.append(Point(len(points), target, stations[0], moment, 0.4, "library"))
    return points


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_whatever_is_killed_or_cut_nothing_is_lost_published_twice_or_paid_for_twice(tmp_path: Path) -> None:
    verdicts = run_points(chosen, tmp_path, Console(stderr=True))
    assert [verdict.told() for verdict in verdicts if verdict.problems or verdict.unreached] == []
    assert [(verdict.status, verdict.duplicates, verdict.lost, verdict.repaid) for verdict in verdicts] == [("published", 0, 0, 0)] * 2
    blows = [blow for verdict in verdicts for blow in verdict.blows]
    assert len([blow for blow in blows if blow.hit]) == len(AT_EFFECTS) + len(AT_JOBS)
    # What a worker had bought when it died is bought again, and said to be unknown; so is what a cut connection may have brought.
    assert verdicts[0].unknown >= 2
