"""The things an illustration can show, as data: what each looks like, which words name it, and whose stories it may decorate."""

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
    """A thing that can be drawn: the words that name it, the subjects it suits, where it stands, and its shapes back to front."""

    name: str
    words: frozenset[str]
    subjects: tuple[str, ...]
    setting: str
    shapes: tuple[Shape, ...]


@cache
def load_motifs() -> dict[str, Motif]:
    """Read every motif, by name."""
    raw = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        name: Motif(name, frozenset(one["words"].split()), tuple(one["subjects"].split()), one["setting"], tuple(_shape(text) for text in one["shapes"]))
        for name, one in raw.items()
    }


@cache
def motifs_of(subject: str) -> tuple[str, ...]:
    """Return the names of the motifs that may decorate stories of a subject, in the file's order."""
    return tuple(motif.name for motif in load_motifs().values() if subject in motif.subjects)


def _shape(text: str) -> Shape:
    role, form, rest = text.split(" ", 2)
    return Shape(role, form, tuple(float(number) for number in rest.replace(",", " ").split()))
