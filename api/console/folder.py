"""Where the console's sources and its build lie, and whether the one was made of the other."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "ui"
BUILT = SOURCES / "dist"
STAMP = ".made-of"
# What is made, or is no part of the page.
_LEFT_OUT = frozenset({"node_modules", "dist", "e2e", "test"})


def digest_of(sources: Path) -> str:
    """Return the digest of everything that a build is made of, names and bytes."""
    found = hashlib.blake2b(digest_size=16)
    for path in _files(sources):
        body = path.read_bytes()
        found.update(f"{path.relative_to(sources).as_posix()}\0{len(body)}\0".encode())
        found.update(body)
    return found.hexdigest()


def made_of(built: Path) -> str | None:
    """Return the digest of the sources that a build was made of; None where there is no whole build."""
    try:
        return (built / STAMP).read_text("utf-8")
    except FileNotFoundError:
        return None


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT or path.name.startswith(".") and path.name != ".npmrc":
            continue
        if path.is_dir():
            yield from _files(path)
        elif not path.name.endswith((".test.ts", ".test.tsx", ".md")):
            yield path
