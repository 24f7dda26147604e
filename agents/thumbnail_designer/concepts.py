"""Which three ideas a thumbnail is tried with: a figure, a question, a picture or a contrast, taken from the hook."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.thumbnail_designer.figures import figure_of
from agents.thumbnail_designer.phrases import FUNCTION_WORDS, strongest, terms
from agents.thumbnail_designer.subjects import View, Views
from agents.thumbnail_designer.telling import names_of, telling_phrases, tells, without_verb
from agents.thumbnail_designer.wording import data_scene
from memory.artifacts import Brief, Decision, Picture, Script
from memory.personality import Personality
from tools.compose_thumbnail.schema import MAX_WORDS, ComposeThumbnailArgs, ThumbnailConcept
from tools.lexical import share_of

AGENT = "thumbnail_designer"
_FUNCTION_WORDS = """a an and are as at be been but by can could did do does for from had has have how in into is it its may more most not of on or
our than that the their there these they this to was were what when where which while who why will with would you your about after all also one two"""
_WEAK = frozenset(_FUNCTION_WORDS.split()) | FUNCTION_WORDS
# As many as the ideas asked for: whatever the title and the headings are, three different true ideas come out.
_INVITATIONS = ("Look closer", "What we know", "The whole story")
_WORD_CHARS = 13
_SAFE_CHARS = 8
_WHOLE_QUESTION = 3
# What is longer comes out under 14% of the height.
_PHRASE_CHARS = 21


@dataclass(frozen=True)
class Idea:
    """A concept and the decision that led to it."""

    concept: ThumbnailConcept
    decision: Decision


def plan(script: Script, brief: Brief, pictures: Sequence[Picture]) -> tuple[Idea, ...]:
    """Return three different ideas, the most telling first; the words come from the title and the hook."""
    keys = key_words(script, brief)
    views = _views(script, brief)
    photos = sorted(pictures, key=lambda one: (-share_of(tuple(keys), one.caption), -one.width * one.height))
    found: list[tuple[ThumbnailConcept, str]] = []
    figure = _figure(script)
    if figure:
        found.append((ThumbnailConcept(concept="number", words=figure, seed=1), "a figure of the script, as large as it gets"))
    if photos:
        found.append(
            (
                ThumbnailConcept(concept="picture", words=_phrase(keys, 3), picture=photos[0].digest),
                f"the picture nearest to the title: {photos[0].caption[:80]}",
            )
        )
    versus = _versus(script)
    if versus:
        found.append((ThumbnailConcept(concept="versus", words=versus[0], against=versus[1], seed=2), "two sides that the script compares"))
    found.append((ThumbnailConcept(concept="question", words=_question(brief, keys), seed=3), "the question that the video answers"))
    second = photos[1].digest if len(photos) > 1 else None
    found.append((ThumbnailConcept(concept="statement", words=_phrase(keys, 3), picture=second, seed=4), "the topic in its own key words"))
    found.append(
        (
            ThumbnailConcept(concept="statement", words=_phrase(terms(brief.topic)[-1].split() if terms(brief.topic) else keys, 3), seed=5),
            "the topic in two words",
        )
    )
    telling = telling_phrases(script, brief)
    found = [(concept, why) for concept, why in found if concept.concept in {"number", "versus"} or _stands_alone(concept.words, names_of(script, brief))]
    found += [(ThumbnailConcept(concept="statement", words=_phrase([text], 1), seed=5), "what the story names, able to stand alone") for text in telling]
    found += [(ThumbnailConcept(concept="statement", words=text, seed=6), "a chapter of the video") for text in _headings(script) if tells(text)]
    found += [(ThumbnailConcept(concept="statement", words=text, seed=8), "an invitation that promises nothing untrue") for text in _INVITATIONS]
    return tuple(Idea(_seen(concept, view), _decision(concept, why)) for (concept, why), view in zip(_distinct(found), views, strict=True))


def plain(script: Script, brief: Brief, why: str) -> tuple[Idea, ...]:
    """Return three ideas of one or two short words and no picture, for when the first three could not be composed."""
    keys = sorted(key_words(script, brief), key=len)[:3]
    views = _views(script, brief)
    short = [key for key in keys if len(key) <= _SAFE_CHARS] or ["Look"]
    words = (f"{_phrase(short, 1)}?", _phrase(short, 1), _phrase(short[-1:], 1))
    kinds: tuple[Literal["question", "statement"], ...] = ("question", "statement", "statement")
    made = [ThumbnailConcept(concept=kind, words=text, seed=7 + number) for number, (kind, text) in enumerate(zip(kinds, words, strict=True))]
    reason = f"a plainer idea, because the first could not be composed: {why}"
    return tuple(Idea(_seen(concept, view), _decision(concept, reason)) for concept, view in zip(made, views, strict=True))


def _stands_alone(words: str, names: frozenset[str]) -> bool:
    """Say whether an idea's words mean something alone; a whole question of three words or more does."""
    asked = words.rstrip("?").split()
    return tells(words.rstrip("?"), names) or (words.endswith("?") and len(asked) >= _WHOLE_QUESTION and asked[0].lower() in FUNCTION_WORDS)


def _headings(script: Script) -> list[str]:
    """Return whole chapter headings that are short enough for a thumbnail: written as titles, they end where a thought ends."""
    headings = [beat.heading.rstrip(" .:") for beat in script.beats[1:]]
    return [_phrase(one.split(), 4) for one in headings if 2 <= len(one.split()) <= 4 and all(len(word) <= _WORD_CHARS for word in one.split())][:2]


def _distinct(found: Sequence[tuple[ThumbnailConcept, str]]) -> list[tuple[ThumbnailConcept, str]]:
    """Return the first three ideas whose words differ in more than a question mark or capitals."""
    kept: dict[str, tuple[ThumbnailConcept, str]] = {}
    for concept, why in found:
        if len(concept.words) <= _PHRASE_CHARS:
            kept.setdefault(concept.words.lower().strip(" ?"), (concept, why))
    return list(kept.values())[:3]


def _views(script: Script, brief: Brief) -> tuple[View, ...]:
    """Return three different views of what the story is about, so that the variants differ in picture as in words."""
    views = Views(brief.category, len(script.title))
    return tuple(views.next(f"{brief.topic} {script.title}") for _ in range(3))


def _seen(concept: ThumbnailConcept, view: View) -> ThumbnailConcept:
    return concept.model_copy(update={"subject": view.subject, "motif": view.motif, "composition": view.composition})


def compose_args(ideas: Sequence[Idea], personality: Personality, seed: int) -> ComposeThumbnailArgs:
    """Return the call that composes the ideas in the channel's look."""
    concepts = tuple(idea.concept.model_copy(update={"seed": idea.concept.seed + 10 * seed}) for idea in ideas)
    return ComposeThumbnailArgs(concepts=concepts, look=personality.look, channel=personality.name)


def key_words(script: Script, brief: Brief) -> list[str]:
    """Return the strongest term of the title, else of the topic, else their longest run without function words, else what the script says most."""
    named = next((term.split() for term in map(strongest, (terms(script.title), terms(brief.topic))) if term), None)
    if named is not None and len(named) <= 3 and all(len(word) <= _WORD_CHARS for word in named) and tells(" ".join(named), names_of(script, brief)):
        return named
    runs = [run for run in map(_longest_run, (script.title, brief.topic)) if tells(" ".join(run[:3]), names_of(script, brief))]
    said = [one.split() for one in telling_phrases(script, brief)[:1]]
    return next((run for run in runs if len(run) > 1), None) or next(iter((*runs, *said)), ["Look"])


def _longest_run(text: str) -> list[str]:
    """Return the longest run of words between function words and punctuation marks, without the verb it would end on."""
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[^\W_][\w’'-]*|[:;,.?!–—|]", text):
        if word.lower() in _WEAK or len(word) > _WORD_CHARS or not word[0].isalnum():
            runs.append([])
        else:
            runs[-1].append(word)
    return max((without_verb(run) for run in runs), key=len)


def _phrase(keys: Sequence[str], words: int) -> str:
    phrase = " ".join(keys[:words])
    return phrase[:1].upper() + phrase[1:]


def _question(brief: Brief, keys: Sequence[str]) -> str:
    """Return a whole short question of the title, else the name before its comma or its key words, asked."""
    asked = brief.topic.rstrip("?").split()
    if len(asked) <= MAX_WORDS and brief.topic.endswith("?") and all(len(word) <= _WORD_CHARS for word in asked):
        return brief.topic
    name = brief.topic.split(",")[0].split()
    return f"{_phrase(name if len(name) <= 2 and ',' in brief.topic else keys, 3)}?"


def _figure(script: Script) -> str | None:
    for sentence in script.sentences:
        figure = figure_of(sentence.text)
        if figure is not None and any(char.isdigit() for char in figure.number):
            counted = figure.counted.split()
            fits = len(counted) <= 2 and len(f"{figure.number} {figure.counted}".split()) <= MAX_WORDS and all(len(word) <= _WORD_CHARS for word in counted)
            return f"{figure.number} {figure.counted}" if fits and "%" not in figure.number else figure.number
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
