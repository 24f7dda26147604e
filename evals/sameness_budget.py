"""Is the sameness budget in the right place? `python -m evals.sameness_budget [--seconds S] [--json] FILE ...`

Every channel tells every document of the demo corpus (and of the given files, each a text), and each script is measured against the others as a
production measures it: within its channel, across channels on other stories, and across channels on the same source. The same script with other
nouns is measured beside them. Nothing ordinary may be blocked, and every copy must be.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from evals.context import Bench, open_bench
from evals.script_corpus import Told, demo_briefs, write_corpus
from evals.tasks.documents import CaseDocument, build_brief
from infra.log import configure_logging
from memory.artifacts import Brief
from memory.personality import Sameness, load_personalities
from memory.sameness import Fingerprint, fingerprint_of, meaning, presence, structure, wording
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs

_BATCH = 32
_QUANTILES = (0.5, 0.9, 0.99, 1.0)
Pair = tuple[Told, Told]
_GROUPS: dict[str, Callable[[Pair], bool]] = {
    "own channel, other stories": lambda pair: pair[0].channel == pair[1].channel,
    "other channels, other stories": lambda pair: pair[0].channel != pair[1].channel and pair[0].topic != pair[1].topic,
    "other channels, same source": lambda pair: pair[0].channel != pair[1].channel and pair[0].topic == pair[1].topic,
}
_MEASURES = {"wording": wording, "meaning": meaning, "structure": structure, "presence": presence}


def judge(corpus: Sequence[Told], prints: Sequence[Fingerprint]) -> dict[str, Any]:
    """Return for each group of pairs the quantiles of every measure, and the share of pairs that a limit would block."""
    of = {id(one): found for one, found in zip(corpus, prints, strict=True)}
    made: dict[str, Any] = {"scripts": len(corpus)}
    for group, belongs in _GROUPS.items():
        pairs = [pair for pair in permutations(corpus, 2) if belongs(pair)]
        values = {name: sorted(measure(of[id(one)], of[id(other)]) for one, other in pairs) for name, measure in _MEASURES.items()}
        blocked = sum(_blocks(of[id(one)], of[id(other)], one.channel == other.channel) for one, other in pairs)
        made[group] = {name: [round(found[min(len(found) - 1, int(len(found) * at))], 3) for at in _QUANTILES] for name, found in values.items() if found}
        made[group] |= {"pairs": len(pairs), "blocked": round(blocked / len(pairs), 4) if pairs else 0.0}
    return made


def _blocks(new: Fingerprint, old: Fingerprint, own: bool) -> bool:
    limits = Sameness()
    over = wording(new, old) > (limits.wording_own if own else limits.wording_others)
    over |= meaning(new, old) > (limits.meaning_own if own else limits.meaning_others)
    return over or structure(new, old) > limits.structure or (not own and presence(new, old) > limits.presence)


async def measure(seconds: int, files: Sequence[Path] = ()) -> dict[str, Any]:
    """Write the corpus, take every fingerprint as a production does, and judge."""
    with open_bench() as bench:
        corpus = await write_corpus(bench, (*demo_briefs(), *(_brief(path) for path in files)), tuple(load_personalities()), seconds)
        vectors = await _vectors(bench, [" ".join(one.text for one in told.script.sentences) for told in corpus])
    known = load_personalities()
    prints = [fingerprint_of(told.script, known[told.channel], vector) for told, vector in zip(corpus, vectors, strict=True)]
    return judge(corpus, prints) | {"seconds": seconds, "quantiles": list(_QUANTILES)}


def _brief(path: Path) -> Brief:
    title = path.stem.replace("-", " ").replace("_", " ")
    return build_brief((CaseDocument(id=f"file-{path.stem}", title=title, text=path.read_text("utf-8"), category="science"),))


async def _vectors(bench: Bench, texts: Sequence[str]) -> list[tuple[float, ...]]:
    ctx = bench.context("production", "field-notes")
    found: list[tuple[float, ...]] = []
    for at in range(0, len(texts), _BATCH):
        found += (await ctx.call(EMBED_TEXT, EmbedTextArgs(texts=tuple(texts[at : at + _BATCH])))).vectors
    return found


def main() -> int:
    """Measure, report and return the exit code: 1 when an ordinary pair is blocked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=int, default=45)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    configure_logging("CRITICAL")
    found = asyncio.run(measure(asked.seconds, asked.files))
    sys.stdout.write(json.dumps(found) + "\n" if asked.json else "\n".join(f"{name}: {value}" for name, value in found.items()) + "\n")
    return 0 if not any(found[group]["blocked"] for group in list(_GROUPS)[:2]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
