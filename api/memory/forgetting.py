"""Forgetting by source over HTTP: what rests on a document or a feed is found by what each video cites."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from api.http.principal import Principal
from api.http.state import ServiceState
from graphs.bodies import Cited
from infra.database import UnitOfWork
from memory.media import ArtifactCorrupt, ArtifactMissing
from memory.repositories.audit import AuditRepository
from memory.repositories.forgetting import ForgettingRepository, NothingRemembered, Reach, Source

_DIGEST = "0123456789abcdef"
_DIGEST_LENGTH = 10
# In the order in which they are told, each with what one of them is called.
_COUNTED = {
    "texts": "text",
    "lessons": "lesson",
    "readings": "reading",
    "topics": "trend topic",
    "sightings": "sighting",
    "videos": "video",
    "sections": "section",
    "documents": "document",
}


@dataclass(frozen=True)
class _Resting:
    """The videos that cite what is meant, the passages and documents that they cite of it, and how many videos could not be looked at."""

    runs: tuple[str, ...] = ()
    sections: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    unread: int = 0


def tell(state: ServiceState, who: Principal, source: str) -> bytes:
    """Return what forgetting a source would take; raises NothingRemembered."""
    resting = _resting(state, who, source)
    with state.work(who) as session:
        found = _reach(_memory(session, state), source, resting)
    return orjson.dumps(_told(found, resting, "would forget"))


def forget(state: ServiceState, who: Principal, source: str) -> bytes:
    """Forget a source for good, put that in the trail, and return what went; raises NothingRemembered."""
    resting = _resting(state, who, source)
    with state.work(who) as session:
        memory = _memory(session, state)
        found = _reach(memory, source, resting)
        memory.forget(found)
        told = _told(found, resting, "forgot")
        AuditRepository(session).append(who.user_id, "memory.forgotten", source, {name: told[name] for name in (*_COUNTED, "unread")})
    return orjson.dumps(told)


def _memory(session: UnitOfWork, state: ServiceState) -> ForgettingRepository:
    return ForgettingRepository(session, state.clock.now())


def _reach(memory: ForgettingRepository, source: str, resting: _Resting) -> Reach:
    kind, _, ref = source.partition(":")
    try:
        return memory.reach(Source(kind, ref, resting.runs))
    except NothingRemembered as nothing:
        if not resting.unread:
            raise
        raise NothingRemembered(f"{nothing.message}, as far as can be seen: {_unseen(resting.unread)}", source=source) from nothing


def _resting(state: ServiceState, who: Principal, source: str) -> _Resting:
    """Look through what the videos of whoever asks cite, outside of any transaction: that may be many files."""
    kind, _, ref = source.partition(":")
    meant: dict[str, Callable[[str], bool]] = {"document": lambda id_: id_ == ref, "feed": lambda id_: _is_of_feed(id_, ref)}
    if kind not in meant:
        return _Resting()
    with state.work(who) as session:
        pairs = _memory(session, state).cited()
    found: dict[str, list[tuple[str, str]]] = {}
    unread = set()
    for run, digest in pairs:
        try:
            cited = Cited.model_validate_json(state.media.read(digest))
        except (ArtifactMissing, ArtifactCorrupt):
            unread.add(run)
            continue
        if sections := [(one.id, one.document_id) for one in cited.passages if meant[kind](one.document_id)]:
            found.setdefault(run, []).extend(sections)
    every = [section for sections in found.values() for section in sections]
    return _Resting(tuple(found), frozenset(id_ for id_, _ in every), frozenset(document for _, document in every), len(unread - found.keys()))


def _is_of_feed(document: str, feed: str) -> bool:
    """Whether a document was met in a feed: those are named by it and ten digits of a digest."""
    digits = document.removeprefix(f"{feed}-")
    return len(digits) == _DIGEST_LENGTH and digits != document and all(digit in _DIGEST for digit in digits)


def _told(found: Reach, resting: _Resting, verb: str) -> dict[str, Any]:
    counts = asdict(found.counted) | {"videos": len(resting.runs), "documents": len(resting.documents), "sections": len(resting.sections)}
    parts = [f"{counts[name]} {word}{'' if counts[name] == 1 else 's'}" for name, word in _COUNTED.items() if counts[name]]
    said = f"{verb} {', '.join(parts)}"
    if resting.unread:
        said += f"; {_unseen(resting.unread)}"
    return {"source": str(found.source), "said": said, **counts, "unread": resting.unread}


def _unseen(videos: int) -> str:
    return f"{videos} video{'' if videos == 1 else 's'} could not be looked at, since what they cited is not kept any more; forget them by `run:ID`"
