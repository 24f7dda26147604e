"""What a call of a tool may name: no place on the server, nothing inside its network, and no file of another tenant's."""

import re
from collections.abc import Iterator
from typing import Any

from infra.database import UnitOfWork
from memory.repositories.artifacts import ArtifactRepository
from tools.base import Args
from tools.fetch_guard import AddressForbidden, check_public

MOST_FILES = 50
# Arguments by which agents name what only they may: folders of the server, and comments that the platform lent.
CLOSED = {
    "path": "a path of the server is never taken; send the file to `POST /v1/uploads` and give its digest",
    "own_folder": "a folder of the server is never taken; send the files to `POST /v1/uploads` and give their digests",
    "readings": "comments of a platform are screened by the monitor only; give texts",
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def problems_of_places(session: UnitOfWork, args: Args) -> Iterator[tuple[str, str]]:
    """Yield each argument that names what a worker could read and whoever asks may not, with what to give instead."""
    for name, said in CLOSED.items():
        if getattr(args, name, None):
            yield f"args.{name}", said
    if (url := getattr(args, "url", None)) is not None:
        try:
            check_public(url)
        except AddressForbidden as error:
            yield "args.url", str(error)
    yield from problems_of_files(session, "args", args.model_dump(mode="json"))


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
