"""What every picture search answers: candidates with rights, before any byte of a picture is fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from memory.rights import Rights

OPEN_LICENCES = frozenset({"PD", "CC0-1.0", "CC-BY", "CC-BY-SA", "STOCK"})
_LINES = 1080


@dataclass(frozen=True)
class FoundPicture:
    """A candidate of a search: where its bytes are, its size in pixels (0: not stated), and what it shows in words; a clip lasts `seconds`."""

    vendor: str
    id: str
    title: str
    description: str
    tags: tuple[str, ...]
    url: str
    width: int
    height: int
    rights: Rights
    seconds: float = 0.0

    @property
    def caption(self) -> str:
        """The words that best say what is seen."""
        return self.description if 20 <= len(self.description) <= 400 else self.title or self.description[:400]


class PictureVendor(Protocol):
    """A search of pictures that may be used commercially and modified."""

    name: str

    def search(self, query: str, limit: int = 20, total_s: float | None = None) -> tuple[FoundPicture, ...]:
        """Return pictures that may be used commercially and modified, best first; raises errors of `tools.fetch` or `AnswerUnreadable`."""
        ...


def is_open(rights: Rights | None) -> bool:
    """Say whether a licence allows commercial use and modification."""
    return rights is not None and rights.licence in OPEN_LICENCES


def best_rendition(files: Sequence[tuple[str, int, int]]) -> tuple[str, int, int] | None:
    """Return the file (address, width, height) of a clip that fills a frame with the least to fetch: the largest up to 1080 lines, else the smallest."""
    usable = [one for one in files if one[0] and min(one[1:]) > 0]
    fitting = [one for one in usable if min(one[1:]) <= _LINES]
    if fitting:
        return max(fitting, key=lambda one: one[1] * one[2])
    return min(usable, key=lambda one: one[1] * one[2], default=None)
