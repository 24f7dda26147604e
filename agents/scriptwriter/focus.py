"""The few words that stand on screen beside a sentence: its figure with its meaning, or the thing it is about."""

import re

from memory.claims import NEGATIONS
from tools.write_text.offline.phrases import LOOSE, noun_phrases
from tools.write_text.offline.words import ENGLISH, STOP, content

MAX_FOCUS_WORDS = 8
_SHORT = 3
_WORD = r"[A-Za-zÀ-ÿ][\w’'-]*"
_FIGURE = re.compile(
    r"(?P<bound>(?:[Mm]ore than|[Ll]ess than|[Aa]t least|[Aa]bout|[Aa]lmost|[Nn]early|[Oo]nly|[Uu]p to|[Oo]ver|[Aa]round|[Mm]inus|[Ss]ome) )?"
    r"(?P<number>[$€£]?(?<![\w:.,-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:,-]))(?P<rest>(?: " + _WORD + r"|%){1,7})"
)
_VERB = re.compile(rf"^(?:{'|'.join(ENGLISH['verbs'])})$")
_SPELLED = re.compile(
    r"(?<![-\w])(?<!the )(?<!The )(?<!of )(?P<number>[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en|[Tt]welve|[Tt]wenty)"
    r"(?P<rest>(?: " + _WORD + r"){1,6})"
)
_TIME_UNITS = frozenset({"year", "years", "times"})
_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
_OPEN = re.compile(
    r"^(?:And|But|So|Or|Yet|Because|Although|When|While|If|It|They|He|She|This|That|These|Those|Its|Their|His|Her|There|You|Your|Then|Also|One|Even)\b"
)
_LINK = r"(?: (?:of|in|from|on|for|with|under|between))(?: (?:the|an?|all|its))?"


def focus_of(text: str) -> str:
    """Return at most eight words for the screen: a figure with what it counts, else the phrase the sentence turns on.

    Never cut inside a phrase and never a fragment that starts with a conjunction or a pronoun; a short whole sentence serves as itself.
    """
    bare = re.sub(r"[“”\"]", "", text).strip().rstrip(".!?")
    figure = figure_phrase(bare)
    # A denial stays whole: its bare noun phrase would say the opposite on screen.
    denies = any(word in NEGATIONS for word in re.findall(r"[a-z]+", bare.lower()))
    if len(bare.split()) <= (MAX_FOCUS_WORDS if denies else _SHORT):
        return bare
    if figure:
        return _capital(figure)
    thing = key_thing(bare)
    if thing:
        return thing
    if len(bare.split()) <= MAX_FOCUS_WORDS:
        return bare
    clauses = [
        clause.strip() for clause in re.split(r"[,;:—–]\s", bare) if 3 <= len(clause.split()) <= MAX_FOCUS_WORDS and not _OPEN.match(_capital(clause.strip()))
    ]
    named = [_named(name) for name in re.findall(r"[A-Z][\w’'-]+(?: (?:of )?[A-Z][\w’'-]+)+", bare) if 2 <= len(_named(name).split()) <= MAX_FOCUS_WORDS]
    single = [phrase for phrase in noun_phrases(bare) if phrase.lower() not in LOOSE]
    return _capital(next(iter((*clauses, *named, *filter(None, (_opening(bare),)), *single)), _whole(bare)))


def key_thing(text: str) -> str:
    """Return the noun phrase of two or more words that says most of what a sentence is about, or an empty string."""
    bare = re.sub(r"[“”\"]", "", text).strip().rstrip(".!?")
    return _capital(max(_phrases(bare), key=lambda pair: pair[0], default=(0.0, ""))[1])


def figure_phrase(text: str) -> str:
    """Return the first figure of `text` with its bound and what it counts (`About 45 kilometers of fence`), or an empty string."""
    for found in _FIGURE.finditer(text):
        words = _counted(found.group("rest"))
        before = text[: found.start()].split()[-1:]
        if (
            not words
            or (not found.group("bound") and before and before[0][:1].isupper() and before[0].lower() not in STOP)
            or (_YEAR.fullmatch(found.group("number")) and words[0] not in {"percent", "million", "billion"} and not found.group("bound"))
        ):
            continue
        said = f"{found.group('bound') or ''}{found.group('number')}{'' if words[0] == '%' else ' '}{' '.join(words)}"
        if len(said.split()) <= MAX_FOCUS_WORDS:
            return said
    for found in _SPELLED.finditer(text):
        words = _counted(found.group("rest"))
        if words and len(words) < MAX_FOCUS_WORDS:
            return f"{found.group('number')} {' '.join(words)}"
    return ""


def _counted(rest: str) -> list[str]:
    """Return the words after a number that belong to it: the unit and, after `of`, what is measured."""
    words = rest.replace("%", " %").split()
    kept: list[str] = []
    for at, word in enumerate(words):
        low = word.lower()
        if kept and kept[-1] in {"million", "billion"} and low in _TIME_UNITS:
            kept.append(word)
            continue
        joins = (
            low in {"of", "per", "to"}
            and kept
            and at + 1 < len(words)
            and words[at + 1].lower() not in {"its", "their", "the", "them", "it", "his", "her", "these", "those", "that"}
        )
        if not kept and low in _TIME_UNITS:
            kept.append(word)
            continue
        if low == "ago" and kept:
            kept.append(word)
            break
        if not joins and (low in STOP or (_VERB.match(low) and at) or low.endswith("ly")):
            break
        kept.append(word)
    while kept and kept[-1].lower() in {"of", "per", "to"}:
        kept.pop()
    return kept if kept and not (len(kept) == 1 and kept[0].lower() in {"million", "billion", "hundred", "thousand"}) else []


def _phrases(text: str) -> list[tuple[float, str]]:
    """Return the noun phrases of a sentence with how well each stands alone; longer ones and names do, the sentence's own first words less."""
    made = []
    for place, phrase in enumerate(noun_phrases(text)):
        grown = _grown(phrase, text)
        words = grown.split()
        if len(words) > MAX_FOCUS_WORDS or len(words) < 2 or words[-1].lower() in LOOSE:
            continue
        names = sum(word[:1].isupper() for word in words)
        opens = text.lower().startswith(grown.lower()) or re.match(rf"(?:the|an?) {re.escape(grown.lower())}", text.lower())
        made.append((0.5 * len(content(grown)) + 0.3 * (names > 0) - 0.15 * place - 0.6 * bool(opens), grown))
    return made


def _grown(phrase: str, text: str) -> str:
    """Return a phrase with the `of` part that gives it meaning, where one follows."""
    found = re.search(
        rf"\b{re.escape(phrase)}({_LINK} ({_WORD}(?: {_WORD})?))(?=[,.;:]|$| (?:and|is|are|was|were|has|have|that|which|who|in|on|at|by|for)\b)", text
    )
    if found and found.group(2).split()[-1].lower() not in STOP and not found.group(2).endswith(("ing", "ed")):
        return phrase + found.group(1)
    return phrase


def _opening(text: str) -> str:
    """Return the first whole group of words, three to eight, that ends before a word of grammar; empty when there is none."""
    words = text.split()
    if _OPEN.match(text):
        return ""
    ends = [at for at in range(3, min(len(words) - 1, MAX_FOCUS_WORDS) + 1) if words[at].lower() in STOP and words[at - 1].lower() not in STOP]
    return " ".join(words[: ends[-1]]) if ends else ""


def _named(name: str) -> str:
    words = name.split()
    while words and words[0].lower() in STOP:
        words = words[1:]
    return " ".join(words)


def _whole(text: str) -> str:
    """Return the longest opening of at most eight words that does not end on a word of grammar."""
    words = re.sub(r"^(?:And|But|So|Or|Yet) ", "", text).split()[:MAX_FOCUS_WORDS]
    while len(words) > 2 and words[-1].lower() in STOP:
        words.pop()
    return " ".join(words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
