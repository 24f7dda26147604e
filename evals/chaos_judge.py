"""What a struck production left behind, compared with what was promised: the stand-ins' record against the ledger and the rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from evals.chaos_home import Home, Rows
from evals.chaos_stage import Request, Stage
from memory.quota import pacific_day, tariff_on
from memory.records.costs import CostEntryRecord

_REFERENCE = "Reference: "
# Queues whose tools leave this machine: what they repeat without a stored answer may have had its effect.
_OUTSIDE = frozenset({"io", "publish"})
_PLATFORM = "youtube"
_BOOKED = frozenset({"openai", "anthropic", "elevenlabs", "google_tts", _PLATFORM})
_CREDENTIALS = frozenset({"/token", "/revoke"})
# An answer that is kept is a small file; what lies beside it in the store is media.
_LARGEST_ANSWER = 4_000_000
_OPERATIONS = {
    ("POST", "/upload/youtube/v3/videos"): "videos.insert",
    ("POST", "/upload/youtube/v3/thumbnails/set"): "thumbnails.set",
    ("POST", "/upload/youtube/v3/captions"): "captions.insert",
    ("GET", "/youtube/v3/captions"): "captions.list",
    ("GET", "/youtube/v3/videos"): "videos.list",
    ("PUT", "/youtube/v3/videos"): "videos.update",
    ("GET", "/youtube/v3/playlistItems"): "playlistItems.list",
}


@dataclass
class Found:
    """Counts over one production, and every broken promise in words."""

    duplicates: int = 0
    lost: int = 0
    repaid: int = 0
    unknown: int = 0
    problems: list[str] = field(default_factory=list)


def judge(home: Home, rows: Rows, stage: Stage | None) -> Found:
    """Judge a production: one run, published once, no job completed twice, nothing paid for twice, every repeat booked.

    A kill before the run was written down promised nothing, so nothing may exist.
    """
    found = Found()
    wanted = len(rows.runs)
    lost = [run for run in rows.runs if run.status != "published"]
    found.lost = len(lost)
    found.problems += [f"the run is {run.status}: {run.error or run.outcome}" for run in lost]
    found.problems += [f"{wanted} runs instead of one"] if wanted > 1 else []
    judge_jobs(rows, found)
    published = sum(one.state == "verified" for one in rows.publications)
    if {published, len(rows.publications)} != {wanted}:
        found.problems.append(f"{published} verified of {len(rows.publications)} publications of {wanted} runs")
    if stage is None:
        judge_library(len(home.entries()), wanted, rows, found)
    else:
        # Read first: asking the platform for its uploads leaves requests of our own in the record.
        requests = stage.requests()
        judge_uploads(stage.uploads(), wanted, found)
        judge_calls(requests, rows.costs, found)
        judge_quota(requests, rows.quota, found)
        judge_answers(home.data / "media", rows.costs, found)
    return found


def judge_jobs(rows: Rows, found: Found) -> None:
    """Every job is done or was given up on purpose, and none was completed twice."""
    twice = [job.tool for job in rows.jobs if job.completions > 1 or sum(one.outcome == "done" for one in rows.attempts[job.id]) > 1]
    found.repaid += len(twice)
    found.problems += [f"{tool} was completed more than once" for tool in twice]
    found.problems += [f"{job.tool} is {job.state}" for job in rows.jobs if job.state not in {"done", "cancelled"}]


def judge_library(entries: int, wanted: int, rows: Rows, found: Found) -> None:
    """The library holds one entry of each run; a job that left this machine and lost its worker is counted as unknown."""
    found.duplicates = max(0, entries - wanted)
    found.unknown = sum(job.queue in _OUTSIDE and any(one.outcome == "lost" for one in rows.attempts[job.id]) for job in rows.jobs)
    found.problems += [f"{entries} entries in the library of {wanted} runs"] if entries != wanted else []


def judge_uploads(descriptions: Sequence[str], wanted: int, found: Found) -> None:
    """Count videos by the reference in their descriptions: a second one of the same reference, or one of none, is a duplicate."""
    references = Counter(line for text in descriptions for line in text.splitlines() if line.startswith(_REFERENCE))
    found.duplicates = max(0, len(descriptions) - wanted)
    if len(descriptions) != wanted or any(count > 1 for count in references.values()):
        found.problems.append(f"{len(descriptions)} videos at the platform of {wanted} runs, by reference {dict(references)}")


def judge_calls(requests: Sequence[Request], costs: Sequence[CostEntryRecord], found: Found) -> None:
    """Every request of a provider is booked, and each repeat of one with an effect stands beside an outcome that was unknown or not charged."""
    for provider in sorted(_BOOKED):
        sent = [one for one in requests if one.service == provider and one.path not in _CREDENTIALS and (provider == _PLATFORM or one.has_effect)]
        booked = [one for one in costs if one.provider == provider and one.status != "released"]
        effects = Counter((one.method, one.path, one.query, one.range_, one.sha256) for one in sent if one.has_effect)
        repeats = sum(count - 1 for count in effects.values())
        unknown = [one for one in booked if one.status == "unknown"]
        free = [one for one in booked if one.outcome == "not charged"]
        if len(sent) > len(booked):
            found.problems.append(f"{provider}: {len(sent)} requests, {len(booked)} booked")
        if repeats > len(unknown) + len(free):
            found.repaid += repeats - len(unknown) - len(free)
            found.problems.append(f"{provider}: {repeats} repeats, {len(unknown)} booked as unknown, {len(free)} not charged")
    found.unknown += sum(one.status == "unknown" for one in costs)
    found.problems += [f"{one.provider} {one.operation}: {one.id} was left reserved" for one in costs if one.status == "reserved"]


def judge_quota(requests: Sequence[Request], booked: dict[str, int], found: Found) -> None:
    """Every request to the platform that costs quota was taken from the day's buckets."""
    sent = [one for one in requests if one.service == _PLATFORM and (one.method, one.path) in _OPERATIONS]
    spent: Counter[str] = Counter()
    for one in sent:
        bucket, amount = tariff_on(pacific_day(one.at)).cost(_OPERATIONS[one.method, one.path])
        spent[bucket] += amount
    found.problems += [f"youtube: {amount} of {bucket} spent, {booked[bucket]} booked" for bucket, amount in spent.items() if amount > booked[bucket]]


def judge_answers(media: Path, costs: Sequence[CostEntryRecord], found: Found) -> None:
    """No logical call has two answers, and none whose answer was stored before was made again."""
    answers = Counter(one.call_key for one in costs if one.answer is not None)
    again = {key: count for key, count in answers.items() if count > 1}
    found.repaid += sum(count - 1 for count in again.values())
    found.problems += [f"call {key} was answered {count} times" for key, count in again.items()]
    suspects = {one.id: one for one in costs if one.status == "unknown" and any(_later(other, one) for other in costs)}
    for entry_id in _stored(media, set(suspects)):
        found.repaid += 1
        found.problems.append(f"{suspects[entry_id].provider}: the answer of {entry_id} was stored, and the call made again")


def _later(other: CostEntryRecord, one: CostEntryRecord) -> bool:
    return other.call_key == one.call_key and other.created_at > one.created_at and other.status != "released"


def _stored(media: Path, entries: set[str]) -> list[str]:
    if not entries:
        return []
    small = [path for path in media.rglob("*") if path.is_file() and path.stat().st_size < _LARGEST_ANSWER]
    return [entry for path in small if (body := path.read_bytes()).startswith(b"{") for entry in entries if f'"entry":"{entry}"'.encode() in body]


def recovery_s(rows: Rows, at: datetime) -> float | None:
    """Return the seconds from a strike until the run next finished a job, or ended; None when it had ended before."""
    moments = [job.finished_at for job in rows.jobs] + [run.finished_at for run in rows.runs]
    after = [(moment - at).total_seconds() for moment in moments if moment is not None and moment > at]
    return min(after, default=None)
