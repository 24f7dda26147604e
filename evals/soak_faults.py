"""The faults of a soak: drawn by a seed, struck at real processes and connections, each followed until what it hit works again."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from evals.soak_stack import Health, Up
from infra.embedded.postgres import end_sessions
from infra.embedded.redis import cut_connections
from infra.ids import seeded

# Killed and stopped is every process of the stack, a worker of each queue in turn; whoever drives productions from outside is only killed.
RUNNER = "runner"
CUT = ("postgres lines", "redis lines")
SERVERS = frozenset({"postgres", "redis", *CUT})
RECOVERY_LIMIT_S = 60.0
GIVEN_UP_S = 180.0
_WORKER_HEARD_S = 15.0
_SHORTEST_GAP_S, _LONGEST_GAP_S = 25.0, 60.0
_SHORTEST_STOP_S, _LONGEST_STOP_S = 3.0, 40.0


@dataclass(frozen=True)
class Fault:
    """What is to be struck `at_s` seconds into the soak: killed, stopped for `stop_s` seconds, or cut."""

    at_s: float
    kind: str
    target: str
    stop_s: float = 0.0


@dataclass(frozen=True)
class Strike:
    """A fault as it was struck. `recovery_s` is the time from its end until what it hit worked again; None when it did not within the limit."""

    fault: Fault
    at_s: float
    hit: bool
    recovery_s: float | None

    def told(self) -> dict[str, object]:
        """Return the strike for a report."""
        base = {"at_s": round(self.at_s), "kind": self.fault.kind, "target": self.fault.target}
        took = {"stop_s": round(self.fault.stop_s, 1)} if self.fault.stop_s else {}
        return {**base, **took, "hit": self.hit, "recovery_s": None if self.recovery_s is None else round(self.recovery_s, 1)}


def targets_of(units: Iterable[str]) -> tuple[str, ...]:
    """Return what may be struck of a stack: its processes by name, workers by their queue."""
    return tuple(sorted({name.rpartition("-")[0] if name.startswith("worker-") else name for name in units}))


def draw_faults(seed: int, targets: Sequence[str], span: tuple[float, float], pace: float = 1.0) -> tuple[Fault, ...]:
    """Return the faults of a seed at these targets between two moments, every kind and target once before any comes again; `pace` below 1 makes haste."""
    dice = seeded("soak", seed)
    faults: list[Fault] = []
    at_s, waiting = span[0], list[tuple[str, str]]()
    while at_s < span[1]:
        if not waiting:
            waiting = [("kill", name) for name in (*targets, RUNNER)] + [("stop", name) for name in targets] + [("cut", name) for name in CUT]
            dice.shuffle(waiting)
        kind, target = waiting.pop()
        stop_s = max(_SHORTEST_STOP_S, pace * dice.uniform(_SHORTEST_STOP_S, _LONGEST_STOP_S)) if kind == "stop" else 0.0
        faults.append(Fault(at_s, kind, target, stop_s))
        at_s += stop_s + pace * dice.uniform(_SHORTEST_GAP_S, _LONGEST_GAP_S)
    return tuple(faults)


class Siege:
    """Strikes a running stack; `runner` returns the process that drives productions outside it, if there is one."""

    def __init__(self, up: Up, seed: int, runner: Callable[[], int | None]) -> None:
        self._up = up
        self._random = seeded("soak targets", seed)
        self._runner = runner

    def strike(self, fault: Fault, at_s: float, idle: Callable[[], None]) -> Strike:
        """Strike and wait until it has healed; `idle` is called all the while, so that the load goes on."""
        before = self._up.health()
        pid = self._find(fault.target, before)
        if fault.kind != "cut" and pid is None:
            return Strike(fault, at_s, hit=False, recovery_s=0.0)
        hit = self._hit(fault, pid, idle)
        healed = self._until(lambda now, waited: _works(fault, pid, (before, now), waited), idle) if hit else 0.0
        return Strike(fault, at_s, hit, healed)

    def _hit(self, fault: Fault, pid: int | None, idle: Callable[[], None]) -> bool:
        if fault.kind == "cut":
            cut = end_sessions(self._up.note["database_admin"]) if fault.target == "postgres lines" else cut_connections(self._up.note["redis"])
            return bool(cut)
        assert pid is not None
        if fault.kind == "kill":
            return _send(pid, signal.SIGKILL)
        if not _send(pid, signal.SIGSTOP):
            return False
        ends_at = time.monotonic() + fault.stop_s
        while time.monotonic() < ends_at:
            idle()
        _send(pid, signal.SIGCONT)  # gone already where the watchdog was faster
        return True

    def _find(self, target: str, health: Health) -> int | None:
        if target == RUNNER:
            return self._runner()
        named = [unit.pid for name, unit in sorted(health.units.items()) if name == target or name.startswith(f"{target}-")]
        living = [pid for pid in named if pid is not None]
        return self._random.choice(living) if living else None

    def _until(self, holds: Callable[[Health, float], bool], idle: Callable[[], None]) -> float | None:
        began = time.monotonic()
        while (waited := time.monotonic() - began) < GIVEN_UP_S:
            if holds(self._up.health(), waited):
                return waited
            idle()
        return None


def _works(fault: Fault, pid: int | None, seen: tuple[Health, Health], waited_s: float) -> bool:
    """Say whether what was struck `waited_s` seconds ago does its work again, and the servers that everything stands on answer."""
    before, now = seen
    if not (now.database and now.redis):
        return False
    name = next((name for name, unit in before.units.items() if unit.pid == pid), None)
    if fault.target == RUNNER or fault.target in SERVERS:
        # Whoever lost the database takes the dispatcher's lock and says so at once; every worker is a client of Redis again.
        spoken = not fault.target.startswith("postgres") or _silence(now, "dispatch") <= waited_s
        back = not fault.target.startswith("redis") or (now.redis_clients or 0) > sum(unit.kind == "worker" for unit in now.units.values())
        return _served(before, now) and spoken and back
    unit = now.units.get(name or "")
    if unit is None or unit.pid is None or (fault.kind == "kill" and unit.pid == pid):
        return False
    if unit.kind == "worker":
        return any(worker.pid == unit.pid and worker.silent_s < _WORKER_HEARD_S for worker in now.workers)
    return name not in before.pulses or _silence(now, str(name)) < min(unit.up_s, now.pulses[str(name)].within_s)


def _served(before: Health, now: Health) -> bool:
    """Say whether every unit that ran before runs, and each worker of them was heard of lately."""
    pids = {unit.pid for unit in now.units.values() if unit.kind == "worker"}
    heard = {worker.pid for worker in now.workers if worker.silent_s < _WORKER_HEARD_S}
    return set(now.units) >= set(before.units) and None not in {unit.pid for unit in now.units.values()} and pids <= heard


def _silence(now: Health, name: str) -> float:
    """Return for how long a process has said nothing."""
    pulse = now.pulses.get(name)
    return float("inf") if pulse is None else pulse.silent_s


def _send(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def recoveries(strikes: Sequence[Strike]) -> list[float]:
    """Return the recovery times of what was hit and healed."""
    return [one.recovery_s for one in strikes if one.hit and one.recovery_s is not None]
