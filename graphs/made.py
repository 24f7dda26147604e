"""What a run has made so far, by digest, told by its rows alone: its thread belongs to whoever drives it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from infra.database import UnitOfWork
from memory.records.runs import RunRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.film_work import FilmWorkRepository
from memory.repositories.jobs import JobRepository

# Where the final state of a run names what; everything else is named alike everywhere.
_STATE = {
    "brief": ("scout", "brief"),
    "script": ("write", "script"),
    "cited": ("write", "cited"),
    "review": ("review", "report"),
    "inspection": ("inspect", "report"),
    "screening": ("screen", "report"),
    "listing": ("prepare", "listing"),
    "manifest": ("prepare", "manifest"),
}
# What the final state holds by itself.
_WHOLE = {"rendered": "video", "thumbnails": "thumbnails", "storyboard": "storyboard", "narration": "narration"}


@dataclass(frozen=True)
class Made:
    """Digests of what there is by now; None for what was not reached."""

    brief: str | None = None
    script: str | None = None
    cited: str | None = None
    review: str | None = None
    thumbnails: str | None = None
    rendered: str | None = None
    storyboard: str | None = None
    narration: str | None = None
    inspection: str | None = None
    screening: str | None = None
    listing: str | None = None
    manifest: str | None = None


def made_of(session: UnitOfWork, run: RunRecord, asked: Mapping[str, Any] | None = None) -> Made:
    """Return what a run has made: what its ending names, what its open question (or `asked`) names, else the newest of each kind that it kept."""
    ended: Mapping[str, Any] = (run.outcome or {}).get("state", {})
    if asked is None and not ended and (pending := ApprovalRepository(session).find_pending(run.id)) is not None:
        asked = pending.request["action_request"]["args"]
    found: dict[str, Any] = {one.kind: one.digest for one in ArtifactRepository(session).list_(run.id)}
    found |= _rendered(session, run.id) | _of_state(ended) | dict(asked or {})
    # The newest storyboard may belong to a film that is still being made.
    if found.get("rendered") and (made_from := FilmWorkRepository(session).rendered_from(run.id, found["rendered"])) is not None:
        found |= {"storyboard": made_from.storyboard, "narration": made_from.narration}
    return Made(**{field.name: found.get(field.name) for field in fields(Made)})


def _rendered(session: UnitOfWork, run_id: str) -> dict[str, Any]:
    done = [job for job in JobRepository(session).list_of_run(run_id) if job.tool in {"render_video", "take_film"} and job.result]
    return {"rendered": done[-1].result["rendered"]} if done and done[-1].result else {}


def _of_state(state: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: state[slice_][key] for name, (slice_, key) in _STATE.items() if state.get(slice_, {}).get(key)}
    review = state.get("review", {})
    if review.get("verdict") == "pass" and review.get("best"):
        found |= {"script": review["best"], "cited": review["best_cited"]}
    found |= {name: state[key] for name, key in _WHOLE.items() if state.get(key)}
    return found
