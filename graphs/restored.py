"""After a restore: the outside world may be ahead of the records, so it is compared with them before anything goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from infra.database import Database
from infra.errors import Conflict, StudioError
from infra.ids import new_id
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.repositories.audit import AuditRepository
from memory.repositories.backups import BackupRepository, RestoreUnsettled
from memory.repositories.incidents import IncidentRepository
from memory.repositories.paid_calls import PaidCallRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.runs import RunRepository
from memory.repositories.switches import EVERYTHING, SwitchRepository
from tools.call import JobKey, RunScope, ToolCaller
from tools.find_uploads.schema import SPEC, FindUploadsArgs, FindUploadsResult

Ask = Callable[[FindUploadsArgs, Provenance], Awaitable[FindUploadsResult]]
BY = "restore"
PAUSED = "restored from a backup: `ytempire resume` compares the outside world with it, then goes on"
_HELD = "restored from a backup: what it published meanwhile is being looked up"


@dataclass
class Findings:
    """What the comparison found, kept with the restore."""

    backup_id: str
    calls_unknown: int = 0
    ahead: list[str] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    not_asked: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))

    def lines(self) -> list[str]:
        """As a person reads it."""
        found = [f"restored from backup {self.backup_id}; the outside world was compared with it"]
        if self.calls_unknown:
            found.append(f"{self.calls_unknown} calls were in flight when the backup was made: booked at their worst case as unknown")
        found += [f"run {key}: its video is at YouTube already; the run goes on with that one" for key in self.ahead]
        found += [f"channel {channel}: {len(ids)} uploads of a lost run ({', '.join(ids)}); see the incident" for channel, ids in self.unknown.items()]
        found += [f"channel {channel}: could not be asked ({why}); it stays stopped" for channel, why in self.not_asked.items()]
        return found


def pause(database: Database, backup_id: str, backed_up_at: Any) -> None:
    """Let a database that came out of a backup begin stopped: nothing goes out of it until it was settled."""
    with database.unit_of_work() as session:
        backups = BackupRepository(session)
        backups.fail_left("the home was restored before it was complete")
        backups.record_restore(backup_id, backed_up_at)
        SwitchRepository(session).engage(EVERYTHING, PAUSED, BY)
        AuditRepository(session).append(BY, "home.restored", backup_id, {"backed_up_at": str(backed_up_at)})


def require_settled(database: Database) -> None:
    """Raise RestoreUnsettled while a restore waits for the comparison."""
    with database.unit_of_work() as session:
        waiting = BackupRepository(session).find_unsettled()
    if waiting is not None:
        raise RestoreUnsettled(f"this home was restored from backup {waiting.backup_id}; run `ytempire resume` first: it compares what was published meanwhile")


def asking(caller: ToolCaller) -> Ask:
    """Return the way to ask the platform through the queue of the workers that may open an owner's consent."""

    async def ask(args: FindUploadsArgs, provenance: Provenance) -> FindUploadsResult:
        key = JobKey(new_id("restore"), "compare", 0, 0)
        run = RunScope(run_id=key.run_id, channel_id=args.channel, provenance=provenance)
        return await caller.call(SPEC, args, key=key, agent=BY, run=run)

    return ask


class Settlement:
    """Settles a restored home: unknown calls are booked, uploads compared, and only then the stop is lifted."""

    def __init__(self, settings: Settings, database: Database, ask: Ask) -> None:
        self._settings, self._database, self._ask = settings, database, ask

    async def settle(self) -> Findings | None:
        """Compare and lift the stop; None when no restore waits for it. Killed at any moment, it can be done again.

        Raises Conflict while an operator's own stop of everything holds, which is the operator's to lift.
        """
        findings = await asyncio.to_thread(self._hold)
        if findings is None:
            return None
        for channel, provenance in await asyncio.to_thread(self._connected):
            await self._compare(channel, provenance, findings)
        await asyncio.to_thread(self._finish, findings)
        return findings

    def _hold(self) -> Findings | None:
        """Stop each unfinished run by itself in place of everything, so that the platform can be asked while nothing else goes on."""
        with self._database.unit_of_work() as session:
            waiting = BackupRepository(session).find_unsettled()
            if waiting is None:
                return None
            switches = SwitchRepository(session)
            stopped = {one.scope: one.changed_by for one in switches.list_engaged()}
            if stopped.get(EVERYTHING, BY) != BY:
                raise Conflict(f"all is stopped by {stopped[EVERYTHING]}; `ytempire switch release all --reason WHY`, then `ytempire resume`")
            for run in RunRepository(session).list_unfinished():
                if f"run:{run.id}" not in stopped:
                    switches.engage(f"run:{run.id}", _HELD, BY)
            unknown = len(PaidCallRepository(session).mark_expired())
            if EVERYTHING in stopped:
                switches.release(EVERYTHING, _HELD, BY)
            return Findings(waiting.backup_id, unknown)

    def _connected(self) -> list[tuple[str, str]]:
        if self._settings.youtube_client is None:
            return []
        real = self._settings.youtube_base_url is None
        with self._database.unit_of_work() as session:
            return [(one.channel_id, one.provenance) for one in PlatformChannelRepository(session).list_() if (one.provenance == "real") is real]

    async def _compare(self, channel: str, provenance: str, findings: Findings) -> None:
        args = FindUploadsArgs(channel=channel, expected=await asyncio.to_thread(self._expected, channel))
        try:
            found = await self._ask(args, Provenance(provenance))
        except StudioError as error:
            findings.not_asked[channel] = error.message
            return
        findings.ahead += found.ahead
        if found.unknown:
            findings.unknown[channel] = list(found.unknown)

    def _expected(self, channel: str) -> tuple[str, ...]:
        """Return the keys under which unfinished runs publish: a run's own id."""
        with self._database.unit_of_work() as session:
            return tuple(run.id for run in RunRepository(session).list_unfinished() if run.channel_id == channel)

    def _finish(self, findings: Findings) -> None:
        with self._database.unit_of_work() as session:
            switches, incidents = SwitchRepository(session), IncidentRepository(session)
            for channel, why in findings.not_asked.items():
                reason = f"after a restore its uploads could not be compared: {why}; look for duplicates, then release this switch"
                switches.engage(f"channel:{channel}", reason[:500], BY)
                incidents.open(f"restore:{channel}", "restore", "critical", reason, channel_id=channel)
            for channel, videos in findings.unknown.items():
                told = f"{len(videos)} uploads carry our reference and belong to no run on record: {', '.join(videos)}"
                summary = f"{told}. Keep or delete them yourself."
                incidents.open(f"restore:{channel}:uploads", "restore", "critical", summary, channel_id=channel)
            for one in switches.list_engaged():
                if one.changed_by == BY and (one.scope.startswith("run:") or one.scope == EVERYTHING):
                    switches.release(one.scope, "the outside world was compared", BY)
            BackupRepository(session).settle_restores(findings.body)
            AuditRepository(session).append(BY, "restore.settled", findings.backup_id, findings.body)
