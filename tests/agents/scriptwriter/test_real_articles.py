"""Scripts from real articles: accepted within three revisions, in their slot, and never from a retracted source."""

import json
from pathlib import Path

import pytest

from agents.scriptwriter import Input, run
from agents.scriptwriter.evidence import conflict_decisions, find_conflicts, full_passages
from agents.scriptwriter.schemas import Output
from memory.artifacts import Brief, SourceDocument
from tests.fixtures.scripting import make_brief, make_context
from tests.fixtures.starter_corpus import corpus_documents, corpus_folder
from tools.write_text.offline.words import spoken_words

pytestmark = pytest.mark.data
TOPICS = {
    "Mars helicopter Ingenuity": ("voa-7905637", "voa-7379281"),
    "NASA reconnects with Voyager": ("voa-7872624",),
    "Kenya": ("cia-ke", "wp-kenya"),
    "Iceland": ("cia-ic", "nasa-earth-036"),
    "Thresher sharks": ("plos-pone.0067380",),
    "Carbon dioxide": ("nasa-eic-co2",),
    "Neptune": ("wp-neptune",),
    "The Black Death": ("wp-black_death",),
    "Breaking bad habits": ("voa-5654403",),
    "The samurai": ("wp-samurai",),
}


def brief_of(topic: str, names: tuple[str, ...]) -> Brief:
    found: dict[str, SourceDocument] = {document.id: document for document in corpus_documents(*names)}
    return make_brief(*(found[name] for name in names), topic=topic)


async def accepted(brief: Brief, home: Path) -> Output:
    context = make_context(home, seconds=60)
    output = await run(Input(brief=brief), context)
    for revision in (1, 2, 3):
        if output.review.accepted:
            break
        output = await run(Input(brief=brief, previous=output.script, review=output.review, revision=revision), context)
    return output


@pytest.mark.parametrize("topic", sorted(TOPICS))
async def test_a_real_topic_becomes_an_accepted_script_in_its_slot(topic: str, tmp_path: Path) -> None:
    output = await accepted(brief_of(topic, TOPICS[topic]), tmp_path)
    words = sum(spoken_words(sentence.text) for sentence in output.script.sentences)
    assert output.review.accepted, output.review
    assert abs(words - 150) <= 9
    assert 2 <= len(output.script.beats) <= 6
    assert spoken_words(output.script.sentences[0].text) <= 16


async def test_a_retracted_paper_is_never_cited(tmp_path: Path) -> None:
    brief = brief_of("The virus XMRV", ("plos-ppat.0020025", "plos-pone.0008519", "plos-pone.0026358"))
    assert next(document for document in brief.documents if document.id == "plos-ppat.0020025").retracted
    output = await run(Input(brief=brief), make_context(tmp_path, seconds=45))
    assert "plos-ppat.0020025" not in {passage.document_id for passage in output.passages}


@pytest.mark.parametrize("subject", ["Kenya", "Iceland", "Egypt", "Liberia", "Glaciers", "Tuvalu"])
def test_real_pairs_conflict_only_where_they_disagree(subject: str) -> None:
    pairs = json.loads((corpus_folder() / "pairs.json").read_text("utf-8"))
    names = next((tuple(pair["docs"]) for pair in pairs if pair["subject"] == subject), ("cia-ic", "nasa-earth-036"))
    brief = brief_of(subject, names)
    conflicts = find_conflicts(brief, full_passages(brief))
    if subject != "Kenya":
        assert conflicts == ()
        return
    assert [(one.about, one.said) for one in conflicts] == [("president of Kenya", ("William RUTO", "Uhuru Kenyatta"))]
    decision = conflict_decisions(conflicts)[0]
    assert decision.choice.startswith("William RUTO (CIA World Factbook")
    assert decision.alternatives[0].startswith("Uhuru Kenyatta (Wikipedia")


def test_stale_figures_of_a_country_lose_against_newer_ones() -> None:
    brief = brief_of("Kenya", ("cia-ke", "wp-kenya"))
    older = brief.documents[1].model_copy(
        update={"text": "Kenya had a population of 28 million people in total. Kenya had a literacy rate of 78 percent of adults."}
    )
    newer = brief.documents[0].model_copy(
        update={"text": "Kenya has a population of 58 million people in total. Kenya had a literacy rate of 83 percent of adults."}
    )
    pair = make_brief(older, newer, topic="Kenya")
    conflicts = find_conflicts(pair, full_passages(pair))
    assert {conflict.dropped_value for conflict in conflicts} == {28_000_000, 78}
    assert {conflict.kept.document_id for conflict in conflicts} == {"cia-ke"}
