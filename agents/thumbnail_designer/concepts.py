"""Which three ideas a thumbnail is tried with: a figure, a question, a picture or a contrast, taken from the hook."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.thumbnail_designer.figures import figure_of
from agents.thumbnail_designer.naming import plainly_named
from agents.thumbnail_designer.phrases import FUNCTION_WORDS, strongest, terms
from agents.thumbnail_designer.saying import says, title_phrases
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
_PHRASE_CHARS, _FIGURE_CHARS = 23, 26


@dataclass(frozen=True)
class Idea:
    """A concept and the decision that led to it."""

    concept: ThumbnailConcept
    decision: Decision


def plan(script: Script, brief: Brief, pictures: Sequence[Picture]) -> tuple[Idea, ...]:
    """Return three different ideas, the most telling first; the words come from a figure, the title, the headings and what the story names."""
    photos = sorted(pictures, key=lambda one: (-share_of(tuple(key_words(script, brief)), one.caption), -one.width * one.height))
    found = _distinct([*_figures(script), *_of_title(script, brief), *_of_story(script, brief)])
    views = _views(script, brief, [concept.words for concept, _ in found])
    return tuple(
        Idea(concept, _decision(concept, why))
        for concept, why in (
            _pictured(_seen(idea, view), why, photos[place : place + 1]) for place, ((idea, why), view) in enumerate(zip(found, views, strict=True))
        )
    )


def _figures(script: Script) -> list[tuple[ThumbnailConcept, str]]:
    figure = _figure(script)
    return [(ThumbnailConcept(concept="number", words=figure, seed=1), "a figure of the script with what it counts")] if figure else []


def _of_title(script: Script, brief: Brief) -> list[tuple[ThumbnailConcept, str]]:
    """Return a short question that is the topic itself, then the title's own phrases."""
    asked = brief.topic.rstrip("?").split()
    whole = brief.topic.endswith("?") and _WHOLE_QUESTION <= len(asked) <= MAX_WORDS and _short(asked)
    made = [(ThumbnailConcept(concept="question", words=brief.topic, seed=3), "the question that the video answers")] if whole else []
    phrases = [one for one in (*title_phrases(script.title), *title_phrases(brief.topic)) if _short(one.split()) and says(one)]
    made += [(ThumbnailConcept(concept="statement", words=one, seed=4), "a phrase of the title that means something alone") for one in phrases[:3]]
    versus = _versus(script)
    return [
        *made[:2],
        *([(ThumbnailConcept(concept="versus", words=versus[0], against=versus[1], seed=2), "two sides that the script compares")] if versus else []),
        *made[2:],
    ]


def _of_story(script: Script, brief: Brief) -> list[tuple[ThumbnailConcept, str]]:
    """Return what else can stand alone: chapters, names that the story is told about, and at last an invitation."""
    names = names_of(script, brief)
    named = [one for one in telling_phrases(script, brief) if len(one.split()) > 1 or one in names]
    ways: tuple[tuple[float, str, Sequence[str]], ...] = (
        (0.7, "a chapter of the video", [one for one in _headings(script) if tells(one)]),
        (0.3, "what the story names, able to stand alone", [_phrase([one], 1) for one in named]),
        (0.1, "an invitation that promises nothing untrue", _INVITATIONS),
    )
    made = [(telling, why, words) for telling, why, found in ways for words in found]
    return [(ThumbnailConcept(concept="statement", words=words, telling=telling, seed=5 + place % 5), why) for place, (telling, why, words) in enumerate(made)]


def _pictured(concept: ThumbnailConcept, why: str, photo: Sequence[Picture]) -> tuple[ThumbnailConcept, str]:
    """Put a photograph behind an idea where there is one left."""
    if not photo or concept.concept == "versus":
        return concept, why
    kind = "picture" if concept.concept == "statement" else concept.concept
    return concept.model_copy(update={"concept": kind, "picture": photo[0].digest}), f"{why}; beside it the picture of {photo[0].caption[:80]}"


def _short(words: Sequence[str]) -> bool:
    return all(len(word) <= _WORD_CHARS for word in words)


def plain(script: Script, brief: Brief, why: str) -> tuple[Idea, ...]:
    """Return three ideas of one or two short words and no picture, for when the first three could not be composed."""
    keys = sorted(key_words(script, brief), key=len)[:3]
    short = [key for key in keys if len(key) <= _SAFE_CHARS] or ["Look"]
    words = (f"{_phrase(short, 1)}?", _phrase(short, 1), _phrase(short[-1:], 1))
    views = _views(script, brief, words)
    kinds: tuple[Literal["question", "statement"], ...] = ("question", "statement", "statement")
    made = [ThumbnailConcept(concept=kind, words=text, seed=7 + number) for number, (kind, text) in enumerate(zip(kinds, words, strict=True))]
    reason = f"a plainer idea, because the first could not be composed: {why}"
    return tuple(Idea(_seen(concept, view), _decision(concept, reason)) for concept, view in zip(made, views, strict=True))


def _headings(script: Script) -> list[str]:
    """Return whole chapter headings that are short enough for a thumbnail: written as titles, they end where a thought ends."""
    headings = [beat.heading.rstrip(" .:") for beat in script.beats[1:]]
    return [_phrase(one.split(), 4) for one in headings if 2 <= len(one.split()) <= 4 and all(len(word) <= _WORD_CHARS for word in one.split())][:2]


def _distinct(found: Sequence[tuple[ThumbnailConcept, str]]) -> list[tuple[ThumbnailConcept, str]]:
    """Return the first three ideas whose words differ in more than a question mark or capitals."""
    kept: dict[str, tuple[ThumbnailConcept, str]] = {}
    for concept, why in found:
        if len(concept.words) <= (_FIGURE_CHARS if concept.concept == "number" else _PHRASE_CHARS):
            kept.setdefault(re.sub(r"^(?:the|an?) ", "", concept.words.lower().strip(" ?")), (concept, why))
    return list(kept.values())[:3]


def _views(script: Script, brief: Brief, words: Sequence[str]) -> tuple[View, ...]:
    """Return different views for the ideas' words: of what they name themselves, else of what the story is about."""
    views = Views(brief.category, len(script.title))
    return tuple(views.next(one if plainly_named(one) else f"{brief.topic} {script.title}") for one in words)


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


def _figure(script: Script) -> str | None:
    """Return the first figure with what it counts, in at most four words; a figure that would stand without is left out."""
    for sentence in script.sentences:
        figure = figure_of(sentence.text)
        if figure is None or not any(char.isdigit() for char in figure.number):
            continue
        room = MAX_WORDS - len(figure.number.split())
        counted = figure.counted.split()
        link = next((at for at, word in enumerate(counted) if word.lower() in FUNCTION_WORDS), len(counted))
        kept = counted if len(counted) <= room else counted[:link]
        if kept and len(kept) <= room and _short(kept):
            return f"{figure.number} {' '.join(kept)}"
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
