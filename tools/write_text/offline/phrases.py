"""Noun phrases of plain English, found by what stands before and after them; used for headings, on-screen words and tags."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tools.write_text.offline.words import ENGLISH, STOP, content

_WORD = rf"(?!(?:{'|'.join(ENGLISH['not_in_nouns'])})\b)[A-Za-zÀ-ÿ0-9][\wÀ-ÿ’'-]*"
_BEFORE = rf"(?P<before>^|\b(?:{'|'.join(ENGLISH['before_nouns'])}) )"
_AFTER = rf"(?=[,.;:]|$| (?:{'|'.join(ENGLISH['after_nouns'])})\b)"
_PHRASE = re.compile(rf"{_BEFORE}(?P<phrase>{_WORD}(?: {_WORD}){{0,3}}){_AFTER}")
_VERB = re.compile(rf"^(?:{'|'.join(ENGLISH['verbs'])})$")
LOOSE = frozenset(ENGLISH["loose"])
_COUNTS = frozenset("two three four five six seven eight nine ten twelve".split())  # noqa: SIM905
_ADJECTIVES = frozenset("small large long short high low old young main different various certain second".split())  # noqa: SIM905
# They only say how much: a heading that begins with one names little.
_EMPTY_ADJECTIVES = frozenset(ENGLISH["empty_adjectives"])
_NO_HEADS = ("ing", "ed", "able", "ible", "ous", "ful", "ive", "ier", "est", "ern", "less")


_BASE_VERBS = frozenset(ENGLISH["base_verbs"])


def noun_phrases(text: str) -> list[str]:
    """Return the noun phrases of `text` (one to three words, no article) in order, as written."""
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        at = 0
        while (match := _PHRASE.search(sentence, at)) is not None:
            done = match.group("before").strip() in {"has", "have", "had"} and match.group("phrase").split()[0].endswith("ed")
            phrase = "" if done or _may_be_verb(match, sentence) else _trimmed(match.group("phrase"), opens=match.start() == 0)
            if phrase:
                found.append(phrase)
            at = match.start("phrase") + len(match.group("phrase").split()[0])
    return found


def _may_be_verb(match: re.Match[str], sentence: str) -> bool:
    """Say whether the last word may be a verb: in -s at the head of a sentence and before a preposition (`The sheet spreads over`),
    before `to`, or in the plural form after a plural (`the people differ from`).
    """
    after = sentence[match.end("phrase") :].split()
    words = match.group("phrase").split()
    if len(words) > 1 and after:
        plural = words[-2].lower() in {"people", "children"} or words[-2].endswith("s") and not words[-2].endswith(("ss", "us", "is")) and words[-2].islower()
        base = words[-1].islower() and not words[-1].endswith("s")
        if plural and base or words[-1].lower() in _BASE_VERBS or words[-1].endswith("s") and after[0] == "to":
            return True
    return match.start() == 0 and match.group("phrase").endswith("s") and bool(after) and after[0] in {"on", "from", "at", "by", "with", "for", "in", "under"}


def _trimmed(phrase: str, opens: bool) -> str:
    """Return the noun phrase inside a stretch of words, or an empty string: a name keeps no common word before it."""
    words = phrase.split()
    while words and words[0].lower() in STOP and not (words[0].lower() in _COUNTS and len(words) > 1):
        words, opens = words[1:], False
    if any(word[:1].isupper() for word in words[1:]) and words[0].islower():
        words = words[next(at for at, word in enumerate(words) if word[:1].isupper()) :]
    inner = [
        word
        for word in words
        if word.lower() in STOP - _COUNTS
        or word.lower() in LOOSE - {"steps"}
        and (word is words[-1] or word.lower() not in _ADJECTIVES)
        or word.endswith("ly")
        or word.isdigit()
    ]
    if (
        not words
        or len(words) > 3
        or inner
        or words[0].lower() == "despite"
        or any(_VERB.match(word) or word in _BASE_VERBS for word in words[:-1] if word.islower() and not word.endswith("ed"))
    ):
        return ""
    last = words[-1]
    if _VERB.match(last) or last.endswith(_NO_HEADS) or len(last) < 3 or re.search(r"[’']s?$", last) or last.lower() in _COUNTS or not last.isalpha():
        return ""
    if words[0].lower().endswith("ing") and opens or len(words) == 1 and re.search(r"(?:ish|ese|[ie]an)$", last):
        return ""
    if opens and len(words) == 1 and not last.endswith("s"):
        return ""
    return " ".join(words)


def is_vague(phrase: str) -> bool:
    """Say whether a phrase only says how much of something (`largest city`, `extreme incidence`), which names nothing on its own."""
    return phrase.split()[0].lower() in _EMPTY_ADJECTIVES and len(phrase.split()) < 3


def key_phrase(texts: Sequence[str], others: Sequence[str], known: tuple[Sequence[str], Sequence[str]], least: float = 1.9) -> str:
    """Return the noun phrase that tells a stretch from the rest of the story, written as a heading, or an empty string.

    A phrase counts by how often its words stand in the stretch against the rest; the first sentence, what stands there more than once
    and names of several words count more, single words less. Nothing that weighs under `least` is taken. `known` holds the headings
    taken so far, and every sentence of the sources, in which compound nouns show by standing together.
    """
    here, elsewhere = Counter(content(" ".join(texts))), Counter(content(" ".join(others)))
    taken, corpus = known
    used = {stem for one in taken for stem in content(one)}
    pairs = _pairs(corpus)
    best: tuple[float, str] = (least, "")
    for place, text in enumerate(texts):
        for at, phrase in enumerate([*noun_phrases(text), *_repeated(text, pairs)]):
            stems = content(phrase)
            if not stems or is_vague(phrase) or set(stems) <= used or len(stems) != len(set(stems)) or not 4 <= len(phrase) <= 34:
                continue
            weight = sum(here[stem] / (0.6 + elsewhere[stem]) for stem in stems) / len(stems) ** 0.5
            weight += 0.9 * (place == 0) + 0.3 * (at == 0) + _form(phrase, pairs, here) - 0.6 * bool(set(stems) & used)
            weight += 0.5 * any(here[stem] >= 2 for stem in stems)
            if weight > best[0]:
                best = (weight, _with_article(phrase, text))
    return best[1]


def _form(phrase: str, pairs: Counter[tuple[str, ...]], here: Counter[str]) -> float:
    """Return how much the form of a phrase speaks for it: counted things, known pairs and names do, lone words do not."""
    words = phrase.split()
    if len(words) == 1:
        return (-1.2 if phrase[:1].isupper() else -1.6) if here[content(phrase)[0]] >= 2 else -9.0
    known = any(pairs[tuple(content(" ".join(pair)))] >= 2 for pair in pairwise(words))
    return 0.8 * known + 0.5 * (words[0].lower() in _COUNTS) + 0.4 * (words[0][:1].isupper() and words[-1][:1].isupper()) + 0.3


def _pairs(texts: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(content(f"{one} {other}")) for text in texts for one, other in pairwise(re.findall(r"[\w’'-]+|[,.;:]", text)) if one.isalpha() and other.isalpha()
    )


def _repeated(text: str, pairs: Counter[tuple[str, ...]]) -> list[str]:
    """Return neighbouring words of `text` that stand together more than once in the story: compound nouns."""
    words = re.findall(r"[\w’'-]+|[,.;:]", text)
    made = [
        _trimmed(f"{one} {other}", opens=False)
        for one, other in pairwise(words)
        if one[0].isalpha() and other[0].isalpha() and pairs[tuple(content(f"{one} {other}"))] >= 2 and re.search(rf"\b{one} {other}{_AFTER}", text)
    ]
    return [_whole_name(one, text) for one in made if " " in one]


def _whole_name(phrase: str, text: str) -> str:
    """Return a capitalised phrase with the capitalised words it stands between, so that no name is cut."""
    if not phrase[:1].isupper():
        return phrase
    found = re.search(rf"(?:\b[A-Z][\w’'-]+ )*{re.escape(phrase)}(?: [A-Z][\w’'-]+)*", text)
    return found.group() if found and len(found.group().split()) <= 4 else phrase


def _with_article(phrase: str, text: str) -> str:
    article = "The " if re.search(rf"\b[Tt]he {re.escape(phrase)}\b", text) and not phrase.endswith("s") else ""
    made = article + phrase
    return made[:1].upper() + made[1:]
