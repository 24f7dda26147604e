"""What a sentence states in a form that can be compared: figures, dated events, ranks and plain claims, each with whose and when it is."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from memory.artifacts import Passage
from memory.claims import NEGATIONS, Quantity, meaningful, quantities, root, words_of

_BRACKETS = re.compile(r"\s*\([^()]*\)")
_CLAUSE = re.compile(r"[;,](?=\s)|\s(?=(?:and|but|while|whereas)\s)|\s?—\s?|\s–\s")
_RELATIVE = re.compile(r"^(?:which|who|that|whose|where)\b")
_YEAR = re.compile(r"(?<![\d,.])(1[0-9]{3}|20[0-9]{2})(?!\d|[,.]\d)")
_DAY = re.compile(r"\b(?:(\d{1,2}) ([A-Z][a-z]{2,8})|([A-Z][a-z]{2,8}) (\d{1,2}))(?=,? (?:1[0-9]{3}|20[0-9]{2})\b)")
_COMMA_YEAR = re.compile(r"\b([A-Z][a-z]{2,8} \d{1,2}), (?=1[0-9]{3}\b|20[0-9]{2}\b)()")
_MONTHS = frozenset("january february march april may june july august september october november december".split())  # noqa: SIM905
_SPEAKS_OF_IT = re.compile(r"(?:It|Its|They|Their|He|His|She|Her|The (?:country|island|city|state|planet|region))\b")
_MONTH_STEMS = frozenset(root(month) for month in _MONTHS)
_RANKS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_RANK_WORDS = "second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_LINK = "of|in|on|by|after|and|that|which|with|is|was|to|at|for|from"
_SUPERLATIVE = re.compile(
    rf"\b(?:(?P<rank>{_RANK_WORDS}|\d+(?:st|nd|rd|th))[- ])?(?P<best>most [a-z]+|(?!(?:for|inter|w|r|t|harv|near|requ)est\b)[a-z]{{3,}}est)"
    rf" (?P<noun>[a-z-]+(?: (?!(?:{_LINK})\b)[a-z-]+)?)"
)
_ENGLISH = tomllib.loads((files("agents.scriptwriter") / "statements.toml").read_text("utf-8"))
_WEAK = frozenset(root(word) for word in _ENGLISH["weak"])
# Words that say which part, kind or time a statement is about; where only one of two sentences has them, they speak of different things.
_QUALIFIERS = frozenset(root(word) for word in _ENGLISH["qualifiers"])
_GRAMMAR = frozenset(_ENGLISH["grammar"])
_BASE_UNITS: dict[str, tuple[float, str]] = {name: (factor, unit) for unit, names in _ENGLISH["units"].items() for name, factor in names.items()}


@dataclass(frozen=True)
class Statement:
    """One thing a sentence states: its kind, the value, the words around it, whose it is and which years it speaks of."""

    kind: str
    value: float
    unit: str
    said: str
    frame: frozenset[str]
    scope: frozenset[str]
    years: frozenset[int]
    qualifiers: frozenset[str]
    passage: Passage
    upper: float = 0.0
    day: str = ""
    of_topic: bool = True


def _kin(one: str, other: str) -> bool:
    """Say whether two stems are one name or a name and what belongs to it (`antarctica`, `antarctic`)."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or len(shorter) >= 4 and longer.startswith(shorter[: max(4, len(shorter) - 2)]) and len(longer) - len(shorter) <= 4


class Reader:
    """Reads statements from sentences of several documents; a word that opens a sentence is a name when none of them writes it small."""

    def __init__(self, passages: Sequence[Passage], topic: str) -> None:
        self._small = {word for passage in passages for word in words_of(passage.text) if word.islower()}
        self._topic = frozenset(root(word) for word in words_of(topic) if not word.isdigit())
        self._topic_years = frozenset(int(year) for year in _YEAR.findall(topic))

    def statements(self, passage: Passage) -> Iterator[Statement]:
        """Yield every statement of a sentence."""
        text = _COMMA_YEAR.sub(r"\1 \2", _BRACKETS.sub("", passage.text))
        clauses = [part.strip() for part in _CLAUSE.split(text) if part.strip()]
        yield from (replace(one, of_topic=self._names_topic(text)) for one in self._read(clauses, text, passage))

    def _read(self, clauses: Sequence[str], text: str, passage: Passage) -> Iterator[Statement]:
        for at, clause in enumerate(clauses):
            owner = clauses[at - 1] if at and _RELATIVE.match(clause) else ""
            yield from self._figures(clause, owner, text, passage)
            yield from self._events(clauses[max(0, at - 2) : at + 1], text, passage)
        yield from self._ranks(text, passage)
        yield from self._claims(clauses, passage)

    def _figures(self, clause: str, owner: str, text: str, passage: Passage) -> Iterator[Statement]:
        numbers = quantities(clause)
        for at, number in enumerate(numbers):
            if not number.unit or number.unit in _MONTHS or number.ordinal or _in_base_unit(number, number.unit)[0] < 2:
                continue
            before = numbers[at - 1] if at and not numbers[at - 1].unit and number.at - numbers[at - 1].at == 2 else None
            near = self._frame(clause, number.unit)
            around = clause if len(near) > 1 else text
            scope = self.names(clause) | (self.names(owner) if owner else self._opening(text))
            low, high = _in_base_unit(before or number, number.unit), _in_base_unit(number, number.unit)
            frame, said = self._frame(around, number.unit), _spoken(number, clause)
            yield Statement("figure", low[0], low[1], said, frame, scope, self._years(text), _qualifiers(around), passage, high[0])

    def _events(self, clauses: Sequence[str], text: str, passage: Passage) -> Iterator[Statement]:
        """Yield the dated event of the last of `clauses`; the ones before it say what happened where it does not."""
        years = _YEAR.findall(clauses[-1])
        if len(set(years)) != 1:
            return
        found = _DAY.search(clauses[-1])
        parts = [part for part in found.groups() if part] if found else []
        day = " ".join(sorted(part.lower() for part in parts)) if any(part.lower() in _MONTHS for part in parts) else ""
        around = clauses[-1]
        for earlier in reversed(clauses[:-1]):
            if len(self._event_frame(around)) > 1 and not day:
                break
            around = f"{earlier} {around}"
        year, frame = int(years[0]), self._event_frame(around)
        yield Statement("date", year, "", years[0], frame, self.names(around) | self._opening(text), frozenset(), _qualifiers(around), passage, year, day)

    def _event_frame(self, text: str) -> frozenset[str]:
        return frozenset(stem for stem in self._frame(text, "") if stem not in _MONTH_STEMS)

    def _ranks(self, text: str, passage: Passage) -> Iterator[Statement]:
        for found in _SUPERLATIVE.finditer(text):
            rank = found.group("rank")
            place = float(_RANKS.get(rank, 0) or int(re.sub(r"\D", "", rank) or 0)) if rank else 1.0
            holder = self._holder(text, found)
            if holder is not None:
                nouns = frozenset({root(found.group("best")), root(found.group("noun").split()[0])})
                where = self._where(text[found.end("best") :])
                yield Statement("rank", place, " ".join(sorted(nouns)), holder or "the topic", where, frozenset(), frozenset(), frozenset(), passage, place)

    def _holder(self, text: str, found: re.Match[str]) -> str | None:
        """Return who holds a rank: the name beside it, an empty string for the topic, None when that is not said plainly."""
        before, after = text[: found.start()], text[found.end() :]
        said = re.search(r"(?:^|, )(?:[Tt]he )?(?P<who>[A-Z][\w’' -]{2,40}?|[Ii]t),? (?:is|was|are|being) (?:also )?(?:the |[Tt]he world's )$", before)
        if said:
            who = said.group("who")
            return "" if who.lower() == "it" or frozenset(root(word) for word in words_of(who)) <= self._topic else who
        named = re.match(
            r"(?: of [\w ]{2,30}?| on [\w ]{2,20}?)*,? (?:is |was )?(?P<who>[A-Z][\w’'-]+(?: (?:de |von )?[A-Z][\w’'-]+)*)(?=[,.]| was| is|$)", after
        )
        if named and re.search(r"(?:^|[\s,])(?:[Tt]he|[Ii]ts|’s|'s) $", before):
            return named.group("who")
        common = re.match(r"(?: (?:of|on|in) (?:the )?\w+)* (?:is|was) (?P<who>[a-z]+)\.$", after)
        return common.group("who") if common and re.search(r"^[Tt]he $", before) else None

    def _where(self, rest: str) -> frozenset[str]:
        """Return what a rank is held among: the words after it up to the end of the clause, names and nouns."""
        head = re.split(r"[,;.—]| (?:and|is|was|by|after|with|that|which) ", f"{rest} ")[0]
        return frozenset(stem for stem in meaningful(head) if len(stem) > 2) - self._topic

    def _claims(self, clauses: Sequence[str], passage: Passage) -> Iterator[Statement]:
        clause = clauses[0] if clauses else ""
        low = [word.lower() for word in words_of(clause)]
        denied = sum(word in NEGATIONS for word in low)
        frame = self._frame(clause, "")
        if 2 <= len(frame) <= 9 and denied <= 1 and not _YEAR.search(clause):
            scope = self.names(clause) | self._opening(clause)
            yield Statement("claim", float(denied), "", clause, frame, scope, frozenset(), _qualifiers(clause), passage, float(denied))

    def names(self, text: str) -> frozenset[str]:
        """Return the stems of the proper names of `text` apart from the topic and months."""
        words = words_of(text)
        named = (word for at, word in enumerate(words) if word[0].isupper() and (at or word.lower() not in self._small) and not quantities(word))
        stems = (root(word) for word in named if word.lower() not in _MONTHS | _GRAMMAR)
        return frozenset(stem for stem in stems if not any(_kin(stem, own) for own in self._topic))

    def _opening(self, text: str) -> frozenset[str]:
        """Return the names that a sentence opens with: whom or what it is about."""
        head = re.match(
            r"(?:(?:The|A|An|In|On|At|By|For|With|During) )?[^,;—]{0,60}?(?= (?:is|was|were|are|has|had|have|did|[a-z]+ed|[a-z]+s)\b|[,;—]|$)", text
        )
        return self.names(head.group()) if head else frozenset()

    def _frame(self, text: str, unit: str) -> frozenset[str]:
        stems = (stem for stem in meaningful(text) if stem not in _WEAK and stem != unit and len(stem) > 2)
        return frozenset(stem for stem in stems if not any(_kin(stem, own) for own in self._topic))

    def _names_topic(self, text: str) -> bool:
        """Say whether a sentence speaks of the topic: by name, or by a pronoun it opens with."""
        return bool(_SPEAKS_OF_IT.match(text)) or any(_kin(root(word), own) for word in words_of(text) for own in self._topic)

    def _years(self, text: str) -> frozenset[int]:
        return frozenset(int(year) for year in _YEAR.findall(text)) - self._topic_years


def _in_base_unit(number: Quantity, unit: str) -> tuple[float, str]:
    """Return a length or a weight in metres or kilograms, so that two sources that measure differently compare."""
    factor, name = _BASE_UNITS.get(unit, (1.0, unit))
    return number.value * factor, name


def _qualifiers(clause: str) -> frozenset[str]:
    return frozenset(stem for stem in (root(word) for word in words_of(clause)) if stem in _QUALIFIERS)


def _spoken(number: Quantity, clause: str) -> str:
    """Return a number as its sentence writes it, with its unit's word."""
    words = words_of(clause)
    return " ".join(words[number.at : number.at + 3]) if number.at < len(words) else format(number.value, "g")
