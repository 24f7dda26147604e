"""Facts with one true value at a time: a country's capital, population, area, independence, memberships, and who holds an office."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memory.artifacts import Passage
from memory.claims import quantities

_NAME = r"[A-Z][\w’'-]+(?: (?:[A-Z][\w’'-]+|al-[A-Z]\w+|bin|de|von)){0,3}"
_OFFICE = r"(?P<office>president|prime minister|king|queen|emperor|chancellor|chief executive|governor|mayor)"
_ELECTED = (
    r"(?:is|became|emerged victorious to become|has been|was elected|was sworn in|was sworn into office|"
    r"took office|assumed office|won|was inaugurated|was reelected|was re-elected)"
)
_HOLDERS = (
    re.compile(
        rf"(?P<name>{_NAME})(?:, [^,.]{{3,60}},)? (?P<verb>{_ELECTED}) (?:as )?(?:the |its |\w+[’']s )?(?:Federal )?"
        rf"(?:(?P<sign>current|incumbent|new|\d+(?:st|nd|rd|th)) )?{_OFFICE}\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:[Tt]he )?(?P<sign>current|incumbent|present) {_OFFICE}(?: of [A-Z]\w+)?(?:,| is|, since \w+ ?\d*, is) (?P<name>{_NAME})"),
    re.compile(rf"(?P<name>{_NAME}) (?P<verb>won) (?:the |a |an )?(?:[\w-]+ ){{0,3}}(?P<office>president)ial elections?\b"),
    re.compile(rf"^(?:In|On) [^,]{{0,25}}(?:1\d{{3}}|20\d\d), (?P<office>President|Prime Minister) (?P<name>{_NAME})"),
    re.compile(rf"\b(?P<verb>elected) (?P<name>{_NAME}) (?:as )?(?:the )?{_OFFICE}\b"),
)
_CAPITAL = re.compile(rf"\b(?:[Ii]ts|[Tt]he) (?:official |state |national )?capital(?: city)?(?: and largest city)?(?: of [A-Z]\w+)? is (?P<name>{_NAME})")
_SEAT = re.compile(r"\b(?:state|national|its) capital,? (?P<name>[A-Z][\w’'-]+)")
_FREE = re.compile(
    r"\b(?:obtained|gained|achieved|declared|won|granted|got|received) (?:its |full |complete |limited )*"
    r"independence\b[^.;,]{0,60}?\b(?:in|on) (?:\d{1,2} )?(?:[A-Z]\w+ ?)?(?:\d{1,2}, )?(?P<year>1\d{3}|20\d\d)"
)
_PEOPLE = re.compile(
    r"\bpopulation (?:of|is|was) (?:[A-Z][\w]+ (?:is|was) )?(?:approximately |about |around |over |nearly |estimated at )*"
    r"(?P<number>\d[\d,.]*(?: million| billion)?)(?= people| in | as of|,|\.| \()"
)
_AREA = re.compile(
    r"\b(?:(?<!wide )(?<!large )(?<!small )area of|covers|is) (?:just over |about |approximately |some )*(?P<number>\d[\d,.]*) (?:square kilomet|km2|sq km)"
)
_BODY = r"(?:the )?(?P<body>[A-Z][\w-]+(?: (?:of|and|for) (?:the )?[A-Z][\w-]+| [A-Z][\w-]+){0,5})"
_JOINED = re.compile(
    rf"\b(?:[Jj]oined|(?:became|has been|is|was) (?:a |an )?(?:\w+ ){{0,2}}member(?: state)? of) {_BODY}"
    r"(?: member state)? (?:in|since|on) [^.;,]{0,14}?(?P<year>1\d{3}|20\d\d)"
)
_SINCE = re.compile(r"\b(?:has been|is|was) an? (?P<body>[A-Z]\w+(?: [A-Z]\w+){0,4}) member(?: state)? since (?P<year>1\d{3}|20\d\d)")
_THEN_JOINED = re.compile(rf"^(?:On|In) [^,.;]{{0,12}}(?P<year>1\d{{3}}|20\d\d),? [^,.;]{{2,40}} joined {_BODY}")
_MEMBER = re.compile(rf"\b(?:is|remains) (?P<no>not |no longer )?(?:a |an )?(?:\w+ ){{0,2}}member(?: state)? of {_BODY}")
_LEFT = re.compile(rf"\b(?P<no>left|quit|withdrew from|was expelled from) {_BODY}(?= in \d| on |[.,;])")
_YEAR = re.compile(r"\b(1\d{3}|20\d\d)\b")
_ITSELF = "country|nation|state|republic|islands?|city|total population|population|capital"
_OWN_TIME = 5
_INITIALS = {"un": "united nations", "eu": "european union", "au": "african union", "imf": "international monetary fund", "wto": "world trade organization"}
_CHANGING = frozenset({"population"})


@dataclass(frozen=True)
class Attribute:
    """What one sentence says of its document's subject: which attribute, its value, and the year it speaks of (0 when it does not say)."""

    kind: str
    value: str
    number: float
    year: int
    passage: Passage

    @property
    def spoken_of(self) -> int:
        """The year it speaks of: its own, else that of publication, 0 when nobody knows."""
        return self.year or (self.passage.published.year if self.passage.published else 0)


def attributes(passages: Sequence[Passage], topic: str) -> Iterator[Attribute]:
    """Yield the attributes that sentences state of `topic` itself: they name it, or speak of `it`, `its` or `the country`."""
    about = re.compile(rf"{re.escape(topic)}|^(?:It|Its|The (?:entire )?(?:{_ITSELF}))\b")
    for passage in passages:
        if about.search(passage.text):
            yield from _places_and_numbers(passage)
            yield from _memberships(passage)
        yield from _holders(passage)


def _places_and_numbers(passage: Passage) -> Iterator[Attribute]:
    text = passage.text
    years = [int(year) for year in _YEAR.findall(text)]
    for kind, pattern in (("capital", _CAPITAL), ("capital", _SEAT), ("independence", _FREE), ("population", _PEOPLE), ("area", _AREA)):
        found = pattern.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        value = next(part for part in (parts.get("name"), parts.get("year"), parts.get("number")) if part).rstrip(".,")
        number = next((one.value for one in quantities(value)), 0.0) if kind != "capital" else 0.0
        if kind == "population" and number < 1000:
            continue
        yield Attribute(kind, value, number, max(years, default=0) if kind in _CHANGING else 0, passage)


def _memberships(passage: Passage) -> Iterator[Attribute]:
    """Yield when the subject joined a body, and whether it is in it: `is` speaks of the day of publication, `left` of the year it names."""
    for found in (one for pattern in (_JOINED, _SINCE, _THEN_JOINED) for one in pattern.finditer(passage.text)):
        yield Attribute(f"joining of {_short(found.group('body'))}", found.group("year"), float(found.group("year")), 0, passage)
    years = [int(year) for year in _YEAR.findall(passage.text)]
    for pattern in (_MEMBER, _LEFT):
        for found in pattern.finditer(passage.text):
            year = max(years, default=0) if pattern is _LEFT else passage.published.year if passage.published else 0
            yield Attribute(f"membership of {_short(found.group('body'))}", "no" if found.group("no") else "yes", 0.0, year, passage)


def _short(body: str) -> str:
    """Return a body's name so that its long and short forms compare: lower case, known initials written out."""
    low = body.lower()
    return _INITIALS.get(low, low)


def _holders(passage: Passage) -> Iterator[Attribute]:
    """Yield who holds an office: `is` and `current` speak of the day of publication, the rest of the year they name."""
    for pattern in _HOLDERS:
        for found in pattern.finditer(passage.text):
            parts = found.groupdict()
            now = (parts.get("verb") or parts.get("sign") or "").lower() in {"is", "has been", "current", "incumbent", "present"}
            years = [int(year) for year in _YEAR.findall(passage.text)]
            year = passage.published.year if now and passage.published else max(years, default=0)
            name = found.group("name")
            if year and name[:1].isupper() and name.split()[0] not in {"The", "He", "She", "It", "In", "After", "Who", "This", "That"}:
                yield Attribute(found.group("office").lower(), name, 0.0, year, passage)


def _then_current(one: Attribute) -> bool:
    """Say whether a source speaks of its own time: who held an office long before it is history and contradicts nobody."""
    return one.passage.published is not None and one.passage.published.year - one.year <= _OWN_TIME


def disagree(one: Attribute, other: Attribute) -> bool:
    """Say whether two statements of one attribute cannot both hold: another name, another year, or figures more than 10% apart."""
    if one.kind != other.kind or one.passage.document_id == other.passage.document_id:
        return False
    if one.kind in {"population", "area"}:
        return abs(one.number - other.number) > 0.1 * max(one.number, other.number)
    if one.kind == "independence" or one.kind.startswith("joining"):
        return one.number != other.number
    if one.kind.startswith("membership"):
        return one.value != other.value
    if one.kind != "capital" and not (_then_current(one) and _then_current(other)):
        return False
    return not {word.lower() for word in one.value.split()} & {word.lower() for word in other.value.split()}
