"""Where chaos strikes: the same seed draws the same points, everything comes up, and no production is struck more than it may survive."""

from datetime import UTC, datetime, timedelta

from evals.chaos_points import CUTS, MOMENTS, PER_NODE, PER_PRODUCTION, RARE, TARGETS, Effect, Map, Point, Station, draw_points, productions_of, stations_of
from evals.chaos_stage import Request, effects_of, fault_of
from memory.repositories.jobs import JobView

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NODES = ("scout", "write", "narrate", "illustrate", "render", "publish")
STATIONS = (Station("", 0, 0, 3.0, 0.0), *(Station(node, 0, number, 0.4, 0.1) for node in NODES for number in range(3)))
EFFECTS = (
    Effect("anthropic", "POST", "/v1/messages", 0, "write"),
    *(Effect("elevenlabs", "POST", "/v1/text-to-speech/own/with-timestamps", number, "narrate") for number in range(3)),
    Effect("youtube", "POST", "/upload/youtube/v3/videos", 0, "publish"),
    *(Effect("youtube", "PUT", "/upload/youtube/v3/videos", number, "publish") for number in (1, 2)),
)
PLACES = Map(STATIONS, EFFECTS)


def job(node: str, ordinal: int, start_s: float, end_s: float) -> JobView:
    """Return a job that was asked for and started `start_s` seconds after the beginning."""
    told: dict[str, object] = dict.fromkeys(JobView.__dataclass_fields__)
    moments = {"created_at": start_s, "started_at": start_s, "finished_at": end_s}
    told |= {name: BEGAN + timedelta(seconds=value) for name, value in moments.items()}
    return JobView(**(told | {"node": node, "iteration": 0, "ordinal": ordinal}))  # type: ignore[arg-type]


def request(at_s: float, method: str, path: str, range_: str = "") -> Request:
    return Request(BEGAN + timedelta(seconds=at_s), "youtube", method, path, "", range_, "0", 200, None)


def test_the_same_seed_draws_the_same_points() -> None:
    assert draw_points(40, 3, PLACES) == draw_points(40, 3, PLACES) != draw_points(40, 4, PLACES)


def test_every_target_moment_node_and_effect_comes_up() -> None:
    points = draw_points(100, 3, PLACES)
    assert [point.number for point in points] == list(range(100))
    assert {point.target for point in points} == {*TARGETS, *RARE, "provider line"}
    assert {point.place.node for point in points} == {"", *NODES}
    struck = {
        (point.place.service, point.place.method, point.moment) for point in points if isinstance(point.place, Effect) and point.target != "provider line"
    }
    cut = {(point.place.service, point.place.method, point.moment) for point in points if isinstance(point.place, Effect) and point.target == "provider line"}
    kinds = {(one.service, one.method) for one in EFFECTS}
    assert struck == {(*kind, moment) for kind in kinds for moment in MOMENTS}
    assert cut == {(*kind, moment) for kind in kinds for moment in CUTS}


def test_a_production_is_struck_at_most_once_a_node_and_a_few_times_where_it_publishes() -> None:
    groups = productions_of(draw_points(100, 3, PLACES))
    assert sum(map(len, groups)) == 100
    for group in groups:
        assert len(group) <= PER_PRODUCTION
        assert len({point.kind for point in group}) == 1
        nodes = [point.place.node for point in group]
        assert all(nodes.count(node) <= PER_NODE.get(node, 1) for node in nodes)
        kinds = [(point.place.service, point.place.method, point.place.path) for point in group if isinstance(point.place, Effect)]
        assert len(kinds) == len(set(kinds))
        assert sum(point.target == "worker" and point.place.node == "publish" for point in group) <= 2


def test_a_worker_is_killed_around_the_work_of_the_service_and_others_while_the_request_waits() -> None:
    by_target = {target: [fault_of(Point(0, target, EFFECTS[0], moment)) for moment in MOMENTS] for target in ("worker", "postgres")}
    assert by_target == {"worker": ["drop", "delay", "late"], "postgres": ["delay", "delay", "late"]}
    assert [fault_of(Point(0, "provider line", EFFECTS[0], moment)) for moment in CUTS] == ["drop", "lost", "torn", "hang_up"]


def test_stations_hold_how_long_each_job_ran_and_how_long_until_the_next() -> None:
    jobs = (job("scout", 0, 2.0, 3.0), job("write", 0, 3.5, 5.5))
    start, scout, write = stations_of(jobs, BEGAN, BEGAN + timedelta(seconds=7))
    assert (start.is_start, start.ran_s) == (True, 2.0)
    assert (scout.label, scout.ran_s, scout.gap_s) == ("scout.0.0", 1.0, 0.5)
    assert (write.ran_s, write.gap_s) == (2.0, 1.5)
    assert Point(0, "redis", write, "after", 0.5).delay_s == 0.75


def test_effects_are_requests_that_change_something_numbered_among_all_of_their_kind() -> None:
    path = "/upload/youtube/v3/videos"
    requests = [request(1, "POST", "/token"), request(1, "POST", path), request(2, "PUT", path, "bytes */9"), request(3, "PUT", path, "bytes 0-8/9")]
    spans = [(BEGAN, BEGAN + timedelta(seconds=9), "publish")]
    assert effects_of(requests, spans) == (Effect("youtube", "POST", path, 0, "publish"), Effect("youtube", "PUT", path, 1, "publish"))
