"""The typesetter: one warm Typst compiler that draws the named layer of a scene as a transparent PNG."""

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

LAYOUTS = Path(__file__).parent / "layouts"
_LOCK = threading.Lock()


@cache
def _compiler() -> typst.Compiler:
    """Build the compiler once per process: loading the faces costs a second, a page a tenth of one."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder) for folder in font_folders()])
    return typst.Compiler(str(LAYOUTS / "shot.typ"), root=str(LAYOUTS), font_paths=fonts)


def draw_layer(scene: dict[str, Any], look: dict[str, Any], part: str, template: str = "shot.typ") -> npt.NDArray[np.uint8]:
    """Return one layer of a scene as RGBA bytes (height x width x 4, straight alpha).

    The scene and look reach the template only as JSON strings, so no text of theirs is ever parsed as markup.
    """
    inputs = {"scene": json.dumps(scene), "look": json.dumps(look), "part": part}
    with _LOCK:
        png = _compile(inputs, template)
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3 or decoded.shape[2] != 4:
        raise ToolError(f"layout {template}: layer {part!r} is not an RGBA image")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA), dtype=np.uint8)


def headline_size() -> float:
    """Return the size (points of the frame) to which the last drawn scene's headline was fitted, or 0 without one."""
    with _LOCK:
        found = json.loads(_compiler().query("<fitted>", field="value"))
    sizes = [one["size"] for one in found if one["name"] == "headline"]
    return float(sizes[0]) if sizes else 0.0


def _compile(inputs: dict[str, str], template: str) -> bytes:
    try:
        made = _compiler().compile(str(LAYOUTS / template), format="png", ppi=72.0, sys_inputs=inputs)
    except typst.TypstError as error:
        raise ToolError(f"layout {template}: {error.message}", hints=list(error.hints)) from error
    if not isinstance(made, bytes):
        raise ToolError(f"layout {template}: the scene needs more than one page; shorten its text")
    return made
