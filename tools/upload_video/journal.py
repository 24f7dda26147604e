"""The publication's own record: each state is committed, under the worker's fence, before the next outside call."""

from dataclasses import dataclass
from typing import Any

from infra.database import Database
from memory.records.publications import PublicationRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.publications import NewPublication, PublicationRepository, Transition
from memory.vault import Vault
from tools.base import ToolContext
from tools.vendors.youtube.errors import OperatorNeeded

GATE = "video"


@dataclass(frozen=True)
class Journal:
    """One publication's states. The address of an upload session is a secret and is kept sealed."""

    database: Database
    ctx: ToolContext
    vault: Vault
    new: NewPublication

    def open(self) -> PublicationRecord:
        """Return the publication, committing the intent the first time."""
        self.ctx.ensure_live()
        with self.database.unit_of_work() as session:
            return PublicationRepository(session).create(self.new)

    def advance(self, row: PublicationRecord, to: str, note: str = "", **learned: Any) -> PublicationRecord:
        """Commit the next state; `learned` is external_id, external_url, details, public_at. Only the holder of the current upload session goes on."""
        self.ctx.ensure_live()
        step = Transition(to, note, generation=row.details.get("generation"), **learned)
        with self.database.unit_of_work() as session:
            return PublicationRepository(session).transition(row.id, step)

    def note(self, row: PublicationRecord, **details: Any) -> PublicationRecord:
        """Commit something learned within a state."""
        self.ctx.ensure_live()
        with self.database.unit_of_work() as session:
            return PublicationRepository(session).note(row.id, details, state=row.state)

    def first_session(self, row: PublicationRecord, address: str) -> PublicationRecord:
        """Commit the address of the first upload session, before any byte is sent to it."""
        details = {"session": self._seal(row, address), "generation": 1}
        self.ctx.ensure_live()
        with self.database.unit_of_work() as session:
            return PublicationRepository(session).transition(row.id, Transition("session_open", details=details))

    def next_session(self, row: PublicationRecord, address: str) -> PublicationRecord:
        """Commit another session in place of one that certainly brought no video."""
        self.ctx.ensure_live()
        with self.database.unit_of_work() as session:
            return PublicationRepository(session).reopen(row.id, int(row.details["generation"]), {"session": self._seal(row, address), "looks": 0})

    def address(self, row: PublicationRecord) -> str:
        """Return the address of the current upload session."""
        return self.vault.open(str(row.details["session"]), _about(row))

    def verify_approval(self) -> None:
        """Raise NotApproved unless an accepted approval names exactly this manifest."""
        with self.database.unit_of_work() as session:
            ApprovalRepository(session).verify(self.new.run_id, GATE, self.new.manifest_digest)

    def ask_a_person(self, row: PublicationRecord, why: str) -> OperatorNeeded:
        """Commit that only a person can go on, open an incident, and return the error to raise."""
        self.ctx.ensure_live()
        with self.database.unit_of_work() as session:
            if row.state != "needs_human":
                PublicationRepository(session).transition(row.id, Transition("needs_human", why, details={"question": why}))
            about = {"channel_id": self.new.channel_id, "run_id": self.new.run_id, "publication_id": row.id}
            IncidentRepository(session).open(f"publication:{row.id}", "publication", "critical", why, **about)
        return OperatorNeeded(f"publication {row.id}: {why}; settle it with `ytempire channels settle {self.new.key}`", "needs_human")

    def _seal(self, row: PublicationRecord, address: str) -> str:
        return self.vault.seal(address, _about(row))


def _about(row: PublicationRecord) -> str:
    return f"upload session of {row.id}"
