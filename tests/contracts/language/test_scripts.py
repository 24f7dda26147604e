"""Scouting and writing through a language model: a valid script from the evidence, by each vendor's real client, with its costs booked."""

from collections.abc import Iterator

import pytest

from agents import scriptwriter, trend_scout
from agents.scriptwriter.evidence import full_passages
from agents.scriptwriter.rubric import is_standing_line
from evals.context import Bench as Home
from evals.context import EvalContext, open_bench
from memory.artifacts import Brief, Decision
from memory.personality import get_personality
from memory.support import check_script
from memory.takeover import check_takeover
from tests.fixtures.language import Bench
from tests.fixtures.scripting import make_brief, make_document
from tools.base import ToolError
from tools.vendors.language_script import Reply, prose, refused
from tools.write_text.offline.words import spoken_words


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with open_bench() as made:
        yield made


@pytest.fixture
def writer(paid: Bench, home: Home) -> EvalContext:
    """The scriptwriter's context with the vendor's real client."""
    return made_for("scriptwriter", paid, home)


def made_for(agent: str, paid: Bench, home: Home, fallback: str = "model") -> EvalContext:
    channel = get_personality("field-notes").model_copy(update={"writing_fallback": fallback})
    # The critic has tests of its own: these count what the writer asks.
    settings = paid.settings.model_copy(update={"home": home.settings.home, "network": "off", "models_critic": "offline"})
    return EvalContext(agent=agent, personality=channel, settings=settings, store=home.store, seconds=45, run_id=paid.run_id)


def decided(decisions: tuple[Decision, ...], question: str) -> Decision:
    return next(one for one in decisions if one.question == question)


def assert_good(output: scriptwriter.Output, brief: Brief, context: EvalContext) -> None:
    script = output.script
    standing = {one.id for one in script.sentences if is_standing_line(one.text, context.personality)}
    findings = check_script(script, full_passages(brief), f"{brief.topic} {' '.join(brief.keywords)}")
    assert [one for one in findings if one.sentence_id not in standing] == []
    assert check_takeover(script, brief.documents) == ()
    assert all(sentence.citations for sentence in script.sentences if sentence.role in {"hook", "fact", "quote"})
    target = 45 * context.personality.voice.words_per_minute / 60
    assert abs(sum(spoken_words(sentence.text) for sentence in script.sentences) - target) <= 0.15 * target
    assert output.review.blocking == ()


async def test_a_chosen_topic_becomes_a_script_of_the_model_with_its_cost_booked(paid: Bench, home: Home, writer: EvalContext) -> None:
    chosen = await trend_scout.run(trend_scout.Input(), made_for("trend_scout", paid, home))
    assert chosen.brief is not None
    output = await scriptwriter.run(scriptwriter.Input(brief=chosen.brief), writer)
    assert output.script.writer.startswith(f"{paid.vendor.name}:")
    assert_good(output, chosen.brief, writer)
    assert paid.asked == 1
    assert paid.spent() > 0
    assert decided(output.decisions, "Who writes?").scores == {"cost_usd": paid.spent() / 1e6}


async def test_a_revision_reads_the_evidence_from_the_providers_cache(paid: Bench, writer: EvalContext) -> None:
    trees = ("Elm", "Oak", "Ash", "Fir", "Yew", "Lime", "Pine", "Birch", "Alder", "Maple", "Cedar", "Hazel")
    places = [f"{side} {tree}" for side in ("North", "South", "East", "West", "Upper") for tree in trees]
    towers = (f"The tower of {place} stands {n + 40} meters above the sea near the old harbor town." for n, place in enumerate(places))
    brief = make_brief(make_document("\n\n".join(towers)))
    first = await scriptwriter.run(scriptwriter.Input(brief=brief), writer)
    again = await scriptwriter.run(scriptwriter.Input(brief=brief, previous=first.script, review=first.review, notes=("shorter",), revision=1), writer)
    assert again.script.writer == first.script.writer
    billed = paid.script.billed
    assert (len(billed), billed[0]["cache_read"]) == (2, 0)
    assert int(billed[1]["cache_read"]) > 0.6 * int(billed[1]["input"])


async def test_evidence_that_only_lends_facts_is_quoted_and_never_taken_over(paid: Bench, home: Home) -> None:
    document = make_document(licence="SIGNAL-ONLY")
    context = made_for("scriptwriter", paid, home)
    context.seconds = 25
    output = await scriptwriter.run(scriptwriter.Input(brief=make_brief(document)), context)
    assert check_takeover(output.script, (document,)) == ()
    assert any("“" in sentence.text for sentence in output.script.sentences)


@pytest.mark.parametrize("reply", [prose(), Reply('{"beats": [], "titles": ["x"], "tags": []}')], ids=["prose", "empty script"])
async def test_a_first_answer_that_cannot_be_used_is_repaired(paid: Bench, home: Home, reply: Reply) -> None:
    paid.answers.append(reply)
    # A document of its own, since an answer to the same prompt would not be bought again.
    brief = make_brief(make_document(name=paid.run_id))
    context = made_for("scriptwriter", paid, home)
    context.seconds = 20
    output = await scriptwriter.run(scriptwriter.Input(brief=brief), context)
    assert paid.asked == 2
    assert output.review.blocking == ()
    assert output.script.writer.startswith(paid.vendor.name)


async def test_a_model_that_refuses_leaves_the_story_to_the_offline_writer_only_where_the_channel_allows_it(paid: Bench, home: Home) -> None:
    chain = f"{paid.vendor.name}:{paid.model().model}, offline"
    brief = make_brief(make_document(name=paid.run_id))
    for fallback in ("model", "offline"):
        paid.answers.append(refused())
        context = made_for("scriptwriter", paid, home, fallback)
        context.settings = context.settings.model_copy(update={"models_writer": chain})
        if fallback == "model":
            with pytest.raises(ToolError, match="writing_fallback is 'model'"):
                await scriptwriter.run(scriptwriter.Input(brief=brief), context)
            continue
        output = await scriptwriter.run(scriptwriter.Input(brief=brief), context)
        who = decided(output.decisions, "Who writes?")
        assert (who.choice, who.alternatives) == ("offline", (chain.partition(",")[0],))
        assert "refused to answer" in who.reasons[0]
