"""What illustrates a sentence when no picture does: the thing it names, else something of the story's category, never the same view twice."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import get_args

from tools.drawing.motifs import COMPOSITIONS, load_motifs, motifs_of
from tools.drawing.subject import Subject

# Only words that name a subject wherever they stand; "pattern", "light" or "planet" name too many things to decide alone.
_STRONG: dict[Subject, str] = {
    "space": "galaxy galaxies astronaut astronauts astronomers asteroid comet spacecraft telescope orbiting saturn jupiter mars lunar solar-system",
    "weather": "weather hurricane cyclone tornado rainfall blizzard drought monsoon forecast",
    "nature": "forest forests glacier glaciers reef reefs wilderness landscape rainforest",
    "health": "patients hospital hospitals medicine vaccine vaccines disease diseases cancer surgery",
    "technology": "software computer computers internet algorithm robot robots semiconductor smartphone",
    "history": "medieval archaeologists pharaoh empire emperor dynasty",
    "animals": "mammals wildlife insects elephants whales dolphins bees",
    "food": "recipe recipes vegetables cooking cuisine restaurant",
    "economy": "inflation unemployment shareholders banks stocks exports",
    "culture": "painter painters orchestra theatre novelist sculpture festival",
    "energy": "electricity turbines petroleum gigawatts megawatts",
    "security": "hackers missiles troops cyberattack espionage",
}
_LOOKUP: dict[Subject, frozenset[str]] = {subject: frozenset(words.split()) for subject, words in _STRONG.items()}
_CUES_NEEDED = 2


@dataclass(frozen=True)
class View:
    """A subject's own scene, or a thing in one of the compositions."""

    subject: Subject
    motif: str = ""
    composition: int = 0


@dataclass
class Views:
    """Hands out the views of one video in shot order: none twice, and neither a thing nor a composition twice in a row where there is a choice."""

    category: str
    seed: int = 0
    used: Counter[str] = field(default_factory=Counter)
    composed: Counter[int] = field(default_factory=Counter)
    seen: set[tuple[str, int]] = field(default_factory=set)
    last: tuple[str, int] = ("", -1)
    scenes: set[Subject] = field(default_factory=set)

    def next(self, words: str, also: str = "") -> View:
        """Return the view for a shot in which `words` are heard; `also` is what the story is about, asked when the words name nothing."""
        subject = subject_of(words, self.category)
        named = named_motifs(words) or named_motifs(also)
        if not named and subject not in self.scenes:
            self.scenes.add(subject)
            self.last = (subject, -1)
            return View(subject)
        motif = min(named, key=lambda one: (self.used[one] - (one != self.last[0]), named.index(one))) if named else ""
        if not motif or self.used[motif] >= len(COMPOSITIONS):
            offered = motifs_of(subject)
            turn = self.seed % len(offered)
            motif = min((*offered[turn:], *offered[:turn]), key=lambda one: (self.used[one], one == self.last[0]))
        return self._composed(subject, motif)

    def _composed(self, subject: Subject, motif: str) -> View:
        count = len(COMPOSITIONS)
        order = [(self.seed + step) % count for step in range(count)]
        fresh = [one for one in order if (motif, one) not in self.seen] or order
        composition = min(fresh, key=lambda one: (one == self.last[1], self.composed[one], order.index(one)))
        self.used[motif] += 1
        self.composed[composition] += 1
        self.seen.add((motif, composition))
        self.last = (motif, composition)
        return View(subject, motif, composition)


def subject_of(text: str, category: str) -> Subject:
    """Return the story's category, unless at least two strong words of the text name one other subject; an unknown category counts as science."""
    home: Subject = next((subject for subject in get_args(Subject) if subject == category), "science")
    words = re.findall(r"[a-z]+", text.lower())
    counts = {subject: sum(word in known for word in words) for subject, known in _LOOKUP.items()}
    best = max(counts, key=lambda one: counts[one])
    return best if counts[best] >= _CUES_NEEDED and counts[best] > counts.get(home, 0) else home


def named_motifs(text: str) -> tuple[str, ...]:
    """Return the things that a text names and that can be drawn, first named first."""
    found = []
    for word in re.findall(r"[a-z]+", text.lower()):
        found += [motif.name for motif in load_motifs().values() if word in motif.words]
    return tuple(dict.fromkeys(found))
