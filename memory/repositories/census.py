"""What a database holds, in figures by which a restored one is compared with the one it was copied from."""

from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from memory.records.artifacts import ArtifactRecord
from memory.records.audit import AuditEventRecord
from memory.records.base import Record
from memory.records.costs import CostEntryRecord
from memory.records.publications import PublicationRecord
from memory.records.runs import RunRecord
from memory.repositories.audit import AuditRepository

# Tables from which nothing is removed: a restored one never holds fewer rows than were counted before the copy.
GROWING: tuple[type[Record], ...] = (AuditEventRecord, RunRecord, PublicationRecord, CostEntryRecord, ArtifactRecord)
_BATCH = 5000


class CensusRepository:
    """Counts, the schema's revision, and the media that rows name."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table that only grows."""
        return {table.__tablename__: self.session.scalars(select(func.count()).select_from(table)).one() for table in GROWING}

    def schema_revision(self) -> str:
        """Return the schema's revision, empty when there is no schema yet."""
        if self.session.scalar(text("select to_regclass('public.alembic_version')")) is None:
            return ""
        return str(self.session.scalar(text("select max(version_num) from alembic_version")) or "")

    def audit_events(self) -> int:
        """Verify the audit trail and return its length; raises AuditBroken."""
        return AuditRepository(self.session).verify()

    def newest_run(self) -> RunRecord | None:
        """Return the run that was begun last."""
        return self.session.scalar(select(RunRecord).order_by(RunRecord.created_at.desc(), RunRecord.id.desc()).limit(1))

    def digests(self) -> Iterator[str]:
        """Yield the digest of every artifact once, in order."""
        yield from self.session.scalars(select(ArtifactRecord.digest).distinct().order_by(ArtifactRecord.digest).execution_options(yield_per=_BATCH))
