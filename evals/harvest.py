"""Turns what a finished run saw and chose into a stored case: `DATABASE_URL=... python -m evals.harvest RUN_ID > case.yaml`.

The scout's and the writer's cases are made; the other agents' snapshots name files of the run, which a case should not carry. Harvested
text is whatever the run read: look at it before it is committed.
"""

import sys
from collections.abc import Sequence
from typing import Any

import yaml

from agents.scriptwriter.schemas import Snapshot as WriterSnapshot
from agents.trend_scout.schemas import Snapshot as ScoutSnapshot
from evals.tasks.documents import CaseDocument
from evals.tasks.scriptwriter import WriterCase, WriterExpect
from evals.tasks.trend_scout import ScoutCase, ScoutExpect, Story
from infra.database import Database
from infra.errors import Invalid, NotFound
from infra.settings import load_settings
from memory.artifacts import Brief, Provenance, SourceDocument
from memory.media import MediaStore
from memory.media_shared import open_media
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.runs import RunRepository
from memory.repositories.snapshots import SnapshotRepository

_DEMO = "demo-"


class NothingToHarvest(NotFound):
    """The run has no snapshot of an agent whose cases can be made."""

    code = "nothing_to_harvest"


def harvest(database: Database, store: MediaStore, run_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return cases by agent, ready to be appended to a dataset; what the run chose becomes what the case expects."""
    with database.unit_of_work() as session:
        run = RunRepository(session).get(run_id)
        snapshots = {record.node: record.artifact for record in SnapshotRepository(session).list_(run_id)}
        briefs = [record.digest for record in ArtifactRepository(session).list_(run_id, kind="brief")]
        channel, request = run.channel_id, dict(run.request)
    brief = Brief.model_validate_json(store.read(briefs[-1])) if briefs else None
    cases: dict[str, list[dict[str, Any]]] = {}
    if "scout" in snapshots:
        seen = ScoutSnapshot.model_validate_json(store.read(snapshots["scout"]))
        cases["trend_scout"] = [_case(f"run {run_id}", scout_case(seen, channel, store), _scout_expects(seen, brief))]
    if "write" in snapshots and brief is not None:
        known = WriterSnapshot.model_validate_json(store.read(snapshots["write"]))
        written = WriterCase(
            channel=channel,
            topic=brief.topic,
            angle=brief.angle,
            documents=tuple(_document(one) for one in brief.documents),
            seconds=int(request.get("seconds", 45)),
            lessons=known.lessons,
            earlier_openings=known.earlier_openings,
        )
        cases["scriptwriter"] = [_case(f"run {run_id}", written, WriterExpect())]
    if not cases:
        raise NothingToHarvest(f"run {run_id} has no snapshot of the scout or the writer", run=run_id)
    return cases


def scout_case(seen: ScoutSnapshot, channel: str, store: MediaStore) -> ScoutCase:
    """Return the case that a scout's snapshot is."""
    evidence = {one.topic: one for one in seen.evidence}
    stories = []
    for candidate in seen.candidates:
        found = evidence.get(candidate.topic)
        documents = tuple(_document(SourceDocument.model_validate_json(store.read(digest))) for digest in found.documents) if found else None
        scored = candidate.model_dump(exclude={"urls"})
        stories.append(Story(**scored, evidence=documents, looked_at=found.looked_at if found else ()))
    return ScoutCase(channel=channel, mode=seen.mode, stories=tuple(stories), failed_sources=seen.failed_sources, refused_inputs=seen.refused_inputs)


def _scout_expects(seen: ScoutSnapshot, brief: Brief | None) -> ScoutExpect:
    # A case gets its provenance from its mode, as the scout does.
    provenance = Provenance.DEMO if seen.mode == "demo" else Provenance.REAL
    return ScoutExpect(refuses=brief is None, chooses=brief.topic if brief else "", provenance=provenance)


def _document(document: SourceDocument) -> CaseDocument:
    if document.id.startswith(_DEMO) and document.provenance is Provenance.DEMO:
        return CaseDocument(demo=document.id.removeprefix(_DEMO))
    kept = document.model_dump(include={"id", "title", "text", "url", "category", "published", "retracted"})
    return CaseDocument(**kept, licence=document.rights.licence)


def _case(name: str, inputs: ScoutCase | WriterCase, expects: ScoutExpect | WriterExpect) -> dict[str, Any]:
    return {"name": name, "inputs": inputs.model_dump(mode="json", exclude_defaults=True), "metadata": expects.model_dump(mode="json")}


def main(arguments: Sequence[str]) -> int:
    """Write the cases of one run to standard output as YAML."""
    settings = load_settings()
    if len(arguments) != 1 or settings.database_url is None:
        raise Invalid("give one run id, and DATABASE_URL of the studio that made it")
    database = Database(settings.database_url)
    try:
        yaml.safe_dump(harvest(database, open_media(settings), arguments[0]), sys.stdout, sort_keys=False, allow_unicode=True, width=160)
    finally:
        database.dispose()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
