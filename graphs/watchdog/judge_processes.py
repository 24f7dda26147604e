"""Judgements of processes: supervised units, heartbeats with progress, workers of every machine."""

from graphs.watchdog.findings import Act, Judgement, Limits, Vitals, Work
from infra.machine import MachineReading, UnitReading
from memory.repositories.heartbeats import Pulse
from memory.repositories.workers import WorkerView

_LOGS = "read <home>/logs/{name}.log"


def judge_units(machine: MachineReading, limits: Limits) -> Judgement:
    """Supervised processes must run: not crash again and again, not stand stopped, and not outgrow the machine."""
    reading = {unit.name: {"launches": unit.launches, "failures": unit.failures, "rss_mb": unit.rss_bytes >> 20} for unit in machine.units}
    if machine.supervisor:
        wake = (Act("wake", str(machine.supervisor_pid), "the supervisor does not answer", 60.0),) if machine.supervisor_pid else ()
        said = f"the supervisor does not answer ({machine.supervisor}): what crashes is not started again"
        return Judgement("processes", "critical", said, "run `ytempire up` again; what is unfinished goes on", reading, wake)
    looping = [unit for unit in machine.units if unit.loops or _crashes(unit, limits) >= limits.crashes]
    halted = [unit for unit in machine.units if unit.stopped and unit.pid is not None]
    large = [unit for unit in machine.units if unit.kind == "control" and unit.rss_bytes > limits.control_rss_bytes]
    acts = tuple(Act("restart", str(unit.pid), f"{unit.name} stands stopped by a signal", 60.0) for unit in halted)
    acts += tuple(Act("restart", str(unit.pid), f"{unit.name} holds {unit.rss_bytes >> 20} MB") for unit in large)
    if looping:
        said = "; ".join(
            f"{unit.name} crashed {_crashes(unit, limits)} times within {limits.crashes_within_s / 60:.0f} min, {_codes(unit)}" for unit in looping
        )
        return Judgement("processes", "critical", f"{said}: its work does not get done", _LOGS.format(name=looping[0].name), reading, acts)
    if acts:
        return Judgement("processes", "warning", "; ".join(act.why for act in acts), "the watchdog restarts it", reading, acts)
    restarts = sum(unit.launches - 1 for unit in machine.units)
    return Judgement("processes", "ok", f"{len(machine.units)} processes run, {restarts} restarts since the stack was started", reading=reading)


def _crashes(unit: UnitReading, limits: Limits) -> int:
    return sum(end["code"] != 0 and end["ago_s"] <= limits.crashes_within_s for end in unit.ends)


def _codes(unit: UnitReading) -> str:
    return f"last exit code {unit.ends[-1]['code']:.0f}" if unit.ends else "no exit code known"


def judge_heartbeats(vitals: Vitals, work: Work, limits: Limits) -> Judgement:
    """A process must say that it lives as often as it promised, and its work must move: one that does neither is started anew."""
    units = {unit.name: unit for unit in vitals.machine.units} if vitals.machine is not None else {}
    expected = [pulse for pulse in work.pulses if pulse.name in units or pulse.silent_s < vitals.up_s]
    silent = [pulse for pulse in expected if _silence(pulse, units.get(pulse.name)) > pulse.within_s * limits.beats_missed]
    stalled = [pulse for pulse in expected if pulse not in silent and _stall(pulse, units.get(pulse.name)) > limits.stalled_s]
    reading = {pulse.name: {"silent_s": round(pulse.silent_s), "stalled_s": round(pulse.stalled_s), "work": pulse.progress} for pulse in expected}
    if not silent and not stalled:
        return Judgement("heartbeats", "ok", f"{len(expected)} processes say that they live", reading=reading)
    said = [f"{pulse.name} was last heard of {pulse.silent_s:.0f} s ago (promised: every {pulse.within_s:.0f} s)" for pulse in silent]
    said += [f"{pulse.name} has worked on {pulse.progress} for {pulse.stalled_s / 60:.0f} min without getting further" for pulse in stalled]
    pids = [units[pulse.name].pid if pulse.name in units else None for pulse in (*silent, *stalled)]
    acts = tuple(Act("restart", str(pid), why) for pid, why in zip(pids, said, strict=True) if pid is not None)
    return Judgement("heartbeats", "critical", f"{'; '.join(said)}: its duty stands still", _way_out(silent or stalled), reading, acts)


def _silence(pulse: Pulse, unit: UnitReading | None) -> float:
    """Return for how long a process has said nothing since it was started: what its predecessor left is not held against it."""
    return pulse.silent_s if unit is None else min(pulse.silent_s, unit.up_s)


def _stall(pulse: Pulse, unit: UnitReading | None) -> float:
    return pulse.stalled_s if unit is None else min(pulse.stalled_s, unit.up_s)


def _way_out(pulses: list[Pulse]) -> str:
    return f"the watchdog restarts it where it is a process of this stack; else start it, or {_LOGS.format(name=pulses[0].name)}"


def judge_workers(vitals: Vitals, work: Work, limits: Limits) -> Judgement:
    """A worker that stays silent holds its job back; one of this machine is ended, so that the job goes to another."""
    silent = [worker for worker in work.workers if worker.silent_s > limits.worker_silent_s]
    reading = {"living": len(work.workers), "silent": {worker.id: round(worker.silent_s) for worker in silent}}
    if not silent:
        return Judgement("workers", "ok", f"{len(work.workers)} workers say that they live", reading=reading)
    dead = [worker for worker in silent if worker.silent_s > limits.worker_dead_s]
    acts = tuple(Act("kill_worker", worker.id, f"silent for {worker.silent_s:.0f} s") for worker in dead if worker.host == vitals.host)
    said = f"{_named(silent)} not heard of for more than {limits.worker_silent_s:.0f} s: what they ran is given to others"
    fix = "the watchdog ends those of this machine; for others look at the machine that ran them"
    return Judgement("workers", "critical" if len(silent) == len(work.workers) else "warning", said, fix, reading, acts)


def _named(workers: list[WorkerView]) -> str:
    named = ", ".join(f"{worker.id} on {worker.host.partition('/')[0]}" for worker in workers[:3])
    return named if len(workers) <= 3 else f"{named} and {len(workers) - 3} more"
