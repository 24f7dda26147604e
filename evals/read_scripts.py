"""Writes scripts without filming them, to be read aloud by an editor: `python -m evals.read_scripts OUT.md [--channels a,b] [--from FILE ...]`.

Scout, writer and reviews run as in a production, voice and pictures do not. Without `--from`, channel number n tells number n of the
demo corpus, so that twenty channels tell every brief.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import publisher, scriptwriter, trend_scout
from evals.context import Bench, open_bench
from evals.tasks.scripts import time_script
from graphs.routes import MAX_REVISIONS
from infra.log import get_logger
from memory.artifacts import Brief, Format, Script
from memory.demo_corpus import load_demo_documents
from memory.personality import load_personalities

SCRIPTS_WRITTEN = "scripts.written"
_SLOTS = (30, 45, 60)


@dataclass(frozen=True)
class Assignment:
    """What one channel is asked to tell, in how many seconds, from which files (none: the demo corpus)."""

    channel: str
    topic: str | None
    seconds: int
    sources: tuple[str, ...] = ()
    format: Format = Format.LANDSCAPE


@dataclass(frozen=True)
class Written:
    """A brief and the script that came of it, or why there is none."""

    assignment: Assignment
    brief: Brief | None
    output: scriptwriter.Output | None
    refusal: str = ""


def demo_assignments(channels: Sequence[str], seconds: int | None = None) -> list[Assignment]:
    """Return one assignment per channel, each with a brief of the demo corpus that suits it and, while there are any, one of its own."""
    known = load_personalities()
    free = list(load_demo_documents())
    made = []
    for number, name in enumerate(channels):
        free = free or list(load_demo_documents())
        document = next((one for one in free if one.category in known[name].categories), free[0])
        free.remove(document)
        made.append(Assignment(name, document.title, seconds or _SLOTS[number % len(_SLOTS)], format=known[name].format))
    return made


async def write(assignment: Assignment, bench: Bench) -> Written:
    """Run scout and writer, with as many revisions as a production allows."""
    about = {"seconds": assignment.seconds, "format": assignment.format}
    scout = bench.context("trend_scout", assignment.channel, **about)
    found = await trend_scout.run(trend_scout.Input(topic=assignment.topic, sources=assignment.sources), scout)
    if found.brief is None:
        return Written(assignment, None, None, found.refusal or "")
    writer = bench.context("scriptwriter", assignment.channel, **about)
    output = await scriptwriter.run(scriptwriter.Input(brief=found.brief), writer)
    for revision in range(1, MAX_REVISIONS + 1):
        if output.review.accepted:
            break
        output = await scriptwriter.run(scriptwriter.Input(brief=found.brief, previous=output.script, review=output.review, revision=revision), writer)
    return Written(assignment, found.brief, output)


def as_text(written: Written) -> str:
    """Return a script as an editor reads it: title, beats, sentences with what they cite, description, chapters, tags, decisions."""
    asked = written.assignment
    head = f"# {asked.channel}, {asked.seconds} s, {asked.format.value}: {asked.topic or ', '.join(asked.sources)}"
    if written.output is None or written.brief is None:
        return f"{head}\n\nrefused: {written.refusal}\n"
    script, review = written.output.script, written.output.review
    lines = [head, "", f"TITLE {script.title}", *(f"  or: {one}" for one in script.title_candidates[1:])]
    weak = {name: value for name, value in review.scores.items() if value < 0.8}
    lines += [f"template {script.template}, score {review.score}, weak: {weak}, blocking: {[one.text for one in review.blocking]}", ""]
    for beat in script.beats:
        lines.append(f"## {beat.heading}")
        lines += [f"  {_mark(one.role)} {one.text}  [{', '.join(cited.rpartition('-')[2] for cited in one.citations)}]" for one in beat.sentences]
    lines += ["", "TAGS " + ", ".join(script.tags)]
    lines += [f"DECIDED {one.question} {one.choice} | not {', '.join(one.alternatives)}" for one in written.output.decisions if "disagree" in one.question]
    return "\n".join([*lines, "DESCRIPTION", _described(script, written), ""])


def _described(script: Script, written: Written) -> str:
    if written.brief is None:
        return ""
    personality = load_personalities()[written.assignment.channel]
    chapters = publisher.chapters_of(script, time_script(script))
    return scriptwriter.compose_description(script, written.brief, personality, chapters, written.brief.provenance)


def _mark(role: str) -> str:
    return {"hook": "*", "fact": "-", "quote": '"'}.get(role, "~")


async def _read(assignments: Sequence[Assignment]) -> list[Written]:
    with open_bench() as bench:
        return [await write(one, bench) for one in assignments]


def main() -> None:
    """Write every script that was asked for into one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--channels", default="", help="channel ids, comma-separated; all when left out")
    parser.add_argument("--seconds", type=int, default=None)
    parser.add_argument("--topic", default=None)
    parser.add_argument("--from", dest="sources", action="append", default=[])
    asked: Any = parser.parse_args()
    channels = [one for one in asked.channels.split(",") if one] or sorted(load_personalities())
    if asked.sources or asked.topic:
        assignments = [Assignment(one, asked.topic, asked.seconds or 45, tuple(asked.sources)) for one in channels]
    else:
        assignments = demo_assignments(channels, asked.seconds)
    written = asyncio.run(_read(assignments))
    asked.out.write_text("\n".join(as_text(one) for one in written), "utf-8")
    get_logger(__name__).info(SCRIPTS_WRITTEN, count=len(written), out=str(asked.out))


if __name__ == "__main__":
    main()
