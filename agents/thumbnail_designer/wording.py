"""The words and numbers of a shot: what a visual direction holds, as a scene that fits its limits."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from agents.thumbnail_designer.figures import figure_of
from agents.thumbnail_designer.phrases import clipped, compact, headline
from memory.artifacts import Sentence
from tools.make_visual.schema import QUOTE_WORDS, Kind, Scene, SceneItem

_FIGURE_CHARS = 12
Builder = Callable[[Sentence], "Scene | None"]


def data_kind(sentence: Sentence) -> Kind | None:
    """Return the kind the direction asks for when its data fills that kind, else None."""
    return built[0] if (built := _built(sentence)) is not None else None


def data_scene(sentence: Sentence, kind: Kind) -> Scene | None:
    """Return the scene of a sentence's direction when it makes a shot of that kind."""
    built = _built(sentence)
    return built[1] if built is not None and built[0] == kind else None


def _built(sentence: Sentence) -> tuple[Kind, Scene] | None:
    builder = _BUILDERS.get(sentence.visual.kind)
    scene = builder(sentence) if builder else None
    if scene is None:
        return None
    kind: Kind = "number" if scene.number and sentence.visual.kind not in {"title", "comparison"} else sentence.visual.kind  # type: ignore[assignment]
    return kind, scene


def _title_of(sentence: Sentence, words: int = 10) -> str:
    return headline(sentence.visual.focus or sentence.text, words)


def _chart(sentence: Sentence) -> Scene | None:
    data = sentence.visual.data
    points = [point for point in _rows(data.get("points")) if _number_of(point.get("value")) is not None and point.get("label")]
    values = [(clipped(str(point["label"]), 4), _number_of(point["value"]) or 0.0) for point in points if (_number_of(point["value"]) or 0) >= 0]
    if not values or max(value for _, value in values) <= 0:
        return None
    unit = str(data.get("unit", ""))
    source = str(data.get("credit") or urlsplit(str(data.get("source_url", ""))).hostname or "")
    if not source:
        return None
    if len(values) == 1:
        return Scene(number=_shown(values[0][1], unit), kicker=clipped(unit, 4), title=_title_of(sentence), source=f"Source: {clipped(source, 14)}")
    values = values if len(values) <= 8 else values[-8:]
    named = next((label for label, _ in values if label.lower() in sentence.text.lower()), None)
    items = tuple(SceneItem(label=label, value=value, shown=_shown(value, unit), own=label == named) for label, value in values)
    return Scene(title=_title_of(sentence), kicker=clipped(unit, 5) if unit != "%" else "", items=items, source=f"Source: {clipped(source, 14)}")


def _number(sentence: Sentence) -> Scene | None:
    figure = figure_of(sentence.text)
    if figure is None:
        return None
    return Scene(number=figure.number, kicker=figure.bound, title=headline(figure.counted, 11))


def _quote(sentence: Sentence) -> Scene | None:
    quote, source = str(sentence.visual.data.get("quote") or ""), str(sentence.visual.data.get("source") or "")
    if not quote or len(quote.split()) > QUOTE_WORDS:
        return None
    return Scene(title=quote, source=clipped(source, 12))


def _list(sentence: Sentence) -> Scene | None:
    items = [clipped(str(item), 10) for item in sentence.visual.data.get("items", ()) if str(item).strip()][:5]
    if len(items) < 2:
        return None
    return Scene(title=_title_of(sentence), items=tuple(SceneItem(text=compact(item), own=number == len(items) - 1) for number, item in enumerate(items)))


def _comparison(sentence: Sentence) -> Scene | None:
    data = sentence.visual.data
    left, right = compact(clipped(str(data.get("left", "")), 10)), compact(clipped(str(data.get("right", "")), 10))
    if not left or not right:
        return None
    how = str(data.get("how", "")).strip()
    first, second = (f"{how} of the two", "by comparison") if how.endswith("er") else (how, "than") if how else ("first", "second")
    return Scene(title=_title_of(sentence), number="vs", items=(SceneItem(label=first, text=left, own=True), SceneItem(label=second, text=right)))


def _timeline(sentence: Sentence) -> Scene | None:
    events = [(str(event.get("when", "")), clipped(str(event.get("what", "")), 9)) for event in _rows(sentence.visual.data.get("events"))]
    events = [(when, what) for when, what in events if when and what][:5]
    if not events:
        return None
    if len(events) == 1:
        return Scene(number=clipped(events[0][0], 2)[:_FIGURE_CHARS], title=_title_of(sentence, 11))
    items = tuple(SceneItem(label=clipped(when, 3), text=compact(what), own=number == len(events) - 1) for number, (when, what) in enumerate(events))
    return Scene(title=_title_of(sentence), items=items)


def _map(sentence: Sentence) -> Scene | None:
    data = sentence.visual.data
    terms = [clipped(str(term), 4) for term in (data.get("terms") or data.get("places") or ()) if str(term).strip()]
    centre = clipped(str(data.get("centre") or (terms[0] if terms else "")), 4)
    around = [term for term in dict.fromkeys(terms) if term != centre][:6]
    if not centre or len(around) < 2:
        return None
    return Scene(title=centre, items=tuple(SceneItem(label=term) for term in around))


def _title(sentence: Sentence) -> Scene | None:
    kicker, chapter = str(sentence.visual.data.get("kicker", "")), sentence.visual.data.get("chapter")
    if isinstance(chapter, int) and chapter > 0:
        return Scene(title=_title_of(sentence), kicker="Chapter", number=str(chapter))
    return Scene(title=_title_of(sentence), kicker=kicker if 0 < len(kicker.split()) <= 4 else "")


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def _number_of(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _shown(value: float, unit: str) -> str:
    figure = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.4g}"
    return f"{figure}%" if unit in {"%", "percent", "per cent"} else figure


_BUILDERS: dict[str, Builder] = {
    "chart": _chart,
    "number": _number,
    "quote": _quote,
    "list": _list,
    "comparison": _comparison,
    "timeline": _timeline,
    "map": _map,
    "title": _title,
}
