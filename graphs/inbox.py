"""What runs ask people, and what people answer: approvals as the agent inbox knows them, each call one transaction in a thread."""

import asyncio
from dataclasses import dataclass
from typing import Any

from graphs import revisions
from graphs.answers import AnswerDesk
from graphs.gate_answers import HumanAnswer
from graphs.risks import weigh
from graphs.state import ProductionState
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import Database
from infra.errors import Conflict
from memory.artifacts import Listing, Manifest, Script
from memory.media import MediaStore
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.runs import RunRepository

_GATES = {"publish_video": "video", "approve_script": "script"}


@dataclass(frozen=True)
class Waiting:
    """A run that waits for a person, and the request it waits on."""

    run_id: str
    approval_id: str
    interrupt_id: str
    gate: str
    description: str


class Inbox:
    """The requests of every run, and the one answer each may have."""

    def __init__(self, database: Database, store: MediaStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    async def request(self, run_id: str, interrupt_id: str, request: dict[str, Any], state: ProductionState) -> Waiting:
        """Write down the question a thread waits on; asking again returns the first request."""
        gate = _GATES[request["action_request"]["action"]]
        bound = state["prepare"]["manifest"] if gate == "video" else revisions.script(state)

        def write() -> Waiting:
            weighed = weigh(self._store, request["action_request"]["args"], state["scout"]["provenance"])
            with self._database.unit_of_work() as session:
                new = NewApproval(run_id, gate, interrupt_id, bound, request, weighed.risks, weighed.shown_at)
                approval = ApprovalRepository(session).request(new)
                return Waiting(run_id, approval.id, interrupt_id, gate, request["description"])

        return await asyncio.to_thread(write)

    async def find(self, run_id: str) -> Waiting:
        """Return what a run waits for; raises RunMissing, and Conflict when it waits for nobody."""

        def read() -> Waiting:
            with self._database.unit_of_work() as session:
                run = RunRepository(session).get(run_id)
                approval = ApprovalRepository(session).find_pending(run_id)
                if approval is None:
                    raise Conflict(f"run {run_id} waits for nobody (it is {run.status})", run=run_id)
                return Waiting(run_id, approval.id, approval.interrupt_id, approval.gate, approval.request["description"])

        return await asyncio.to_thread(read)

    async def find_answer(self, waiting: Waiting) -> dict[str, Any] | None:
        """Return the decision made on a request, if one was."""

        def read() -> dict[str, Any] | None:
            with self._database.unit_of_work() as session:
                approval = ApprovalRepository(session).get(waiting.approval_id)
                return approval.decision if approval.status != "pending" else None

        return await asyncio.to_thread(read)

    async def answer(self, approval_id: str, raw: object) -> HumanAnswer | None:
        """Record a person's answer, one object or the inbox's list of one, exactly once; an edit becomes an artifact first.

        None where another person has to accept it too. Raises what `AnswerDesk.take` raises.
        """

        def write() -> HumanAnswer | None:
            with self._database.unit_of_work() as session:
                return AnswerDesk(session, self._store, self._clock).take(approval_id, raw)

        return await asyncio.to_thread(write)

    async def preview(self, waiting: Waiting) -> tuple[str, ...]:
        """Return what a person needs to decide: the script's sentences, or the listing and where the video is."""

        def read() -> tuple[str, ...]:
            with self._database.unit_of_work() as session:
                asked = ApprovalRepository(session).get(waiting.approval_id).request["action_request"]["args"]
            if waiting.gate == "script":
                script = Script.model_validate_json(self._store.read(asked["script"]))
                return (script.title, *(f"{sentence.role}: {sentence.text}" for sentence in script.sentences))
            listing = Listing.model_validate_json(self._store.read(asked["listing"]))
            manifest = Manifest.model_validate_json(self._store.read(asked["manifest"]))
            return (listing.title, listing.description, f"video: {self._store.path(manifest.video)}")

        return await asyncio.to_thread(read)
