"""Where the open fonts are: files of installed font packages, found without importing the packages."""

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from infra.errors import NotFound

WEIGHTS: dict[str, int] = {"thin": 100, "light": 300, "regular": 400, "medium": 500, "semibold": 600, "bold": 700, "extrabold": 800, "black": 900}

_PACKAGES: dict[str, str] = {
    "Amatic SC": "font_amatic_sc",
    "Caladea": "font_caladea",
    "Fjalla One": "font_fjallaone",
    "Fredoka One": "font_fredoka_one",
    "Hanken Grotesk": "font_hanken_grotesk",
    "Lato": "font_lato",
    "Manrope": "font_manrope",
    "Red Hat Display": "font_rhd",
    "Roboto": "font_roboto",
    "Source Sans Pro": "font_source_sans_pro",
    "Source Serif Pro": "font_source_serif_pro",
}
FAMILIES: tuple[str, ...] = tuple(_PACKAGES)


@cache
def font_folders() -> list[Path]:
    """Return the font folder of every installed font package, in family order."""
    return [folder for family in FAMILIES if (folder := _folder(family)) is not None]


@cache
def font_file(family: str, weight: str = "regular") -> Path:
    """Return the upright font file of `family` whose weight is nearest to `weight`.

    Raises `NotFound` naming the package to install when the family's package is missing.
    """
    if family not in _PACKAGES:
        raise NotFound(f"font family {family!r} is unknown; known families: {', '.join(FAMILIES)}", family=family)
    folder = _folder(family)
    if folder is None:
        raise NotFound(f"font family {family!r} needs the package {_PACKAGES[family].replace('_', '-')}", family=family)
    wanted = WEIGHTS.get(weight, 400)
    return min(_upright(folder), key=lambda path: (abs(_weight_of(path) - wanted), path.suffix != ".ttf", path.name))


@cache
def code_points(path: Path) -> frozenset[int]:
    """Return the Unicode code points that a font file has glyphs for (its `cmap` table, formats 4 and 12)."""
    data = path.read_bytes()
    for index in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, start, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        if tag == b"cmap":
            return _read_cmap(data, start)
    return frozenset()


@cache
def all_code_points() -> frozenset[int]:
    """Return the code points covered by at least one shipped face."""
    return frozenset().union(*(code_points(font_file(family)) for family in FAMILIES if _folder(family) is not None))


def _folder(family: str) -> Path | None:
    spec = find_spec(_PACKAGES[family])
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "files"


def _upright(folder: Path) -> list[Path]:
    """List static upright faces; a variable file would report one weight for all."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix in {".ttf", ".otf"}]
    return [path for path in files if "Variable" not in path.name and not path.stem.endswith(("It", "Italic", "Oblique"))]


def _weight_of(path: Path) -> int:
    style = path.stem.rpartition("-")[2].lower()
    return {"extralight": 200, **WEIGHTS}.get(style, 400)


def _read_cmap(data: bytes, start: int) -> frozenset[int]:
    found: set[int] = set()
    for index in range(struct.unpack_from(">H", data, start + 2)[0]):
        offset = start + struct.unpack_from(">L", data, start + 4 + 8 * index + 4)[0]
        kind = struct.unpack_from(">H", data, offset)[0]
        if kind == 4:
            found |= _read_segments(data, offset)
        elif kind == 12:
            groups = struct.unpack_from(">L", data, offset + 12)[0]
            for group in range(groups):
                first, last, _ = struct.unpack_from(">LLL", data, offset + 16 + 12 * group)
                found.update(range(first, last + 1))
    return frozenset(found)


def _read_segments(data: bytes, offset: int) -> set[int]:
    count = struct.unpack_from(">H", data, offset + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, offset + 14)
    starts = struct.unpack_from(f">{count}H", data, offset + 16 + 2 * count)
    return {point for first, last in zip(starts, ends, strict=True) for point in range(first, last + 1) if point != 0xFFFF}
