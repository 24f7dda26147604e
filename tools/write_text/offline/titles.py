"""Honest titles and tags: every word of them comes from the topic or from what the script says."""

import re
from collections import Counter
from collections.abc import Sequence

from memory.artifacts import Brief
from tools.write_text.offline.words import ENGLISH, STOP, content
from tools.write_text.tasks import DraftBeat, Template

IDEAL, LIMIT = 70, 100
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*")
_CLAUSE = re.compile(r"\s*[,;:–—]\s+|\s-\s|\s+(?:while|because|after|before)\s+")
_FINITE = re.compile(rf"\b(?:{'|'.join(ENGLISH['verbs'])})\b")


def titles(brief: Brief, beats: Sequence[DraftBeat], template: Template) -> tuple[str, ...]:
    """Return title candidates of at most 70 characters, best first, none alike."""
    topic, keywords = brief.topic, brief.keywords
    spoken = [sentence for beat in beats for sentence in beat.sentences]
    hook = spoken[0].text.rstrip(".!") if spoken else ""
    about = subject_of(brief)
    about = about[:1].upper() + about[1:]
    said = fit(hook)
    found = [fit(topic), said if _FINITE.search(said) else ""]
    found += [fit(form.format(subject=about, heading=beats[0].heading, hook=hook)) for form in template.title_forms]
    found += [
        fit(f"{about}: {beat.heading.lower() if not _NAME.search(beat.heading[1:]) else beat.heading}")
        for beat in beats[:2]
        if about.lower() not in beat.heading.lower()
    ]
    unique = list({_key(title): title for title in reversed(found) if 12 <= len(title) <= IDEAL}.values())
    ranked = sorted(unique, key=lambda title: (-title_score(title, topic, keywords), title))
    return tuple(ranked[:6]) or (topic[:IDEAL].rsplit(" ", 1)[0],)


def title_score(title: str, topic: str, keywords: Sequence[str]) -> float:
    """Return 0..1: the subject is named, a figure or a contrast stands in it, and a phone shows it whole."""
    wanted = set(content(" ".join((topic, *keywords[:4]))))
    share = len(wanted & set(content(title))) / max(1, min(3, len(wanted)))
    length = 1.0 if 28 <= len(title) <= 60 else 0.6 if len(title) <= 70 else 0.2
    pull = 0.5 * bool(re.search(r"\d", title)) + 0.5 * bool(
        re.search(r"\b(first|only|most|why|how|what|never|largest|fastest|hidden|longest)\b", title, re.IGNORECASE)
    )
    dull = 0.2 if re.match(r"(The|There|A|It)\b", title) else 0.0
    return round(min(1.0, 0.45 * min(1.0, share) + 0.3 * length + 0.25 * pull) - dull, 3)


def subject_of(brief: Brief) -> str:
    """Return the shortest name for what the video is about: a phrase of the topic that its sources use as well."""
    short = _CLAUSE.split(brief.topic.strip())[0]
    if len(short.split()) <= 3:
        return short
    words = re.findall(r"[\w’'-]+", brief.topic)
    text = " ".join(document.text for document in brief.documents if not document.retracted)
    best: tuple[float, str] = (0.0, "")
    for size in (3, 2, 1):
        for at in range(len(words) - size + 1):
            phrase = words[at : at + size]
            if phrase[0].lower() in STOP or phrase[-1].lower() in STOP or any(len(word) < 3 for word in phrase):
                continue
            written = re.findall(rf"\b{re.escape(' '.join(phrase))}s?\b", text, re.IGNORECASE)
            named = sum(one[:1].isupper() for one in written)
            weight = min(len(written), 12) * (1, 2.6, 3.5)[size - 1] + 0.3 * min(named, 6) - (30 if written and _verbal(phrase[0], text) else 0)
            if len(written) >= (1 if size > 1 else 2) and not phrase[0].isupper() and weight > best[0]:
                best = (weight, Counter(written).most_common(1)[0][0])
    if best[1] and (best[1][:1].isupper() and not best[1].isupper() or " " in best[1] or best[1].endswith("s")):
        return best[1]
    names = Counter(name for name in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})?", text) if name.lower() not in STOP)
    named = max(names.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    if named[1] >= 5:
        return named[0]
    return best[1] or next((keyword for keyword in brief.keywords if 3 <= len(keyword) <= 30), short)


def _verbal(word: str, text: str) -> bool:
    """Say whether a word of the topic is used as a verb there (its sources mostly write it after `to` or with another ending)."""
    return len(re.findall(rf"\bto {re.escape(word.lower())}\b", text)) > 0


def fit(text: str) -> str:
    """Return `text` cut to 70 characters at the end of a clause, or an empty string when no such cut is whole."""
    title = text.strip().rstrip(".!")
    while len(title) > IDEAL:
        parts = list(_CLAUSE.finditer(title))
        if not parts:
            return ""
        title = title[: parts[-1].start()].rstrip(" ,;:–—-")
    return title[:1].upper() + title[1:]


def tags(brief: Brief, beats: Sequence[DraftBeat]) -> tuple[str, ...]:
    """Return search tags, most specific first, at most 30 characters each and 400 characters together."""
    text = " ".join(sentence.text for beat in beats for sentence in beat.sentences if sentence.citations)
    names = [name for name, count in Counter(_NAME.findall(text)).most_common(12) if name.lower() not in STOP and (count > 1 or " " in name)]
    wanted = [subject_of(brief), *brief.keywords, brief.category, *names]
    found: list[str] = []
    for one in wanted:
        tag = re.sub(r"[<>,\"“”]", "", one).strip().lower()
        if 2 < len(tag) <= 30 and tag not in found and sum(len(kept) + 3 for kept in found) + len(tag) <= 400:
            found.append(tag)
    return tuple(found[:15])


def _key(title: str) -> str:
    return " ".join(sorted(set(content(title))))
