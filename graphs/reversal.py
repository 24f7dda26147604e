"""Taking back what the monitor did, doing for a person what it left to them, and doing at last what failed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from agents import crisis_monitor
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database, UnitOfWork
from infra.errors import Conflict, StudioError
from infra.log import get_logger
from memory.artifacts import Provenance
from memory.records.incidents import IncidentActionRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import IncidentActionRepository, tries_of
from memory.repositories.incidents import IncidentRepository
from memory.repositories.publications import PublicationRepository
from tools.base import ToolError, ToolRetry
from tools.call import HIGH, JobFailed, JobKey, RunScope, ToolCaller
from tools.change_visibility.schema import SPEC as CHANGE_VISIBILITY
from tools.change_visibility.schema import ChangeVisibilityArgs

_BY_TOOL = {"make_private": "private", "unlist": "unlisted"}
Privacy = Literal["private", "unlisted", "public"]
AGAIN = timedelta(minutes=5)
ACTION_FAILED = "action.failed"
_log = get_logger("incidents")


class NothingToDo(Conflict):
    """The action does not wait for anybody, or is one that only a person can do at the platform."""

    code = "nothing_to_do"


class ActionDesk:
    """A person's hand on the actions of incidents, and the monitor's where it decided and could not act."""

    def __init__(self, database: Database, caller: ToolCaller, clock: Clock = SYSTEM_CLOCK) -> None:
        self._database = database
        self._caller = caller
        self._clock = clock

    async def take_back(self, action_id: str, by: str) -> IncidentActionRecord:
        """Undo an action; raises ActionMissing, ActionClosed, and whatever the platform says to a change of visibility.

        The platform comes first: the row says reversed only once the video is seen as before.
        """
        action = await asyncio.to_thread(self._reversible, action_id)
        if action.action in _BY_TOOL:
            await self._show(action, str(action.before["privacy"]), f"{by} took {action.action} back", "reverse")
        return await asyncio.to_thread(self._reverse, action_id, by)

    async def carry_out(self, action_id: str, by: str) -> IncidentActionRecord:
        """Do what waits for a person, or what the monitor could not do; raises NothingToDo for what does not wait or cannot be taken back."""
        action = await asyncio.to_thread(self._waiting, action_id)
        if action.action in _BY_TOOL:
            await self._show(action, _BY_TOOL[action.action], f"{by} decided on {action.action}", "carry_out")
        return await asyncio.to_thread(self._do, action_id, by)

    async def try_again(self) -> int:
        """Do what the monitor decided and could not do, where its channel still lets it; what its channel reserves by now waits for a person.

        Returns how many were done. One that fails again is left for later, and leaves the others to be done.
        """
        done = 0
        for action_id in await asyncio.to_thread(self._failed):
            try:
                await self.carry_out(action_id, crisis_monitor.AGENT)
                done += 1
            except StudioError as error:
                _log.warning(ACTION_FAILED, action=action_id, error=error.message)
        return done

    def _failed(self) -> list[str]:
        with self._database.unit_of_work() as session:
            due = IncidentActionRepository(session).list_failed(AGAIN)
            for action in due:
                if not crisis_monitor.may(_autonomy(session, action), action.action):
                    action.status = "wanted"
            return [action.id for action in due if action.status == "failed"]

    def _reversible(self, action_id: str) -> IncidentActionRecord:
        with self._database.unit_of_work() as session:
            return IncidentActionRepository(session).ensure_reversible(action_id)

    def _waiting(self, action_id: str) -> IncidentActionRecord:
        with self._database.unit_of_work() as session:
            action = IncidentActionRepository(session).get(action_id)
            if action.status not in {"wanted", "failed"} or not action.reversible:
                at_platform = "; do it at the platform yourself, and think twice" if not action.reversible else ""
                raise NothingToDo(f"action {action_id} ({action.action}) is {action.status}: {action.reversal}{at_platform}", action=action_id)
            return action

    async def _show(self, action: IncidentActionRecord, privacy: str, why: str, node: str) -> None:
        run_id, channel_id, provenance = await asyncio.to_thread(self._publication, action.target)
        args = ChangeVisibilityArgs(key=action.target, privacy=cast(Privacy, privacy), reason=why, place=action.details.get("place", "library"))
        # What failed is dead under its key: whoever tries again asks anew.
        key = JobKey(run_id=run_id, node=f"{node}.{action.id}", iteration=tries_of(action), ordinal=0)
        scope = RunScope(run_id, channel_id, Provenance(provenance), priority=HIGH, patience_s=crisis_monitor.PATIENCE_S)
        try:
            await self._caller.call(CHANGE_VISIBILITY, args, key=key, agent=crisis_monitor.AGENT, run=scope)
        except (JobFailed, ToolError, ToolRetry) as error:
            await asyncio.to_thread(self._missed, action.id, error.message)
            raise

    def _missed(self, action_id: str, why: str) -> None:
        with self._database.unit_of_work() as session:
            IncidentActionRepository(session).mark_failed(action_id, why)

    def _publication(self, key: str) -> tuple[str, str, str]:
        with self._database.unit_of_work() as session:
            found = PublicationRepository(session).find_by_key(key)
            if found is None:
                raise NothingToDo(f"publication {key} is gone", key=key)
            return found.run_id, found.channel_id, found.provenance

    def _reverse(self, action_id: str, by: str) -> IncidentActionRecord:
        with self._database.unit_of_work() as session:
            action = IncidentActionRepository(session).mark_reversed(action_id, by)
            _undo(session, action)
            _written_down(session, action, by, "taken back")
            return action

    def _do(self, action_id: str, by: str) -> IncidentActionRecord:
        with self._database.unit_of_work() as session:
            action = IncidentActionRepository(session).get(action_id)
            action.before = _redo(session, action, self._clock.now())
            action.status, action.by = "done", by
            session.flush()
            _written_down(session, action, by, "done")
            return action


def _autonomy(session: UnitOfWork, action: IncidentActionRecord) -> str:
    """Return the level of the channel that an action is about; one of nobody's channel is reserved like that of a manual one."""
    incident = IncidentRepository(session).get(action.incident_id)
    return ChannelRepository(session).get(incident.channel_id).autonomy if incident.channel_id else "manual"


def _undo(session: UnitOfWork, action: IncidentActionRecord) -> None:
    before: dict[str, Any] = action.before
    if action.action == "hold":
        ChannelRepository(session).release_hold(action.target)
    elif action.action == "pause_channel" and not before.get("paused"):
        ChannelRepository(session).resume(action.target)
    elif action.action == "pause_run" and before.get("status") != "paused":
        run = AutonomousRunRepository(session).find(action.target)
        if run is not None and run.status == "paused":
            AutonomousRunRepository(session).change(action.target, status=before["status"], paused_reason=None)


def _redo(session: UnitOfWork, action: IncidentActionRecord, now: datetime) -> dict[str, Any]:
    """Do what waited, where it is rows, and return what was there before: it may have changed since the verdict."""
    channels, why = ChannelRepository(session), action.why[:1000]
    if action.action == "hold":
        channels.hold(action.target, why, now + crisis_monitor.HOLD_FOR)
    elif action.action == "pause_channel":
        was = channels.get(action.target).paused
        channels.pause(action.target, why)
        return {"paused": was}
    elif action.action == "pause_run":
        return _pause_run(session, action.target, why)
    return action.before


def _pause_run(session: UnitOfWork, run_id: str, why: str) -> dict[str, Any]:
    run = AutonomousRunRepository(session).get(run_id)
    if run.status not in {"planning", "running"}:
        raise NothingToDo(f"autonomous run {run_id} is {run.status}, so there is nothing to pause", run=run_id)
    was = {"status": run.status, "paused_reason": run.paused_reason}
    AutonomousRunRepository(session).change(run_id, status="paused", paused_reason=why)
    return was


def _written_down(session: UnitOfWork, action: IncidentActionRecord, by: str, what: str) -> None:
    incidents = IncidentRepository(session)
    incident = incidents.get(action.incident_id)
    if incident.status != "resolved":
        incidents.note(action.incident_id, by, f"{action.action} {what}", action.target)
    about = {"action": action.action, "target": action.target}
    AuditRepository(session).append(by, f"incident_action.{what.replace(' ', '_')}", action.id, about, tenant=incident.tenant_id)
