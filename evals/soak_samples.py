"""What a soak measures while it lasts, and whether it grew: memory, descriptors, connections, rows, disk."""

import os
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

GROWTH_LIMIT, REST_CPU_LIMIT = 0.10, 0.05
_FEWEST = 8
_MB = 1 << 20


@dataclass(frozen=True)
class Sample:
    """One look at a home `at_s` seconds into the soak: figures over all its processes, rows by table, bytes by folder."""

    at_s: float
    processes: int
    memory_mb: float
    descriptors: int
    connections: int
    redis_clients: int
    rows: Mapping[str, int]
    disk_mb: Mapping[str, float]
    published: int
    cpu_s: float


@dataclass(frozen=True)
class Usage:
    """Memory, descriptors and processor time of some processes, the shared parts of memory counted once; zombies by parent and name.

    The sessions of PostgreSQL, a process each, count as connections and not as processes; nor do their descriptors count, since a session keeps
    the files of every table open that it ever touched, up to a limit of its own.
    """

    processes: int = 0
    memory_mb: float = 0.0
    descriptors: int = 0
    cpu_s: float = 0.0
    zombies: tuple[tuple[int, str], ...] = ()


def usage_of(root: psutil.Process) -> Usage:
    """Measure a process with all its descendants."""
    members = [root, *root.children(recursive=True)]
    count, memory, descriptors, cpu, zombies = 0, 0, 0, 0.0, []
    for process in members:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError, ProcessLookupError):
            if process.status() == psutil.STATUS_ZOMBIE:
                zombies.append((process.ppid(), process.name()))
                continue
            is_session = process.name() == "postgres"
            descriptors += 0 if is_session else process.num_fds()
            memory += process.memory_full_info().pss
            times = process.cpu_times()
            cpu += times.user + times.system
            count += not is_session
    return Usage(count, memory / _MB, descriptors, cpu, tuple(zombies))


def disk_of(home: Path) -> dict[str, float]:
    """Return the megabytes that each part of a home takes."""
    return {part.name: round(_bytes(part) / _MB, 2) for part in sorted(home.iterdir()) if part.is_dir()}


def _bytes(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
    return total


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the median of the slopes between all pairs of points (Theil and Sen): single peaks, such as a render, do not move it."""
    pairs = [(b[1] - a[1]) / (b[0] - a[0]) for number, a in enumerate(points) for b in points[number + 1 :] if b[0] > a[0]]
    return statistics.median(pairs) if pairs else 0.0


@dataclass(frozen=True)
class Trend:
    """How one figure went after warm-up: its median, its change per hour, and its growth over the measured time as a share of the median."""

    median: float
    per_hour: float
    growth: float

    @property
    def grew(self) -> bool:
        """Whether it grew by more than the limit."""
        return self.growth >= GROWTH_LIMIT


def trend(samples: Sequence[Sample], figure: str, after_s: float) -> Trend:
    """Return the trend of one figure after the warm-up; too few samples show none."""
    points = [(one.at_s, float(getattr(one, figure))) for one in samples if one.at_s >= after_s]
    if len(points) < _FEWEST:
        return Trend(points[-1][1] if points else 0.0, 0.0, 0.0)
    middle = statistics.median(value for _, value in points)
    per_s = slope(points)
    return Trend(round(middle, 1), round(per_s * 3600, 1), round(per_s * (points[-1][0] - points[0][0]) / middle, 4) if middle else 0.0)


def per_video(samples: Sequence[Sample], after_s: float) -> dict[str, float]:
    """Return how many rows and megabytes one finished video added, over the time after the warm-up."""
    later = [one for one in samples if one.at_s >= after_s]
    if len(later) < 2 or later[-1].published == later[0].published:
        return {}
    videos = later[-1].published - later[0].published
    rows = sum(later[-1].rows.values()) - sum(later[0].rows.values())
    disk = sum(later[-1].disk_mb.values()) - sum(later[0].disk_mb.values())
    return {"videos": videos, "rows": round(rows / videos, 1), "disk_mb": round(disk / videos, 1)}


def rest_cpu(first: Sample, last: Sample) -> float:
    """Return the share of one core that everything together took between two samples; a process that ended meanwhile counts nothing."""
    return round(max(0.0, last.cpu_s - first.cpu_s) / (last.at_s - first.at_s), 4)


def growing(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    """Return by how much each figure of a rest rose from the first rest to the last, where it did."""
    return {name: round(value - first.get(name, 0), 2) for name, value in last.items() if value > first.get(name, 0)}
