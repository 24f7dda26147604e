"""Finished films of strangers: what they must be before anything is made of them, read in a process with limits."""

import json
from dataclasses import asdict
from pathlib import Path

from infra.errors import Invalid
from infra.ids import canonical_json
from memory.media import MediaStore
from memory.ready_film import LEAST_S, MOST_S
from tools.clip_facts import CLIP_SUFFIXES, CODECS, MAX_SIDE, MIN_SIDE, ClipUnreadable, Facts, probe

FILM_SUFFIXES = CLIP_SUFFIXES
MAX_FILM_BYTES = 1_000_000_000
_SHELF = "film_facts"
_VERSION = 1
_MOST_ACROSS = 3.0


class FilmUnreadable(Invalid):
    """The file is no film that may be shown."""

    code = "film_unreadable"


def read_film(path: Path) -> Facts:
    """Return what a film says of itself; raises `FilmUnreadable` naming the limit and the fix."""
    try:
        facts = probe(path)
    except ClipUnreadable as error:
        raise FilmUnreadable(error.message.removeprefix("clip: ")) from error
    if said := _wrong(facts):
        raise FilmUnreadable(said)
    return facts


def keep_film(path: Path, store: MediaStore) -> tuple[str, Facts]:
    """Store a film as it came and return its digest and facts; raises `FilmUnreadable` for one that may not be shown, which is not stored."""
    facts = read_film(path)
    digest = store.put_file(path)
    _remember(digest, facts, store)
    return digest, facts


def facts_of(digest: str, store: MediaStore) -> Facts:
    """Return the facts of a stored film, as they were noted when it came or read anew; raises `FilmUnreadable` and what the store raises."""
    known = store.remembered(_SHELF, {"version": _VERSION, "film": digest})
    if known is not None:
        said = json.loads(store.read(known))
        return Facts(**{**said, "rate": tuple(said["rate"]), "colour": tuple(said["colour"])})
    facts = read_film(store.path(digest))
    _remember(digest, facts, store)
    return facts


def _remember(digest: str, facts: Facts, store: MediaStore) -> None:
    store.remember(_SHELF, {"version": _VERSION, "film": digest}, store.put_bytes(canonical_json(asdict(facts))))


def _wrong(facts: Facts) -> str:
    """Return what is wrong with a film; nothing for one that may be shown."""
    least, most = sorted((facts.width, facts.height))
    checks = (
        (facts.codec not in CODECS, f"codec {facts.codec} is not read; encode it as H.264, HEVC, VP9 or AV1"),
        (most > MAX_SIDE, f"{facts.width}x{facts.height} pixels, the limit is {MAX_SIDE} a side; scale it down"),
        (least < MIN_SIDE, f"{facts.width}x{facts.height} pixels, at least {MIN_SIDE} a side are needed; give a larger one"),
        (most > _MOST_ACROSS * least, f"{facts.width}x{facts.height} pixels, one side is more than {_MOST_ACROSS:.0f} times the other; crop it"),
        (facts.seconds < LEAST_S, f"it lasts {facts.seconds:.2f} s, at least {LEAST_S:.0f} s are needed; give a longer one"),
        (facts.seconds > MOST_S, f"it lasts {facts.seconds:.0f} s, the limit is {MOST_S:.0f} s; cut it into several"),
        (not facts.sound, "it has no sound track; add one"),
    )
    return next((said for wrong, said in checks if wrong), "")
