"""What one video costs the machines that make it, measured, and what that comes to for 10, 100 and 1,000 channels."""

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.embedded.postgres import EmbeddedPostgres
from infra.errors import Unavailable
from infra.processes import environment
from infra.settings import Settings
from memory.quota import pacific_day, tariff_on
from memory.repositories.footprint import FootprintRepository

COMMAND = Path(sys.executable).parent / "ytempire"
CHANNELS = (10, 100, 1000)
_WITHIN_S = 1800.0
_LOOK_EVERY_S = 0.5
# A machine whose workers are busier than this lets queues grow: the share of a day that cores are planned to work.
BUSY = 0.6
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Spent:
    """What a command took: processor time of it and all that ended with it, wall time, and the most connections that its database had at once."""

    cpu_s: float
    wall_s: float
    connections: int


def measure_growth(settings: Settings, seconds: float) -> dict[str, Any]:
    """Make one offline video of `seconds` in the home, and one rehearsed with every paid service; return their costs and the tables for more channels."""
    plain, rehearsed = settings.home / "plain", settings.home / "rehearsed"
    for home in (plain, rehearsed):
        _share_models(settings, home)
    idle = _run(plain, "doctor", "--json")
    video = _run(plain, "produce", "--seconds", f"{seconds:g}", "--json")
    # The first production compiles and builds what later ones find in the cache; the second is what every further one costs.
    again = _run(plain, "produce", "--seconds", f"{seconds:g}", "--json")
    _run(rehearsed, "produce", "--seconds", f"{seconds:g}", "--json", "--rehearse")
    stored = _stored(plain)
    paid = _paid(rehearsed / "rehearsal")
    costs = {
        "seconds": seconds,
        "cpu_s": again.cpu_s - idle.cpu_s,
        "cpu_s_first": video.cpu_s - idle.cpu_s,
        "cpu_s_start_and_stop": idle.cpu_s,
        "wall_s": again.wall_s - idle.wall_s,
        "connections": max(video.connections, again.connections),
        **{name: value / 2 for name, value in stored.items()},
        **paid,
    }
    limits = _limits(settings)
    return {**costs, "limits": limits, "channels": [forecast(costs, limits, channels) for channels in CHANNELS]}


def forecast(costs: dict[str, Any], limits: dict[str, float], channels: int, videos_a_day: float = 1.0) -> dict[str, Any]:
    """Return what that many channels need a day at `videos_a_day` each, as amounts and as shares of the limits, the tightest named."""
    videos = channels * videos_a_day
    needs = {
        "cores": videos * costs["cpu_s"] / (_DAY_S * BUSY),
        "disk_gb_30_days": videos * 30 * (costs["media_mb"] + costs["library_mb"] + costs["database_mb"]) / 1000,
        "rows_a_day": videos * costs["rows"],
        "usd_a_day": videos * costs["usd"],
        **{f"youtube_{bucket}": videos * amount for bucket, amount in costs["quota"].items()},
    }
    shares = {name: needs[name] / limit for name, limit in limits.items() if name in needs}
    return {"channels": channels, **needs, "shares": shares, "saturates_first": max(shares, key=lambda name: shares[name])}


def _limits(settings: Settings) -> dict[str, float]:
    """Return what this machine, the settings and the platform's tariff allow a day."""
    tariff = tariff_on(pacific_day(SYSTEM_CLOCK.now()))
    return {
        "cores": float(len(os.sched_getaffinity(0))),
        "disk_gb_30_days": shutil.disk_usage(settings.home).free / 1e9,
        "usd_a_day": settings.limit_day_usd,
        **{f"youtube_{bucket}": float(limit) for bucket, limit in {**tariff.limits, **settings.youtube_granted}.items()},
    }


def _run(home: Path, *arguments: str) -> Spent:
    """Run a command of the studio to its end; raises Unavailable with what it said when it fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), SYSTEM_CLOCK.monotonic()
    env = environment(YTEMPIRE_HOME=str(home), YTEMPIRE_NETWORK="off", YTEMPIRE_MEDIA="", YTEMPIRE_LISTEN="", DATABASE_URL="", REDIS_URL="")
    with subprocess.Popen([COMMAND, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        connections = _Connections(home)
        connections.start()
        said, _ = process.communicate(timeout=_WITHIN_S)
        connections.end()
    if process.returncode:
        raise Unavailable(f"bench growth: ytempire {' '.join(arguments)} failed: {said[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(cpu_s, SYSTEM_CLOCK.monotonic() - started, connections.most)


class _Connections(threading.Thread):
    """Looks now and then how many connections the database of a running stack has."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._note = home / "run" / "stack.json"
        self._ended = threading.Event()
        self.most = 0

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look until told to end; a stack that is not up is looked for again."""
        while not self._ended.wait(_LOOK_EVERY_S):
            try:
                url = json.loads(self._note.read_text("utf-8"))["database"]
                with psycopg.connect(url, connect_timeout=2) as connection:
                    row = connection.execute("select count(*) - 1 from pg_stat_activity where datname = current_database()").fetchone()
            except (OSError, ValueError, psycopg.Error):
                continue
            self.most = max(self.most, int(row[0]) if row else 0)


def _share_models(settings: Settings, home: Path) -> None:
    models = Settings(home=settings.home).cache_root / "models"
    models.mkdir(parents=True, exist_ok=True)
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "models").symlink_to(models, target_is_directory=True)


def _stored(home: Path) -> dict[str, float]:
    """Return what lies in a home: media, library and database in MB, rows over all tables."""

    def held(footprint: FootprintRepository) -> dict[str, float]:
        return {"rows": float(footprint.rows()), "database_mb": footprint.table_bytes() / 1e6}

    return {"media_mb": _size_mb(home / "media"), "library_mb": _size_mb(home / "library"), **_ask(home, held)}


def _paid(home: Path) -> dict[str, Any]:
    """Return what a rehearsed video booked: USD at the providers' prices, requests, and units of YouTube's quota by bucket, its first look included."""

    def booked(footprint: FootprintRepository) -> dict[str, Any]:
        found = footprint.booked()
        return {"usd": found.microusd / 1e6, "paid_calls": found.calls, "quota": found.quota}

    return _ask(home, booked)


def _ask(home: Path, work: Callable[[FootprintRepository], dict[str, Any]]) -> dict[str, Any]:
    """Read the database of a home that nothing runs in any more."""
    server = EmbeddedPostgres(home)
    database = Database(server.start().admin)
    try:
        with database.unit_of_work() as session:
            return work(FootprintRepository(session))
    finally:
        database.dispose()
        server.stop()


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
