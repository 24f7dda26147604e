"""The output folder of a run: every file a person or a program looks for, written aside and renamed into place."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from graphs import revisions
from graphs.bodies import Cited, GateReport
from graphs.context import Studio
from graphs.documents import decisions_document, sources_document
from graphs.state import ProductionState
from infra.errors import Unavailable
from memory.artifacts import Brief, Decision, Listing, RenderedVideo, Script, Thumbnails
from memory.ledger import Ledger
from memory.repositories.decisions import DecisionRepository
from memory.repositories.jobs import JobRepository, JobView
from memory.repositories.publications import PublicationRepository
from memory.repositories.runs import RunRepository

MICRO = 1_000_000
UNREACHED: dict[str, Any] = dict.fromkeys(("title", "topic", "video", "thumbnail", "captions", "duration_s", "width", "height", "library")) | {"sources": []}


class NotExported(Unavailable):
    """The output folder takes no files; what the run made is kept in the media store."""

    code = "not_exported"


@dataclass(frozen=True)
class Exported:
    """Where a run's files are, and the object that `produce --json` prints."""

    folder: Path
    summary: dict[str, Any]


def export_run(studio: Studio, state: ProductionState, status: str, reasons: tuple[str, ...], folder: Path) -> Exported:
    """Write the files of a run to `folder` and return its summary; files of stages that were not reached are absent and named null.

    Raises NotExported, which can be repeated, when the folder takes no files.
    """
    record = run_record(studio)
    summary: dict[str, Any] = {
        **UNREACHED,
        "run_id": studio.run_id,
        "status": status,
        "reasons": list(reasons),
        "channel": studio.channel_id,
        "out_dir": str(folder),
        "cost_usd": record["cost_usd"],
        "timings_s": record["timings_s"],
        "provenance": record["provenance"],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "decisions.json", decisions_document(_decisions(studio)))
        summary.update(_texts(studio, state, folder))
        summary.update(_media(studio, state, folder))
        _write(folder / "run.json", {**record, **summary})
    except OSError as error:
        raise NotExported(f"out: {folder} takes no files ({error.strerror}); the run itself is {status} and kept", run=studio.run_id) from error
    return Exported(folder, summary)


def _texts(studio: Studio, state: ProductionState, folder: Path) -> dict[str, Any]:
    scouted, written = state.get("scout"), state.get("write")
    if not scouted or not scouted["brief"]:
        return {}
    brief = studio.load(scouted["brief"], Brief)
    found: dict[str, Any] = {"topic": brief.topic}
    if written and written["script"] and written["cited"]:
        script = studio.load(revisions.script(state), Script)
        sources = sources_document(brief, script, studio.load(revisions.cited(state) if "review" in state else written["cited"], Cited).passages)
        _write(folder / "sources.json", sources)
        found |= {"title": script.title, "sources": [document for document in sources["documents"] if document["used"]]}
    if "prepare" in state:
        listing = studio.load(state["prepare"]["listing"], Listing)
        _write(folder / "metadata.json", listing.model_dump(mode="json"))
        found |= {"title": listing.title}
    return found


def _media(studio: Studio, state: ProductionState, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "thumbnails" in state:
        thumbnails = studio.load(state["thumbnails"], Thumbnails)
        for number, variant in enumerate(thumbnails.variants, 1):
            _copy(studio, variant.image, folder / f"thumbnail-{number}.jpg")
        _copy(studio, thumbnails.variants[thumbnails.chosen].image, folder / "thumbnail.jpg")
        found["thumbnail"] = str(folder / "thumbnail.jpg")
    reports = [state["inspect"]["report"]] if "inspect" in state else []
    reports += [state["screen"]["report"]] if "screen" in state else []
    found["gates"] = [gate.model_dump() for report in reports for gate in studio.load(report, GateReport).gates]
    if "video" in state:
        video = studio.load(state["video"], RenderedVideo)
        _copy(studio, video.video, folder / "video.mp4")
        _copy(studio, video.captions_srt, folder / "captions.srt")
        _copy(studio, video.captions_vtt, folder / "captions.vtt")
        found |= {"video": str(folder / "video.mp4"), "captions": str(folder / "captions.srt")}
        found |= {"duration_s": video.duration_s, "width": video.width, "height": video.height}
    if "publish" in state:
        found["library"] = state["publish"]["location"]
    return found


def run_record(studio: Studio) -> dict[str, Any]:
    """Return a run's row with its jobs, publications and costs, as `ytempire runs show` prints it."""
    with studio.database.unit_of_work() as session:
        run = RunRepository(session).get(studio.run_id)
        jobs = JobRepository(session).list_of_run(studio.run_id)
        publications = [
            {"id": one.id, "publisher": one.publisher, "state": one.state, "url": one.external_url, "manifest": one.manifest_digest}
            for one in PublicationRepository(session).list_of_run(studio.run_id)
        ]
        cost = Ledger(session).total_microusd(run_id=studio.run_id)
        return {
            "run_id": run.id,
            "channel": run.channel_id,
            "status": run.status,
            "request": run.request,
            "provenance": run.provenance,
            "created": run.created_at.isoformat(),
            "finished": run.finished_at.isoformat() if run.finished_at else None,
            "recoveries": run.recovery_attempts,
            "error": run.error,
            "outcome": run.outcome,
            "jobs": [_job(job) for job in jobs],
            "publications": publications,
            "cost_usd": cost / MICRO,
            "timings_s": timings(jobs, run.created_at, run.finished_at),
        }


def timings(jobs: tuple[JobView, ...], created: datetime, finished: datetime | None) -> dict[str, float]:
    """Return seconds per stage, from the start of its first job to the end of its last, and the whole."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for job in jobs:
        if job.started_at is None or job.finished_at is None:
            continue
        stage = job.node.removesuffix(".gather")
        start, end = spans.get(stage, (job.started_at, job.finished_at))
        spans[stage] = (min(start, job.started_at), max(end, job.finished_at))
    found = {stage: round((end - start).total_seconds(), 3) for stage, (start, end) in spans.items()}
    last = finished or max((end for _, end in spans.values()), default=created)
    return found | {"total": round((last - created).total_seconds(), 3)}


def _job(job: JobView) -> dict[str, Any]:
    fields = ("id", "node", "iteration", "ordinal", "agent", "tool", "queue", "state", "attempts", "completions", "kills", "error")
    return {name: getattr(job, name) for name in fields}


def _decisions(studio: Studio) -> tuple[Decision, ...]:
    with studio.database.unit_of_work() as session:
        return DecisionRepository(session).list_(studio.run_id)


def _copy(studio: Studio, digest: str, target: Path) -> None:
    aside = target.with_name(f".{target.name}.new")
    shutil.copyfile(studio.store.path(digest), aside)
    aside.replace(target)


def _write(target: Path, body: object) -> None:
    aside = target.with_name(f".{target.name}.new")
    aside.write_text(json.dumps(body, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8")
    aside.replace(target)
