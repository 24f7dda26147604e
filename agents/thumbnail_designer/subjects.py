"""In which view a named thing is shown, never the same twice; and whose scene stands for a story that names nothing."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

from agents.thumbnail_designer.naming import plainly_named
from tools.drawing.motifs import COMPOSITIONS
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

    def next(self, words: str) -> View:
        """Return a view of what the words name, or the category's own scene when they name nothing that can be drawn."""
        motif = self.thing(plainly_named(words))
        return self.of(motif) if motif else View(subject_of(words, self.category))

    def thing(self, things: Sequence[str]) -> str:
        """Return which of these things to show: one with a view left, the least used, another than the last shown; empty when there is none."""
        fresh = [one for one in things if self.used[one] < len(COMPOSITIONS)]
        return min(fresh, key=lambda one: (self.used[one] + 2 * (one == self.last[0]), fresh.index(one)), default="")

    def of(self, motif: str) -> View:
        """Return the next view of a thing."""
        count = len(COMPOSITIONS)
        order = [(self.seed + step) % count for step in range(count)]
        fresh = [one for one in order if (motif, one) not in self.seen] or order
        composition = min(fresh, key=lambda one: (one == self.last[1], self.composed[one], order.index(one)))
        self.used[motif] += 1
        self.composed[composition] += 1
        self.seen.add((motif, composition))
        self.last = (motif, composition)
        return View(subject_of("", self.category), motif, composition)


def subject_of(text: str, category: str) -> Subject:
    """Return the story's category, unless at least two strong words of the text name one other subject; an unknown category counts as science."""
    home: Subject = next((subject for subject in get_args(Subject) if subject == category), "science")
    words = re.findall(r"[a-z]+", text.lower())
    counts = {subject: sum(word in known for word in words) for subject, known in _LOOKUP.items()}
    best = max(counts, key=lambda one: counts[one])
    return best if counts[best] >= _CUES_NEEDED and counts[best] > counts.get(home, 0) else home
