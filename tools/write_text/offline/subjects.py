"""Who or what a sentence is about, and whether it can stand alone."""

import re

from tools.write_text.offline.words import ENGLISH

_VERB = f"(?:{'|'.join(ENGLISH['verbs'])})"
_NAME = re.compile(rf"^((?:The )?[A-Z][\w’'.-]*(?: (?:of|the|and|de|al|[A-Z][\w’'.-]*|[0-9]+))*?(?: [a-z-]+){{0,2}}?) {_VERB}\b")
_THE = re.compile(rf"^((?:The|Its|Their|Most|Some|Many) (?:[\w’'-]+ ){{0,3}}?[\w’'-]+) {_VERB}\b")
_PRONOUN = re.compile(r"^(It|They|He|She|Its|Their|His|Her)\b")
_POINTER = re.compile(rf"^({'|'.join(ENGLISH['pointers'])})\b")
_DEFINITE = re.compile(
    rf"^The (?:[a-z-]+ )?([a-z-]+)(?:’s|'s)?(?: [a-z]+ [a-z]+)? {_VERB}\b"
    rf"|^The ([a-z-]+) (?:neither|both|also|all|each|then|soon|mostly|often)\b"
)
_BACK = re.compile("|".join(ENGLISH["back"]))
_INSIDE = re.compile(r"\b(it|they|them|he|she|him|his|her|its|their)\b")


def pronoun(text: str) -> str | None:
    """Return the personal pronoun a sentence opens with, or None."""
    found = _PRONOUN.match(text)
    return found.group(1) if found else None


def leans_back(text: str) -> bool:
    """Say whether the sentence only makes sense right after the one before it."""
    if _PRONOUN.match(text) or _POINTER.match(text) or _BACK.search(text):
        return True
    head = " ".join(text.split()[:9])
    if re.search(r"\b(he|she)\b", text) and not re.match(r"[A-Z][\w’'.-]+ [A-Z]", text):
        return True
    inside = _INSIDE.search(head)
    return inside is not None and not _resolved(head[: inside.start()], inside.group())


def _resolved(before: str, word: str) -> bool:
    """Say whether a pronoun can mean something named before it in its own sentence: another clause, or the owner of `its`."""
    if word in {"its", "their", "his", "her"}:
        return len(before.split()) >= 2 and not (re.match(r"(?:A|An|The)\b", before) and not re.search(r" [A-Z]", before))
    return (
        before.endswith(", ")
        and len(before.split()) > 2
        or bool(re.search(r"\b(that|because|when|if|as|while|after|before|and) $", before) and re.search(r"[A-Z]", before))
    )


def definite(text: str) -> str | None:
    """Return the noun of a bare definite opening such as `The issue made ...`: a listener must know which one."""
    found = _DEFINITE.match(text)
    return (found.group(1) or found.group(2)) if found else None


def subject(text: str) -> str | None:
    """Return the opening noun phrase of a plain sentence (`Neptune`, `The rover`), or None when it is not plain."""
    if leans_back(text):
        return None
    for pattern in (_NAME, _THE):
        found = pattern.match(text)
        if found and len(found.group(1).split()) <= 6:
            return found.group(1)
    return None


def resolve(text: str, antecedent: str) -> str | None:
    """Return `text` with its opening pronoun replaced by the subject of the sentence before, or None when it does not fit."""
    word = pronoun(text)
    plural = _is_plural(antecedent)
    if word in {"It", "Its"} and plural or word in {"They", "Their"} and not plural or word in {"He", "She", "His", "Her"} and not _is_person(antecedent):
        return None
    if word is None:
        return None
    rest = text[len(word) :]
    if word in {"Its", "Their", "His", "Her"}:
        return f"{antecedent}’{'' if antecedent.endswith('s') else 's'}{rest}"
    return antecedent + rest


def _is_plural(phrase: str) -> bool:
    last = phrase.split()[-1]
    return " and " in phrase or (
        last.endswith("s") and not last.endswith(("ss", "us", "is")) and (phrase.startswith(("The ", "Most", "Some", "Many")) or last[:1].islower())
    )


def _is_person(phrase: str) -> bool:
    words = phrase.split()
    return len(words) in {2, 3} and all(word[:1].isupper() for word in words) and words[0] != "The"
