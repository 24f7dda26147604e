"""What the watchdog does about what it found: each act small, safe to repeat, and on record."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphs.watchdog.findings import Act, ActKind, Limits, Vitals
from graphs.watchdog.read import OWN_NAME, Senses
from infra.errors import NotFound, StudioError
from infra.log import get_logger
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.brakes import BrakeRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.vitals import VitalsRepository

ACT_DONE = "act.done"
ACT_FAILED = "act.failed"
_OLD_SCRATCH_S = 3600.0
_DONE: dict[ActKind, str] = {
    "restart": "process.restarted",
    "wake": "process.woken",
    "kill_worker": "worker.killed",
    "expire_approval": "approvals.expired",
    "end_session": "session.ended",
    "prune_scratch": "scratch.pruned",
    "brake": "work.braked",
    "release": "work.released",
}
_log = get_logger("watchdog")


@dataclass(frozen=True)
class Done:
    """One act and what came of it; `changed` is False when there was nothing to do any more."""

    act: Act
    outcome: str
    changed: bool


class Healer:
    """Carries acts out, none to the same target again before its time."""

    def __init__(self, senses: Senses, scratch: Path, limits: Limits) -> None:
        self._senses = senses
        self._scratch = scratch
        self._limits = limits
        self._last: dict[tuple[str, str], float] = {}

    def perform(self, acts: tuple[Act, ...], vitals: Vitals) -> tuple[Done, ...]:
        """Carry out what is due of the acts; one that fails is told and hinders no other."""
        return tuple([self._perform(act, vitals) for act in acts if self._is_due(act)])

    def _is_due(self, act: Act) -> bool:
        now, key = self._senses.clock.monotonic(), (act.kind, act.target)
        if key in self._last and now - self._last[key] < act.again_after_s:
            return False
        self._last = {known: at for known, at in self._last.items() if now - at < 86_400.0} | {key: now}
        return True

    def _perform(self, act: Act, vitals: Vitals) -> Done:
        doing: dict[ActKind, Callable[[Act, Vitals], Done]] = {
            "restart": self._restart,
            "wake": self._wake,
            "kill_worker": self._kill_worker,
            "expire_approval": self._expire,
            "end_session": self._end_session,
            "prune_scratch": self._prune,
            "brake": self._brake,
            "release": self._release,
        }
        try:
            done = doing[act.kind](act, vitals)
        except (StudioError, OSError) as error:
            _log.warning(ACT_FAILED, kind=act.kind, target=act.target, why=act.why, error=str(error))
            return Done(act, f"failed: {error}", changed=False)
        if done.changed:
            _log.warning(ACT_DONE, kind=act.kind, target=act.target, why=act.why, outcome=done.outcome)
            self._record(done)
        return done

    def _record(self, done: Done) -> None:
        try:
            with self._senses.database.unit_of_work() as session:
                details = {"why": done.act.why, "outcome": done.outcome}
                AuditRepository(session).append(OWN_NAME, _DONE[done.act.kind], done.act.target, details)
        except StudioError as error:  # what heals the database cannot be written into it
            _log.warning(ACT_FAILED, kind="record", target=done.act.target, error=error.message)

    def _restart(self, act: Act, vitals: Vitals) -> Done:
        if not act.target.startswith("runner:"):
            return Done(act, f"killed {self._senses.machine.restart(int(act.target))}, which its supervisor starts again", changed=True)
        host, *rest = act.target.removeprefix("runner:").split("|")
        if host != self._senses.host or len(rest) != 3:
            raise NotFound(f"{act.target} is no process of this machine")
        units = vitals.machine.units if vitals.machine is not None else ()
        if int(rest[0]) not in {unit.pid for unit in units}:
            raise NotFound(f"{act.target} is a command of a person's, which is left alone")
        return Done(act, f"killed {self._senses.machine.restart(int(rest[0]))}, which its supervisor starts again", changed=True)

    def _wake(self, act: Act, _vitals: Vitals) -> Done:
        return Done(act, "sent SIGCONT", changed=self._senses.machine.wake(int(act.target)))

    def _kill_worker(self, act: Act, vitals: Vitals) -> Done:
        workers = vitals.work.workers if vitals.work is not None else ()
        worker = next(worker for worker in workers if worker.id == act.target)
        return Done(act, f"killed pid {worker.pid}", changed=self._senses.machine.end(worker.pid, worker.process_started))

    def _expire(self, act: Act, _vitals: Vitals) -> Done:
        with self._senses.database.unit_of_work() as session:
            expired = ApprovalRepository(session).expire(self._limits.approval_s)
            for one in expired:
                RunEventRepository(session).append(one.run_id, "approval.expired", {"gate": one.gate, "approval": one.id})
        return Done(act, f"{len(expired)} expired, nothing of them is published", changed=bool(expired))

    def _end_session(self, act: Act, _vitals: Vitals) -> Done:
        with self._senses.database.unit_of_work() as session:
            ended = VitalsRepository(session).end_session(int(act.target), self._limits.idle_transaction_s)
        return Done(act, "ended the session", changed=ended)

    def _prune(self, act: Act, _vitals: Vitals) -> Done:
        with self._senses.database.unit_of_work() as session:
            running = VitalsRepository(session).running_jobs()
        born_before = self._senses.clock.now().timestamp() - _OLD_SCRATCH_S
        folders = [path for path in self._scratch.glob("*") if path.is_dir() and path.name.rpartition("-")[0] not in running]
        old = [path for path in folders if path.stat().st_mtime < born_before]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return Done(act, f"removed {len(old)} scratch folders without a job", changed=bool(old))

    def _brake(self, act: Act, _vitals: Vitals) -> Done:
        with self._senses.database.unit_of_work() as session:
            new = BrakeRepository(session).put(act.target, act.why, OWN_NAME, self._limits.brake_s)
        return Done(act, f"held back for {self._limits.brake_s:.0f} s at a time", changed=new)

    def _release(self, act: Act, _vitals: Vitals) -> Done:
        with self._senses.database.unit_of_work() as session:
            held = BrakeRepository(session).release(act.target)
        return Done(act, "let go on", changed=held)
