"""The nodes of a wake-up: each does its part in one fenced transaction, so that doing it again after a kill changes nothing."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.fleet_endings import answer_endings
from graphs.fleet_flight import Flight
from graphs.fleet_launch import launch as launch_due
from graphs.fleet_missed import answer_missed
from graphs.fleet_plan import plan as plan_missing
from graphs.fleet_report import report as write_report
from graphs.fleet_rest import next_wake
from graphs.fleet_stop import decide_stop, may_end, wind_down
from graphs.fleet_tasks import join_breaking, join_tasks
from graphs.fleet_watch import watch as look
from infra.database import Session
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository

ENDED = "run.ended"
Update = dict[str, Any]


class AutonomyState(TypedDict, total=False):
    """State of one wake-up's thread: ids and counts only, each key with one writer."""

    run_id: str
    wake: int
    revision: int
    planned: int
    launched: list[str]
    watched: list[str]
    adapted: list[str]
    stopping: str
    reported: str
    over: bool
    wake_at: str


async def plan(state: AutonomyState, runtime: Runtime[Flight]) -> Update:  # noqa: ARG001 - LangGraph hands both to every node
    """Plan the publications that are missing, by what the operator wants now."""
    flight = runtime.context

    def work(session: Session, run: AutonomousRunRecord) -> Update:
        revision = run.revision
        return {"planned": plan_missing(flight, session, run), "revision": revision}

    return await flight.within(work)


async def launch(state: AutonomyState, runtime: Runtime[Flight]) -> Update:  # noqa: ARG001 - as above
    """Launch the productions that are due."""
    flight = runtime.context
    return {"launched": list(await flight.within(lambda session, run: launch_due(flight, session, run)))}


async def watch(state: AutonomyState, runtime: Runtime[Flight]) -> Update:  # noqa: ARG001 - as above
    """See what has become of those that were launched."""
    flight = runtime.context
    return {"watched": list(await flight.within(lambda session, run: look(flight, session, run)))}


async def adapt(state: AutonomyState, runtime: Runtime[Flight]) -> Update:  # noqa: ARG001 - as above
    """Answer failures, missed times, injected tasks and breaking stories, and decide whether the run ends."""
    flight = runtime.context

    def work(session: Session, run: AutonomousRunRecord) -> Update:
        stopping = decide_stop(flight, session, run)
        moved = (*answer_endings(flight, session, run), *answer_missed(flight, session, run))
        moved = (*moved, *join_tasks(flight, session, run), *join_breaking(flight, session, run), *wind_down(flight, session, run))
        return {"adapted": list(moved), "stopping": stopping}

    return await flight.within(work)


async def report(state: AutonomyState, runtime: Runtime[Flight]) -> Update:  # noqa: ARG001 - as above
    """Write the report that is due, and say whether the run is over."""
    flight = runtime.context

    def work(session: Session, run: AutonomousRunRecord) -> Update:
        return {"over": may_end(session, run), "reported": write_report(flight, session, run)}

    return await flight.within(work)


async def rest(state: AutonomyState, runtime: Runtime[Flight]) -> Update:
    """Name the next wake-up; an edit that came meanwhile is answered at once."""
    flight = runtime.context

    def work(session: Session, run: AutonomousRunRecord) -> Update:
        wake_at = next_wake(flight, session, run)
        AutonomousRunRepository(session).sleep(flight.wake, wake_at, state["revision"])
        return {"wake_at": wake_at.isoformat()}

    return await flight.within(work)


async def end(state: AutonomyState, runtime: Runtime[Flight]) -> Update:  # noqa: ARG001 - as above
    """End the run; everything it made is finished, waits for a person, or was stopped with a reason."""
    flight = runtime.context

    def work(session: Session, run: AutonomousRunRecord) -> Update:
        reason = run.stop_reason or "stopped"
        flight.note(session, ENDED, reason=reason)
        AutonomousRunRepository(session).end(flight.wake, reason)
        return {"wake_at": ""}

    return await flight.within(work)
