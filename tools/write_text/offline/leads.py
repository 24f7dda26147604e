"""What leads from one stretch to the next: a line in the channel's register that announces what the next sentences really are."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from infra.ids import seeded
from memory.claims import quantities, root
from tools.write_text.offline.words import spoken_words
from tools.write_text.tasks import ComposeRequest

LONGEST = 9
_OPEN = re.compile(
    r"\b(?:nobody|no one|not?) (?:yet )?(?:knows?|known|understood|clear)\b|\b(?:unknown|mystery|unclear|open question|still (?:open|a question))\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"^(?:But|Yet|Still|Despite)\b|\b(?:drawback|downside|disadvantage|critics|vulnerable|unfortunately)\w*\b")
_CAUSE = re.compile(r"\b(?:because|due to|caused? by|the reason|is why|leads? to|results? from|thanks to)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:1[0-8][0-9]{2}|19[0-7][0-9])s?\b|\b[1-9][0-9]{2} (?:B\.?C|A\.?D)\b|\b(?:1\d|[1-9])(?:st|nd|rd|th) century\b|\bcenturies ago\b|\bancient\b"
)
_PERSON = re.compile(
    r"\b(?:scientists?|researchers?|engineers?|writer|teacher|author|doctor|professor|expert|historian|trainer|rancher|biologists?) (?:named )?[A-Z]\w+ [A-Z]"
    r"|\b[A-Z]\w+ [A-Z]\w+ (?:said|says|writes|thinks|believes|suggests|manages|explains)\b"
)
_HAND = re.compile(r"^(?:To (?:make|break|keep|avoid|start|stop|build|use) |Make|Keep|Try|Use|Avoid)\b|\byou (?:can|should|need|could)\b", re.IGNORECASE)
_COUNTED = frozenset(root(word) for word in "percent kilometer meter mile dollar ton kilogram degree people species million billion foot liter".split())  # noqa: SIM905
_ANNOUNCES = re.compile(r"\b(?:questions?|mystery|reasons?|story|figures|numbers) (?:is|are|remains?|behind|begins?)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")


@cache
def registers() -> dict[str, Any]:
    """Read the lines of every register (the vocabulary of a personality), by its name."""
    return tomllib.loads((files("tools.write_text.offline") / "registers.toml").read_text("utf-8"))


def announces_itself(first: str) -> bool:
    """Say whether a stretch opens by saying what it is, so that a line which says so too would be said twice."""
    return _ANNOUNCES.search(first) is not None


def kind_of(before: Sequence[str], after: Sequence[str]) -> str:
    """Return what the sentences of the next stretch are beside those before: the kind of lead that is true of them."""
    head = " ".join(after[:2])
    first = after[0] if after else ""
    years = [int(year) for year in _YEAR.findall(first)]
    spoken = [int(year) for text in before for year in _YEAR.findall(text)]
    checks = (
        ("open", _OPEN.search(head)),
        ("past", _PAST.search(first) and (not spoken or (years and min(years) < min(spoken)))),
        ("people", _PERSON.search(head)),
        ("turn", _TURN.search(first)),
        ("hand", _HAND.search(first)),
        ("figures", sum(number.unit in _COUNTED and number.value >= 2 and not number.ordinal for number in quantities(head)) >= 2),
        ("cause", _CAUSE.search(first)),
    )
    return next((kind for kind, holds in checks if holds), "on")


def lead_line(request: ComposeRequest, kind: str, heading: str, used: set[str], beat: int) -> str:
    """Return an unused line for a kind of lead, the channel's own before its register's, or an empty string; a name is not announced: it would be a claim."""
    about = _announced(heading)
    for own in (True, False):
        open_ = [line for line in _lines(request, kind, about, own) if line not in used and spoken_words(line) <= LONGEST]
        if open_:
            drawn: str = seeded(request.seed, request.personality.id, request.brief.topic, beat, "lead").choice(open_)
            return drawn
    return lead_line(request, "on", heading, used, beat) if kind != "on" else ""


def _lines(request: ComposeRequest, kind: str, about: str, own: bool) -> list[str]:
    """Return the lines of a kind, the channel's own or those of its register, with what they announce put in; without it, those that announce nothing."""
    said = request.personality.lines.leads if own else registers()[request.personality.vocabulary]["leads"]
    return [_opened(line.format(heading=about)) for line in said.get(kind, ()) if about or "{heading}" not in line]


def _opened(line: str) -> str:
    return line[:1].upper() + line[1:]


def _announced(heading: str) -> str:
    """Return a heading as it is spoken inside a line: lower case with an article where it needs one, or nothing when it is a name."""
    words = heading.split()
    if (
        any(word[:1].isupper() for word in words[1:])
        or not words
        or words[0] in {"More", "One", "In", "Looking", "What", "Why", "A"}
        or len(words) > 4
        or re.search(r"\d", heading)
    ):
        return ""
    low = heading[:1].lower() + heading[1:]
    return low if low.split()[0] in {"the", "a", "an"} or words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is")) else ""
