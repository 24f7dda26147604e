"""The typesetter: one warm Typst compiler per layout folder that draws the named layer of a scene as a transparent PNG."""

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import typst

from infra.fonts import font_folders
from tools.base import ToolError

_LOCK = threading.Lock()
Data = tuple[dict[str, Any], dict[str, Any]]


@cache
def _fonts() -> typst.Fonts:
    """Load the faces once per process: it costs a second, a page a tenth of one."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder) for folder in font_folders()])


@cache
def _compiler(folder: Path) -> typst.Compiler:
    return typst.Compiler(root=str(folder), font_paths=_fonts())


def draw_layer(template: Path, data: Data, part: str) -> tuple[npt.NDArray[np.uint8], bytes]:
    """Return one layer of a scene as RGBA pixels (height x width x 4, straight alpha) and as the PNG they came from.

    `data` is (scene, look). Both reach the template only as JSON strings, so no text of theirs is ever parsed as markup.
    Raises `ToolError` when words do not fit at their smallest size.
    """
    with _LOCK:
        png = _compile(template, _inputs(data, part))
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3 or decoded.shape[2] != 4:
        raise ToolError(f"layout {template.name}: layer {part!r} is not an RGBA image")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA), dtype=np.uint8), png


def headline_size(template: Path, data: Data) -> float:
    """Return the size (points of the frame) to which a scene's headline was fitted, or 0 when it has none."""
    with _LOCK:
        compiler = _compiler(template.parent)
        _compile(template, _inputs(data, "head"))
        found = json.loads(compiler.query("<fitted>", field="value"))
    sizes = [one["size"] for one in found if one["name"] == "headline"]
    return round(float(sizes[0]), 1) if sizes else 0.0


def text_sizes(template: Path, data: Data) -> tuple[float, ...]:
    """Return the size (points of the frame) of every piece of text that a scene sets, for checks of a layout."""
    with _LOCK:
        compiler = _compiler(template.parent)
        _compile(template, {**_inputs(data, "text"), "audit": "sizes"})
        found = json.loads(compiler.query("<set-size>", field="value"))
    return tuple(round(float(size), 1) for size in found)


def _inputs(data: Data, part: str) -> dict[str, str]:
    return {"scene": json.dumps(data[0]), "look": json.dumps(data[1]), "part": part}


def _compile(template: Path, inputs: dict[str, str]) -> bytes:
    try:
        made = _compiler(template.parent).compile(str(template), format="png", ppi=72.0, sys_inputs=inputs)
    except typst.TypstError as error:
        raise ToolError(f"layout {template.name}: {error.message}", hints=list(error.hints)) from error
    if not isinstance(made, bytes):
        raise ToolError(f"layout {template.name}: the scene needs more than one page; shorten its text")
    return made
