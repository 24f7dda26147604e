"""What a scene must hold before it is drawn: counts, word limits, and glyphs that the faces have."""

import unicodedata
from typing import Any

from infra.fonts import all_code_points
from tools.base import ToolError
from tools.drawing.motifs import load_motifs
from tools.make_visual.schema import HEADLINE_WORDS, QUOTE_WORDS, MakeVisualArgs, Scene, SceneItem

_ITEMS: dict[str, tuple[int, int]] = {
    "chart": (1, 8),
    "list": (2, 5),
    "comparison": (2, 2),
    "timeline": (2, 5),
    "map": (2, 6),
    "chain": (2, 4),
    "closing": (1, 6),
    "number": (0, 4),
}
_WORDLESS = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})


def checked(args: MakeVisualArgs) -> MakeVisualArgs:
    """Return the arguments with clean text and a chosen chart; raise `ToolError` naming the field that breaks a limit."""
    scene = Scene.model_validate(_clean(args.scene.model_dump(), "scene"))
    words = len(scene.title.split())
    limit = QUOTE_WORDS if args.kind == "quote" else HEADLINE_WORDS
    if words > limit:
        raise ToolError(f"scene.title: {words} words are over the limit of {limit}; say one idea", words=words)
    if not scene.title and args.kind not in {"number", "picture"}:
        raise ToolError(f"scene.title: a {args.kind} shot needs a headline")
    if args.kind == "number" and not scene.number:
        raise ToolError("scene.number: a number shot needs its figure")
    if args.motif and args.motif not in load_motifs():
        raise ToolError(f"motif: {args.motif!r} is unknown; known motifs: {', '.join(load_motifs())}")
    low, high = _ITEMS.get(args.kind, (0, 8))
    if not low <= len(scene.items) <= high:
        raise ToolError(f"scene.items: {len(scene.items)} given, a {args.kind} shot takes {low} to {high}")
    if args.kind == "chart":
        scene = _charted(scene, args.format.size[0] < args.format.size[1])
    credit, channel, mark = (_clean(value, name) for name, value in (("credit", args.credit), ("channel", args.channel), ("mark", args.mark)))
    return args.model_copy(update={"scene": scene, "credit": credit, "channel": channel, "mark": mark})


def choose_chart(items: tuple[SceneItem, ...], portrait: bool) -> str:
    """Return the form that suits the values: dots for shares, a line for years, else columns or rows.

    Two or three values that add up to one hundred are shares; labels that are all years in order make a line.
    """
    values = [item.value or 0.0 for item in items]
    if len(items) in {2, 3} and abs(sum(values) - 100) < 0.6:
        return "dots"
    labels = [item.label.strip() for item in items]
    if len(items) >= 4 and all(label.isdigit() and len(label) == 4 for label in labels) and labels == sorted(labels):
        return "line"
    longest = max(len(label) for label in labels)
    return "rows" if len(items) <= 3 or longest > 11 or (portrait and len(items) > 5) else "columns"


def _charted(scene: Scene, portrait: bool) -> Scene:
    for number, item in enumerate(scene.items):
        if item.value is None or not item.label:
            raise ToolError(f"scene.items[{number}]: a chart needs a label and a value at least 0")
    if sum(item.value or 0 for item in scene.items) <= 0:
        raise ToolError("scene.items: a chart needs at least one value above 0")
    if not scene.source:
        raise ToolError("scene.source: a chart must say its source")
    items = tuple(item if item.shown else item.model_copy(update={"shown": f"{item.value:,.6g}"}) for item in scene.items)
    if not any(item.own for item in items):
        top = max(range(len(items)), key=lambda index: items[index].value or 0)
        items = tuple(item.model_copy(update={"own": index == top}) for index, item in enumerate(items))
    chart = choose_chart(items, portrait) if scene.chart == "auto" else scene.chart
    if chart == "line" and len(items) < 2:
        chart = "rows"
    return scene.model_copy(update={"items": items, "chart": chart})


def _clean(value: Any, field: str) -> Any:
    """Normalise every string; drop marks that no face has, refuse letters that no face has."""
    if isinstance(value, str):
        return _clean_text(value, field)
    if isinstance(value, dict):
        return {name: _clean(inner, f"{field}.{name}") for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner, f"{field}[{index}]") for index, inner in enumerate(value)]
    return value


def _clean_text(text: str, field: str) -> str:
    kept, missing = [], []
    for char in " ".join(unicodedata.normalize("NFC", text).split()):
        if ord(char) in all_code_points():
            kept.append(char)
        elif unicodedata.category(char) not in _WORDLESS:
            missing.append(char)
    if missing:
        names = ", ".join(f"{char} (U+{ord(char):04X})" for char in dict.fromkeys(missing[:8]))
        raise ToolError(f"{field}: no installed font has a glyph for {names}; install a font package that covers this script", missing=missing[:8])
    return " ".join("".join(kept).split())
