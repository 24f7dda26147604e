"""What a call of a tool or an agent may name: no place on the server, nothing inside its network, and no file of another tenant's."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import BaseModel

from infra.database import UnitOfWork
from memory.media import ArtifactMissing, MediaStore
from memory.repositories.artifacts import ArtifactRepository
from tools.fetch_guard import AddressForbidden, check_public

MOST_FILES = 50
# Documents by whose digest a worker reads what else they name: the files of a whole film.
DOCUMENTS = ("storyboard", "narration")
MOST_FILES_OF_DOCUMENTS, MOST_BYTES = 5_000, 16 << 20
# Arguments by which agents name what only they may: folders of the server, comments that the platform lent, and sources that would say of themselves what
# their words may be used for.
CLOSED = {
    "path": "a path of the server is never taken; send the file to `POST /v1/uploads` and give its digest",
    "own_folder": "a folder of the server is never taken; send the files to `POST /v1/uploads` and give their digests",
    "music_file": "a file of music comes from a channel's own folder; choose one of the moods in `music`",
    "sources": "a call does not replace the catalogue; choose from it by `source_ids`, `categories` and `languages`",
    "readings": "comments of a platform are screened by the monitor only; give texts",
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def problems_of_places(session: UnitOfWork, media: MediaStore, args: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield each argument that names what a worker could read and whoever asks may not, with what to give instead."""
    yield from problems_of_closed("args", args)
    if (url := getattr(args, "url", None)) is not None:
        try:
            check_public(url)
        except AddressForbidden as error:
            yield "args.url", str(error)
    broken = tuple(problems_of_files(session, "args", args.model_dump(mode="json")))
    yield from broken
    for name in () if broken else DOCUMENTS:
        if (digest := getattr(args, name, None)) is not None:
            yield from _problems_of_document(session, media, f"args.{name}", digest)


def problems_of_closed(place: str, given: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield what only the studio's own runs may name; what is sources to an agent is looked at as such."""
    for name, said in CLOSED.items():
        if getattr(given, name, None) and not (name == "sources" and place == "input"):
            yield f"{place}.{name}", said


def _problems_of_document(session: UnitOfWork, media: MediaStore, place: str, digest: str) -> Iterator[tuple[str, str]]:
    """Yield what a stored document names that is not the tenant's own: whoever wrote it may have put any digest into it."""
    try:
        path = media.path(digest)
        if path.stat().st_size > MOST_BYTES:
            yield place, f"the document has {path.stat().st_size >> 20} MB, the limit is {MOST_BYTES >> 20}; give the JSON that a run or a call made"
            return
        read = orjson.loads(path.read_bytes())
    except ArtifactMissing:
        yield place, f"there is no file {digest}; upload it, or give one that a run or a call of yours made"
    except orjson.JSONDecodeError:
        yield place, "it is no JSON; give the document that a run, an agent or a call made"
    else:
        yield from problems_of_files(session, place, read, MOST_FILES_OF_DOCUMENTS)


def problems_of_files(session: UnitOfWork, place: str, given: Any, most: int = MOST_FILES) -> Iterator[tuple[str, str]]:
    """Yield files that are not among the tenant's own: workers read the whole store, and a digest that leaked is no right to its bytes."""
    named = dict(_files(place, given))
    digests = set(named.values())
    if len(digests) > most:
        yield place, f"it names {len(digests)} files, the limit is {most}; give fewer"
        return
    own = ArtifactRepository(session).own(digests)
    yield from (
        (place, f"there is no file {digest}; upload it, or give one that a run or a call of yours made") for place, digest in named.items() if digest not in own
    )


def _files(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if _DIGEST.fullmatch(value):
            yield place, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _files(f"{place}.{name}", one)
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _files(f"{place}.{at}", one)
