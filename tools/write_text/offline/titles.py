"""Honest titles and tags: every word of them comes from the topic or from what the script says."""

import re
from collections import Counter
from collections.abc import Sequence

from memory.artifacts import Brief, SourceDocument
from tools.write_text.offline.phrases import LOOSE, noun_phrases
from tools.write_text.offline.words import ENGLISH, STOP, content, superlatives
from tools.write_text.tasks import DraftBeat, Template

IDEAL, LIMIT = 70, 100
_PULLS = re.compile(r"\b(?:\d+|first|only|most|why|how|what|never|hidden|without|half|twice|percent|million|billion|nobody)\b", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*")
_CLAUSE = re.compile(r"\s*[,;:–—]\s+|\s-\s|\s+(?:while|because|after|before)\s+")
_RELATIVE = re.compile(r"\s+(?:that|which|who|where|when|whose)\s+")
_ASKS = re.compile(r"(?:How|Why|What|When|Where|Who|Is|Are|Does|Do|Can)\b")
_ASKED = re.compile(r"(?:How|Why) (?:do |does |did |is |are )?(an? |the )?([a-z]+(?: [a-z]+)?) (?:[a-z]+s|[a-z]+ed|can|could|will|work|form|grow|live)\b")
# A form that would stand on any video.
_FORM_ONLY = re.compile(
    r"(?:: (?:the story|two sides|checking the claim|the figures|facts worth knowing|an? \w+|what happened)"
    r"|, (?:put to the test|compared|from past to present|explained)"
    r"| in numbers|^What we know about .*|^The story of .*|^Meet .*)$"
)
_LABEL = re.compile(r"^(?:Report|Study|Poll|Survey|News|Review|Analysis|Update|Opinion|Explained|Scientists|Experts|Researchers): ")
_NO_TAGS = frozenset(ENGLISH["no_tags"])
_NO_SUBJECTS = frozenset(ENGLISH["not_places"])
_FINITE = re.compile(rf"\b(?:{'|'.join(ENGLISH['verbs'])})\b")


def titles(brief: Brief, beats: Sequence[DraftBeat], template: Template) -> tuple[str, ...]:
    """Return title candidates of at most 70 characters, best first, none alike."""
    topic, keywords = brief.topic, brief.keywords
    spoken = [sentence for beat in beats for sentence in beat.sentences]
    hook = spoken[0].text.rstrip(".!") if spoken else ""
    about = subject_of(brief)
    about = about[:1].upper() + about[1:]
    found = [fit(topic), fit(hook) if _tells(hook, about) else ""]
    found += [fit(one.text) for one in spoken[1:] if one.citations and one.role == "fact" and _headlines(one.text, about)]
    found += [fit(document.title) for document in brief.documents[:3] if _ours(document) and set(content(about)) & set(content(document.title))]
    found += [
        fit(form.format(subject=about if form.startswith("{subject}") else _inside(about), heading=beats[0].heading, hook=hook))
        for form in template.title_forms
    ]
    headings = [one for one in _own_headings(beats, template) if not set(content(about)) & set(content(one))]
    if len(headings) == 1:
        found.append(fit(f"{about}: {_inside(headings[0])}"))
    if len(headings) >= 2:
        found.append(fit(f"{about}: {_inside(headings[0])} and {_inside(headings[-1])}"))
    unique = list({_key(title): title for title in reversed(found) if 12 <= len(title) <= IDEAL}.values())
    ranked = sorted(unique, key=lambda title: (-title_score(title, topic, keywords), title))
    return tuple(ranked[:6]) or (topic[:IDEAL].rsplit(" ", 1)[0],)


def _own_headings(beats: Sequence[DraftBeat], template: Template) -> list[str]:
    """Return the headings of several words that come from what the beats say, not from the template."""
    shapes = {heading for plan in template.beats for heading in plan.headings}
    return [
        beat.heading
        for beat in beats
        if (" " in beat.heading or beat.heading.endswith("s"))
        and beat.heading not in shapes
        and not re.match(r"(?:(?:More|One more thing|A last look|The year|In|Looking|What|Why) |The (?:other side|people behind))", beat.heading)
    ]


def _tells(hook: str, about: str) -> bool:
    """Say whether an opening can be a title: it names the subject, is a whole statement, and is short."""
    return len(hook) <= IDEAL and bool(_FINITE.search(hook)) and set(content(about)) <= set(content(hook))


def _headlines(text: str, about: str) -> bool:
    """Say whether a spoken fact can be a title: it opens with the subject and holds a figure, a superlative or a contrast."""
    opens = set(content(about)) <= set(content(" ".join(text.split()[: len(about.split()) + 2])))
    return opens and _tells(text.rstrip(".!"), about) and bool(_PULLS.search(_YEARS.sub("", text)) or superlatives(text))


def _ours(document: SourceDocument) -> bool:
    """Say whether a document's own title may be used: quotable, and written as a title and not as a file name."""
    return (
        document.rights.quotable
        and not document.retracted
        and " - " not in document.title
        and "," not in document.title
        and 3 <= len(document.title.split()) <= 12
    )


def _inside(heading: str) -> str:
    """Return a heading as it stands inside a line: lower case, unless it is a name or one of the sources' capitalised words."""
    words = heading.split()
    named = any(word[:1].isupper() for word in words[1:]) and words[0] != "The" or any(char.isupper() for char in words[0][1:])
    proper = re.match(r"[A-Z][a-z]+(?:ish|ese|ian|ean|can)$", words[0])
    return heading if named or proper else heading[:1].lower() + heading[1:]


def title_score(title: str, topic: str, keywords: Sequence[str]) -> float:
    """Return 0..1: the subject is named, a figure or a contrast stands in it, and a phone shows it whole."""
    wanted = set(content(" ".join((topic, *keywords[:4]))))
    share = len(wanted & set(content(title))) / max(1, min(3, len(wanted)))
    length = 1.0 if 28 <= len(title) <= 60 else 0.6 if len(title) <= 70 else 0.2
    pull = 0.5 * bool(re.search(r"\d", _YEARS.sub("", title))) + 0.5 * bool(_PULLS.search(title) or superlatives(title))
    dull = 0.2 if re.match(r"(There|A|It)\b", title) else 0.15 if re.search(r"^[^:]+: [^:]+ and ", title) else 0.25 if _FORM_ONLY.search(title) else 0.0
    asked = 0.3 * (title == fit(topic) and len(title.split()) >= 4)
    return round(min(1.0, 0.45 * min(1.0, share) + 0.3 * length + 0.25 * pull) + asked - dull, 3)


def subject_of(brief: Brief) -> str:
    """Return the shortest name for what the video is about: a phrase of the topic that its sources use as well."""
    return _stated(brief) or _shared(brief)


def _stated(brief: Brief) -> str:
    """Return the subject that the topic's own form names (`Iceland, an island ...`, `How a bad habit works`), or an empty string."""
    asked = _ASKED.match(brief.topic)
    if asked and content(asked.group(2)) and set(content(asked.group(2))) <= set(content(" ".join(document.text for document in brief.documents))):
        return asked.group(2) + ("s" if asked.group(1) in {"a ", "an "} else "")
    short = _RELATIVE.split(_CLAUSE.split(_LABEL.sub("", brief.topic.strip()))[0])[0]
    if len(short.split()) <= 3 and not _ASKS.match(short):
        return re.sub(r"^(?:The|A|An) (?=[a-z]+s$)", "", short)
    return ""


def _shared(brief: Brief) -> str:
    topic = _LABEL.sub("", brief.topic.strip())
    short = _RELATIVE.split(_CLAUSE.split(topic)[0])[0]
    words = re.findall(r"[\w’'-]+", topic)
    text = " ".join(document.text for document in brief.documents if not document.retracted)
    best: tuple[float, str] = (0.0, "")
    lone = ""
    for size in (3, 2, 1):
        for at in range(len(words) - size + 1):
            phrase = words[at : at + size]
            if phrase[0].lower() in STOP or phrase[-1].lower() in STOP or any(len(word) < 3 for word in phrase):
                continue
            written = re.findall(rf"\b{re.escape(' '.join(phrase))}s?\b", text, re.IGNORECASE)
            named = sum(one[:1].isupper() for one in written)
            weight = min(len(written), 12) * (1, 4.5, 5)[size - 1] + 0.3 * min(named, 6) - (30 if written and size == 1 and _verbal(phrase[0], text) else 0)
            if len(written) >= (1 if size > 1 else 2) and not phrase[0].isupper() and weight > best[0]:
                said = Counter(written).most_common(1)[0][0]
                if said[:1].isupper() and not said.isupper() or " " in said or said.endswith("s"):
                    best = (weight, said)
                else:
                    lone = lone or said
    if best[1]:
        return _plural(best[1], text)
    names = Counter(name for name in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})?", text) if name.lower() not in STOP | _NO_SUBJECTS)
    named = max(names.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    if named[1] >= 5:
        return named[0]
    return lone or next((keyword for keyword in brief.keywords if 3 <= len(keyword) <= 30), short)


def _plural(name: str, text: str) -> str:
    """Return a common noun as its sources write it in general: in the plural, where they use it (`stem cells`)."""
    return f"{name}s" if name.islower() and not name.endswith("s") and re.search(rf"\b{re.escape(name)}s\b", text, re.IGNORECASE) else name


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


def tags(brief: Brief, beats: Sequence[DraftBeat], template: Template) -> tuple[str, ...]:
    """Return search tags, most specific first, at most 30 characters each and 400 characters together.

    Subject, keywords, names that are said, what the beats are about, category; no articles, and nothing that names nothing by itself.
    """
    spoken = [sentence.text for beat in beats for sentence in beat.sentences if sentence.citations]
    names = Counter(name for text in spoken for name in _NAME.findall(_past_grammar(text)))
    things = Counter(phrase.lower() for text in spoken for phrase in noun_phrases(text) if len(phrase.split()) == 2)
    repeated = [thing for thing, count in things.most_common(8) if count > 1]
    said = [name for name, count in names.most_common(14) if count > 1 or " " in name]
    found: list[str] = []
    for one in (subject_of(brief), *brief.keywords, *said, *repeated, *_own_headings(beats, template), brief.category):
        tag = _tag(one)
        if (
            tag
            and tag not in found
            and not any(set(content(tag)) <= set(content(kept)) or tag.startswith(kept) and len(kept) > 4 for kept in found)
            and (" " in tag or tag not in _NO_TAGS)
            and sum(len(kept) + 3 for kept in found) + len(tag) <= 400
        ):
            found.append(tag)
    return tuple(found[:15])


def _past_grammar(text: str) -> str:
    """Return a sentence without the words of grammar that open it, so that `In Florida` gives the name Florida."""
    words = text.split()
    while words and words[0].lower() in STOP and words[0].lower() != "new":
        words = words[1:]
    return " ".join(words)


def _tag(text: str) -> str:
    """Return a search tag of a phrase, or an empty string when it names nothing: grammar and articles at its edges go."""
    words = re.sub(r"[<>,\"“”:;?!.]", "", re.sub(r"[’']s\b", "", text)).strip().lower().split()
    while words and (words[0] in STOP and words[0] != "new" or words[0] == "old"):
        words = words[1:]
    while words and words[-1] in STOP:
        words = words[:-1]
    made = " ".join(words)
    whole = words and not any(word in LOOSE for word in words[-1:]) and not (len(words) == 1 and words[0] in LOOSE) and len(words) <= 4
    return made if whole and 2 < len(made) <= 30 and not re.search(r"\b(?:is|are|was|were|did|does|has|have)\b", made) else ""


def _key(title: str) -> str:
    return " ".join(sorted(set(content(title))))
