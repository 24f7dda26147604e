"""Statements about publications: one row per idempotency key, and every state committed before the next outside call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.publications import STEPS, PublicationRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(PublicationRecord.created_at, PublicationRecord.id)
_PUBLIC = {"released", "verified"}


class Answer(StrEnum):
    """What a person says about a publication that waits for one."""

    VIDEO = "video"
    NONE = "none"
    AGAIN = "again"
    DROP = "drop"


class PublicationMissing(NotFound):
    """There is no publication of that id."""

    code = "publication_missing"


class PublicationKeyReused(Conflict):
    """The same idempotency key was used before for another manifest, publisher or channel."""

    code = "publication_key_reused"


class TransitionRefused(Conflict):
    """A publication cannot go from its state to that one."""

    code = "transition_refused"


@dataclass(frozen=True)
class NewPublication:
    """One intended outside effect; `key` is its idempotency key."""

    key: str
    run_id: str
    channel_id: str
    publisher: str
    provenance: str
    manifest_digest: str


@dataclass(frozen=True)
class Transition:
    """The next state and what was learned on the way; `details` are added to those already known.

    `public_at` is when a scheduled video is shown; without it, what is released is shown now.
    """

    to: str
    note: str = ""
    external_id: str | None = None
    external_url: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    generation: int | None = None
    public_at: datetime | None = None


class PublicationRepository:
    """Publications and their states."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, new: NewPublication) -> PublicationRecord:
        """Return the publication of this key, creating it in state `intent` the first time.

        Raises PublicationKeyReused when the key already stands for another effect.
        """
        values = {name: str(getattr(new, name)) for name in ("key", "run_id", "channel_id", "publisher", "provenance", "manifest_digest")}
        self.session.execute(insert(PublicationRecord).values(id=new_id("publication"), **values).on_conflict_do_nothing(index_elements=["key"]))
        found = self.session.scalars(select(PublicationRecord).filter_by(key=new.key)).one()
        differing = [name for name in ("channel_id", "publisher", "provenance", "manifest_digest") if getattr(found, name) != values[name]]
        if differing:
            raise PublicationKeyReused(f"publication key {new.key} was used before with another {', '.join(differing)}", key=new.key, id=found.id)
        return found

    def find_by_key(self, key: str) -> PublicationRecord | None:
        """Return the publication of an idempotency key, if there is one."""
        return self.session.scalar(select(PublicationRecord).filter_by(key=key))

    def get(self, publication_id: str) -> PublicationRecord:
        """Return the publication; raises PublicationMissing."""
        return self._get(publication_id, lock=False)

    def list_(self, channel_id: str | None = None, state: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[PublicationRecord]:
        """Return publications, newest first."""
        statement = select(PublicationRecord)
        if channel_id is not None:
            statement = statement.where(PublicationRecord.channel_id == channel_id)
        if state is not None:
            statement = statement.where(PublicationRecord.state == state)
        return _KEYSET.page(self.session, statement, cursor, limit)

    def list_of_run(self, run_id: str) -> tuple[PublicationRecord, ...]:
        """Return a run's publications, oldest first."""
        return tuple(self.session.scalars(select(PublicationRecord).filter_by(run_id=run_id).order_by(PublicationRecord.created_at)))

    def reopen(self, publication_id: str, generation: int, details: Mapping[str, Any]) -> PublicationRecord:
        """Go back to `session_open` with a new upload session in place of number `generation`, of which it is certain that no video came.

        Raises TransitionRefused when a video may be there, or another worker has opened another session since.
        """
        publication = self._get(publication_id, lock=True)
        if publication.state not in {"session_open", "bytes_sent"} or publication.details.get("generation") != generation:
            raise TransitionRefused(f"publication {publication_id}: upload session {generation} is not the one to replace", id=publication_id)
        entry = {"from": publication.state, "to": "session_open", "note": f"upload session {generation} ended without a video; another is opened"}
        publication.history = [*publication.history, {**entry, "at": self._now().isoformat(), "reopened": True}]
        publication.details = {**publication.details, **details, "generation": generation + 1}
        publication.state = "session_open"
        self.session.flush()
        return publication

    def note(self, publication_id: str, details: Mapping[str, Any], state: str | None = None) -> PublicationRecord:
        """Add to what is known, without a step. Raises TransitionRefused when `state` is named and the publication is in another."""
        publication = self._get(publication_id, lock=True)
        if state is not None and publication.state != state:
            raise TransitionRefused(f"publication {publication_id}: is {publication.state} by now, not {state}", id=publication_id)
        publication.details = {**publication.details, **details}
        self.session.flush()
        return publication

    def hold_visibility(self, key: str) -> None:
        """Wait until nobody else changes who sees a publication or when, and keep others waiting until this transaction ends."""
        self.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 10))"), {"name": f"visibility/{key}"})

    def reschedule(self, publication_id: str, to: datetime, why: str) -> PublicationRecord:
        """Write down another time for one that waits to be shown; the same time is no news twice. Raises TransitionRefused for any other."""
        publication = self._get(publication_id, lock=True)
        was = publication.published_at
        if publication.state != "verified" or was is None:
            raise TransitionRefused(f"publication {publication_id}: is {publication.state} and has no time to move", id=publication_id)
        if was != to:
            now = self._now()
            told = f"moved from {was:%Y-%m-%d %H:%M} to {to:%Y-%m-%d %H:%M} UTC by {why}"
            publication.history = [*publication.history, {"from": "verified", "to": "verified", "note": told, "at": now.isoformat()}]
            publication.details = {**publication.details, "publish_at": to.isoformat()}
            publication.published_at, publication.updated_at = to, now
            self.session.flush()
        return publication

    def settle(self, key: str, answer: Answer, external_id: str | None = None) -> PublicationRecord:
        """Take a publication out of a person's hands: the video is there (`external_id`), it certainly is not, it goes on, or it is given up.

        Raises TransitionRefused when it waits for nobody, or the answer does not fit how far it got.
        """
        publication = self.find_by_key(key)
        if publication is None:
            raise PublicationMissing(f"publication: there is none of key {key!r}", publication=key)
        created = _rank(publication) >= STEPS.index("created")
        fits = {Answer.VIDEO: external_id is not None and not created, Answer.NONE: not created, Answer.AGAIN: created, Answer.DROP: True}
        if publication.state != "needs_human" or not fits[answer]:
            raise TransitionRefused(f"publication {publication.id}: is {publication.state}; the answer {answer.value!r} does not fit", id=publication.id)
        if answer is Answer.VIDEO:
            return self.transition(publication.id, Transition("created", "a person found it", external_id=external_id, details={"session": "", "looks": 0}))
        if answer is Answer.DROP:
            return self.transition(publication.id, Transition("retracted" if created else "failed", "a person gave it up"))
        held = self.transition(publication.id, Transition(STEPS[_rank(publication)], f"a person says: {answer.value}", details={"looks": 0, "waits": 0}))
        if answer is Answer.AGAIN or held.state == "intent":
            return held
        return self.reopen(held.id, int(held.details["generation"]), {"session": ""})

    def _now(self) -> datetime:
        found: datetime = self.session.scalars(select(func.clock_timestamp())).one()
        return found

    def transition(self, publication_id: str, step: Transition) -> PublicationRecord:
        """Take a publication to its next state; commit before the next outside call. Raises TransitionRefused.

        With `generation`, only while the upload session of that number is the publication's own.

        Steps go forward only, and may be skipped by publishers that have no such step. `needs_human` may be entered
        from any unfinished state and left to any step not yet passed; `failed` ends a publication that nothing outside has.
        """
        publication = self._get(publication_id, lock=True)
        if not _allowed(publication, step.to) or step.generation not in {None, publication.details.get("generation")}:
            raise TransitionRefused(f"publication {publication_id}: {publication.state} cannot become {step.to}", id=publication_id)
        now = self.session.scalar(select(func.clock_timestamp()))
        entry = {"from": publication.state, "to": step.to, "note": step.note, "at": now.isoformat() if now else None}
        publication.history = [*publication.history, entry]
        publication.details = {**publication.details, **step.details}
        publication.state = step.to
        publication.external_id = step.external_id or publication.external_id
        publication.external_url = step.external_url or publication.external_url
        publication.updated_at = now or publication.updated_at
        if step.to in _PUBLIC and publication.published_at is None:
            publication.published_at = max(step.public_at, now) if step.public_at and now else now
        self.session.flush()
        return publication

    def _get(self, publication_id: str, *, lock: bool) -> PublicationRecord:
        statement = select(PublicationRecord).filter_by(id=publication_id).execution_options(populate_existing=True)
        found = self.session.scalar(statement.with_for_update() if lock else statement)
        if found is None:
            raise PublicationMissing(f"publication: {publication_id!r} does not exist", publication=publication_id)
        return found


def _allowed(publication: PublicationRecord, to: str) -> bool:
    state = publication.state
    if state in {"failed", "retracted"}:
        return False
    if to == "retracted":
        return _rank(publication) >= STEPS.index("created")
    if to == "failed":
        return _rank(publication) < STEPS.index("created")
    if to == "needs_human":
        return state not in {"verified", "needs_human"}
    return to in STEPS and STEPS.index(to) > _rank(publication) - (state == "needs_human")


def _rank(publication: PublicationRecord) -> int:
    """Return how far the upload got; for one that needs a human, how far it was before. A session that was replaced starts the count again."""
    since = max((number + 1 for number, entry in enumerate(publication.history) if entry.get("reopened")), default=0)
    reached = [publication.state, *(entry["from"] for entry in publication.history[since:])]
    return max(STEPS.index(state) for state in reached if state in STEPS)
