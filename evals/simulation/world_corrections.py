"""Sources that are corrected after a video that cites them was published."""

import re
from collections.abc import Sequence

from evals.simulation.world_state import Weather
from graphs.bodies import Cited
from infra.database import Database
from memory.artifacts import Passage, SourceDocument
from memory.media import MediaStore
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.publications import PublicationRepository

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_NOTE = "Correction: an earlier version of this article gave a wrong figure."
# What the monitor says of a source that no longer holds what was cited.
SAID = "no longer holds"


def correct(database: Database, store: MediaStore, weather: Weather) -> str:
    """Correct a figure that the newest published video cites whose sources still stand; return its run, nothing where there is none."""
    pages = {one.id: one for one in weather.pages.values()}
    for run, digest in _cited(database):
        passages = Cited.model_validate_json(store.read(digest)).passages
        if any(passage.document_id in pages and pages[passage.document_id].url in weather.corrected for passage in passages):
            continue
        for passage in passages:
            page = pages.get(passage.document_id)
            corrected = _corrected(page, [passage]) if page is not None else None
            if corrected is not None:
                weather.corrected[corrected.url] = corrected
                return run
    return ""


def _cited(database: Database) -> list[tuple[str, str]]:
    """Return the runs of published videos with what they cite, the newest first."""
    with database.unit_of_work() as session:
        shown = [one for one in PublicationRepository(session).list_(limit=100).items if one.published_at is not None and one.external_id is not None]
        cited = [(one.run_id, ArtifactRepository(session).list_(one.run_id, kind="cited")) for one in shown]
        return [(run, artifacts[-1].digest) for run, artifacts in cited if artifacts]


def _corrected(page: SourceDocument, passages: Sequence[Passage]) -> SourceDocument | None:
    """Return the page with another figure in a sentence of one of the passages, and a note that says so."""
    for passage in passages:
        for sentence in _SENTENCE.split(passage.text):
            if re.search(r"\d", sentence) and sentence in page.text:
                other = re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 10), sentence)
                return page.model_copy(update={"text": f"{page.text.replace(sentence, other)}\n\n{_NOTE}"})
    return None
