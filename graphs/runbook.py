"""The book of runs: what the orchestrator reads and writes, each call one transaction in a thread."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from agents.publisher import ListingEdits
from graphs.context import Studio
from graphs.request import ProductionRequest
from graphs.state import Outcome, ProductionState
from infra.database import Database
from infra.errors import Conflict, Invalid
from infra.ids import json_digest, new_id
from infra.settings import Settings
from memory.artifacts import Listing, Manifest, Provenance, Script
from memory.media import MediaStore
from memory.personality import get_personality
from memory.records.runs import RunRecord
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.channels import ChannelRepository
from memory.repositories.jobs import JobRepository, JobView
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunLease, RunRepository
from tools.call import ToolCaller

T = TypeVar("T")
_GATES = {"publish_video": "video", "approve_script": "script"}


@dataclass(frozen=True)
class Waiting:
    """A run that waits for a person, and the request it waits on."""

    run_id: str
    approval_id: str
    interrupt_id: str
    gate: str
    description: str


class RunBook:
    """The rows of every run."""

    def __init__(self, settings: Settings, database: Database, caller: ToolCaller) -> None:
        self.settings = settings
        self.database = database
        self.store = MediaStore(settings.media_root)
        self._caller = caller

    async def create(self, request: ProductionRequest) -> str:
        """Write down a new run and return its id; raises NotFound for an unknown channel and ChannelPaused for a paused one."""
        personality = get_personality(request.channel)
        run_id = new_id("run")
        provenance = Provenance.DEMO if request.offline and not request.sources else Provenance.REAL

        def write() -> str:
            with self.database.unit_of_work() as session:
                channels = ChannelRepository(session)
                channels.ensure(request.channel, personality.id, personality.name)
                channels.ensure_active(request.channel)
                RunRepository(session).create(
                    RunRecord(id=run_id, channel_id=request.channel, request=request.model_dump(mode="json"), provenance=provenance.value)
                )
            return run_id

        return await asyncio.to_thread(write)

    async def studio(self, run_id: str) -> Studio:
        """Return the studio as that run sees it."""

        def read() -> Studio:
            with self.database.unit_of_work() as session:
                run = RunRepository(session).get(run_id)
                request = ProductionRequest.model_validate(run.request)
                return Studio(
                    run_id=run_id,
                    channel_id=run.channel_id,
                    request=request,
                    personality=get_personality(request.channel),
                    settings=self.settings.model_copy(update={"network": "off"}) if request.offline else self.settings,
                    database=self.database,
                    store=self.store,
                    caller=self._caller,
                    provenance=Provenance(run.provenance),
                )

        return await asyncio.to_thread(read)

    async def list_unfinished(self) -> tuple[RunRecord, ...]:
        """Return every run without an ending, oldest first."""

        def read() -> tuple[RunRecord, ...]:
            with self.database.unit_of_work() as session:
                return RunRepository(session).list_unfinished()

        return await asyncio.to_thread(read)

    async def list_newest(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest runs, as `ytempire runs` lists them."""

        def read() -> list[dict[str, Any]]:
            with self.database.unit_of_work() as session:
                return [
                    {
                        "run_id": run.id,
                        "channel": run.channel_id,
                        "status": run.status,
                        "created": run.created_at.isoformat(),
                        "topic": run.request.get("topic"),
                        "reasons": (run.outcome or {}).get("reasons", []),
                    }
                    for run in RunRepository(session).list_(limit=limit).items
                ]

        return await asyncio.to_thread(read)

    async def find_waiting(self, run_id: str) -> Waiting:
        """Return what a run waits for; raises Conflict when it waits for nobody."""

        def read() -> Waiting:
            with self.database.unit_of_work() as session:
                run = RunRepository(session).get(run_id)
                approval = ApprovalRepository(session).find_pending(run_id)
                if approval is None:
                    raise Conflict(f"run {run_id} waits for nobody (it is {run.status})", run=run_id)
                return Waiting(run_id, approval.id, approval.interrupt_id, approval.gate, approval.request["description"])

        return await asyncio.to_thread(read)

    async def claim(self, run_id: str, owner: str, ttl_s: float) -> RunLease:
        """Take the run's lease; raises RunBusy and RunFinished."""
        return await self._runs(lambda runs: runs.claim_lease(run_id, owner, ttl_s))

    async def renew(self, lease: RunLease, ttl_s: float) -> None:
        """Extend the lease; raises RunLeaseLost."""
        await self._runs(lambda runs: runs.renew(lease, ttl_s))

    async def release(self, lease: RunLease) -> None:
        """Give the lease back."""
        await self._runs(lambda runs: runs.release(lease))

    async def mark_running(self, lease: RunLease) -> None:
        """Record that the run works."""
        await self._runs(lambda runs: runs.mark_running(lease))

    async def mark_waiting(self, lease: RunLease) -> None:
        """Record that the run waits for a person."""
        await self._runs(lambda runs: runs.mark_waiting(lease))

    async def fail(self, lease: RunLease, error: dict[str, Any]) -> None:
        """End the run with an error."""
        await self._runs(lambda runs: runs.mark_finished(lease, "failed", {"status": "failed", "reasons": [error["message"]]}, error))

    async def finish(self, lease: RunLease, state: ProductionState, outcome: Outcome) -> None:
        """End the run with its outcome; the final state is kept in the row, so that checkpoints can be pruned."""
        kept = {**outcome, "state": {key: value for key, value in state.items() if key != "outcome"}}
        await self._runs(lambda runs: runs.mark_finished(lease, outcome["status"], kept))
        await self.emit(lease.run_id, f"run.{outcome['status']}", {"reasons": outcome["reasons"]})

    async def emit(self, run_id: str, kind: str, payload: dict[str, Any]) -> None:
        """Append an event to the run's live view."""

        def write() -> None:
            with self.database.unit_of_work() as session:
                RunEventRepository(session).append(run_id, kind, payload)

        await asyncio.to_thread(write)

    async def request_approval(self, run_id: str, interrupt_id: str, request: dict[str, Any], state: ProductionState) -> Waiting:
        """Write down the question a thread waits on; asking again returns the first request."""
        gate = _GATES[request["action_request"]["action"]]
        bound = state["prepare"]["manifest"] if gate == "video" else state["write"]["script"]

        def write() -> Waiting:
            with self.database.unit_of_work() as session:
                new = NewApproval(run_id=run_id, gate=gate, interrupt_id=interrupt_id, manifest_digest=bound or json_digest(request), request=request)
                approval = ApprovalRepository(session).request(new)
                return Waiting(run_id, approval.id, interrupt_id, gate, request["description"])

        return await asyncio.to_thread(write)

    async def find_answer(self, waiting: Waiting) -> dict[str, Any] | None:
        """Return the decision made on a request, if one was."""

        def read() -> dict[str, Any] | None:
            with self.database.unit_of_work() as session:
                approval = ApprovalRepository(session).get(waiting.approval_id)
                return approval.decision if approval.status != "pending" else None

        return await asyncio.to_thread(read)

    async def decide(self, approval_id: str, verdict: str, by: str, answer: dict[str, Any]) -> None:
        """Record a person's decision; raises ApprovalDecided for a second one."""

        def write() -> None:
            with self.database.unit_of_work() as session:
                ApprovalRepository(session).decide(approval_id, verdict, by, answer)

        await asyncio.to_thread(write)

    async def keep_edits(self, run_id: str, fields: dict[str, Any]) -> str:
        """Store what a person changed in the listing; raises Invalid for a field that cannot be changed."""
        try:
            edited = ListingEdits.model_validate(fields)
        except ValidationError as error:
            raise Invalid(f"edit: only title, description and tags can be changed ({error.errors()[0]['loc']}: {error.errors()[0]['msg']})") from error
        studio = await self.studio(run_id)
        return await studio.keep(edited, "listing_edits", studio.provenance.value)

    async def preview(self, waiting: Waiting) -> tuple[str, ...]:
        """Return what a person needs to decide: the script's sentences, or the listing and where the video is."""
        studio = await self.studio(waiting.run_id)

        def read() -> tuple[str, ...]:
            with self.database.unit_of_work() as session:
                approval = ApprovalRepository(session).get(waiting.approval_id)
                asked = approval.request["action_request"]["args"]
            if waiting.gate == "script":
                script = studio.load(asked["script"], Script)
                return (script.title, *(f"{sentence.role}: {sentence.text}" for sentence in script.sentences))
            listing, manifest = studio.load(asked["listing"], Listing), studio.load(asked["manifest"], Manifest)
            return (listing.title, listing.description, f"video: {self.store.path(manifest.video)}")

        return await asyncio.to_thread(read)

    async def replay_dead_jobs(self, run_id: str) -> int:
        """Queue the run's dead jobs again, since whoever resumes a run has dealt with their cause; returns how many."""

        def write() -> int:
            with self.database.unit_of_work() as session:
                jobs = JobRepository(session)
                dead = [job for job in jobs.list_of_run(run_id) if job.state == "dead"]
                for job in dead:
                    jobs.replay(job.id)
                return len(dead)

        return await asyncio.to_thread(write)

    async def jobs(self, run_id: str) -> tuple[JobView, ...]:
        """Return every job of a run."""

        def read() -> tuple[JobView, ...]:
            with self.database.unit_of_work() as session:
                return JobRepository(session).list_of_run(run_id)

        return await asyncio.to_thread(read)

    async def _runs(self, work: Callable[[RunRepository], T]) -> T:
        def in_thread() -> T:
            with self.database.unit_of_work() as session:
                return work(RunRepository(session))

        return await asyncio.to_thread(in_thread)
