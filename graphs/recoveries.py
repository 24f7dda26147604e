"""Takeovers of runs whose runner died: each is written down with where it found the run, so that a run that kills its runners is given up."""

from collections.abc import Sequence
from itertools import takewhile

from graphs.runbook import RunBook
from graphs.state import Outcome
from infra.errors import Conflict
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunLease, RunRepository

RUN_RECOVERED = "run.recovered"
_MOST_EVENTS = 10_000


class RunPoisoned(Conflict):
    """Runner after runner died at the same place of the run; it is not taken up again."""

    code = "run_poisoned"


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
