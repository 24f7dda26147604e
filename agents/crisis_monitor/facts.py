"""Whether a source still says what the script took from it: the passages cited then, against the text that stands there now."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from agents.crisis_monitor.schemas import SourceLook
from memory.artifacts import Passage, SourceDocument
from memory.retraction import says_retracted

# Two sentences this alike say the same thing in other words, or with another number.
_ALIKE = 0.6
# Of a text that was only corrected, at least this share of sentences still stands; of one that gave way to another page, less.
_STILL_ITSELF = 0.5
_LONGEST = 600
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_NUMBER = re.compile(r"\d[\d,.]*")
_CORRECTION = re.compile(
    r"\b(corrections?|clarifications?|editor'?s note|erratum)\s*[:(\-–]|\b(an earlier|a previous) version of this\b"
    r"|\bthis \w+ (has been|was) (corrected|amended)\b",
    re.IGNORECASE,
)


def compare(before: SourceDocument, now: SourceDocument, cited: Sequence[Passage]) -> SourceLook:
    """Return what became of the passages that were cited from a source."""
    about = {"document_id": before.id, "title": before.title, "url": before.url}
    retracted = now.retracted or says_retracted(now.title, now.text)
    corrected = len(_CORRECTION.findall(now.text)) > len(_CORRECTION.findall(before.text))
    sentences = _sentences(now.text)
    if not retracted and not _still_itself(before, sentences):
        return SourceLook(**about, state="rewritten")
    lost: list[str] = []
    instead: list[str] = []
    numbers = False
    standing = {_plain(one) for one in sentences}
    for passage in cited:
        for sentence in _sentences(passage.text):
            if _plain(sentence) in standing:
                continue
            lost.append(passage.id)
            near = _nearest(sentence, sentences)
            if near:
                instead.append(near[:_LONGEST])
                numbers = numbers or sorted(_NUMBER.findall(near)) != sorted(_NUMBER.findall(sentence))
    told = {"retracted": retracted, "corrected": corrected, "lost": tuple(dict.fromkeys(lost)), "instead": tuple(instead), "numbers_changed": numbers}
    return SourceLook(**about, state="changed" if lost or retracted or corrected else "same", **told)


def _still_itself(before: SourceDocument, sentences: Sequence[str]) -> bool:
    standing = {_plain(one) for one in sentences}
    then = [_plain(one) for one in _sentences(before.text)]
    return not then or sum(one in standing for one in then) >= _STILL_ITSELF * len(then)


def _nearest(sentence: str, sentences: Sequence[str]) -> str:
    best, alike = "", _ALIKE
    for one in sentences:
        match = SequenceMatcher(None, sentence, one, autojunk=False)
        if match.real_quick_ratio() > alike and match.quick_ratio() > alike and (ratio := match.ratio()) > alike:
            best, alike = one, ratio
    return best


def _sentences(text: str) -> list[str]:
    return [one.strip() for paragraph in text.split("\n") for one in _SENTENCE.split(paragraph) if one.strip()]


def _plain(sentence: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", sentence.lower()))
