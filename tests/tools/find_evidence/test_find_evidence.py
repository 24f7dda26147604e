"""Finding evidence: what is taken, what is turned down and why, and what happens without a network."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from memory.artifacts import Provenance, SourceDocument
from memory.demo_corpus import load_demo_documents
from memory.media import MediaStore
from tests.fixtures.sources import GLACIER, VOLCANO, document, tool_context
from tools.base import ToolContext, ToolError
from tools.find_evidence.schema import FindEvidenceArgs, FindEvidenceResult
from tools.find_evidence.tool import run
from tools.sandbox import Sandbox, server_error
from tools.sources_sandbox import sources_app
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app


@pytest.fixture
def box() -> Iterator[Sandbox]:
    parts: dict[str, ASGIApp] = {
        "wikipedia": wiki_app(
            (
                WikiArticle("Glacier", GLACIER),
                WikiArticle("Glacier (band)", "Glacier is a band. " * 40),
                WikiArticle("Ice glacier", "Glacier ice.", disambiguation=True),
            )
        ),
        "wikinews": wiki_app((WikiArticle("Volcano erupts", VOLCANO),), "https://creativecommons.org/licenses/by/2.5/", "CC BY 2.5", "https://en.wikinews.org"),
    }
    with Sandbox(sources_app(parts)) as running:
        yield running


def put(store: MediaStore, *documents: SourceDocument) -> tuple[str, ...]:
    return tuple(store.put_bytes(each.model_dump_json().encode()) for each in documents)


def load(ctx: ToolContext, result: FindEvidenceResult) -> list[SourceDocument]:
    return [SourceDocument.model_validate_json(ctx.store.read(digest)) for digest in result.documents]


def test_a_wiki_article_comes_with_licence_credit_date_and_passages(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    result = run(FindEvidenceArgs(topic="How glaciers lose their ice"), ctx)
    found = load(ctx, result)
    assert found[0].title == "Glacier"
    assert found[0].rights.licence == "CC-BY-SA"
    assert "contributors" in found[0].rights.credit
    assert found[0].published is not None
    assert found[0].provenance is Provenance.SIMULATED
    assert result.network
    assert result.passages >= 10
    assert any("list of meanings" in reason for look in result.looked_at for reason in look.rejected)


def test_the_users_own_documents_come_first_and_are_never_crowded_out(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    own = put(ctx.store, document("mine", "My notes on glaciers", GLACIER, "OWN"))
    result = run(FindEvidenceArgs(topic="glacier", documents=own, limit=1), ctx)
    assert [each.id for each in load(ctx, result)] == ["mine"]


def test_feeds_with_a_licence_that_forbids_changes_are_turned_down_with_the_reason(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    documents = (
        document("open", "Glacier news", GLACIER),
        document("closed", "Glacier news too", GLACIER, "CC-BY-ND"),
        document("far", "Cooking pasta", VOLCANO),
    )
    entries = [
        {"id": each.id, "title": each.title, "category": "", "digest": digest} for each, digest in zip(documents, put(ctx.store, *documents), strict=True)
    ]
    index = ctx.store.put_bytes(json.dumps(entries).encode())
    result = run(FindEvidenceArgs(topic="glacier", index=index), ctx)
    ids = [each.id for each in load(ctx, result)]
    assert "open" in ids
    assert "closed" not in ids
    assert "far" not in ids
    feeds = next(look for look in result.looked_at if look.where == "feeds")
    assert any("does not allow" in reason for reason in feeds.rejected)


def test_a_retracted_document_is_dropped_when_another_one_retracts_it(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    paper = document("paper", "Glacier growth proven", GLACIER, url="https://doi.org/10.1234/glacier.1")
    notice = document("notice", "Retraction: Glacier growth proven", GLACIER)
    entries = [
        {"id": each.id, "title": each.title, "category": "", "digest": digest}
        for each, digest in zip((paper, notice), put(ctx.store, paper, notice), strict=True)
    ]
    index = ctx.store.put_bytes(json.dumps(entries).encode())
    result = run(FindEvidenceArgs(topic="glacier growth", index=index), ctx)
    assert "paper" not in [each.id for each in load(ctx, result)]
    assert any("retracted" in reason for look in result.looked_at for reason in look.rejected)


def test_a_topic_without_evidence_gives_nothing_and_says_where_it_looked(tmp_path: Path, box: Sandbox) -> None:
    result = run(FindEvidenceArgs(topic="quarterly zebra futures"), tool_context(tmp_path, box.url))
    assert result.documents == ()
    assert {look.where for look in result.looked_at} == {"wikipedia", "wikinews"}
    assert all(look.reason for look in result.looked_at)


def test_one_dead_place_does_not_stop_the_others(tmp_path: Path, box: Sandbox) -> None:
    box.faults.always("/wikipedia", server_error(503))
    ctx = tool_context(tmp_path, box.url)
    result = run(FindEvidenceArgs(topic="volcano eruption ash"), ctx)
    assert [each.publisher for each in load(ctx, result)] == ["Wikinews"]
    assert {look.where: look.status for look in result.looked_at} == {"wikipedia": "failed", "wikinews": "searched"}


def test_without_a_network_nothing_is_found_and_the_demo_corpus_answers_only_when_asked(tmp_path: Path) -> None:
    ctx = tool_context(tmp_path, network="off")
    topic = load_demo_documents()[0].title
    live = run(FindEvidenceArgs(topic=topic), ctx)
    demo = run(FindEvidenceArgs(topic=topic, demo=True), ctx)
    assert (live.documents, live.network) == ((), False)
    assert demo.demo
    assert {each.provenance for each in load(ctx, demo)} == {Provenance.DEMO}
    assert load(ctx, demo)[0].title == topic


def test_a_topic_without_a_word_to_search_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no word to search for"):
        run(FindEvidenceArgs(topic="the of and !!"), tool_context(tmp_path, network="off"))


def test_the_same_question_gives_the_same_documents(tmp_path: Path, box: Sandbox) -> None:
    ctx = tool_context(tmp_path, box.url)
    first, second = (run(FindEvidenceArgs(topic="glaciers and ice"), ctx) for _ in range(2))
    assert first == second
