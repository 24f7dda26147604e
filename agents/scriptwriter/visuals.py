"""Which picture serves each sentence: a figure, a quotation, a list, a comparison, dates, a place, or a picture."""

import re
from collections.abc import Sequence
from typing import Any

from agents.scriptwriter.focus import figure_phrase, focus_of, key_thing
from memory.artifacts import DataSeries, VisualDirection
from memory.claims import meaningful
from tools.write_text.offline.words import ENGLISH
from tools.write_text.tasks import DraftBeat, DraftSentence

_FIGURE = re.compile(
    r"(?P<sign>[$€£])?(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<percent>\s?percent|%)?"
    r"(?:[\s-](?P<scale>hundred|thousand|million|billion|trillion))?(?:[\s-](?P<unit>(?:square |cubic |light[ -])?[a-z]{2,}(?: per [a-z]+)?))?",
)
_WORD_FIGURE = re.compile(
    r"(?<![-\w])(?<!the )(?<!The )(?<!of )(?P<number>three|four|five|six|seven|eight|nine|ten|twelve|twenty) "
    r"(?P<unit>of [a-z]+|[a-z]{3,}(?: [a-z]{3,}s)?)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")
_LIST = re.compile(r"(?:such as|including|are|like|between|with|by|and|:)?\s*((?:[\w’'-]+(?: [\w’'-]+){0,3}, ){2,}(?:and|or) [\w’'-]+(?: [\w’'-]+){0,3})")
_NAMED_LIST = re.compile(r"^((?:[\w’'-]+(?: [\w’'-]+){0,3}, )+[\w’'-]+(?: [\w’'-]+){0,3},? (?:and|or) [\w’'-]+(?: [\w’'-]+){0,3})")
_THAN = re.compile(
    r"^(?P<left>.{3,60}?) (?:is|are|was|were|has|have|had|grew|fell|travels?|moves?|orbits?|weighs?)\b.*?\b(?P<how>more|less|fewer|larger|smaller|bigger|"
    r"higher|lower|longer|shorter|faster|slower|older|younger|heavier|stronger)\b.*? than (?P<right>[^,.;]{3,50})",
)
_QUOTE = re.compile(
    r"^(?P<source>[^:“]{2,80}?),? (?:said|says|explained|added|writes|noted):? “(?P<quote>[^”]+)”"
    r"|“(?P<quote2>[^”]+)[,”]+ (?:said|says|writes|added|explained|noted)? ?(?P<source2>[^.]*)",
)
_PLACES = re.compile(r"\b(?:in|near|off|from|across|between|to|at|of|borders?)\s+((?:the )?[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)")
_PLACE_SIGNS = re.compile(
    r"\b(located|borders?|bordered|coast|island|islands|north|south|east|west|region|mountain|river|lake|desert|capital|territory|basin|crater|ocean)\b",
    re.IGNORECASE,
)
_LOOSE_END = re.compile(r"(?:\s+(?:in|on|until|since|by|from|to|and|of|early|late|around|starting|,))+$")
_NOT_PLACES = frozenset(ENGLISH["not_places"])
_NO_UNIT = frozenset(ENGLISH["no_unit"])
_LEAD_IN = re.compile(
    r"(close to|near|such|because|in|on|at|after|by|for|during|with|while|as|over|today|according|throughout|from|since|although|among|before|when|if|under|"
    r"despite|to|and|or|around|especially)\b",
    re.IGNORECASE,
)
_BEFORE_FIGURES = frozenset("about only over nearly almost some more than in around up at of the at least of to by within under every".split())  # noqa: SIM905
_NO_SIDE = re.compile(
    r"(?:that|those|it|they|he|she|this|these|the (?:others?|rest)|in|on|at|before|expected|usual|ever|what|when|any|previously|once|its|their)\b",
    re.IGNORECASE,
)
_NO_ITEM = re.compile(r"(?:can|could|is|are|was|were|has|have|will|may|might|it|they|he|she|which|who|that|where)\b", re.IGNORECASE)


def direct(beats: Sequence[DraftBeat], series: Sequence[DataSeries], title: str) -> list[list[VisualDirection]]:
    """Return one visual direction per sentence, in the shape of `beats`; neighbours avoid the same kind where they can."""
    directions: list[list[VisualDirection]] = []
    used_series: set[str] = set()
    for number, beat in enumerate(beats):
        row = []
        for place, sentence in enumerate(beat.sentences):
            if not sentence.citations:
                row.append(_spoken_line(sentence, beat, number, title))
                continue
            chart = _chart(sentence.text, series, used_series)
            if chart is not None:
                used_series.add(chart.data["title"])
            row.append(chart or _of_fact(sentence, opening=number == 0 and place == 0))
        directions.append(row)
    return directions


def _spoken_line(sentence: DraftSentence, beat: DraftBeat, number: int, title: str) -> VisualDirection:
    if sentence.role == "transition":
        return VisualDirection(kind="title", focus=beat.heading if number else title, data={"kicker": sentence.text, "chapter": number + 1})
    first = re.split(r"(?<=[.!?;,])\s", sentence.text)[0].strip(" .,;!")
    return VisualDirection(kind="title", focus=first if len(first.split()) <= 8 else title, data={"kicker": title})


def _of_fact(sentence: DraftSentence, opening: bool) -> VisualDirection:
    text = sentence.text
    finders = (_quote, _comparison, _timeline, _list, _number, _map)
    for find in (_number, *finders) if opening else finders:
        found = find(text)
        if found is not None:
            return found
    return VisualDirection(kind="picture", focus=focus_of(text), data={"query": _query(text)})


def _quote(text: str) -> VisualDirection | None:
    found = _QUOTE.search(text)
    if not found:
        return None
    quote, source = (found.group("quote") or found.group("quote2")).strip(" ,."), (found.group("source") or found.group("source2") or "").strip(" ,.")
    return VisualDirection(kind="quote", focus=focus_of(quote), data={"quote": quote, "source": source}) if len(quote.split()) >= 4 and source else None


def _number(text: str) -> VisualDirection | None:
    best: dict[str, str] | None = None
    for found in _FIGURE.finditer(text):
        part = found.groupdict()
        if _YEAR.fullmatch(part["number"]) and not (part["scale"] or part["percent"]) or _inside_name(text, found):
            continue
        unit = " ".join(word for word in (part["scale"], "percent" if part["percent"] else None, _unit(part["unit"])) if word)
        made = {"number": (part["sign"] or "") + part["number"], "unit": "%" if unit == "percent" else unit}
        if best is None or bool(unit) > bool(best["unit"]):
            best = made
    if best is None or not (best["unit"] or best["number"][0] in "$€£"):
        words = _WORD_FIGURE.search(text)
        if not words or words.group("unit").split()[0] in _NO_UNIT:
            return None
        best = {"number": words.group("number").capitalize(), "unit": words.group("unit")}
    return VisualDirection(kind="number", focus=focus_of(text), data={**best, "label": _label(text, best)})


def _label(text: str, figure: dict[str, str]) -> str:
    """Return what the figure is about: the words it counts beyond its unit, else the phrase the sentence turns on without it."""
    counted = figure_phrase(re.sub(r"[“”\"]", "", text))
    beyond = counted.partition(figure["unit"])[2].strip().removeprefix("of ") if figure["number"] in counted and figure["unit"] else ""
    clauses = [
        clause
        for clause in re.split(r"[,;:—–]\s", text.rstrip(".!?"))
        if figure["number"] in clause and len(clause.split()) <= 8 and not _LEAD_IN.match(clause)
    ]
    label = beyond if len(beyond.split()) >= 2 else key_thing(text) or next(iter(clauses), "") or counted or focus_of(text)
    return label[:1].upper() + label[1:]


def _inside_name(text: str, found: re.Match[str]) -> bool:
    """Say whether the figure only belongs to a name or code, such as Voyager 2 or COVID-19."""
    before = text[: found.start()].split(" ")
    glued = (
        found.start() > 0
        and text[found.start() - 1] in "-/:"
        or text[found.end("number") : found.end("number") + 1] in {"-", ":", "/"}
        and not found.group("unit")
    )
    word = before[-2] if len(before) > 1 and not before[-1] else ""
    return glued or (word[:1].isupper() and word.lower() not in _BEFORE_FIGURES and len(found.group("number")) <= 2)


def _unit(unit: str | None) -> str:
    return "" if unit is None or unit.split()[0] in _NO_UNIT else unit


def _timeline(text: str) -> VisualDirection | None:
    years = list(_YEAR.finditer(text))
    if len(years) < 2:
        return None
    events = []
    for at, year in enumerate(years[:4]):
        start = years[at - 1].end() if at else 0
        end = years[at + 1].start() if at + 1 < len(years) else len(text)
        after = re.sub(r"^(by|when|and|the|,|,? in)\s", "", text[year.end() : end].strip(" ,.;"))
        before = text[start : year.start()].strip(" ,.;")
        after = _LOOSE_END.sub("", after)
        ends = bool(re.match(r"\s*[,.;]|$", text[year.end() :]))
        what = before if (ends and len(before.split()) >= 2) or len(after.split()) < 3 or after.startswith("which") else after
        events.append({"when": year.group(), "what": _event(_LOOSE_END.sub("", what))})
    events = [event for event in events if len(event["what"].split()) >= 2]
    if len({event["what"] for event in events}) < len(events):
        return None
    return VisualDirection(kind="timeline", focus=focus_of(text), data={"events": events}) if len(events) >= 2 else None


def _event(what: str) -> str:
    """Return what happened in a year in at most eight words."""
    said = re.sub(r"^(?:and|but|then|,)\s+", "", what.strip(" ,;"))
    return said[:1].upper() + said[1:] if len(said.split()) <= 8 else focus_of(said)


def _list(text: str) -> VisualDirection | None:
    named = re.split(r"\b(?:such as|including)\s", text.rstrip("."), maxsplit=1)
    found = (_NAMED_LIST if len(named) > 1 else _LIST).search(named[-1])
    if not found or not re.match(r"[.,;:!?]|$| (?:is|are|was|were|have|had|in|on|from|for|to|at)\b", named[-1][found.end() :]):
        return None
    items = [re.sub(r"^(and|or) ", "", item).strip() for item in re.split(r",\s*", found.group(1))]
    items = [piece for item in items for piece in re.split(r"\s+(?:and|or)\s+", item) if piece]
    return (
        VisualDirection(kind="list", focus=focus_of(text), data={"items": items[:6]})
        if len(items) >= 3 and not any(_LEAD_IN.match(item) or _NO_ITEM.search(item) for item in items)
        else None
    )


def _comparison(text: str) -> VisualDirection | None:
    found = _THAN.search(text)
    if not found or re.match(r"\d|one\b|two\b|half\b|ever\b", found.group("right")):
        return None
    left, right = _side(found.group("left")), _side(found.group("right"))
    if not left or not right or left.lower() == right.lower():
        return None
    return VisualDirection(kind="comparison", focus=focus_of(text), data={"left": left, "right": right, "how": found.group("how")})


def _side(text: str) -> str:
    """Return one side of a comparison when it names something, at most six words; else an empty string."""
    side = text.strip()
    if _NO_SIDE.match(side) or len(side.split()) > 6:
        return ""
    return side[:1].upper() + side[1:]


def _map(text: str) -> VisualDirection | None:
    places = [
        place for place in _PLACES.findall(text) if place.lower().split()[-1] not in _NOT_PLACES and place.isascii() and not re.fullmatch(r"[A-Z0-9-]+", place)
    ]
    if len(places) >= 2 or (places and _PLACE_SIGNS.search(text)):
        return VisualDirection(kind="map", focus=focus_of(text), data={"places": list(dict.fromkeys(places))[:5]})
    return None


def _chart(text: str, series: Sequence[DataSeries], used: set[str]) -> VisualDirection | None:
    stems = set(meaningful(text))
    for one in series:
        wanted = set(meaningful(f"{one.title} {one.unit}"))
        if one.title not in used and wanted and len(stems & wanted) >= min(2, len(wanted)):
            data: dict[str, Any] = {
                "title": one.title,
                "unit": one.unit,
                "points": [{"label": point.label, "value": point.value} for point in one.points],
                "credit": one.credit,
                "source_url": one.source_url,
            }
            return VisualDirection(kind="chart", focus=one.title, data=data)
    return None


def _query(text: str) -> str:
    return " ".join(dict.fromkeys(word for word in re.findall(r"[A-Za-z][\w’'-]+", text) if len(word) > 3 and word.lower() not in _NO_UNIT))[:80]
