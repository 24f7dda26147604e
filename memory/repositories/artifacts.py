"""Statements about artifacts."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import NotFound
from memory.records.artifacts import ArtifactRecord
from memory.rights import Rights

# In the order of what it costs to find out. What a job made is looked for as a whole value: a result may repeat words that were asked.
_NAMED = text("""
    select d from unnest(cast(:digests as text[])) d
    where exists (select from uploads u where u.digest = d::char(64)) or exists (select from artifacts a where a.digest = d::char(64))
        or exists (select from jobs j where j.state = 'done' and jsonb_path_exists(j.result, '$.** ? (@ == $d)', jsonb_build_object('d', d)))
""")


class ArtifactUnknown(NotFound):
    """No artifact of that digest is recorded."""

    code = "artifact_unknown"


class ArtifactRepository:
    """What is known about stored bytes: which run made them as what, and what they may be used for."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def record(  # noqa: PLR0913 - an artifact is described by that many facts
        self,
        *,
        digest: str,
        run_id: str | None,
        kind: str,
        media_type: str,
        size_bytes: int,
        provenance: str,
        rights: Rights | None = None,
    ) -> None:
        """Record that a run made an artifact; recording it again changes nothing."""
        values: dict[str, Any] = {
            "digest": digest,
            "run_id": run_id,
            "kind": kind,
            "media_type": media_type,
            "size_bytes": size_bytes,
            "provenance": str(provenance),
        }
        values["rights"] = rights.model_dump(mode="json") if rights else None
        self.session.execute(insert(ArtifactRecord).values(**values).on_conflict_do_nothing())

    def find(self, digest: str, run_id: str | None = None) -> ArtifactRecord | None:
        """Return the newest record of a digest, of one run or of any."""
        statement = select(ArtifactRecord).where(ArtifactRecord.digest == digest)
        if run_id is not None:
            statement = statement.where(ArtifactRecord.run_id == run_id)
        return self.session.scalar(statement.order_by(ArtifactRecord.id.desc()).limit(1))

    def get(self, digest: str, run_id: str | None = None) -> ArtifactRecord:
        """Return the newest record of a digest; raises ArtifactUnknown."""
        found = self.find(digest, run_id)
        if found is None:
            raise ArtifactUnknown(f"artifact: {digest} is not recorded", digest=digest)
        return found

    def own(self, digests: Collection[str]) -> frozenset[str]:
        """Return those of the digests that uploads, artifacts or results of jobs name, of those that this transaction sees."""
        return frozenset(self.session.scalars(_NAMED, {"digests": sorted(digests)})) if digests else frozenset()

    def list_(self, run_id: str, kind: str | None = None) -> tuple[ArtifactRecord, ...]:
        """Return a run's artifacts in the order they were made."""
        statement = select(ArtifactRecord).where(ArtifactRecord.run_id == run_id)
        if kind is not None:
            statement = statement.where(ArtifactRecord.kind == kind)
        return tuple(self.session.scalars(statement.order_by(ArtifactRecord.id)))
