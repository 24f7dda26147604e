"""Versions of what is read and edited: an ETag with every answer, `If-Match` with every edit, `304` for what did not change."""

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.http.refusals import VersionMissing, VersionStale

LONGEST_TAG = 256


def etag_of(body: bytes) -> str:
    """Return the strong ETag of a representation."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def answer(request: Request, body: bytes) -> Response:
    """Return JSON with its ETag; `304` without the body when the client has it."""
    etag = etag_of(body)
    if etag in _listed(request.headers.get("if-none-match")):
        return Response(status_code=304, headers={"etag": etag, "cache-control": "private, no-cache"})
    return _with(etag, body)


def versioned(body: bytes, status: int = 200, location: str | None = None) -> Response:
    """Return JSON with its ETag."""
    made = _with(etag_of(body), body, status)
    if location is not None:
        made.headers["location"] = location
    return made


def _with(etag: str, body: bytes, status: int = 200) -> Response:
    return Response(body, status, {"etag": etag, "cache-control": "private, no-cache"}, media_type="application/json")


class IfMatch:
    """The version that an edit is based on."""

    def __init__(self, value: str) -> None:
        self._value = value

    def check(self, current: bytes) -> None:
        """Raise VersionStale unless the editor saw `current`; call it with the row locked."""
        if self._value.strip() != "*" and etag_of(current) not in _listed(self._value):
            raise VersionStale("if-match: it was changed since it was read; read it again and decide anew", current=etag_of(current))


async def _if_match(
    if_match: Annotated[str | None, Header(max_length=LONGEST_TAG, description="The ETag that the edit is based on, or `*` for any.")] = None,
) -> IfMatch:
    if if_match is None or not if_match.strip():
        raise VersionMissing("if-match: an edit needs the ETag of what it is based on; read it first and send its ETag, or * to overwrite whatever is there")
    return IfMatch(if_match)


Version = Annotated[IfMatch, Depends(_if_match)]


def _listed(value: str | None) -> frozenset[str]:
    return frozenset(one.strip().removeprefix("W/") for one in value.split(",")) if value else frozenset()
