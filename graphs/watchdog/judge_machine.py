"""Judgements of the machine: room on the disk, memory, the clocks."""

from datetime import datetime

from graphs.watchdog.findings import Act, Judgement, Limits, Vitals
from infra.machine import MachineReading
from memory.repositories.brakes import LAUNCHES, tool_brake

RENDERING = tool_brake("render_video")
_MB = 1_000_000


def judge_disk(machine: MachineReading, braked: frozenset[str], limits: Limits) -> Judgement:
    """At the high-water mark nothing new begins, at the low-water mark nothing is rendered either, so that what runs can end cleanly."""
    free = machine.disk_free
    reading = {"free_mb": free // _MB, "total_mb": machine.disk_total // _MB, "wal_mb": (machine.wal_bytes or 0) // _MB, "logs_mb": machine.log_bytes // _MB}
    fix = "free some, or move YTEMPIRE_HOME to a larger disk; scratch folders without a job are removed by the watchdog"
    marks = f"{free // _MB} MB are free (marks: {limits.high_water_bytes // _MB} and {limits.low_water_bytes // _MB} MB)"
    scopes = _to_brake(free, braked, limits)
    acts = tuple(Act("brake", scope, marks, 60.0) for scope in scopes)
    acts += tuple(Act("release", scope, marks, 0.0) for scope in sorted(braked & {LAUNCHES, RENDERING} - set(scopes)))
    if scopes:
        acts = (Act("prune_scratch", "scratch", marks, 300.0), *acts)
    if free < limits.low_water_bytes:
        return Judgement("disk", "critical", f"{marks}: no video is begun or rendered until there is room", fix, reading, acts)
    if LAUNCHES in scopes:
        return Judgement("disk", "warning", f"{marks}: no new video is begun until there is room", fix, reading, acts)
    grown = max((machine.wal_bytes or 0, "the database's log"), (machine.log_bytes, "<home>/logs"))
    if grown[0] > min(limits.wal_bytes, limits.log_bytes):
        return Judgement("disk", "warning", f"{grown[1]} has grown to {grown[0] // _MB} MB: it will fill the disk", _why_grown(grown[1]), reading, acts)
    return Judgement("disk", "ok", f"{free // _MB} MB are free", reading=reading, acts=acts)


def _to_brake(free: int, braked: frozenset[str], limits: Limits) -> list[str]:
    """Return what must be held back; what is held back already stays so until there is clearly more room than at its mark."""
    marks = ((LAUNCHES, limits.high_water_bytes), (RENDERING, limits.low_water_bytes))
    return [scope for scope, mark in marks if free < mark * (limits.water_back if scope in braked else 1.0)]


def _why_grown(what: str) -> str:
    return "see which process writes so much" if what.startswith("<") else "a backup that no longer takes the log, or a long transaction, holds it back"


def judge_memory(machine: MachineReading, limits: Limits) -> Judgement:
    """Below a share of free memory the kernel begins to kill processes, the largest first: a renderer, or the database."""
    share = machine.memory_available / machine.memory_total
    reading = {"available_mb": machine.memory_available // _MB, "total_mb": machine.memory_total // _MB}
    if share < limits.memory_share:
        said = f"{machine.memory_available // _MB} MB of memory are free, {share:.0%} (limit {limits.memory_share:.0%}): the kernel may kill processes"
        return Judgement("memory", "critical", said, "fewer workers (YTEMPIRE_WORKERS_CPU), or more memory", reading)
    return Judgement("memory", "ok", f"{machine.memory_available // _MB} MB of memory are free", reading=reading)


def judge_clock(vitals: Vitals, database_now: datetime | None, limits: Limits) -> Judgement:
    """Schedules go by the wall clock and leases by the database's: a jump, or two clocks that differ, moves publications."""
    skew = (database_now - vitals.wall).total_seconds() if database_now is not None else 0.0
    reading = {"jump_s": round(vitals.wall_jump_s, 1), "database_ahead_s": round(skew, 1)}
    fix = "let the machine's clock be kept by NTP (timedatectl set-ntp true)"
    if abs(vitals.wall_jump_s) > limits.clock_jump_s:
        said = f"the wall clock jumped by {vitals.wall_jump_s:+.0f} s: what was due in between comes at once or late"
        return Judgement("clock", "warning", said, fix, reading)
    if abs(skew) > limits.clock_skew_s:
        said = f"the database's clock is {skew:+.0f} s from this machine's (limit {limits.clock_skew_s:.0f} s): times of publications and leases differ"
        return Judgement("clock", "warning", said, fix, reading)
    return Judgement("clock", "ok", "wall clock, monotonic clock and the database's agree", reading=reading)
