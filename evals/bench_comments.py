"""Whether the crisis monitor leaves good videos alone: streams of comments that mean no harm, looked at as the studio looks, on the freest channel."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scipy.stats import beta

from agents.crisis_monitor.policy import judge
from agents.crisis_monitor.schemas import Comment, WatchInput, WatchSnapshot
from agents.crisis_monitor.signs import read_signs
from evals.comment_streams import Stream, injections, linked, made_up_comments, reddit_comments, stream_of, youtube_comments
from evals.context import START, Bench, open_bench
from evals.tasks.crisis_monitor import manifest_of
from graphs.polling import FIRST, next_look
from infra.settings import Settings
from tools.screen_content.schema import ScreenContentArgs, ScreenedText
from tools.screen_content.tool import run as screen_content

COUNT = 10_000
PULL_BACKS = frozenset({"make_private", "unlist"})
NO_DATA = "YTEMPIRE_DATA is unset or holds no real comments: only made-up ones were read"
_SIGNIFICANCE = 0.05
_MANY_AT_ONCE = 2000


def measure_comments(settings: Settings, count: int = COUNT, seed: int = 1) -> dict[str, Any]:
    """Return, for each stream, how many comments and looks there were and how often each action would have been taken."""
    with open_bench() as bench:
        found = {stream.name: watch_stream(stream, bench) for stream in streams(settings.data, count, seed)}
    benign = [figures for name, figures in found.items() if name != "injections"]
    totals = {
        "wrong_pull_backs": sum(figures["pull_backs"] for figures in benign),
        "injection_actions": sum(found["injections"]["actions"].values()),
        "skipped": "" if _real(settings.data) else NO_DATA,
    }
    return {**found, **totals}


def streams(data: Path | None, count: int, seed: int) -> Iterator[Stream]:
    """Yield the streams that there is data for: real comments as they are and with a source after each, made-up ones, and injections."""
    if data is not None and _real(data):
        real = youtube_comments(data, count)
        yield stream_of("youtube", real, START, seed)
        yield stream_of("youtube_linked", linked(real), START, seed)
        yield stream_of("reddit", reddit_comments(data, count), START, seed)
    yield stream_of("made_up", made_up_comments(count, seed), START, seed)
    yield stream_of("injections", injections(), START, seed)


def watch_stream(stream: Stream, bench: Bench) -> dict[str, Any]:
    """Look at every video of a stream at the times the studio looks, each time with the comments that are there, and count what follows."""
    done: Counter[str] = Counter()
    looks = struck = 0
    for comments in stream.videos:
        screened = _screened(comments, bench)
        acted: set[str] = set()
        for given, seen in _looks(comments, screened, bench):
            verdict = judge(given, read_signs(given, seen), seen.privacy)
            done.update(verdict.done)
            acted |= set(verdict.done)
            looks += 1
        struck += bool(acted & PULL_BACKS)
    pulled = sum(done[action] for action in PULL_BACKS)
    low, high = clopper_pearson(struck, len(stream.videos))
    _, per_comment = clopper_pearson(pulled, stream.count)
    figures = {"comments": stream.count, "videos": len(stream.videos), "looks": looks, "actions": dict(sorted(done.items()))}
    return {**figures, "pull_backs": pulled, "videos_pulled_back_95": [low, high], "pull_backs_per_comment_at_most_95": per_comment}


def clopper_pearson(successes: int, trials: int) -> tuple[float, float]:
    """Return the exact 95% interval of a share (Clopper and Pearson, 1934)."""
    if not trials:
        return 0.0, 1.0
    low = 0.0 if not successes else float(beta.ppf(_SIGNIFICANCE / 2, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(beta.ppf(1 - _SIGNIFICANCE / 2, successes + 1, trials - successes))
    return low, high


def _looks(comments: tuple[Comment, ...], screened: tuple[tuple[str, str, str], ...], bench: Bench) -> Iterator[tuple[WatchInput, WatchSnapshot]]:
    """Yield each look of the first days, and a last one that sees whatever is left."""
    manifest, last = manifest_of(bench), comments[-1].at
    since: datetime | None = None
    at: datetime | None = START + FIRST
    while at is not None and at < last + timedelta(hours=1):
        there = tuple(one for one in comments if one.at <= at)
        # A look that sees nothing new decides nothing: it is left out, so that the streams stay quick.
        if there and (since is None or there[-1].at > since):
            yield _given(since, manifest), WatchSnapshot(found=True, taken_at=at, privacy="public", comments=there, screened=screened)
        since, at = at, next_look(at, START, troubled=False)


def _given(since: datetime | None, manifest: Any) -> WatchInput:
    return WatchInput(publication_key="run_benign12345", manifest=manifest, expected_privacy="public", autonomy="autonomous", since=since)


def _screened(comments: tuple[Comment, ...], bench: Bench) -> tuple[tuple[str, str, str], ...]:
    texts = tuple(ScreenedText(id=one.id, text=one.text, origin="outside") for one in comments[:_MANY_AT_ONCE])
    return tuple((one.text_id, one.category, one.reason) for one in screen_content(ScreenContentArgs(texts=texts), bench.tool_context()).findings)


def _real(data: Path | None) -> bool:
    return data is not None and (data / "youtube_comments" / "comments.jsonl.gz").is_file()
