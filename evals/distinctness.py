"""Do the personalities stay distinct? `python -m evals.distinctness [--topics N] [--seconds S] [--json]`

A multinomial naive Bayes classifier (McCallum and Nigam, 1998) learns from scripts of all channels who wrote them, and names the writer of scripts on
topics that it never saw. It reads only what the channels say themselves: sentences without a citation, the template and the rhythm. What is quoted from
sources is the same for all, and the channels' names are blanked, since a name would give its channel away.
"""

import argparse
import asyncio
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.context import open_bench
from evals.script_corpus import Told, demo_briefs, write_corpus
from infra.log import configure_logging
from memory.personality import load_personalities
from tools.write_text.offline.words import spoken_words

GOAL = 0.8
FOLDS = 4
_SMOOTHING = 0.1
_WORD = re.compile(r"[^\W\d_][\w’'-]*|[!?;:]")
_WORST = 8


@dataclass(frozen=True)
class Classifier:
    """How often each feature stands in the scripts of each channel."""

    counts: Mapping[str, Counter[str]]
    known: frozenset[str]

    def name(self, features: Iterable[str]) -> str:
        """Return the likeliest writer; of equally likely ones, the first by id."""
        seen = [one for one in features if one in self.known]
        return max(sorted(self.counts), key=lambda channel: self._likelihood(channel, seen))

    def _likelihood(self, channel: str, seen: Sequence[str]) -> float:
        counted = self.counts[channel]
        whole = counted.total() + _SMOOTHING * len(self.known)
        return math.fsum(math.log((counted[one] + _SMOOTHING) / whole) for one in seen)


def learn(examples: Iterable[tuple[str, Sequence[str]]]) -> Classifier:
    """Return a classifier of examples, each a writer and the features of one script."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for channel, features in examples:
        counts[channel].update(features)
    return Classifier(counts, frozenset(one for counted in counts.values() for one in counted))


def features_of(told: Told) -> tuple[str, ...]:
    """Return what of a script is its channel's own: words and pairs of words by role, the template, and how long its sentences run."""
    script = told.script
    names = re.compile("|".join(re.escape(one.name) for one in load_personalities().values()))
    found = [f"template {script.template}", f"pace {round(sum(spoken_words(one.text) for one in script.sentences) / 12)}"]
    for sentence in script.sentences:
        if not sentence.citations:
            words = _WORD.findall(names.sub("", sentence.text).lower())
            found += [f"{sentence.role} {word}" for word in words] + [f"{one} {other}" for one, other in zip(words, words[1:], strict=False)]
    return tuple(found)


def judge(corpus: Sequence[Told], folds: int = FOLDS) -> dict[str, Any]:
    """Return how often the writer of a script on an unseen topic is named, over `folds` splits of the topics, and which channels are mistaken for which."""
    topics = sorted({one.topic for one in corpus})
    features = {id(one): features_of(one) for one in corpus}
    wrong: Counter[tuple[str, str]] = Counter()
    asked: Counter[str] = Counter()
    for fold in range(folds):
        held = set(topics[fold::folds])
        model = learn((one.channel, features[id(one)]) for one in corpus if one.topic not in held)
        for one in (one for one in corpus if one.topic in held):
            named = model.name(features[id(one)])
            asked[one.channel] += 1
            if named != one.channel:
                wrong[one.channel, named] += 1
    right = asked.total() - wrong.total()
    missed = {channel: sum(count for (writer, _), count in wrong.items() if writer == channel) for channel in asked}
    return {
        "scripts": asked.total(),
        "channels": len(asked),
        "topics": len(topics),
        "accuracy": round(right / asked.total(), 4),
        "chance": round(1 / len(asked), 4),
        "goal": GOAL,
        "worst_channels": {one: round(1 - missed[one] / asked[one], 4) for one in sorted(asked, key=lambda one: (-missed[one] / asked[one], one))[:_WORST]},
        "worst_pairs": [{"writer": one, "taken_for": other, "times": times} for (one, other), times in wrong.most_common(_WORST)],
    }


async def measure(topics: int | None = None, seconds: int = 45) -> dict[str, Any]:
    """Write the corpus and judge it."""
    with open_bench() as bench:
        corpus = await write_corpus(bench, demo_briefs(topics), tuple(load_personalities()), seconds)
    return judge(corpus, min(FOLDS, len({one.topic for one in corpus}))) | {"seconds": seconds}


def main() -> int:
    """Measure, report and return the exit code: 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, default=None, help="how many documents of the demo corpus, at least 2; all when left out")
    parser.add_argument("--seconds", type=int, default=45)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.topics is not None and asked.topics < 2:
        parser.error(f"--topics {asked.topics}: at least 2 are needed, one to learn from and one to ask about")
    configure_logging("CRITICAL")
    found = asyncio.run(measure(asked.topics, asked.seconds))
    if asked.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.write("\n".join(f"{name:<16}{value}" for name, value in found.items()) + "\n")
    return 0 if found["accuracy"] >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
