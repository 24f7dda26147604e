"""What belongs together scores; the same sentences shuffled, or clipped from all over, do not pass."""

from pathlib import Path

import pytest

from agents.scriptwriter import Input, review, run
from agents.scriptwriter.coherence import coherence, strays
from infra.ids import seeded
from memory.artifacts import Brief, Script
from memory.demo_corpus import load_demo_documents
from tests.fixtures.scripting import Context, make_brief, make_context

TOPICS = (
    "demo-antarctica",
    "demo-fossil-colors",
    "demo-iceland",
    "demo-mongolia",
    "demo-thresher-sharks",
    "demo-titan-craters",
    "demo-voyager",
    "demo-mars-ice",
)


def brief_of(name: str) -> Brief:
    document = next(one for one in load_demo_documents() if one.id == name)
    return make_brief(document, topic=document.title)


def shuffled(script: Script, seed: int) -> Script:
    """Return the script with its facts, the hook apart, in another order."""
    facts = [one for one in script.sentences[1:] if one.citations]
    draw = list(facts)
    seeded("shuffle", seed).shuffle(draw)
    fresh = iter(draw)
    beats = tuple(
        beat.model_copy(update={"sentences": tuple(one if not one.citations or one.id == script.sentences[0].id else next(fresh) for one in beat.sentences)})
        for beat in script.beats
    )
    return script.model_copy(update={"beats": beats})


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path, seconds=60)


@pytest.mark.parametrize("name", TOPICS)
async def test_a_good_script_passes_and_the_same_script_shuffled_does_not(name: str, context: Context) -> None:
    brief = brief_of(name)
    output = await run(Input(brief=brief), context)
    assert output.review.accepted, output.review
    assert output.review.scores["coherence"] >= 0.8
    worse = [review(shuffled(output.script, seed), brief, context.personality, 60) for seed in range(5)]
    assert all(one.score < output.review.score for one in worse)
    assert sum(one.score < 0.75 for one in worse) >= 4, [one.score for one in worse]


async def test_what_points_at_nothing_is_named_and_left_out_of_the_next_version(context: Context) -> None:
    brief = brief_of("demo-fossil-colors")
    output = await run(Input(brief=brief), context)
    assert strays(output.script) == ()
    bad = shuffled(output.script, 1)
    assert coherence(bad) < coherence(output.script)
    verdict = review(bad, brief, context.personality, 60)
    assert any(item.criterion == "coherence" for item in verdict.suggestions)
    again = await run(Input(brief=brief, previous=bad, review=verdict, revision=1), context)
    assert again.review.accepted
