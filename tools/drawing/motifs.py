"""The things an illustration can show, as data: what each looks like and which words name it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("motifs.toml")
COMPOSITIONS = ("hero", "horizon", "pattern", "close", "row", "window")


@dataclass(frozen=True)
class Shape:
    """One shape of a motif: its colour's role, its form and its numbers (in a square from -1 to 1)."""

    role: str
    form: str
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Motif:
    """A thing that can be drawn: words that name it, words that may, compounds that never do, what it shows, where it stands, and its shapes back to front."""

    name: str
    words: frozenset[str]
    cues: frozenset[str]
    unlike: frozenset[str]
    about: str
    setting: str
    shapes: tuple[Shape, ...]


@cache
def load_motifs() -> dict[str, Motif]:
    """Read every motif, by name."""
    raw = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        name: Motif(
            name,
            frozenset(one["words"].split()),
            frozenset(one.get("cues", "").split()),
            frozenset(part.strip() for part in one.get("unlike", "").split(",") if part.strip()),
            one["about"],
            one["setting"],
            tuple(_shape(text) for text in one["shapes"]),
        )
        for name, one in raw.items()
    }


def _shape(text: str) -> Shape:
    role, form, rest = text.split(" ", 2)
    return Shape(role, form, tuple(float(number) for number in rest.replace(",", " ").split()))
