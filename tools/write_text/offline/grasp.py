"""What a listener who heard nothing before cannot grasp in a sentence: things named as if known, bare surnames, unexplained initials."""

import re
from collections.abc import Iterable, Sequence

from tools.write_text.offline.words import ENGLISH, STOP, content, stem, tokens

_THE = re.compile(r"\b[Tt]he (?P<words>[a-z][a-z-]+(?: [a-z][a-z-]+){0,2})(?P<after>(?:,? (?:[A-Za-z][\w’'-]*|\d+))?)")
_VERB = re.compile(rf"^(?:{'|'.join(ENGLISH['verbs'])})$")
_DEFINES = frozenset("of that which who whose where when between behind called named known".split())  # noqa: SIM905
_UNIQUE = frozenset(stem(word) for word in ENGLISH["unique_things"])
_SHARED = frozenset(ENGLISH["familiar_initials"])
_INITIALS = re.compile(r"\b[A-Z][A-Z0-9]{1,5}\b(?![-’])")
_UNBOUND = r"(?! (?:that|who|which|of|in|on|at)\b)"
_LOOSE_REFERENCE = re.compile(
    rf"\binstead(?! of\b)|\b(?:[Mm]ost|[Mm]uch|[Ss]ome|[Hh]alf|[Pp]art|[Aa]ll|[Mm]any|[Bb]oth|[Nn]one|[Ee]ach|[Oo]ne) of the [a-z]+\b{_UNBOUND}"
    r"|^(?:In|By|For) comparison\b|\bthe same\b|^N(?:ot|or) all\b|^[A-Z]\w* (?:also|too)\b"
)
_TEASE = re.compile(
    r"\b(?:two|three|four|five|six|seven|several|some|a few|many|[2-9]) (?:[a-z]+ ){0,2}"
    r"(?:keys|steps|ways|rules|reasons|things|phases|questions|tips|parts|types|kinds|challenges|goals|stages|methods|causes|examples|problems)\b"
)
_PERSON_DOES = f"(?:{'|'.join(ENGLISH['person_does'])})"
_FULL_NAME = re.compile(r"\b(?P<first>[A-Z][a-zéö]+(?: [A-Z]\.)?) (?P<last>[A-Z][a-zA-Zéö’'-]{2,})\b")
_NO_FORENAMES = frozenset(
    "The In On At By For And But From With After Before When While Hurricane Mount Lake Cape Saint New North South East West San Los Doctor President".split()  # noqa: SIM905
)


def unknown_things(text: str, known: Iterable[str]) -> list[str]:
    """Return the nouns that `text` names with `the` although neither it nor `known` (stems) says which ones are meant."""
    heard = set(known)
    found = []
    for match in _THE.finditer(text):
        words = _noun_of(match.group("words").split())
        after = match.group("after").strip(", ").lower() if len(words) == len(match.group("words").split()) else match.group("words").split()[len(words)]
        before = set(content(text[: match.start()]))
        stems = {stem(word) for word in words}
        plain = words and not any(word.endswith("est") or word in STOP for word in words)
        if plain and after not in _DEFINES and not stems & (heard | before | _UNIQUE):
            found.append(words[-1])
    return found


def _noun_of(words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if word in STOP and kept or (_VERB.match(word) and kept and not word.endswith("ed")):
            break
        kept.append(word)
    return kept


def strange_initials(text: str, known: str) -> list[str]:
    """Return initials that neither everybody nor `known` (the topic as written) spells."""
    return [one for one in _INITIALS.findall(text) if one not in _SHARED and one not in known and not one.isdigit()]


def out_of_reach(text: str, known: Iterable[str], topic: str) -> int:
    """Return how many things in `text` a listener who only knows the topic cannot place."""
    return len(unknown_things(text, known)) + len(strange_initials(text, topic)) + len(_LOOSE_REFERENCE.findall(text))


def promises_more(text: str) -> bool:
    """Say whether a sentence announces a number of things without naming them: a listener now waits for them."""
    return bool(_TEASE.search(text)) and ":" not in text


def full_names(texts: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return for each surname that stands alone somewhere its full name and the number of the first text that gives it."""
    known: dict[str, tuple[str, int]] = {}
    whole = "\n".join(texts)
    for number, text in enumerate(texts):
        for match in _FULL_NAME.finditer(text):
            first, last = match.group("first"), match.group("last").removesuffix("’s").removesuffix("'s")
            alone = re.search(rf"(?<!{re.escape(first)} )\b{re.escape(last)}(?:[’']s)? {_PERSON_DOES}\b", whole) or re.search(
                rf"\b{_PERSON_DOES} {last}\b", whole
            )
            if first not in _NO_FORENAMES and alone and last not in known and len(tokens(last)) == 1:
                known[last] = (f"{first} {last}", number)
    return known


def introduced(text: str, full: str) -> str | None:
    """Return `text` with the full name at the first place where its surname stands alone, or None when it stands nowhere alone."""
    last = full.rpartition(" ")[2]
    found = re.search(rf"\b{re.escape(last)}\b", text)
    if found is None or full in text or re.search(rf"[A-Z][a-z.]+ {re.escape(last)}\b", text):
        return None
    return text[: found.start()] + full + text[found.end() :]
