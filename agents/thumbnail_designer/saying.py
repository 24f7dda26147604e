"""Words that mean something on screen by themselves: whole short clauses, and noun phrases with what belongs to them."""

import re
from collections.abc import Sequence

from agents.thumbnail_designer.phrases import FUNCTION_WORDS, compact, terms
from agents.thumbnail_designer.telling import ABSTRACT
from tools.make_visual.schema import HEADLINE_WORDS
from tools.write_text.offline.words import ENGLISH

# A sentence of so many words is set whole: cutting it would only lose its point.
WHOLE_WORDS = 9
_LEAST_CLAUSE = 4
# A phrase that weighs less says too little for the whole frame.
_STRONG = 2.6
_FINITE = frozenset("is are was were be has have had can could may might will would must should do does did lies lie holds hold".split())  # noqa: SIM905
_VERBS = rf"(?:{'|'.join((*ENGLISH['verbs'], *sorted(_FINITE)))})"
_CLAUSE = re.compile(rf"[,;:—–] (?:(?:and|but|so) )?| and (?={_VERBS}\b)| (?:but|because|while|although|which|who|whereas) ")
# What cannot begin a clause that is read alone: it would lean on what was cut away.
_LEANS = frozenset(
    """and but or so because while although which who whom that than then when where if as since unless until though it they he she this these those one
    ones others both each such there here not nor even just only also too far in on at by for from with without of to under over after before during
    between through along across around about like near close""".split()  # noqa: SIM905
)
_MOST_WORDS = 7
_VERB = re.compile(rf"^{_VERBS}$")
_LINKS = frozenset("of in for from between on at to near with above under without against like across around inside".split())  # noqa: SIM905
_ARTICLES = frozenset("the a an its their his her our".split())  # noqa: SIM905
_DENIALS = frozenset("no not never nobody nothing none without neither nor hardly cannot".split())  # noqa: SIM905
_JOINED = re.compile(r"[,]?(?: (?:and|or|the|a|an|its|their|company|&))*,? ?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_][\w’'.-]*")

# Where a title may be cut: at its marks, before a link, an article or a number word, and after a word that opens a clause.
_ASKING = frozenset("how why what".split())  # noqa: SIM905
_OPENERS = frozenset("that which who where when while because and or but as if than".split())  # noqa: SIM905
_CUT_BEFORE = _LINKS | _ARTICLES | frozenset("no how why what by built made meant called millions thousands hundreds two three four five six ten".split())  # noqa: SIM905
_MAY_BEGIN = frozenset("the a an no how why what who when where inside without between under behind its".split())  # noqa: SIM905
_TITLE_WORDS = 4
_TAILS = frozenset("built made meant called projected mediated based caused used found millions thousands hundreds".split())  # noqa: SIM905
_BARE = frozenset("thing things way ways people story part parts kind kinds other others".split())  # noqa: SIM905


def key_phrase(words: str, sentence: str = "") -> str:
    """Return what a shot of nothing but type says while `words` are heard: all of them when they are few, else their best clause or phrase.

    A phrase is a noun phrase with the links that belong to it (`study of other moons`); none is cut out of a denial. Where only a part of
    `sentence` is heard, that part is never set as if it were whole. Empty when nothing of it stands alone.
    """
    plain, full = words.strip().rstrip(".,;:"), (sentence or words).strip().rstrip(".,;:")
    whole = plain == full
    spoken = plain.split()
    if whole and len(spoken) <= WHOLE_WORDS:
        return compact(plain)
    if clause := _clause(full, plain):
        return compact(clause)
    denied = any(word.lower().strip(",;") in _DENIALS or word.lower().endswith(("n't", "n’t")) for word in full.split())
    best = "" if denied else max(_standing(plain), key=lambda one: (_weight(one), -plain.find(one)), default="")
    if best and _weight(best) >= _STRONG:
        return compact(best)
    if len(full.split()) <= HEADLINE_WORDS:
        return compact(full)
    best = "" if denied else max(_standing(full), key=_weight, default="")
    return compact(best) if best and _weight(best) >= _STRONG else ""


def _standing(text: str) -> list[str]:
    """Return the phrases that could stand alone, in order; a capital that only opens the sentence is none."""
    lowered = text[:1].lower() + text[1:] if text.split()[0].lower() in _ARTICLES or not text.split()[0][:1].isupper() else text
    found = [phrase for phrase in _extended(lowered) if len(phrase.split()) > 1 or phrase[:1].isupper()]
    return [phrase for phrase in found if not (text.startswith(phrase) and re.search(r"(?:think|say|believe|know|found|hope)s?$", phrase))]


def _clause(text: str, heard: str) -> str:
    """Return the longest clause of a sentence that is heard, can be read alone and holds a verb; what a condition rules is never cut from it."""
    if text.split()[0].lower() in {"if", "unless", "until", "although", "though"}:
        return ""
    pieces = [piece.strip(" ,;:") for piece in _CLAUSE.split(text)]
    whole = [
        piece
        for piece in pieces
        if piece in heard
        and _LEAST_CLAUSE <= len(piece.split()) <= HEADLINE_WORDS
        and piece.split()[0].lower() not in _LEANS
        and piece.split()[-1].lower() not in FUNCTION_WORDS
    ]
    return max((piece for piece in whole if _has_verb(piece)), key=lambda one: (len(one.split()), -text.find(one)), default="")


def _has_verb(clause: str) -> bool:
    """Say whether a clause has a finite verb after its first word, as far as its words show."""
    words = [word.lower() for word in _WORD.findall(clause)][1:]
    if re.search(r"\b[a-z]{3,}s (?!of\b)\w", clause):
        return True
    return any(word in _FINITE or _VERB.match(word) or re.fullmatch(r"[a-z]{3,}ed", word) for word in words)


def joined(found: Sequence[str], words: str) -> tuple[str, ...]:
    """Return the first terms that the words themselves set side by side (`NASA and Lockheed Martin`), else nothing."""
    for number in range(len(found) - 1):
        row = [found[number]]
        for term in found[number + 1 :]:
            start = words.find(row[-1]) + len(row[-1])
            end = words.find(term, start)
            if end < start or not _JOINED.fullmatch(words[start:end]) or not words[start:end].strip(" ,"):
                break
            row.append(term)
        if len(row) > 1:
            return tuple(row)
    return ()


def label(words: str, named: frozenset[str], names: str) -> str:
    """Return the words that name what is seen: a term that ends on one of the `named` words, or a name that the title (`names`) gives it."""
    for term in terms(words):
        parts = [part.lower() for part in _WORD.findall(term)]
        if len(parts) > 1 and parts[-1] in named:
            return compact(term)
    known = [term for term in terms(words) if term[:1].isupper() and re.search(rf"\b{re.escape(term)}\b", names)]
    return known[0] if known else ""


def title_phrases(title: str) -> list[str]:
    """Return the parts of a title, two to four words each, that begin and end where a thought does; the most telling first."""
    found: dict[str, float] = {}
    for clause in re.split(r"\s*[:;,?!–—|]\s*", title.split(" - ")[0]):
        words = clause.split()
        if not all(_WORD.fullmatch(word) for word in words):
            continue
        starts = [
            0,
            *(
                at
                for at in range(1, len(words))
                if words[at - 1].lower() not in _ASKING and words[at].lower() in _CUT_BEFORE or words[at - 1].lower() in _OPENERS
            ),
        ]
        ends = [at for at in range(1, len(words) + 1) if at == len(words) or words[at].lower() in _CUT_BEFORE | _OPENERS]
        for start in starts:
            for end in ends:
                split = "between" in [word.lower() for word in words[start:end]] and end < len(words)
                if 2 <= end - start <= _TITLE_WORDS and not split and _whole(words[start:end]):
                    closes = end == len(words)
                    phrase = compact(" ".join(words[start:end]))
                    found[phrase] = max(found.get(phrase, 0.0), _telling(words[start:end], closes, start > 0))
    return sorted(found, key=lambda one: -found[one])


def says(phrase: str) -> bool:
    """Say whether a phrase of a title holds more than one thing: two words with a meaning, or a question or denial."""
    words = [word.lower() for word in _WORD.findall(phrase)]
    content = [word for word in words if word not in FUNCTION_WORDS | _ARTICLES | _BARE | ABSTRACT]
    return len(content) > 1 or (bool(content) and words[0] in {"how", "why", "what", "no"})


def _whole(words: Sequence[str]) -> bool:
    """Say whether a run of words can stand alone: it begins with no link and ends on no function word."""
    first, last = words[0].lower(), words[-1].lower()
    content = [word for word in words if word.lower() not in FUNCTION_WORDS]
    allowed = first not in FUNCTION_WORDS | _LINKS or first in _MAY_BEGIN
    open_end = last in FUNCTION_WORDS | _ARTICLES | _BARE | _TAILS and not (first == "how" and last == "it")
    return allowed and bool(content) and not open_end and not {word.lower() for word in words[1:-1]} & (_OPENERS - {"and", "or"})


def _telling(words: Sequence[str], closes: bool, inner: bool) -> float:
    """Longer phrases, those that end with their clause and those of a later clause tell more; a lone named thing tells less."""
    content = sum(word.lower() not in FUNCTION_WORDS for word in words)
    asks = words[0].lower() in {"how", "why", "what"}
    return min(content, 3) + 0.8 * closes + 0.5 * inner + (0.7 if asks and closes else 0.0) + 0.2 * (len(words) == _TITLE_WORDS)


def _extended(text: str) -> list[str]:
    """Return the noun phrases of a text, each with an article before it and the links and noun phrases that follow it at once."""
    found = sorted(((at, term) for term in terms(text, 12) if (at := text.find(term)) >= 0), key=lambda one: one[0])
    made = []
    for number, (at, term) in enumerate(found):
        end = at + len(term)
        for later, follower in found[number + 1 :]:
            between = text[end:later].split()
            joins = bool(between) and between[0] in _LINKS and all(word in _ARTICLES or word in _LINKS for word in between) and "," not in text[end:later]
            if not joins or len(text[at : later + len(follower)].split()) > _MOST_WORDS:
                break
            end = later + len(follower)
        before = text[:at].split()[-1:]
        start = at - len(before[0]) - 1 if before and before[0].lower() in {"the", "a", "an"} else at
        made.append(text[start:end])
    return made


def _weight(phrase: str) -> float:
    words = _WORD.findall(phrase)
    content = [word for word in words if word.lower() not in FUNCTION_WORDS | _ARTICLES | _BARE]
    named, counted = any(word[:1].isupper() for word in content), any(word[0].isdigit() for word in words)
    return min(len(content), 4) + 1.2 * named + 0.5 * counted
