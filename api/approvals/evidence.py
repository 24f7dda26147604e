"""What a person needs to decide, read from what the run kept."""

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from graphs.bodies import Cited, GateReport
from graphs.documents import sources_document
from graphs.made import Made, made_of
from graphs.risks import Judged, risks_of
from infra.database import UnitOfWork
from infra.errors import StudioError
from memory.artifacts import Brief, GateResult, Manifest, Script, Thumbnails
from memory.ledger import MICROUSD_PER_USD, Ledger
from memory.media import MediaStore
from memory.records.approvals import ApprovalRecord
from memory.records.runs import RunRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.runs import RunRepository

M = TypeVar("M", bound=BaseModel)


class EvidenceReader:
    """Reads bodies of one question; what is lost is named, so that a person knows what they did not see."""

    def __init__(self, session: UnitOfWork, store: MediaStore) -> None:
        self._session = session
        self._store = store
        self._missing: list[str] = []

    def of(self, approval: ApprovalRecord) -> dict[str, Any]:
        """Return the evidence of a question."""
        run = RunRepository(self._session).get(approval.run_id)
        made = made_of(self._session, run, approval.request["action_request"]["args"])
        manifest = self._load("manifest", made.manifest if approval.gate == "video" else None, Manifest)
        thumbnails = self._load("thumbnails", made.thumbnails if approval.gate == "video" else None, Thumbnails)
        script, brief = self._script(made)
        checks = self._checks(made) if approval.gate == "video" else []
        quality = self._quality(made)
        judged = Judged(run.provenance, checks, quality, brief, manifest.listing if manifest else None)
        return {
            "manifest": manifest.model_dump(mode="json") if manifest else None,
            "script": script,
            "thumbnails": [_thumbnail(run, one) for one in thumbnails.variants] if thumbnails else [],
            "chosen_thumbnail": thumbnails.chosen if thumbnails else None,
            "checks": [gate.model_dump(exclude={"value", "bound"}) for gate in checks],
            "quality": quality,
            "cost_usd": Ledger(self._session).total_microusd(run_id=run.id) / MICROUSD_PER_USD,
            "risks": risks_of(judged),
            "missing": self._missing,
        }

    def _script(self, made: Made) -> tuple[dict[str, Any] | None, Brief | None]:
        script, brief = self._load("script", made.script, Script), self._load("brief", made.brief, Brief)
        cited = self._load("cited", made.cited, Cited)
        if script is None or brief is None or cited is None:
            return None, brief
        return {"title": script.title, "digest": made.script, **sources_document(brief, script, cited.passages)}, brief

    def _checks(self, made: Made) -> list[GateResult]:
        reports = (self._load("inspection", made.inspection, GateReport), self._load("screening", made.screening, GateReport))
        return [gate for report in reports if report is not None for gate in report.gates]

    def _quality(self, made: Made) -> float | None:
        if made.review is None:
            return None
        try:
            return float(orjson.loads(self._store.read(made.review))["score"])
        except StudioError:
            self._missing.append("review")
            return None

    def _load(self, name: str, digest: str | None, model: type[M]) -> M | None:
        if digest is None:
            return None
        try:
            return model.model_validate_json(self._store.read(digest))
        except StudioError as lost:
            self._missing.append(f"{name}: {lost.message.partition(';')[0]}")
            return None


def voices_of(session: UnitOfWork, approval_id: str) -> list[dict[str, Any]]:
    """Return what was said on an approval, oldest first."""
    said = ApprovalRepository(session).voices(approval_id)
    names = ("id", "kind", "decision", "created_at")
    return [{**{name: getattr(one, name) for name in names}, "by": one.principal, "manifest": one.manifest_digest} for one in said]


def _thumbnail(run: RunRecord, variant: Any) -> dict[str, Any]:
    where = f"/v1/videos/{run.video_id}/files/{variant.image}"
    return {"image": variant.image, "url": where, "concept": variant.concept, "text": variant.text, "score": variant.score}
