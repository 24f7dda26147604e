"""Pictures and clips that lie next to a source, with the credits file that may describe them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memory.artifacts import Clip, Picture
from memory.media import MediaStore
from memory.rights import Rights
from tools.clip_facts import CLIP_SUFFIXES, ClipUnreadable
from tools.clip_file import keep_clip
from tools.licence_text import read_licence
from tools.picture_bytes import MAX_PICTURE_BYTES, PictureUnreadable, make_safe
from tools.plain_text import clean_line

STILL_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff"})
SUFFIXES = STILL_SUFFIXES | CLIP_SUFFIXES
CREDITS = "credits.json"
MAX_CLIPS = 40
_FOLDERS = ("pictures", "images", "media", "figures")


@dataclass(frozen=True)
class FoundPicture:
    """A picture or clip with the ids or names of documents it belongs to (empty: to all next to it)."""

    picture: Picture
    belongs_to: frozenset[str]


@dataclass(frozen=True)
class Shelf:
    """Where files are kept: the store, a folder to work in, and what is called before each file (it may raise to stop)."""

    store: MediaStore
    scratch: Path
    watch: Callable[[], None] = lambda: None


def pictures_beside(source: Path) -> tuple[Path, ...]:
    """Return the pictures and clips that belong to a single file: its own folder (`<stem>/`), and `pictures/`, `images/`, `media/`, `figures/` next to it."""
    folders = [source.parent / name for name in (source.stem, f"{source.stem}_files", *_FOLDERS)]
    return tuple(path for folder in folders if folder.is_dir() for path in pictures_in(folder))


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Return the picture and clip files of one folder by name; links that lead out of it are left out."""
    root = folder.resolve()
    return tuple(path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file() and path.resolve().is_relative_to(root))


def store_pictures(
    paths: Iterable[Path], shelf: Shelf, default: Rights, captions: dict[str, str]
) -> tuple[tuple[FoundPicture, ...], tuple[tuple[str, str], ...]]:
    """Store each file as a safe picture or clip; return them, and (name, reason) for those that cannot be used.

    `captions` maps file names to captions of the document; a credits file next to the picture says more and wins.
    """
    found: list[FoundPicture] = []
    refused: list[tuple[str, str]] = []
    credits: dict[Path, dict[str, dict[str, Any]]] = {}
    clips = 0
    for path in paths:
        clips += path.suffix.lower() in CLIP_SUFFIXES
        if clips > MAX_CLIPS and path.suffix.lower() in CLIP_SUFFIXES:
            refused.append((path.name, f"clip: only the first {MAX_CLIPS} clips are read; leave out the others"))
            continue
        if path.parent not in credits:
            credits[path.parent] = _read_credits(path.parent / CREDITS)
        try:
            found.append(_stored(path, shelf, default, {"caption": captions.get(path.name, ""), **credits[path.parent].get(path.name, {})}))
        except (PictureUnreadable, ClipUnreadable) as error:
            refused.append((path.name, error.message))
    return tuple(found), tuple(refused)


def _stored(path: Path, shelf: Shelf, default: Rights, entry: dict[str, Any]) -> FoundPicture:
    shelf.watch()
    still, clip = _kept(path, shelf)
    caption = _words(entry, "caption", "title", "description", "subject") or path.stem.replace("_", " ").replace("-", " ")
    credit = _words(entry, "credit", "author", "creator")
    stated = _words(entry, "license", "licence", "rights")
    rights = read_licence(stated, credit, _words(entry, "source", "url")) if stated else None
    picture = Picture(
        digest=still[0],
        width=still[1],
        height=still[2],
        caption=caption[:500],
        clip=clip,
        rights=rights or default.model_copy(update={"credit": credit or default.credit}),
    )
    matches = entry.get("matches")
    belongs = [entry.get("id"), entry.get("document"), *(matches if isinstance(matches, list) else [])]
    return FoundPicture(picture, frozenset(str(name) for name in belongs if name))


def _kept(path: Path, shelf: Shelf) -> tuple[tuple[str, int, int], Clip | None]:
    """Return digest and size of a file's still, and the clip that it stands for, if it is one."""
    if path.suffix.lower() in CLIP_SUFFIXES:
        kept = keep_clip(path, shelf.store, shelf.scratch)
        return (kept.still, kept.clip.width, kept.clip.height), kept.clip
    size = path.stat().st_size
    if size == 0:
        raise PictureUnreadable("picture: the file is empty (0 bytes); copy it again")
    if size > MAX_PICTURE_BYTES:
        raise PictureUnreadable(f"picture: {size} bytes, the limit is {MAX_PICTURE_BYTES}; scale it down")
    safe = make_safe(path.read_bytes())
    return (shelf.store.put_bytes(safe.data), safe.width, safe.height), None


def _words(entry: dict[str, Any], *keys: str) -> str:
    for key in keys:
        if isinstance(entry.get(key), str) and entry[key].strip():
            return clean_line(entry[key])
    return ""


def _read_credits(path: Path) -> dict[str, dict[str, Any]]:
    """Return what a credits file says of each picture by file name: a list of objects with `file`, or an object by file name."""
    if not path.is_file() or path.stat().st_size > 2_000_000:
        return {}
    try:
        loaded = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    if isinstance(loaded, dict):
        return {str(name): entry if isinstance(entry, dict) else {"credit": str(entry)} for name, entry in loaded.items()}
    return {str(entry["file"]): entry for entry in loaded if isinstance(entry, dict) and "file" in entry} if isinstance(loaded, list) else {}
