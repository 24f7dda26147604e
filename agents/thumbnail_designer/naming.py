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
DOUBTFUL_WORD = 0.31
UNNAMED = 0.55
WITHIN = 0.15
# How much nearer a doubtful word must be beside a plain name.
BESIDE_PLAIN = 0.05
OF_THE_STORY = 0.1
# The key under which the things of the whole story stand beside those of its sentences.
STORY = ""
Things = Mapping[str, Mapping[str, float]]
_WORD = re.compile(r"[^\W_][\w’'-]*")
_GOES_ON = re.compile(r"(?:It|They|Its|Their|He|She|His|Her)\b")


# Names of things that can be drawn: a capital takes nothing from them.
PROPER = frozenset(
    """mars saturn jupiter neptune uranus venus mercury pluto titan voyager cassini nasa earth moon sun antarctica arctic antarctic sahara
    mongol mongols mongolia mongolian martian dna thanksgiving christmas roman romans greek viking vikings samurai""".split()  # noqa: SIM905
)
_NO_NAMES = frozenset("the a an in on at of and or but for from with by as it its this that these those when while if i he she they we".split())  # noqa: SIM905


@dataclass(frozen=True)
class Mention:
    """A thing that a text may name; `plain` when the word can hardly mean anything else."""

    motif: str
    word: str
    plain: bool


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the things whose words stand in a text, in order, each once.

    A word that is part of somebody's or something's name (`Jet Propulsion Laboratory`, `Wendy Wood`) or of a compound that means something
    else (`radio waves`) does not count.
    """
    found: dict[str, Mention] = {}
    for word, named, opens, before in _read(text):
        for motif in load_motifs().values():
            if f"{before} {word}" in motif.unlike:
                continue
            if word in motif.words and (not named or word in PROPER) and not (motif.name in found and found[motif.name].plain):
                found[motif.name] = Mention(motif.name, word, True)
            elif word in motif.cues and motif.name not in found and (opens or not named):
                found[motif.name] = Mention(motif.name, word, False)
    return tuple(found.values())


def _read(text: str) -> list[tuple[str, bool, bool, str]]:
    """Return each word in lower case without its 's, whether it is part of a name, whether it opens the text, and the word before it."""
    matches = list(_WORD.finditer(text))
    read: list[tuple[str, bool, bool, str]] = []
    for number, match in enumerate(matches):
        word = re.sub(r"[’']s$", "", match[0])
        neighbours = [one for one, between in _beside(matches, number, text) if between == " " and one[0].isupper() and one.lower() not in _NO_NAMES]
        capital = word[0].isupper() and not word.isupper()
        named = capital and bool(neighbours)
        read.append(
            (
                word.lower(),
                named or (capital and number > 0 and word.lower() not in PROPER and not _opens(text, match.start())),
                number == 0,
                read[-1][0] if read else "",
            )
        )
    return read


def _beside(matches: Sequence[re.Match[str]], number: int, text: str) -> list[tuple[str, str]]:
    """Return the words on both sides of a word with what stands between, the first word of a sentence apart."""
    found = []
    if number > 0 and not _opens(text, matches[number - 1].start()):
        found.append((matches[number - 1][0], text[matches[number - 1].end() : matches[number].start()]))
    if number + 1 < len(matches):
        found.append((matches[number + 1][0], text[matches[number].end() : matches[number + 1].start()]))
    return found


def _opens(text: str, at: int) -> bool:
    """Say whether a sentence begins at this place."""
    return not text[:at].strip() or bool(re.search(r"[.!?:“\"]\s*$", text[:at]))


def plainly_named(text: str) -> tuple[str, ...]:
    """Return the things that a text names in words that can hardly mean anything else, first named first."""
    return tuple(one.motif for one in mentions(text) if one.plain)


def judged(sentence_id: str, text: str, nearness: Mapping[str, float], story: Sequence[str]) -> tuple[NamedThing, ...]:
    """Return the things a sentence names or clearly means, nearest in meaning first.

    `nearness` is the cosine of the sentence with each thing's line; `story` holds the things that the whole story names.
    """
    nearness = {motif: near + (OF_THE_STORY if motif in story else 0.0) for motif, near in nearness.items()}
    taken: dict[str, str] = {}
    named = mentions(text)
    plainly = any(one.plain and nearness[one.motif] >= PLAIN_NAME for one in named)
    for one in named:
        near = nearness[one.motif]
        # Beside a plain name a doubtful word must be nearer: it is rarely what the sentence shows.
        if not one.plain and plainly and near < DOUBTFUL_WORD + BESIDE_PLAIN:
            continue
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
