"""The benchmarks as one verb: each figure beside the floor it is compared with, all measured in the same run."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol

from rich.console import Console

from infra.errors import Invalid
from infra.ids import canonical_json
from infra.settings import Settings, load_settings
from tools.registry import load_constant

EXIT_MISSED = 1
MOST_MEMORY_MB = 700.0
FLAT = 1.1
LEAST_SOAK_MINUTES, MOST_SOAK_MINUTES = 1.0, 10_080.0
# Only when asked for: the forecaster is measured on real series that do not come with the studio, a loss of everything takes minutes, and growth
# says what a video costs and judges nothing.
BY_NAME = frozenset({"forecast", "comments", "growth", "restore"})
RESTORE_WRITES_S = 100.0
API_SECONDS = 3.0
# What the service may lose while a film is encoded on every core.
RENDERING_SLACK = 2.0
# A page that hears of a change later than this shows what is not so any more; what notifications lose is found after 5 s, which is no way to be told.
REACH_P95_MS = 250.0
API_USERS = 100
API_LOADS = ("row", "polled", "unchanged", "list", "approvals_few", "approvals_many")
MOST_LOST_S = 300.0


class Command(Protocol):
    """The part of a command-line application that a verb needs."""

    def command(self, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Return a decorator that adds a verb."""
        ...


def register(app: Command) -> None:
    """Add the verb, whose first word may name a bench: `bench render` is `bench --what render`."""
    # Only the command's own layer knows its library, so the mark of an optional word is fetched from it by name.
    named = load_constant("typer:Argument")(help="render, speech, captions, queue, api, restore, growth, forecast, comments, chaos, soak, all")
    bench.__annotations__["named"] = Annotated[str, named]
    app.command(name="bench")(bench)


def bench(  # noqa: PLR0913 - one per option
    named: str = "",
    what: str = "all",
    seconds: float = 30.0,
    rounds: int = 3,
    memory: bool = True,
    points: int = 100,
    minutes: float = 30.0,
    seed: int = 1,
    json: bool = False,
) -> None:
    """Measure render, speech, captions, queue, api or all of these; chaos kills and cuts at --points moments drawn from --seed;
    soak runs the whole stack for --minutes of real time under faults drawn from --seed, and says whether anything grew, leaked or was lost;
    restore loses everything but the backups; growth says what one video costs and what 10, 100 and 1,000 channels need;
    forecast asks whether the trend forecaster keeps what it claims, on the real series of YTEMPIRE_DATA.

    --seconds and --rounds size the render film, --no-memory leaves its ten-minute film out. One bench by name prints its figures as one JSON object.
    """
    chosen = named or what
    named_only = {"chaos": lambda: _chaos(points, seed, json), "soak": lambda: _soak(minutes, seed, json)}
    found = {chosen: named_only[chosen]()} if chosen in named_only else measure(chosen, seconds, rounds, memory)
    misses = missed(found)
    if json:
        figures = found if chosen == "all" else found[chosen]
        sys.stdout.write(canonical_json({**figures, "missed": misses}).decode() + "\n")
    else:
        _tell(found, misses)
    if misses:
        sys.exit(EXIT_MISSED)


def _chaos(points: int, seed: int, quiet: bool) -> dict[str, Any]:
    if points < 1:
        raise Invalid(f"bench: --points {points} is none; give at least 1")
    return dict(load_constant("evals.chaos:measure_chaos")(points, seed, Console(stderr=quiet)))


def _soak(minutes: float, seed: int, quiet: bool) -> dict[str, Any]:
    if not LEAST_SOAK_MINUTES <= minutes <= MOST_SOAK_MINUTES:
        raise Invalid(f"bench: --minutes {minutes:g} is out of range; give {LEAST_SOAK_MINUTES:g} to {MOST_SOAK_MINUTES:g}")
    return dict(load_constant("evals.soak:measure_soak")(minutes, seed, Console(stderr=quiet)))


def measure(what: str, seconds: float, rounds: int, memory: bool) -> dict[str, dict[str, Any]]:
    """Run the benches asked for, in a home of their own with the operator's caches left alone."""
    benches: dict[str, Callable[[Settings], dict[str, Any]]] = {
        # Resolved when asked for: the other verbs start without the libraries that the benches compare with.
        "render": lambda settings: dict(load_constant("evals.bench_render:measure_render")(settings, seconds=seconds, rounds=rounds, memory=memory)),
        "speech": lambda settings: dict(load_constant("evals.bench_speech:measure_speech")(settings, rounds)),
        "captions": lambda settings: load_constant("evals.bench_captions:measure_captions")(settings).model_dump(),
        "queue": lambda _: load_constant("evals.bench_queue:bench")().model_dump(),
        "api": lambda _: dict(load_constant("evals.bench_api:measure_api")(API_SECONDS, rounds)),
        "restore": lambda _: dict(load_constant("evals.bench_restore:measure_restore")(RESTORE_WRITES_S, production=True)),
        "growth": lambda settings: dict(load_constant("evals.bench_growth:measure_growth")(settings, seconds)),
        "forecast": lambda settings: dict(load_constant("evals.bench_forecast:measure_forecast")(settings)),
        "comments": lambda settings: dict(load_constant("evals.bench_comments:measure_comments")(settings)),
    }
    if what != "all" and what not in benches:
        raise Invalid(f"bench: {what!r} is unknown; give one of {', '.join(benches)}, chaos, soak or all")
    chosen = {name: work for name, work in benches.items() if what in {name, "all"} and (name not in BY_NAME or what == name)}
    found = {}
    for name, work in chosen.items():
        with tempfile.TemporaryDirectory(prefix="bench ") as home:
            found[name] = work(load_settings().model_copy(update={"home": Path(home), "media": ""}))
    return found


def missed(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return the goals that a measurement missed, in words; a figure that was not measured misses nothing."""
    misses: list[str] = []

    def check(bench_name: str, key: str, limit: float, at_most: bool = True) -> None:
        value = found.get(bench_name, {}).get(key)
        if value is not None and (value > limit if at_most else value < limit):
            misses.append(f"{bench_name}.{key} is {value:.3g}, {'at most' if at_most else 'at least'} {limit:g} is the goal")

    _derive(found)
    check("render", "ours_to_limit", 1.25)
    check("render", "moviepy_to_ours", 10.0, at_most=False)
    check("render", "jitter_px", 0.1)
    check("render", "edit_ratio", 0.3)
    check("render", "rss_mb_10min", MOST_MEMORY_MB)
    check("render", "rss_10min_to_1min", FLAT)
    for name in ("chaos", "soak"):
        check(name, "broken_count", 0)
        check(name, "slowest_recovery_s", 60.0)
    check("speech", "ratio", 1.3)
    check("captions", "words_missing", 0)
    for source in ("burned", "subrip"):
        check("captions", f"{source}_median_ms", 60.0)
        check("captions", f"{source}_p95_ms", 150.0)
    check("forecast", "skill_when_claimed", 0.0, at_most=False)
    for figure in ("lost_s", "restore_s"):
        check("restore", figure, MOST_LOST_S)
    check("restore", "keeping_share_of_a_core", 0.05)
    check("comments", "wrong_pull_backs", 0)
    check("comments", "injection_actions", 0)
    _check_api(check)
    check("queue", "start_ratio", 2.5)
    check("queue", "resume_ratio", 10.0)
    return misses


def _check_api(check: Callable[..., None]) -> None:
    """Check the goals of the HTTP service, each beside an endpoint that says hello, and again with what a render may cost it."""
    check("api", "users", API_USERS, at_most=False)
    for beside, slack in (("", 1.0), ("rendering_", RENDERING_SLACK)):
        for name, rps, p99 in (("row", 0.20, 8.0), ("polled", 0.40, 4.0), ("list", 0.12, None)):
            check("api", f"{beside}{name}_rps_share", rps / slack, at_most=False)
            if p99 is not None:
                check("api", f"{beside}{name}_p99_ratio", p99 * slack)
        for name in (*API_LOADS, "crowd"):
            check("api", f"{beside}{name}_errors", 0)
        check("api", f"{beside}approvals_p95_ratio", 3.0 * slack)
        check("api", f"{beside}cache_hit_ratio", 0.4 / slack, at_most=False)
        check("api", f"{beside}reach_p95_ms", REACH_P95_MS * slack)
        check("api", f"{beside}reach_lost", 0)


def _derive(found: dict[str, dict[str, Any]]) -> None:
    """Add the ratios and counts that goals are stated in."""
    render = found.get("render", {})
    if {"ours_s", "limit_s", "moviepy_s"} <= render.keys():
        render["ours_to_limit"] = render["ours_s"] / render["limit_s"]
        render["moviepy_to_ours"] = render["moviepy_s"] / render["ours_s"]
    if {"rss_mb_1min", "rss_mb_10min"} <= render.keys():
        render["rss_10min_to_1min"] = render["rss_mb_10min"] / render["rss_mb_1min"]
    for name in ("chaos", "soak"):
        if "broken" in found.get(name, {}):
            found[name]["broken_count"] = len(found[name]["broken"])
            found[name]["slowest_recovery_s"] = found[name].get("recovery_s", {}).get("max")


def _tell(found: dict[str, dict[str, Any]], misses: list[str]) -> None:
    console = Console(soft_wrap=True)
    for name, figures in found.items():
        console.print(name, markup=False, highlight=False)
        for key, value in figures.items():
            console.print(f"  {key:<24}{value:.3f}" if isinstance(value, float) else f"  {key:<24}{value}", markup=False, highlight=False)
    for miss in misses:
        console.print(f"MISSED {miss}", markup=False, highlight=False)
