"""Which three ideas a thumbnail is tried with: a figure, a question, a picture or a contrast, taken from the hook."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.thumbnail_designer.subjects import subject_of
from agents.thumbnail_designer.wording import data_scene
from memory.artifacts import Brief, Decision, Picture, Script
from memory.personality import Personality
from tools.compose_thumbnail.schema import MAX_WORDS, ComposeThumbnailArgs, ThumbnailConcept
from tools.lexical import share_of

AGENT = "thumbnail_designer"
_FUNCTION_WORDS = """a an and are as at be been but by can could did do does for from had has have how in into is it its may more most not of on or
our than that the their there these they this to was were what when where which while who why will with would you your about after all also one two"""
_WEAK = frozenset(_FUNCTION_WORDS.split())
_WORD_CHARS = 11
_SAFE_CHARS = 8


@dataclass(frozen=True)
class Idea:
    """A concept and the decision that led to it."""

    concept: ThumbnailConcept
    decision: Decision


def plan(script: Script, brief: Brief, pictures: Sequence[Picture]) -> tuple[Idea, ...]:
    """Return three different ideas, the most telling first; the words come from the title and the hook."""
    keys = key_words(script, brief)
    subject = subject_of(f"{script.title} {brief.topic}", brief.category)
    photos = sorted(pictures, key=lambda one: (-share_of(tuple(keys), one.caption), -one.width * one.height))
    found: list[tuple[ThumbnailConcept, str]] = []
    figure = _figure(script)
    if figure:
        found.append((ThumbnailConcept(concept="number", words=figure, subject=subject, seed=1), "a figure of the script, as large as it gets"))
    if photos:
        found.append(
            (
                ThumbnailConcept(concept="picture", words=_phrase(keys, 3), picture=photos[0].digest, subject=subject),
                f"the picture nearest to the title: {photos[0].caption[:80]}",
            )
        )
    versus = _versus(script)
    if versus:
        found.append((ThumbnailConcept(concept="versus", words=versus[0], against=versus[1], subject=subject, seed=2), "two sides that the script compares"))
    found.append((ThumbnailConcept(concept="question", words=_question(brief, keys), subject=subject, seed=3), "the question that the video answers"))
    second = photos[1].digest if len(photos) > 1 else None
    found.append((ThumbnailConcept(concept="statement", words=_phrase(keys, 3), picture=second, subject=subject, seed=4), "the topic in its own key words"))
    found.append((ThumbnailConcept(concept="statement", words=_phrase(keys, 2), subject=subject, seed=5), "the topic in two words"))
    return tuple(Idea(concept, _decision(concept, why)) for concept, why in found[:3])


def plain(script: Script, brief: Brief, why: str) -> tuple[Idea, ...]:
    """Return three ideas of one or two short words and no picture, for when the first three could not be composed."""
    keys = sorted(key_words(script, brief), key=len)[:3]
    subject = subject_of(f"{script.title} {brief.topic}", brief.category)
    short = [key for key in keys if len(key) <= _SAFE_CHARS] or ["Look"]
    words = (f"{short[0]}?", short[0], short[-1])
    kinds: tuple[Literal["question", "statement"], ...] = ("question", "statement", "statement")
    made = [ThumbnailConcept(concept=kind, words=text, subject=subject, seed=7 + number) for number, (kind, text) in enumerate(zip(kinds, words, strict=True))]
    return tuple(Idea(concept, _decision(concept, f"a plainer idea, because the first could not be composed: {why}")) for concept in made)


def compose_args(ideas: Sequence[Idea], personality: Personality, seed: int) -> ComposeThumbnailArgs:
    """Return the call that composes the ideas in the channel's look."""
    concepts = tuple(idea.concept.model_copy(update={"seed": idea.concept.seed + 10 * seed}) for idea in ideas)
    return ComposeThumbnailArgs(concepts=concepts, look=personality.look, channel=personality.name)


def key_words(script: Script, brief: Brief) -> list[str]:
    """Return words that stand together in the title, else in the topic: its longest run without function words."""
    for text in (script.title, brief.topic):
        runs: list[list[str]] = [[]]
        for word in re.findall(r"[^\W_][\w’'-]*", text):
            if word.lower() in _WEAK or len(word) > _WORD_CHARS:
                runs.append([])
            else:
                runs[-1].append(word)
        best = max(runs, key=len)
        if best:
            return best
    return ["Look"]


def _phrase(keys: Sequence[str], words: int) -> str:
    return " ".join(keys[:words])


def _question(brief: Brief, keys: Sequence[str]) -> str:
    topic = [word for word in re.findall(r"[^\W_][\w’'-]*", brief.topic) if word.lower() not in _WEAK and len(word) <= _WORD_CHARS]
    return f"{_phrase(topic or keys, 2).capitalize()}?"


def _figure(script: Script) -> str | None:
    for sentence in script.sentences:
        scene = data_scene(sentence, "number")
        if scene is not None and any(char.isdigit() for char in scene.number):
            words = f"{scene.number} {scene.kicker}".split()
            short = words if len(words) <= 3 and all(len(word) <= _WORD_CHARS for word in words) else scene.number.split()
            return " ".join(short[:MAX_WORDS])
    return None


def _versus(script: Script) -> tuple[str, str] | None:
    for sentence in script.sentences:
        scene = data_scene(sentence, "comparison")
        if scene is not None:
            left, right = ([word for word in item.text.split() if word.lower() not in _WEAK] for item in scene.items[:2])
            if left and right and len(left[-1]) <= 9 and len(right[-1]) <= 9 and left[-1] != right[-1]:
                return left[-1], right[-1]
    return None


def _decision(concept: ThumbnailConcept, why: str) -> Decision:
    return Decision(agent=AGENT, question="What could the thumbnail say?", choice=f"{concept.concept}: “{concept.words}”", reasons=(why,))
