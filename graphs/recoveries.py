"""Takeovers of runs whose runner died: each is written down with where it found the run, so that a run that kills its runners is given up."""

from collections.abc import Sequence
from itertools import takewhile

from graphs.runbook import RunBook
from graphs.state import Outcome
from infra.errors import Conflict
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunLease, RunRepository
from tools.worker_process import host_identity, is_running, this_worker

RUN_RECOVERED = "run.recovered"
_MOST_EVENTS = 10_000
_BETWEEN = "|"


class RunPoisoned(Conflict):
    """Runner after runner died at the same place of the run; it is not taken up again."""

    code = "run_poisoned"


def runner_name() -> str:
    """Name this process as a runner, so that another on this machine can tell whether it still lives."""
    me = this_worker("runner")
    return _BETWEEN.join((me.host, str(me.pid), f"{me.process_started:.2f}", me.id[-8:]))


def is_gone(owner: str) -> bool:
    """Say whether the process that holds a lease has certainly ended; one of another machine, or of an unknown form, may live."""
    host, *rest = owner.split(_BETWEEN)
    if host != host_identity() or len(rest) != 3:
        return False
    return not is_running(int(rest[0]), float(rest[1]))


def note_takeover(book: RunBook, lease: RunLease, checkpoint: str, nodes: Sequence[str]) -> int:
    """Write down that this runner took the run over from one that died, if it did; return how many in a row found it at this checkpoint.

    A takeover that finds the run further on than the one before begins the count anew: whoever kills a studio often still gets the video.
    """
    with book.database.unit_of_work() as session:
        runs, events = RunRepository(session), RunEventRepository(session)
        runs.verify_lease(lease)
        known = [event for event in events.list_(lease.run_id, limit=_MOST_EVENTS) if event.kind == RUN_RECOVERED]
        attempts = runs.get(lease.run_id).recovery_attempts
        if attempts > len(known):
            known.append(events.append(lease.run_id, RUN_RECOVERED, {"attempt": attempts, "checkpoint": checkpoint, "nodes": list(nodes)}))
        return len(list(takewhile(lambda event: event.payload["checkpoint"] == checkpoint, reversed(known))))


def given_up(times: int, nodes: Sequence[str]) -> tuple[Outcome, dict[str, str]]:
    """Return the outcome and the error of a run that is given up: what happened where, and what a person can do."""
    where = f"at {' and '.join(nodes)}" if nodes else "before its first step"
    reason = (
        f"given up: {times} times in a row the process that worked on this run died {where} and the run got no further; "
        "look into <home>/logs for what ended it (often memory), then start a new production"
    )
    poisoned = RunPoisoned(reason)
    return {"status": "failed", "reasons": [reason]}, {"code": poisoned.code, "message": reason}
