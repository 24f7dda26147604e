"""Which things a sentence names, so that a picture of one belongs to it: by its words, checked by their meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.thumbnail_designer.schemas import NamedThing
from memory.artifacts import Sentence
from tools.drawing.motifs import load_motifs

# Cosines of all-MiniLM-L6-v2 between a sentence and what a thing shows, set on 400 hand-read sentences of the demo corpus and real articles: a plain
# name is trusted unless the sentence is about something far off; a word of several meanings needs a near one; a thing that is not named needs a nearer
# one still, and the story must name it.
PLAIN_NAME = 0.11
DOUBTFUL_WORD = 0.27
UNNAMED = 0.55
WITHIN = 0.15
OF_THE_STORY = 0.1
# The key under which the things of the whole story stand beside those of its sentences.
STORY = ""
Things = Mapping[str, Mapping[str, float]]
_WORD = re.compile(r"[^\W_][\w’'-]*")
_GOES_ON = re.compile(r"(?:It|They|Its|Their|He|She|His|Her)\b")


@dataclass(frozen=True)
class Mention:
    """A thing that a text may name; `plain` when the word can hardly mean anything else."""

    motif: str
    word: str
    plain: bool


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the things whose words stand in a text, in order, each once; a doubtful word written as a name (`Wendy Wood`) does not count."""
    found: dict[str, Mention] = {}
    for number, written in enumerate(_WORD.findall(text)):
        word = re.sub(r"[’']s$", "", written).lower()
        for motif in load_motifs().values():
            if word in motif.words and not (motif.name in found and found[motif.name].plain):
                found[motif.name] = Mention(motif.name, word, True)
            elif word in motif.cues and motif.name not in found and (number == 0 or not written[0].isupper() or written.isupper()):
                found[motif.name] = Mention(motif.name, word, False)
    return tuple(found.values())


def plainly_named(text: str) -> tuple[str, ...]:
    """Return the things that a text names in words that can hardly mean anything else, first named first."""
    return tuple(one.motif for one in mentions(text) if one.plain)


def judged(sentence_id: str, text: str, nearness: Mapping[str, float], story: Sequence[str]) -> tuple[NamedThing, ...]:
    """Return the things a sentence names or clearly means, nearest in meaning first.

    `nearness` is the cosine of the sentence with each thing's line; `story` holds the things that the whole story names.
    """
    nearness = {motif: near + (OF_THE_STORY if motif in story else 0.0) for motif, near in nearness.items()}
    taken: dict[str, str] = {}
    for one in mentions(text):
        near = nearness[one.motif]
        if one.plain and (near >= PLAIN_NAME or one.motif in story) or near >= DOUBTFUL_WORD:
            taken[one.motif] = one.word
    for motif in story:
        if nearness[motif] >= UNNAMED:
            taken.setdefault(motif, "")
    kept = sorted(taken, key=lambda motif: (-nearness[motif], motif))
    return tuple(NamedThing(sentence_id=sentence_id, motif=motif, word=taken[motif], nearness=round(nearness[motif], 3)) for motif in kept)


def by_sentence(sentences: Sequence[Sentence], about: str, named: Sequence[NamedThing] | None) -> Things:
    """Return the things to show for each sentence with their nearness, and under STORY those that the words the story is `about` name.

    A sentence that goes on with a pronoun and names nothing takes over the things of the one before. Without judged names (an older
    snapshot) plain words alone decide.
    """
    found: dict[str, Mapping[str, float]] = {STORY: dict.fromkeys(plainly_named(about), 1.0)}
    before: Mapping[str, float] = {}
    for sentence in sentences:
        judgement = {one.motif: one.nearness for one in named or () if one.sentence_id == sentence.id}
        own = judgement if named is not None else dict.fromkeys(plainly_named(sentence.text), 1.0)
        found[sentence.id] = own or (before if _GOES_ON.match(sentence.text) else {})
        before = found[sentence.id]
    return found


def shown_for(words: str, known: Mapping[str, float]) -> tuple[str, ...]:
    """Return what may be shown while these words of a sentence are heard: what they name, nearest first, else what the sentence is most about."""
    heard = [one.motif for one in mentions(words) if one.motif in known]
    if not heard:
        return tuple(sorted(known, key=lambda motif: (-known[motif], motif))[:1])
    best = max(known[motif] for motif in heard)
    return tuple(sorted((motif for motif in dict.fromkeys(heard) if known[motif] >= best - WITHIN), key=lambda motif: -known[motif]))
