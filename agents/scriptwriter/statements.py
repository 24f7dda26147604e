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
_YEAR = re.compile(r"(?<![\d,.])(1[0-9]{3}|20[0-9]{2})(?!\d|s\b|[,.]\d)")
_DAY = re.compile(r"\b(?:(\d{1,2}) ([A-Z][a-z]{2,8})|([A-Z][a-z]{2,8}) (\d{1,2}))(?=,? (?:1[0-9]{3}|20[0-9]{2})\b)")
_COMMA_YEAR = re.compile(r"\b([A-Z][a-z]{2,8} \d{1,2}), (?=1[0-9]{3}\b|20[0-9]{2}\b)()")
_MONTHS = frozenset("january february march april may june july august september october november december".split())  # noqa: SIM905
_SPEAKS_OF_IT = re.compile(r"(?:It|Its|They|Their|He|His|She|Her|The (?:country|island|city|state|planet|region))\b")
_SETS = re.compile(r"(?:During|In|Under|Before|After|Until|By|At|On|Among)\b[^,]{3,60},")
_COMMON = re.compile(r"(?:tion|ment|ness|ity|ery|ing|ance|ence|ism|ages?|ers|(?:al|te|nt)ly)$")
_NUMBERED = re.compile(r"\b([A-Z][a-z]+) (\d{1,2})(?!\d|[,.]\d)(?! (?:percent|million|billion))")
_FAMILIAR = frozenset({"earth", "sun", "world", "moon"})
_BEFORE, _AFTER = 8, 5
_COUNTED = frozenset({"percent", "peopl", "dollar", "inhabitant"})
_MONTH_STEMS = frozenset(root(month) for month in _MONTHS)
_RANKS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_MADE_BY = re.compile(r"(?<=\bby )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_FIRST = re.compile(r"\b[Tt]he first (?P<noun>[A-Za-z]+) to (?P<what>[^,.]{5,70}?) was (?P<who>[A-Z][\w’'-]+(?: (?:de |of |von )?[A-Z][\w’'-]+)*)")
_RANK_WORDS = "second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_LINK = "of|in|on|by|after|and|that|which|with|is|was|to|at|for|from"
_LINKS = frozenset(_LINK.split("|")) | {"the", "a", "an", "its", "or", "were", "are", "per"}
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
        text = _plain(passage.text)
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
            place = next((two.at for two in quantities(around) if two.value == number.value), number.at)
            limits = _qualifiers(_nearby(around, place)) | _qualifiers(_setting(text))
            yield Statement("figure", low[0], low[1], said, frame, scope, self._years(text), limits, passage, high[0])

    def _events(self, clauses: Sequence[str], text: str, passage: Passage) -> Iterator[Statement]:
        """Yield the dated event of the last of `clauses`; the ones before it say what happened where it does not."""
        years = _YEAR.findall(clauses[-1])
        if len(set(years)) != 1:
            return
        if any(number.unit in _COUNTED for number in quantities(text)):
            return  # the year says when something was counted, not when it happened
        found = _DAY.search(clauses[-1])
        parts = [part for part in found.groups() if part] if found else []
        day = " ".join(sorted(part.lower() for part in parts)) if any(part.lower() in _MONTHS for part in parts) else ""
        around = _near_year(clauses[-1], years[0])
        for earlier in reversed(clauses[:-1]):
            if len(self._event_frame(around)) > 1 and not day:
                break
            around = f"{earlier} {around}"
        if len(self._event_frame(around)) < 2 or day and clauses[-1] == text[: len(clauses[-1])]:
            around = text
        year, frame = int(years[0]), self._event_frame(around)
        for maker in _MADE_BY.findall(text) if day else ():
            yield Statement("maker", 0.0, f"{day} {year}", maker, frame, frozenset(), frozenset(), frozenset(), passage)
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

        for found in _FIRST.finditer(text):
            unit = f"first {root(found.group('noun'))}"
            yield Statement("rank", 1.0, unit, found.group("who"), self._frame(found.group("what"), ""), frozenset(), frozenset(), frozenset(), passage, 1.0)

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
        named = (word for at, word in enumerate(words) if word[0].isupper() and (at or not self._common(word)) and not quantities(word))
        numbered = frozenset(f"{root(name)} {number}" for name, number in _NUMBERED.findall(text) if name.lower() not in self._small | _MONTHS | _GRAMMAR)
        stems = (root(word) for word in named if word.lower() not in _MONTHS | _GRAMMAR | _FAMILIAR)
        return numbered | frozenset(stem for stem in stems if not any(_kin(stem, own) for own in self._topic))

    def _common(self, opening: str) -> bool:
        """Say whether a word that opens a sentence is a common one: written small elsewhere, or by its ending."""
        return opening.lower() in self._small | _GRAMMAR or root(opening.lower()) in _WEAK or not meaningful(opening) or bool(_COMMON.search(opening))

    def _opening(self, text: str) -> frozenset[str]:
        """Return the names that a sentence opens with: whom or what it is about."""
        head = re.match(
            r"(?:(?:The|A|An|In|On|At|By|For|With|During) )?[^,;—]{0,60}?(?= (?:is|was|were|are|has|had|have|did|[a-z]+ed|[a-z]+s)\b|[,;—]|$)", text
        )
        return self.names(head.group()) if head else frozenset()

    def _frame(self, text: str, unit: str) -> frozenset[str]:
        stems = (_base(stem) for stem in meaningful(text) if stem not in _WEAK | NEGATIONS and stem != unit and len(stem) > 2)
        return frozenset(stem for stem in stems if not any(_kin(stem, own) for own in self._topic))

    def _names_topic(self, text: str) -> bool:
        """Say whether a sentence speaks of the topic: by name, or by a pronoun it opens with."""
        return bool(_SPEAKS_OF_IT.match(text)) or any(_kin(root(word), own) for word in words_of(text) for own in self._topic)

    def _years(self, text: str) -> frozenset[int]:
        return frozenset(int(year) for year in _YEAR.findall(text)) - self._topic_years


def _plain(text: str) -> str:
    """Return a sentence as it is compared: without brackets, signs as words, a date without its comma."""
    bare = _BRACKETS.sub("", text).replace("−", "minus ").replace("°C", "degrees Celsius").replace("° C", "degrees Celsius")
    bare = re.sub(r"\b[Bb]etween (\d[\d,.]*) and (?=\d)", r"\1 to ", bare)
    return _COMMA_YEAR.sub(r"\1 \2", bare)


def _base(stem: str) -> str:
    """Return the stem of the verb behind a noun of action (`establishment`, `establish`)."""
    return re.sub(r"ment$", "", stem) if len(stem) > 7 else stem


def _near_year(clause: str, year: str) -> str:
    """Return the words around a year: in a long clause the rest tells something else."""
    words = clause.split()
    at = next((place for place, word in enumerate(words) if year in word), 0)
    return " ".join(words[max(0, at - 10) : at + 7]) if len(words) > 18 else clause


def _setting(text: str) -> str:
    """Return the opening that sets the time or place of a whole sentence (`During the last ice age, ...`), or nothing."""
    found = _SETS.match(text)
    return found.group() if found else ""


def _nearby(clause: str, at: int) -> str:
    """Return the words around a number: what limits it stands near it."""
    words = words_of(clause)
    after = words[at + 1 : at + _AFTER + 1]
    ends = next((place for place, word in enumerate(after) if word.lower() in {"at", "with"}), len(after))
    return " ".join((*words[max(0, at - _BEFORE) : at + 1], *after[:ends]))


def _in_base_unit(number: Quantity, unit: str) -> tuple[float, str]:
    """Return a length or a weight in metres or kilograms, so that two sources that measure differently compare."""
    factor, name = _BASE_UNITS.get(unit, (1.0, unit))
    return number.value * factor, name


def _qualifiers(clause: str) -> frozenset[str]:
    return frozenset(stem for stem in (root(word) for word in words_of(clause)) if stem in _QUALIFIERS)


def _spoken(number: Quantity, clause: str) -> str:
    """Return a number as its sentence writes it, with its unit's word."""
    words = words_of(clause)[number.at : number.at + 3]
    while len(words) > 1 and words[-1].lower() in _LINKS:
        words.pop()
    return " ".join(words) if words else format(number.value, "g")
