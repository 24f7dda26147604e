"""A finished script as a person hands it in: Markdown with a title, headings and sentences; what it is measured by, and what is wrong with it."""

import re
from dataclasses import dataclass

from infra.errors import Invalid
from memory.passages import split_sentences

LONGEST_TEXT = 20_000
LONGEST_TITLE, LONGEST_HEADING, LONGEST_SENTENCE = 100, 60, 400
# What a video needs to stand on; a sentence of fewer words stands for nothing by itself.
LEAST_SENTENCES, LEAST_WORDS = 6, 4
LEAST_S, MOST_S = 10, 900
# What the shipped voice reads; a channel's own pace is a little slower or faster.
_WORDS_A_MINUTE = 160
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")


@dataclass(frozen=True)
class Part:
    """A heading and the sentences under it."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class OperatorScript:
    """A script in the operator's own words and order."""

    title: str
    parts: tuple[Part, ...]

    @property
    def seconds(self) -> int:
        """About how long it takes to say it."""
        return round(60 * sum(len(sentence.split()) for part in self.parts for sentence in part.sentences) / _WORDS_A_MINUTE)


def read_script(text: str) -> OperatorScript:
    """Return the script that a text holds: `# Title`, then paragraphs, with `## Heading` where a part begins.

    Raises Invalid naming the field `script`, the limit and the fix.
    """
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"script: {len(text)} characters; at most {LONGEST_TEXT} are taken: cut it into several videos")
    if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
        raise Invalid("script: holds control characters; give plain text or Markdown in UTF-8")
    lines = [line.strip() for line in text.splitlines()]
    first = next((number for number, line in enumerate(lines) if line), None)
    found = _HEADING.match(lines[first]) if first is not None else None
    if first is None or found is None or found.group(1) != "#":
        raise Invalid("script: does not begin with its title; make `# The title` its first line")
    title = found.group(2)
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"script: its title has {len(title)} characters; at most {LONGEST_TITLE} fit a listing")
    script = OperatorScript(title, _parts(title, lines[first + 1 :]))
    _measure(script)
    return script


def _parts(title: str, lines: list[str]) -> tuple[Part, ...]:
    stretches: list[tuple[str, list[str]]] = [(title[:LONGEST_HEADING], [])]
    for line in lines:
        if heading := _HEADING.match(line):
            stretches.append((heading.group(2), []))
        else:
            stretches[-1][1].append(line)
    made = []
    for heading_, body in stretches:
        paragraphs = re.split(r"\n\s*\n", "\n".join(body))
        sentences = tuple(sentence for paragraph in paragraphs for sentence in split_sentences(paragraph))
        if sentences:
            made.append(Part(heading_, sentences))
    return tuple(made)


def _measure(script: OperatorScript) -> None:
    sentences = [sentence for part in script.parts for sentence in part.sentences]
    whole = sum(1 for sentence in sentences if len(sentence.split()) >= LEAST_WORDS)
    if whole < LEAST_SENTENCES:
        raise Invalid(f"script: {whole} sentences of {LEAST_WORDS} words or more; at least {LEAST_SENTENCES} are needed: add to it")
    for part in script.parts:
        if len(part.heading) > LONGEST_HEADING:
            raise Invalid(f"script: the heading {part.heading[:40]!r}... has {len(part.heading)} characters; at most {LONGEST_HEADING} are shown")
    for number, sentence in enumerate(sentences, 1):
        if len(sentence) > LONGEST_SENTENCE:
            raise Invalid(f"script: sentence {number} ({sentence[:40]!r}...) has {len(sentence)} characters; at most {LONGEST_SENTENCE} are said in one breath")
    if not LEAST_S <= script.seconds <= MOST_S:
        fix = "shorten it, or cut it into several videos" if script.seconds > MOST_S else "add to it"
        raise Invalid(f"script: takes about {script.seconds} s to say; {LEAST_S} to {MOST_S} s are made: {fix}")
