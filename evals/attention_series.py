"""Real series of public attention, read from YTEMPIRE_DATA, for measuring the forecaster on what it was not made on."""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

Points = tuple[tuple[datetime, float], ...]
_GTRENDS = (
    ("events_2017_indexed_separately.csv.gz", "%b %d %Y", 24.0),
    ("canada_2015_candidates.csv.gz", "%m/%d/%Y", 24.0),
    ("canada_2015_parties.csv.gz", "%m/%d/%Y", 24.0),
    ("royalbaby_brexit_2018.csv.gz", "%b %d %Y %H:%M", 4.0),
    ("parisbeirut_2015_hourly.csv.gz", "%d/%m/%Y %H:%M:%S", 1.0),
)


@dataclass(frozen=True)
class RealSeries:
    """One real series and the moments (numbers of points known) at which its future is asked for."""

    dataset: str
    topic: str
    points: Points
    cuts: tuple[int, ...]


def real_series(data: Path) -> Iterator[RealSeries]:
    """Yield a fixed sample of every set that is there: daily readers, searches and front pages, hourly posts."""
    readers: tuple[tuple[str, Callable[[Path], Iterator[RealSeries]]], ...] = (
        ("wiki_daily_it_2015_22", wikipedia),
        ("gtrends_official_small", google_trends),
        ("hn_topics_2020_21", hacker_news),
        ("nab_tweet_volume_a", tweets),
    )
    for name, read in readers:
        if (data / name).is_dir():
            yield from read(data / name)


def wikipedia(folder: Path) -> Iterator[RealSeries]:
    """Daily readers of Italian articles that stayed among the most read for at least six weeks on end, every second one (picked by their weeks)."""
    weeks: dict[str, dict[datetime, list[float]]] = defaultdict(dict)
    for row in _rows(folder / "it_weekly_windows.csv.gz"):
        monday = datetime.fromisoformat(row["week_start_monday"]).replace(tzinfo=UTC)
        weeks[row["article"]][monday] = [float(row[day]) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    for article, known in sorted(weeks.items())[::2]:
        for run in _unbroken(sorted(known)):
            if len(run) >= 6:
                points = tuple((monday + timedelta(days=day + 1), value) for monday in run for day, value in enumerate(known[monday]))
                cuts = tuple(range(35, len(points) - 2, 19))[:3]
                yield RealSeries("wikipedia", article, points, cuts)


def google_trends(folder: Path) -> Iterator[RealSeries]:
    """Search interest as Google published it, every second subject: by day, by four hours and by the hour."""
    for name, form, step_hours in _GTRENDS:
        table = _table(folder / name, form)
        for column, values in list(table.items())[::2]:
            horizon = round(48 / step_hours)
            most = len(values) - horizon
            cuts = tuple(cut for cut in (60, 120, 180) if cut <= most)
            yield RealSeries("google trends", f"{name.split('.')[0]} {column}", tuple(values), cuts)


def hacker_news(folder: Path, every: int = 20) -> Iterator[RealSeries]:
    """Hours that stories on a subject stood on the front page, by day: every twentieth of 400 subjects."""
    series: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for row in _rows(folder / "topics_daily.csv.gz"):
        series[row["topic"]].append((datetime.fromisoformat(row["date"]).replace(tzinfo=UTC) + timedelta(days=1), float(row["story_hours"])))
    for topic in sorted(series, key=lambda name: (-sum(value for _, value in series[name]), name))[::every]:
        points = tuple(sorted(series[topic]))
        yield RealSeries("hacker news", topic, points, (130, 230, 330))


def tweets(folder: Path) -> Iterator[RealSeries]:
    """Posts that mention one of five companies, by the hour."""
    hours: dict[str, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
    for row in _rows(folder / "tweets_5min.csv.gz"):
        at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
        hours[row["ticker"]][at.replace(minute=0, second=0) + timedelta(hours=1)] += float(row["tweets"])
    for ticker, known in sorted(hours.items()):
        points = tuple(sorted(known.items()))
        yield RealSeries("tweets", ticker, points, (300, 600, 900, 1200))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _table(path: Path, form: str) -> dict[str, list[tuple[datetime, float]]]:
    """Read a published sheet: whatever stands above the first dated row are titles and headings."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    heading: list[str] = []
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for row in csv.reader(io.StringIO(text)):
        try:
            at = datetime.strptime(row[0], form).replace(tzinfo=UTC)
        except (ValueError, IndexError):
            heading = row if len(row) > 1 else heading
            continue
        for column, cell in zip(heading[1:], row[1:], strict=False):
            if cell.strip():
                found[column.strip()].append((at, float(cell.strip("<"))))
    return {column: sorted(values) for column, values in found.items()}


def _unbroken(mondays: list[datetime]) -> Iterator[list[datetime]]:
    run: list[datetime] = []
    for monday in mondays:
        if run and monday - run[-1] != timedelta(days=7):
            yield run
            run = []
        run.append(monday)
    if run:
        yield run
