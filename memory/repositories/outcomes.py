"""Statements about outcomes: predicted once, settled once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.records.outcomes import OutcomeRecord
from memory.records.publications import PublicationRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(OutcomeRecord.predicted_at, OutcomeRecord.id)


class OutcomeMissing(NotFound):
    """Nothing was predicted of that publication."""

    code = "outcome_missing"


class OutcomeRepository:
    """What was predicted of publications, and what came of them, within one kind of truth."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def predict(self, publication_id: str, predicted: Mapping[str, Any]) -> OutcomeRecord:
        """Keep what is expected of a publication; what was kept first stands, so that nothing is predicted afterwards."""
        of = self.session.get_one(PublicationRecord, publication_id)
        fresh = {"id": f"outcome_{publication_id}", "publication_id": publication_id, "channel_id": of.channel_id, "run_id": of.run_id}
        statement = insert(OutcomeRecord).values(**fresh, provenance=of.provenance, predicted=dict(predicted))
        self.session.execute(statement.on_conflict_do_nothing(index_elements=["publication_id"]))
        return self.of_publication(publication_id)

    def settle(self, publication_id: str, happened: Mapping[str, Any], difference: Mapping[str, Any], lesson_id: str | None) -> OutcomeRecord | None:
        """Write down what came of a publication; the first time counts. None where nothing was predicted."""
        values = {"happened": dict(happened), "difference": dict(difference), "lesson_id": lesson_id, "settled_at": func.now()}
        open_ = OutcomeRecord.settled_at.is_(None)
        self.session.execute(update(OutcomeRecord).where(OutcomeRecord.publication_id == publication_id, open_).values(**values))
        return self.find(publication_id)

    def find(self, publication_id: str) -> OutcomeRecord | None:
        """Return a publication's outcome, if anything was predicted of it."""
        return self.session.scalar(select(OutcomeRecord).filter_by(publication_id=publication_id).execution_options(populate_existing=True))

    def of_publication(self, publication_id: str) -> OutcomeRecord:
        """Return a publication's outcome; raises OutcomeMissing."""
        found = self.find(publication_id)
        if found is None:
            raise OutcomeMissing(f"outcome: nothing was predicted of publication {publication_id!r}", publication=publication_id)
        return found

    def list_(self, channel_id: str, provenance: str, cursor: str | None = None, limit: int = 50) -> Page[OutcomeRecord]:
        """Return a channel's outcomes of one provenance, newest first."""
        statement = select(OutcomeRecord).where(OutcomeRecord.channel_id == channel_id, OutcomeRecord.provenance == str(provenance))
        return _KEYSET.page(self.session, statement, cursor, limit)
