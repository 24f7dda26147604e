"""Taking a person's answer: it is checked against its gate, an edit becomes an artifact, and the decision is recorded once, in the caller's transaction."""

from typing import Any

from pydantic import ValidationError

from agents.publisher import ListingEdits
from agents.publisher.policy import check_label, check_listing
from graphs import script_edits, timing
from graphs.gate_answers import GateConfig, HumanAnswer, read_answer, verdict_of
from graphs.made import made_of
from graphs.request import ProductionRequest
from graphs.two_people import Via, person_of, waits_for_another
from infra.clock import SYSTEM_CLOCK, Clock
from infra.database import UnitOfWork
from infra.errors import Invalid
from infra.ids import canonical_json
from memory.artifacts import Brief, Frozen, Listing, Provenance, Script
from memory.media import MediaStore
from memory.personality_changes import effective_personality
from memory.records.approvals import ApprovalRecord
from memory.records.runs import RunRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.runs import RunRepository

SECONDED = "approval.accepted_first"


class AnswerDesk:
    """Answers to what runs ask, in one unit of work."""

    def __init__(self, session: UnitOfWork, store: MediaStore, clock: Clock = SYSTEM_CLOCK) -> None:
        self._session = session
        self._store = store
        self._clock = clock

    def read(self, approval_id: str, raw: object) -> tuple[ApprovalRecord, HumanAnswer, Frozen | None]:
        """Return the question, the answer and what it edits, without recording anything; raises what `take` raises for an answer that is not taken."""
        approval = ApprovalRepository(self._session).get(approval_id)
        answer = read_answer(raw, GateConfig.model_validate(approval.request["config"]))
        if answer.type != "edit":
            return approval, answer, None
        run = RunRepository(self._session).get(approval.run_id)
        if isinstance(answer.args, dict) and "script" in answer.args:
            return approval, answer.model_copy(update={"changes": "script"}), self._script(run, approval, answer.args)
        if approval.gate == "script":
            raise Invalid("edit: of a script, give `script` with its title and beats; the listing can be changed once the video is made")
        return approval, answer, self._listing(run, approval, answer.args)

    def take(self, approval_id: str, raw: object, via: Via = "command") -> HumanAnswer | None:
        """Record an answer, one object or the inbox's list of one, exactly once; an edit becomes an artifact first.

        None where the channel needs two people and this is the first acceptance: it is written down and the run keeps waiting. Raises ApprovalMissing
        for an unknown request, Invalid for an answer that its gate does not take or an edit that could not be published, ApprovalDecided for a second
        decision, and what `waits_for_another` raises. A refused answer changes nothing: the run keeps waiting.
        """
        approval, answer, edits = self.read(approval_id, raw)
        if answer.type == "accept" and self._is_first_of_two(approval_id, answer, via):
            return None
        if edits is not None:
            answer = answer.model_copy(update={"artifact": self._keep(approval, f"{answer.changes}_edits", edits)})
        ApprovalRepository(self._session).decide(approval_id, verdict_of(answer), answer.by, answer.model_dump(mode="json"), via=via)
        return answer

    def _is_first_of_two(self, approval_id: str, answer: HumanAnswer, via: Via) -> bool:
        approvals = ApprovalRepository(self._session)
        approval, person = approvals.lock(approval_id), person_of(answer.by, via)
        if approval.status != "pending" or not waits_for_another(self._session, approval, person):
            return False
        approvals.say(approval_id, person, "acceptance", approval.manifest_digest, answer.model_dump(mode="json"))
        told = {"run": approval.run_id, "manifest": approval.manifest_digest, "via": via}
        tenant = RunRepository(self._session).get(approval.run_id).tenant_id
        AuditRepository(self._session).append(answer.by, SECONDED, approval_id, told, tenant=tenant)
        return True

    def _keep(self, approval: ApprovalRecord, kind: str, edits: Frozen) -> str:
        data = canonical_json(edits.model_dump(mode="json"))
        digest = self._store.put_bytes(data)
        provenance = RunRepository(self._session).get(approval.run_id).provenance
        about: dict[str, Any] = {"kind": kind, "media_type": "application/json", "size_bytes": len(data), "provenance": provenance}
        ArtifactRepository(self._session).record(digest=digest, run_id=approval.run_id, **about)
        return digest

    def _script(self, run: RunRecord, approval: ApprovalRecord, fields: dict[str, Any]) -> Frozen:
        """Return an edited script's body; raises Invalid for one that no review would let go on."""
        if set(fields) != {"script"}:
            raise Invalid("edit: the script and the listing are changed one after the other; give `script` alone")
        request = ProductionRequest.model_validate(run.request)
        if request.film is not None:
            raise Invalid("edit: script: the words of a finished film are in it; change title, description or tags, or ignore it and hand in another film")
        made = made_of(self._session, run, approval.request["action_request"]["args"])
        if made.script is None or made.brief is None:
            raise Invalid("edit: the script that this question is about is not known any more; respond in words instead")
        edits = script_edits.read_edits(fields["script"], approval.id)
        after = script_edits.applied(Script.model_validate_json(self._store.read(made.script)), edits)
        about = Brief.model_validate_json(self._store.read(made.brief))
        script_edits.check(after, about, effective_personality(request.channel, run.personality), request.seconds)
        return edits

    def _listing(self, run: RunRecord, approval: ApprovalRecord, fields: object) -> Frozen:
        """Return an edit's body; raises Invalid for a field that cannot be changed, and for a listing that the platform would refuse."""
        try:
            edited = ListingEdits.model_validate(fields)
        except ValidationError as error:
            problem = error.errors()[0]
            raise Invalid(f"edit: only title, description, tags, publish_at and script can be changed ({problem['loc']}: {problem['msg']})") from error
        changes = edited.model_dump(exclude_none=True)
        if not changes:
            raise Invalid("edit: it changes nothing; give a title, a description, tags or publish_at")
        if edited.publish_at is not None:
            timing.check_time(ProductionRequest.model_validate(run.request), edited.publish_at, self._clock.now())
        before = Listing.model_validate_json(self._store.read(approval.request["action_request"]["args"]["listing"]))
        listing = before.model_copy(update=changes)
        checks = (*check_listing(listing, ProductionRequest.model_validate(run.request).film), check_label(listing, Provenance(run.provenance)))
        failing = [f"{one.name}: {one.measured}, limit {one.limit}" for one in checks if not one.passed]
        if failing:
            raise Invalid(f"edit: {'; '.join(failing)}")
        return edited
