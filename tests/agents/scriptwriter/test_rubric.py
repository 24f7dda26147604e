"""The rubric tells good scripts from bad ones: every seeded fault costs the script its acceptance and is named."""

import asyncio
from collections.abc import Callable

import pytest

from agents.scriptwriter import Input, review, run
from agents.scriptwriter.drafts import Draft, choose, earlier
from agents.scriptwriter.schemas import Review
from memory.artifacts import Brief, Script, Sentence
from memory.demo_corpus import load_demo_documents
from memory.lessons import TEACHES
from tests.fixtures.scripting import Context, make_brief, make_context

GOOD_BRIEFS = ("demo-voyager", "demo-thresher-sharks", "demo-antarctica")


def demo_brief(name: str) -> Brief:
    document = next(one for one in load_demo_documents() if one.id == name)
    words = tuple(word for word in document.title.split() if len(word) > 4)
    return make_brief(document, topic=document.title).model_copy(update={"category": document.category, "keywords": words})


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return make_context(tmp_path_factory.mktemp("rubric"), seconds=60)


@pytest.fixture(scope="module")
def brief() -> Brief:
    return demo_brief("demo-voyager")


@pytest.fixture(scope="module")
def good(context: Context, brief: Brief) -> Script:
    return asyncio.run(run(Input(brief=brief), context)).script


def each(script: Script, change: Callable[[int, Sentence], Sentence]) -> Script:
    """Return the script with every sentence changed; the number counts the facts from 0, other sentences are -1."""
    place, beats = 0, []
    for beat in script.beats:
        said = []
        for sentence in beat.sentences:
            said.append(change(place if sentence.citations else -1, sentence))
            place += bool(sentence.citations)
        beats.append(beat.model_copy(update={"sentences": tuple(said)}))
    return script.model_copy(update={"beats": tuple(beats)})


def repeated(script: Script) -> Script:
    first = next(sentence for sentence in script.sentences[1:] if sentence.citations)
    again = {"text": first.text, "citations": first.citations}
    return each(script, lambda place, one: one.model_copy(update=again) if place in {3, 5} else one)


def without_hook(script: Script) -> Script:
    dull = "There are a number of things which people from different places have been saying about several matters for quite some time."
    return each(script, lambda place, one: one.model_copy(update={"text": dull, "role": "fact"}) if place == 0 else one)


def clippings(script: Script) -> Script:
    """Every fact in a beat of its own, from last to first: nothing leads to anything."""
    facts = [sentence for sentence in script.sentences if sentence.citations]
    order = [facts[0], *reversed(facts[1:])]
    beats = tuple(
        script.beats[0].model_copy(update={"id": f"b{at}", "heading": sentence.text.split()[-1].strip("."), "sentences": (sentence,)})
        for at, sentence in enumerate(order)
    )
    last = beats[-1].model_copy(update={"sentences": (*beats[-1].sentences, script.sentences[-1])})
    return script.model_copy(update={"beats": (*beats[:-1], last)})


def unsupported(script: Script) -> Script:
    return each(script, lambda place, one: one.model_copy(update={"text": "The probe was sold to a museum for 900 dollars."}) if place == 2 else one)


def too_long(script: Script) -> Script:
    return script.model_copy(update={"beats": (*script.beats, *(beat.model_copy(update={"id": f"{beat.id}x"}) for beat in script.beats[-1:]))})


def same_openings(script: Script) -> Script:
    return each(script, lambda place, one: one.model_copy(update={"text": f"Voyager {one.text[0].lower()}{one.text[1:]}"}) if place >= 0 else one)


def empty_headings(script: Script) -> Script:
    return script.model_copy(update={"beats": tuple(beat.model_copy(update={"heading": f"Part {at}"}) for at, beat in enumerate(script.beats))})


BAD = {
    "repetition": repeated,
    "hook": without_hook,
    "coherence": clippings,
    "support": unsupported,
    "slot": too_long,
    "openings": same_openings,
    "headings": empty_headings,
}


@pytest.mark.parametrize("criterion", sorted(BAD))
async def test_a_seeded_fault_costs_the_script_its_acceptance_and_is_named(criterion: str, good: Script, brief: Brief, context: Context) -> None:
    found = review(BAD[criterion](good), brief, context.personality, context.seconds)
    assert found.score < 0.75, found.scores
    assert not found.accepted
    assert criterion in {one.criterion for one in (*found.suggestions, *found.blocking)}


@pytest.mark.parametrize("name", GOOD_BRIEFS)
async def test_a_good_script_is_accepted(name: str, context: Context) -> None:
    output = await run(Input(brief=demo_brief(name)), context)
    assert output.review.accepted, output.review
    assert output.review.score >= 0.75


async def test_a_revision_is_never_worse_than_what_it_revises(good: Script, brief: Brief, context: Context) -> None:
    measured = review(good, brief, context.personality, context.seconds)
    perfect = Review(score=0.999, scores=measured.scores)
    second = await run(Input(brief=brief, previous=good, review=perfect, revision=1), context)
    assert second.script.sentences == good.sentences
    assert second.review.score == 0.999


def test_a_lesson_that_asks_for_a_second_source_lets_the_draft_that_has_one_win(good: Script, brief: Brief) -> None:
    elsewhere = brief.passages[0].model_copy(update={"id": "other#1", "document_id": "other", "publisher": "Another Press"})
    beat = good.beats[-1]
    cited = tuple(one.model_copy(update={"citations": ("other#1",)}) if one.citations else one for one in beat.sentences)
    second = good.model_copy(update={"beats": (*good.beats[:-1], beat.model_copy(update={"sentences": cited}))})
    plain, wide = Draft(good, Review(score=0.9, scores={})), Draft(second, Review(score=0.87, scores={}))
    passages = (*brief.passages, elsewhere)
    assert choose((plain, wide), (), passages)[0] is plain
    best, why = choose((plain, wide), (), passages, (f"It was told. {TEACHES['factual_challenge']}",))
    assert best is wide
    assert any("a lesson asks for a second source" in reason for reason in why.reasons)


def test_the_best_draft_is_chosen_and_a_person_s_wish_puts_the_earlier_one_aside(good: Script, brief: Brief) -> None:
    low, high = Draft(good, Review(score=0.7, scores={})), Draft(good, Review(score=0.9, scores={}))
    best, why = choose((low, high, low), (), brief.passages)
    assert best is high
    assert why.choice == "draft 2 of 3"
    assert why.scores == {"draft 1": 0.7, "draft 2": 0.9, "draft 3": 0.7}
    assert earlier(Input(brief=brief, previous=good, review=high.review)) != ()
    assert earlier(Input(brief=brief, previous=good, review=high.review, notes=("shorter, please",))) == ()
