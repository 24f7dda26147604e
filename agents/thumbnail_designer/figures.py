"""The figure of a sentence as a card reads it: its bound, the number, and the very words that follow it, so that the three read as one phrase."""

import re
from dataclasses import dataclass

from tools.write_text.offline.words import ENGLISH

LONGEST = 12
_WORDS_AFTER = 7
_SPELLED = "three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred"
_BOUND = (
    r"(?P<bound>(?:more than|less than|fewer than|at least|at most|about|around|approximately|roughly|almost|nearly|only|up to|over|under|every|some|"
    r"as (?:much|many|deep|high|far|long|few) as|minus) )?"
)
_FIGURE = re.compile(
    rf"(?<![\w:.,/-]){_BOUND}(?P<number>[$€£]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|[$€£]?\d+(?:\.\d+)?|(?:{'|'.join(_SPELLED.split())})\b)"
    r"(?: to (?P<upto>\d+(?:\.\d+)?))?(?P<scale> (?:hundred|thousand|million|billion|trillion)\b)?(?P<percent> ?(?:percent\b|per cent\b|%))?"
    r"(?P<rest>(?: [^\n]*)?)",
    re.IGNORECASE,
)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
_STOPS = frozenset(
    """and or but nor which that who whom where when while because as is are was were has have had may might can could will would shall should must did do
    does be been being not if so than then this these those it its their his her they he she we you there since until although though before after
    with without alone apart away ago last next also both each once now today only even just still mostly mainly primarily largely did do does during
    for by into onto at""".split()  # noqa: SIM905
)
_LINKS = frozenset("of in on from below above under a an the per to between within inside around across along near over into".split())  # noqa: SIM905
_BARE_UNITS = frozenset({"times", "percent", "kinds", "types", "ways", "of", "point", "one", "way", "thing", "things", "part", "parts"})
_NEVER_FIRST = frozenset("of in on from a an the to per between over".split())  # noqa: SIM905
_PART_OF = re.compile(r"\b(?:half|third|quarter|fifth|tenth|most|some|many|none|all|much) of(?: [\w’']+){0,3}$|\bfrom$|\bbetween$", re.IGNORECASE)
_VERB = re.compile(rf"^(?:{'|'.join(ENGLISH['verbs'])})$")
_NAMES_BEFORE = re.compile(r"(?:\b[A-Z][\w’'-]*|\b(?:number|chapter|page|phase|step|stage|category|type|figure|table)) $")


@dataclass(frozen=True)
class Figure:
    """A figure: `bound` (`more than`), `number` (`14 million`, `62%`) and what follows it in the sentence (`of the world's fresh water`)."""

    bound: str
    number: str
    counted: str
    written: str

    def heard_in(self, words: str) -> bool:
        """Say whether the number is spoken in these words."""
        return re.search(rf"(?<![\w.,]){re.escape(self.written)}(?![\w])", words, re.IGNORECASE) is not None


def figure_of(text: str) -> Figure | None:
    """Return the figure that reads best by itself, or None when no figure of the sentence makes a correct phrase with the words after it."""
    found = [made for at in _starts(text) if (made := _made(text, at)) is not None]
    return max(found, key=lambda one: (any(char.isdigit() for char in one.number), "%" in one.number or " " in one.number, -found.index(one)), default=None)


def _starts(text: str) -> list[re.Match[str]]:
    found, at = [], 0
    while (match := _FIGURE.search(text, at)) is not None:
        found.append(match)
        at = match.end("number")
    return found


def _made(text: str, found: re.Match[str]) -> Figure | None:
    part = {name: (value or "").strip() for name, value in found.groupdict().items()}
    before, start = text[: found.start()], text[: found.start("number")]
    spelled = part["number"][0].isalpha()
    year = _YEAR.fullmatch(part["number"]) and not (part["scale"] or part["percent"])
    if year or _PART_OF.search(before.strip()) or (_NAMES_BEFORE.search(start) and not part["bound"] and before.strip()):
        return None
    if spelled and (part["scale"] or re.search(r"\b(?:of )?(?:the|these|those|its|their|his|her|all)\s*$", before, re.IGNORECASE)):
        return None
    counted = _counted(part["rest"], percent=bool(part["percent"]))
    number = part["number"][:1].upper() + part["number"][1:] + (f"–{part['upto']}" if part["upto"] else "")
    number += f" {part['scale'].lower()}" if part["scale"] else "%" if part["percent"] else ""
    money = part["number"][0] in "$€£"
    if len(number) > LONGEST or (not counted and not money):
        return None
    return Figure(part["bound"].lower(), number, counted, part["number"])


def _counted(rest: str, percent: bool) -> str:
    """Return the words after a number that belong to it; empty when they do not begin with what is counted (or, after percent, with its whole)."""
    kept: list[str] = []
    for word in rest.split():
        bare = word.rstrip(',;:.!?)”"')
        low = bare.lower()
        later = len(kept) > 0
        if not bare or low in _STOPS or low.endswith("ly") or (later and (_VERB.match(low) or re.fullmatch(r"\w{3,}ed", low))):
            kept = kept if low not in {"where", "that", "which", "who"} else kept[: _last_link(kept) or len(kept)]
            break
        if re.search(r"^[(“\"]", bare) or (_YEAR.fullmatch(bare) and later):
            break
        kept.append(bare)
        if bare != word and not (word.endswith(".") and len(bare) == 1):
            break
    kept = _shortened(kept)
    first = kept[0].lower() if kept else ""
    if percent:
        return " ".join(kept) if first == "of" and len(kept) > 1 else ""
    return " ".join(kept) if first and _can_be_counted(first, alone=len(kept) == 1) else ""


def _can_be_counted(first: str, alone: bool) -> bool:
    """Say whether a word after a number can begin what it counts: no month, abbreviation, verb or link, and no unit that says nothing alone."""
    barred = first in _NEVER_FIRST or (alone and first in _BARE_UNITS) or not first[0].isalpha()
    return not barred and not re.search(rf"^(?:{_MONTHS})$|\.|ing$", first) and not _VERB.match(first)


def _shortened(words: list[str]) -> list[str]:
    """Cut a long run back to where a part that a link opens begins; never end on a link."""
    while len(words) > _WORDS_AFTER:
        words = words[: _last_link(words) or _WORDS_AFTER]
    while words and words[-1].lower() in _LINKS | {"every", "very"}:
        words = words[:-1]
    return words


def _last_link(words: list[str]) -> int:
    """Return where the last part that a preposition opens begins, or 0."""
    return max((at for at, word in enumerate(words) if at and word.lower() in _LINKS - {"a", "an", "the"}), default=0)
