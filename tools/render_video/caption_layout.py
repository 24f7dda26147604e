"""Where the words of a caption page stand: measured with the very font that draws them."""

from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

from infra.fonts import font_file
from memory.artifacts import CaptionStyle, Format

_LINE = 1.22


@dataclass(frozen=True)
class Placed:
    """A word and where it stands: left edge and baseline in pixels of the frame."""

    text: str
    x: float
    baseline: float
    width: float


@lru_cache(maxsize=32)
def font_of(family: str, weight: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font at a size in pixels; the last few are kept."""
    return ImageFont.truetype(str(font_file(family, weight)), size)


class CaptionLayout:
    """Measures and places words in the caption band of a format."""

    def __init__(self, style: CaptionStyle, form: Format, size: tuple[int, int] | None = None) -> None:
        self.style = style
        self.width, self.height = size or form.size
        short = form is Format.SHORT
        self.size = round(self.width * 0.066 if short else self.height * 0.058)
        self.room = self.width * (0.80 if short else 0.70)
        self.band = (form.caption_band[0] * self.height, form.caption_band[1] * self.height)

    def shown(self, word: str) -> str:
        """Return a word as it is drawn."""
        return word.upper() if self.style.uppercase else word

    def fits(self, words: tuple[str, ...]) -> bool:
        """Say whether words fit on at most two lines at the full size."""
        return self._lines(words, self.size) is not None

    def place(self, words: tuple[str, ...]) -> tuple[tuple[Placed, ...], int]:
        """Return every word's place and the font size; only a word wider than the band shrinks the page."""
        size = self.size
        lines = self._lines(words, size)
        while lines is None:
            size = int(size * 0.92)
            lines = self._lines(words, size)
        font = font_of(self.style.family, self.style.weight, size)
        pitch = size * _LINE
        middle = (self.band[0] + self.band[1]) / 2
        placed: list[Placed] = []
        for row, line in enumerate(lines):
            x = (self.width - font.getlength(" ".join(line))) / 2
            baseline = middle + (row - (len(lines) - 1) / 2) * pitch + size * 0.34
            for position, word in enumerate(line):
                lead = font.getlength(" ".join((*line[:position], ""))) if position else 0.0
                placed.append(Placed(word, x + lead, baseline, font.getlength(word)))
        return tuple(placed), size

    def _lines(self, words: tuple[str, ...], size: int) -> tuple[tuple[str, ...], ...] | None:
        """Break words into one line, or two of the most equal width; None when they do not fit."""
        font = font_of(self.style.family, self.style.weight, size)
        shown = tuple(self.shown(word) for word in words)
        if font.getlength(" ".join(shown)) <= self.room:
            return (shown,)
        if size < 12:
            return (shown,)
        options = []
        for cut in range(1, len(shown)):
            widths = [font.getlength(" ".join(part)) for part in (shown[:cut], shown[cut:])]
            if max(widths) <= self.room:
                options.append((max(widths), cut))
        if not options:
            return None
        cut = min(options)[1]
        return shown[:cut], shown[cut:]
