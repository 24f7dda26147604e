"""The sentences that state no fact: how the channel opens, leads over and says goodbye, in grammatical English."""

import re
from dataclasses import dataclass

from infra.ids import seeded
from tools.write_text.offline.leads import registers
from tools.write_text.offline.titles import subject_of
from tools.write_text.offline.words import spoken_words
from tools.write_text.tasks import ComposeRequest

_LONGEST = 14
# What every register says in words of its own.
_SOURCES_ONLY = re.compile(r"sources? (?:is|are)\b|source is linked", re.IGNORECASE)
_ONE_ONLY = re.compile(r"\b(?:does|is|has|was|[Tt]his is|[Ii]t is|one of them is) \{topic\}|\{topic\} (?:is|starts|comes|has|works|costs|does)\b")
_NEEDS_NAME = re.compile(r"\bwhat is \{topic\}|\b[Mm]eet \{topic\}", re.IGNORECASE)


@dataclass(frozen=True)
class Frame:
    """What is said around the facts, chosen before them so that their share of the slot is known."""

    opener: str
    call_to_action: str
    closer: str

    @property
    def words(self) -> int:
        """Spoken words of the frame."""
        return sum(spoken_words(text) for text in (self.opener, self.call_to_action, self.closer))


def make_frame(request: ComposeRequest) -> Frame:
    """Return the channel's own lines for this topic; a line that would not agree with the topic's number is not used."""
    draw = seeded(request.seed, request.brief.topic, request.personality.id, "frame")
    about = spoken_subject(subject_of(request.brief), " ".join(document.text for document in request.brief.documents))
    # A channel's own lines speak of its own beat (`not medical advice`); about a story of another kind they would be untrue or odd.
    own = not request.brief.category or request.brief.category in request.personality.categories
    lines, ends = request.personality.lines, registers()[request.personality.vocabulary]["ends"]
    hellos = request.personality.openers if own else lines.hellos
    openers = [filled(line, about, request.personality.name) for line in hellos if agrees(line, about)]
    openers = [line for line in openers if spoken_words(line) <= _LONGEST]
    goodbyes = request.personality.closers if own else lines.goodbyes or tuple(ends["close"])
    closers = [filled(line, about, request.personality.name) for line in goodbyes if agrees(line, about)]
    asks = lines.asks or (*(line for line in request.template.calls_to_action if not _SOURCES_ONLY.search(line)), *ends["ask"])
    return Frame(
        opener=draw.choice(openers) if openers else "",
        call_to_action=draw.choice(asks),
        closer=draw.choice(closers) if closers else "",
    )


def spoken_subject(subject: str, text: str) -> str:
    """Return a subject as it is written inside a sentence: lower case, unless its sources write it as a name."""
    article = re.match(r"(The|A|An) ", subject)
    low = subject[0].lower() + subject[1:]
    bare = subject[article.end() :] if article else subject
    inside = len(re.findall(rf"(?<![.!?“\"] )(?<!^)\b{re.escape(bare[0].lower() + bare[1:])}", text))
    named = len(re.findall(rf"(?<=[a-z,] ){re.escape(bare)}\b", text)) if bare[0].isupper() else 0
    if article:
        return low
    with_article = len(re.findall(rf"\b[Tt]he {re.escape(bare)}\b(?! [A-Z])", text))
    alone = len(re.findall(rf"(?<![Tt]he )\b{re.escape(bare)}\b", text))
    if bare[0].isupper() and with_article >= 3 and with_article > 2 * alone:
        return f"the {bare}"
    if " " not in low and 2 * len(re.findall(rf"\b{re.escape(low)}s\b", text)) > len(re.findall(rf"\b{re.escape(low)}\b", text)) and inside > named:
        return f"{low}s"
    return low if inside > named and not bare.isupper() else subject


def agrees(line: str, about: str) -> bool:
    """Say whether a line fits the number of its topic: no `This is` before a plural, no bare singular after `what is`."""
    last = about.split()[-1]
    plural = last[:1].islower() and last.endswith("s") and not last.endswith(("ss", "us", "is")) or " and " in about
    bare = about[:1].islower() and not about.startswith("the ")
    if bare and not plural and re.search(r"(?:what is|[Mm]eet|[Ii]t is) \{topic\}", line):
        return False
    return not (plural and (_ONE_ONLY.search(line) or _NEEDS_NAME.search(line) and "is {topic}" in line))


def filled(line: str, about: str, channel: str) -> str:
    """Return a line with topic and channel put in, and a capital where the topic opens a sentence."""
    said = re.sub(r"(^|[.!?] )\{topic\}", lambda found: found.group(1) + about[:1].upper() + about[1:], line)
    return said.replace("{topic}", about).replace("{channel}", channel)
