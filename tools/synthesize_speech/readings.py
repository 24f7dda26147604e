"""Rules that read one written form each: dates, times, money, measures, ranges, Roman numerals, abbreviations.

A rule looks at the words from a position on and returns the spoken words of each display word it covers, or None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tools.synthesize_speech import numbers
from tools.synthesize_speech.lexicon import Lexicon
from tools.synthesize_speech.numbers import NUMBER

Reading = list[list[str]]

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"sept": "september"}
_SCALE_WORDS = {"hundred", "thousand", "million", "billion", "trillion"}
_HALF_DAY = re.compile(r"([ap])\.?m\.?", re.IGNORECASE)


@dataclass(frozen=True)
class View:
    """The words of a sentence without their outer punctuation, and the position to read at."""

    cores: tuple[str, ...]
    at: int
    lexicon: Lexicon
    breaks: frozenset[int] = frozenset()

    def word(self, step: int = 0) -> str:
        """Return the word `step` positions on, or an empty string outside the sentence."""
        index = self.at + step
        return self.cores[index] if 0 <= index < len(self.cores) else ""

    def joins(self) -> bool:
        """Say whether the next word belongs to the same phrase: no comma or stop lies between."""
        return self.at not in self.breaks


Rule = Callable[[View], Reading | None]


def phrase(view: View) -> Reading | None:
    """Read a word or phrase of the lexicon; a possessive keeps its s."""
    for length in (3, 2, 1):
        written = tuple(view.word(step).casefold() for step in range(length))
        if said := view.lexicon.phrases.get(written):
            return share([f"[[{said[1:-1]}]]"] if said.startswith("/") else said.split(), length)
    bare = (view.word()[:-2].casefold(),)
    if view.word().endswith("'s") and (said := view.lexicon.phrases.get(bare)) and not said.startswith("/"):
        return [(said + "'s").split()]
    return None


def share(words: list[str], count: int) -> Reading:
    """Spread spoken words over `count` display words, evenly and in order."""
    edges = [round(index * len(words) / count) for index in range(count + 1)]
    return [words[start:stop] for start, stop in zip(edges[:-1], edges[1:], strict=True)]


def iso_date(view: View) -> Reading | None:
    """Read 2024-05-06 and 5/6/2024 (month first) as month, day, year."""
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", view.word()):
        year, month, day = (int(part) for part in found.groups())
    elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", view.word()):
        month, day, year = (int(part) for part in found.groups())
    else:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return [[_MONTHS[month - 1].capitalize(), *numbers.ordinal(day), *numbers.year(year)]]


def calendar_day(view: View) -> Reading | None:
    """Read May 5 as May fifth and 5 May as the fifth of May."""
    if (month := _month(view.word())) and (day := _day(view.word(1))):
        return [[month], numbers.ordinal(day)]
    if (day := _day(view.word())) and (month := _month(view.word(1))):
        article = [] if view.word(-1).casefold() == "the" else ["the"]
        return [[*article, *numbers.ordinal(day), "of"], [month]]
    return None


def clock_time(view: View) -> Reading | None:
    """Read 3:45, 3:45pm, 10 a.m. and 7pm."""
    found = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?([ap]\.?m\.?)?", view.word(), re.IGNORECASE)
    if not found or int(found[1]) > 24 or int(found[2] or 0) > 59:
        return None
    after = _HALF_DAY.fullmatch(view.word(1)) if view.joins() and not found[3] else None
    if not (found[2] or found[3] or after):
        return None
    half = _HALF_DAY.fullmatch(found[3]) if found[3] else after
    said = numbers.clock(int(found[1]), int(found[2] or 0), half is not None)
    spelled = ["ay" if half[1].casefold() == "a" else "P", "M"] if half else []
    return [said, spelled] if after else [said + spelled]


def money(view: View) -> Reading | None:
    """Read $5, $1.50, €3.5bn, $3 million and $5-$10."""
    signs = "|".join(re.escape(sign) for sign in sorted(view.lexicon.currencies, key=len, reverse=True))
    found = re.fullmatch(rf"({signs})({NUMBER})(?:[-–—](?:{signs})?({NUMBER}))?(k|K|M|m|bn|B|T)?\+?", view.word())
    if not found:
        return None
    singular, plural, cent, cents = view.lexicon.currencies[found[1]]
    first, second, suffix = found[2], found[3], numbers.scale(found[4] or "")
    scaled = view.word(1).casefold() in _SCALE_WORDS and view.joins()
    if not (second or suffix or scaled) and (parts := re.fullmatch(r"([\d,]+)\.(\d{2})", first)):
        whole = [*numbers.cardinal(parts[1]), singular if parts[1] == "1" else plural]
        small = [*numbers.cardinal(str(int(parts[2]))), cent if parts[2] == "01" else cents]
        return [(whole if parts[1] != "0" else []) + (["and"] if parts[1] != "0" and parts[2] != "00" else []) + (small if parts[2] != "00" else [])]
    amount = numbers.cardinal(first) + (["to", *numbers.cardinal(second)] if second else []) + ([suffix] if suffix else [])
    name = (singular if numbers.is_one(first) and not (second or suffix or scaled) else plural).split()
    return [amount, [view.word(1), *name]] if scaled else [amount + name]


def measure(view: View) -> Reading | None:
    """Read 5km, 5 km, 20°C, 50%, 5-10 kg, 100 km/h, 3 m² and 12 µg/m3."""
    found = re.fullmatch(rf"({NUMBER}|\d*[½⅓⅔¼¾⅕⅛⅜⅝⅞])(?:[-–—]({NUMBER}))?(.*)", view.word())
    if not found:
        return None
    apart = not found[3]
    if apart and not view.joins():
        return None
    written = view.word(1) if apart else found[3].lstrip("-")
    name = unit_name(written, view.lexicon, numbers.is_one(found[1]) and not found[2])
    if name is None or (apart and written in {"in", "s", "t", "N"}):
        return None
    amount = (numbers.vulgar(found[1]) or numbers.cardinal(found[1])) + (["to", *numbers.cardinal(found[2])] if found[2] else [])
    return [amount, name] if apart else [amount + name]


def unit_name(written: str, lexicon: Lexicon, singular: bool) -> list[str] | None:
    """Read a unit, with a power and a "per" part; None when it is none."""
    top, _, bottom = written.partition("/")
    power = {"2": "square", "²": "square", "3": "cubic", "³": "cubic"}.get(top[-1:], "") if top not in lexicon.units else ""
    forms = lexicon.units.get(top[:-1] if power else top)
    if forms is None:
        return None
    said = ([power] if power else []) + forms[0 if singular else 1].split()
    if not bottom:
        return said
    below = unit_name(bottom, lexicon, singular=True)
    return None if below is None else [*said, "per", *below]


def ordinal_number(view: View) -> Reading | None:
    """Read 21st, and the IV of "IV century" and Henry VIII; the II of World War II is a plain number."""
    if found := re.fullmatch(r"(\d[\d,]*)(?:st|nd|rd|th)", view.word(), re.IGNORECASE):
        return [numbers.ordinal(int(found[1].replace(",", "")))]
    value = numbers.roman(view.word())
    if value is None:
        return None
    if view.word(1).casefold() in {"century", "centuries"}:
        return [numbers.ordinal(value)]
    before = view.word(-1).casefold()
    if before in view.lexicon.cues["ruler"] and view.word(-1)[0].isupper():
        return [["the", *numbers.ordinal(value)]]
    return (
        [numbers.cardinal(str(value))]
        if before in view.lexicon.cues["numbered"] or (len(view.word()) > 1 and view.word() in {"II", "III", "IV", "VI", "VII", "VIII", "IX"})
        else None
    )


def span(view: View) -> Reading | None:
    """Read 1914-1918 as years, 2019-20 too, and 10-15 as ten to fifteen."""
    found = re.fullmatch(rf"({NUMBER})[-–—]({NUMBER})", view.word())
    if not found:
        return None
    first, second = found[1], found[2]
    if _is_year(first) and (_is_year(second) or re.fullmatch(r"\d{2}", second)):
        return [[*numbers.year(int(first)), "to", *(numbers.year(int(second)) if _is_year(second) else numbers.cardinal(str(int(second))))]]
    return [[*numbers.cardinal(first), "to", *numbers.cardinal(second)]]


def decade(view: View) -> Reading | None:
    """Read 1990s, '90s and 90s."""
    found = re.fullmatch(r"'?(\d{2}|\d{4})'?s", view.word())
    return [numbers.decade(int(found[1]))] if found and int(found[1]) % 10 == 0 else None


def portion(view: View) -> Reading | None:
    """Read 1/2, 2½, and fixed forms such as 24/7 and 9/11."""
    fixed = {"24/7": ["twenty", "four", "seven"], "9/11": ["nine", "eleven"], "50/50": ["fifty", "fifty"]}
    if view.word() in fixed:
        return [fixed[view.word()]]
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,3})", view.word()):
        top, bottom = int(found[1]), int(found[2])
        return [numbers.fraction(top, bottom)] if 0 < top < bottom else [[*numbers.cardinal(found[1]), "over", *numbers.cardinal(str(bottom))]]
    said = numbers.vulgar(view.word())
    return [said] if said else None


def plain_number(view: View) -> Reading | None:
    """Read a year where one is meant, every other number as a number; 5k and 3bn take their scale."""
    word = view.word()
    if _is_year(word) and _means_year(view):
        return [numbers.year(int(word))]
    found = re.fullmatch(rf"({NUMBER})(k|K|M|bn|B|T)?([+x×])?", word)
    if not found:
        return None
    suffix, sign = numbers.scale(found[2] or ""), {"+": ["plus"], "x": ["times"], "×": ["times"]}.get(found[3] or "", [])
    return [numbers.cardinal(found[1]) + ([suffix] if suffix else []) + sign]


def _means_year(view: View) -> bool:
    value, before = int(view.word()), view.word(-1).casefold()
    if value >= 1900 or before in view.lexicon.cues["year"] or _month(view.word(-1)) or re.fullmatch(r"\d{1,2}(st|nd|rd|th)?", before):
        return True
    if before in {"to", "and", "or"} and _is_year(view.word(-2)):
        return True
    return not view.joins()


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"1\d\d\d|20\d\d", text))


def _month(text: str) -> str | None:
    plain = text.rstrip(".").casefold()
    if not text[:1].isupper():
        return None
    name = plain if plain in _MONTHS else _SHORT_MONTHS.get(plain)
    return name.capitalize() if name else None


def _day(text: str) -> int | None:
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", text)
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


NUMBER_RULES: tuple[Rule, ...] = (iso_date, calendar_day, clock_time, money, decade, measure, ordinal_number, portion, span, plain_number)
