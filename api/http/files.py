"""Files of the media store over HTTP: whole or in ranges, by digest and never by a path."""

import re
from functools import lru_cache
from pathlib import Path

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from api.http.state import ServiceState
from memory.media import MediaStore

# A file's name is the digest of its bytes, so a copy of it is good for ever.
_CACHE = "private, max-age=31536000, immutable"
_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]+")
_LONGEST, _ENDING = 100, 10
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
# What a browser may show by itself; everything else is only saved.
_SHOWN = ("video/", "image/", "audio/", "text/vtt", "application/json")


def stored_file(request: Request, state: ServiceState, digest: str, named: tuple[str, str]) -> Response:
    """Return a stored file as (media type, name): `304`, a range, or the whole; raises ArtifactMissing and ArtifactCorrupt."""
    media_type, name = named
    headers = {"etag": f'"{digest}"', "cache-control": _CACHE, "accept-ranges": "bytes"}
    if f'"{digest}"' in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    path = verified(state.media, digest)
    found = path.stat()
    _settle_range(request, headers["etag"], found.st_size)
    kind = "inline" if media_type.startswith(_SHOWN) else "attachment"
    headers["content-disposition"] = f'{kind}; filename="{safe_name(name)}"'
    return FileResponse(path, headers=headers, media_type=media_type, stat_result=found)


def verified(store: MediaStore, digest: str) -> Path:
    """Return the file of a digest, with its bytes verified once for as long as nobody touches it: a film is read in hundreds of ranges."""
    path = store.root / digest[:2] / digest
    try:
        found = path.stat()
    except FileNotFoundError:
        return store.path(digest)
    mark = _mark(str(path), found.st_ino, found.st_size, found.st_mtime_ns)
    if not mark:
        path = store.path(digest)
        mark.append(digest)
    return path


def safe_name(name: str) -> str:
    """Return a name that is good on every system: letters, digits, dots, spaces and dashes, and its ending."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    kept = " ".join(_UNSAFE.sub(" ", stem).split()).strip(" .")[:_LONGEST].rstrip(" .")
    return f"{kept or 'file'}{dot}{_UNSAFE.sub('', ending)[:_ENDING]}"


def _settle_range(request: Request, etag: str, size: int) -> None:
    """Leave one range that can be served; forget several, one that cannot be read, and one of another version: then the whole is served.

    Raises a 416 for a range that lies outside the file.
    """
    asked = request.headers.get("range")
    if asked is None:
        return
    found = _RANGE.fullmatch(asked.strip())
    if found is None or _is_backwards(*found.group(1, 2)) or request.headers.get("if-range", etag) != etag:
        request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name not in {b"range", b"if-range"}]
        return
    first, last = found.group(1, 2)
    outside = int(first) >= size if first else int(last) == 0
    if outside:
        raise HTTPException(416, f"range: the file has {size} bytes, and {asked} lies outside; ask for a range within it", {"content-range": f"bytes */{size}"})


def _is_backwards(first: str, last: str) -> bool:
    return int(last) < int(first) if first and last else not (first or last)


@lru_cache(maxsize=1024)
def _mark(_path: str, _inode: int, _size: int, _written_ns: int) -> list[str]:
    """Return where it is noted that this very file was verified."""
    return []
