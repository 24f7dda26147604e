"""Makes a written sentence speakable without changing what it says, or refuses it with a reason."""

import re

from tools.write_text.offline.words import ENGLISH, spoken_words, tokens

MAX_SPOKEN = 26
_SPACES = re.compile(r"\s+")
_BRACKETS = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\])")
_LEADING = re.compile(rf"^({'|'.join(ENGLISH['leading'])}),\s+(?=\w)")
_LEADING_BARE = re.compile(r"^(But|And|So|Yet)\s+(?=[a-zA-Z])")
_MIDDLE = re.compile(rf",\s+({'|'.join(ENGLISH['middle'])}),\s+")
_TAIL = re.compile(
    r",\s+(which|including|such as|where|with the|along with|as well as|whose|who|while|when|making|leading|causing|resulting|after|allowing|giving|although)"
    r"\s[^,;:“”\"]+(,[^;:“”\"]+)?$",
)
_RANGE = re.compile(r"(\d)\s?[–-]\s?(\d)")
_BAD = re.compile("|".join(ENGLISH["unspeakable"]), re.IGNORECASE)
_FIRST = re.compile(r"\b(I|we|We|our|Our|us|my|My|me|ours)\b")
_INSTRUCT = re.compile(rf"^({'|'.join(ENGLISH['instructions'])})\b")
_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_REPORTED = re.compile(r"^[“\"]([^“”\"]+),[”\"]\s+(said|says|explained|added|noted)\s+([A-Z][^,.“”\"]+(?:,[^.“”\"]+)?)\.$")
_SAID = re.compile(r"^[“\"]([^“”\"]+),[”\"]\s+([A-Z][\w.’'-]+(?:\s[A-Z][\w.’'-]+){0,3})\s+(said|says|explained|added|noted)\.$")
_WRITTEN_THEN = re.compile("|".join(ENGLISH["written_then"]), re.IGNORECASE)
_PRESENT = re.compile(rf"(?:^|,? )(?:{'|'.join(ENGLISH['present_words'])})\b(?!’s|'s)(?P<comma>,(?= [a-z]))?", re.IGNORECASE)
_TIED = re.compile(
    rf"\b(?:what (?:is|are|was)|from|of|than|like|as|and|or|to|before|even|only|just|about|not|that)"
    rf" (?:{'|'.join(ENGLISH['present_words'])})\b|[Tt]oday[’']s\b",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(
    r"(?<!Even )(?<!even )\b(?:[Ii]n|[Oo]n|[Ss]ince|[Bb]y|[Uu]ntil) (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_ONLY_VERB = re.compile(r"(?:is|are|was|were|marks) ")
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")
_ABBREVIATIONS = (
    (" km2", " square kilometers"),
    (" sq km", " square kilometers"),
    (" sq mi", " square miles"),
    (" km/h", " kilometers per hour"),
    (" approx.", " about"),
    ("%", " percent"),
)


# What may be taken for a verb: a listed one, or a word in -s before what a verb governs. A participle before a noun is none.
_VERB = re.compile(
    rf"\b(?:{'|'.join(verb for verb in ENGLISH['verbs'] if not verb.endswith('ed'))})\b"
    r"|(?<!\bof )(?<!ly )(?<!\bthe )(?<!\ban )(?<!\ba )(?<!\band )\b[a-z]{3,}ed\b"
    r"|\b[a-z]{3,}s (?:the|an?|to|from|its|their|with|in|on|at|by|into|over|as|that)\b"
)
_RUN_TOGETHER = re.compile(r"\b[A-Z]?[a-z]{3,}[A-Z][a-z]{2,}[A-Z][a-z]{2,}|\b[A-Z]?[a-z]{5,}[A-Z][a-z]{4,}")
_NOUN_FIRST = re.compile(r"(?:An?|\d+|[A-Z][a-z-]+ percent|Function)\b")
_AFTER_WHICH = re.compile(r"\b(?:which|that|who)\b.*$")


class Refused(Exception):
    """The sentence cannot be spoken as it stands; the message says why."""


def clean(text: str) -> str:
    """Return `text` with spaces, brackets, ranges and abbreviations made speakable."""
    text = _SPACES.sub(" ", text.replace("\u00a0", " ").replace("‘", "’")).strip()
    for _ in range(2):
        text = _BRACKETS.sub("", text)
    text = _RANGE.sub(r"\1 to \2", text)
    for short, long in _ABBREVIATIONS:
        text = text.replace(short, long)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"\s+[–—-]+(?=[.!?]$)", "", text)
    text = re.sub(r"\s+[–—]\s*(?=\S)|(?<=[a-z])—(?=[a-z])", ", ", text)
    return re.sub(r"[,;]+(?=[,;.!?])", "", text)


def simplify(text: str, academic: bool = False) -> str:
    """Return the spoken form of one sentence (at most `MAX_SPOKEN` words), or raise `Refused`.

    Only wording that carries no fact is dropped (leading adverbs, parentheses) and, in long sentences, closing relative clauses.
    """
    said = _quote_first(clean(text))
    if said:
        return said
    spoken = _opening(clean(text))
    if academic:
        spoken = re.sub(r"\bour\b", "their", re.sub(r"^We\b", "The researchers", spoken))
    _refuse_unspeakable(spoken)
    if spoken_words(spoken) > MAX_SPOKEN - 4 or ";" in spoken:
        spoken = _shorten(spoken)
    if spoken_words(spoken) > MAX_SPOKEN:
        raise Refused(f"{spoken_words(spoken)} spoken words, more than {MAX_SPOKEN}")
    return spoken


def timeless(text: str) -> str:
    """Return a sentence of an older source without words of its own present, or raise `Refused` when it hangs on them."""
    if _WRITTEN_THEN.search(text) or _TIED.search(text) or (_MONTH_ALONE.search(text) and not _YEAR.search(text)):
        raise Refused("a time that is only true on the day it was written")
    said = _PRESENT.sub(lambda found: "," if found.group("comma") and found.start() and not found.group().startswith(",") else "", text).strip()
    if _ONLY_VERB.match(said):
        raise Refused("nothing but the day was its subject")
    return said[:1].upper() + said[1:]


def _opening(text: str) -> str:
    for pattern in (_LEADING, _LEADING_BARE, _LEADING):
        text = pattern.sub("", text)
    text = _MIDDLE.sub(" ", text)
    return text[:1].upper() + text[1:]


def _shorten(text: str) -> str:
    body, mark = (text[:-1], text[-1]) if text[-1] in ".!?" else (text, ".")
    cut = _TAIL.sub("", _first_clause(body))
    if cut != body and len(tokens(cut)) >= 7:
        return cut + mark
    return text


def _first_clause(body: str) -> str:
    """Return what stands before a semicolon, where that is a statement of its own."""
    head, mark, _ = body.partition("; ")
    return head if mark and len(tokens(head)) >= 7 and _VERB.search(head) and "“" not in body else body


def _quote_first(text: str) -> str | None:
    """Return a reported sentence with its speaker first, so that a listener knows who is speaking."""
    if re.search(r"[”\"]\s+(?:he|she|they|it)\s+\w+", text):
        raise Refused("a quotation whose speaker is not named")
    found = _REPORTED.match(text)
    if found:
        words, _, speaker = found.groups()
    else:
        named = _SAID.match(text)
        if not named:
            return None
        words, speaker, _ = named.groups()
    if speaker.split()[0].lower() in {"he", "she", "they"} or spoken_words(words) > 25:
        raise Refused("a quotation whose speaker is not named, or of more than 25 words")
    name = speaker.strip().rstrip(",")
    link = f"{name}, said:" if "," in name else f"{name} said:"
    return f"{link} “{words[:1].upper()}{words[1:]}.”"


def _refuse_unspeakable(text: str) -> None:
    outside = _QUOTED.sub("", text)
    faults = (
        (not text or (text[-1] not in ".!?" and not text.endswith(("”", '"'))), "not a whole sentence"),
        (text.endswith("?"), "a question of the source"),
        (_BAD.search(text), "refers to a page, a figure or notation"),
        (text.count("“") != text.count("”") or text.count('"') % 2, "unbalanced quotation marks"),
        (_FIRST.search(outside), "first person of the source"),
        (_INSTRUCT.match(text), "an instruction of the source"),
        (len(tokens(text)) < 5, "too short to say anything"),
        (_RUN_TOGETHER.search(text), "words run together"),
        (re.match(r"(?:Is|Are|Was|Were|Does|Did|Has|Have|[A-Z]:) ", text), "a question or a line of a dialogue, cut from its mark"),
        (text.count("(") != text.count(")"), "a bracket without its other half"),
        (_NOUN_FIRST.match(text) and not _VERB.search(_AFTER_WHICH.sub("", text)), "no statement: nothing is said of what it names"),
        (not re.match(r"[“\"A-Z0-9À-Þ]", text), "does not start like a sentence"),
    )
    for fault, reason in faults:
        if fault:
            raise Refused(reason)
