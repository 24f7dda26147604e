"""Reading the real starter corpus: rights, dates and language of every article, pictures with their credits, and the retraction trap."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from memory.artifacts import SourceDocument
from tests.fixtures.sources import tool_context
from tests.fixtures.starter_corpus import corpus_folder
from tools.read_source.schema import ReadSourceArgs
from tools.read_source.tool import run
from tools.vendors.feeds.client import parse_feed

pytestmark = pytest.mark.data


def rows() -> list[dict[str, Any]]:
    with gzip.open(corpus_folder() / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_article_is_read_with_its_licence_date_and_language(tmp_path: Path) -> None:
    articles = rows()
    (tmp_path / "all.jsonl").write_text("\n".join(json.dumps(row) for row in articles))
    ctx = tool_context(tmp_path)
    result = run(ReadSourceArgs(path=str(tmp_path / "all.jsonl")), ctx)
    documents = [SourceDocument.model_validate_json(ctx.store.read(entry.digest)) for entry in result.documents]
    assert [document.id for document in documents] == [row["id"] for row in articles]
    assert {document.language for document in documents} == {"en"}
    assert all(document.published is not None and document.url.startswith("https://") for document in documents)
    by_licence = {row["id"]: row["license"] for row in articles}
    for document in documents:
        assert document.rights.quotable
        assert document.rights.share_alike == ("BY-SA" in by_licence[document.id])
        assert document.rights.credit


def test_the_retracted_paper_is_noticed_even_without_a_note(tmp_path: Path) -> None:
    folder = tmp_path / "pair"
    folder.mkdir()
    for row in rows():
        if row["id"] in {"plos-ppat.0020025", "plos-pone.0008519"}:
            kept = {key: row[key] for key in ("id", "title", "text", "publisher", "published", "url", "license")}
            (folder / f"{row['id']}.json").write_text(json.dumps(kept))
    result = run(ReadSourceArgs(path=str(folder)), tool_context(tmp_path))
    assert {entry.id: entry.retracted for entry in result.documents} == {"plos-ppat.0020025": True, "plos-pone.0008519": False}


def test_a_picture_story_finds_its_pictures_and_their_credits(tmp_path: Path) -> None:
    corpus = corpus_folder()
    credits = json.loads((corpus / "pictures" / "credits.json").read_bytes())
    folder = tmp_path / "story"
    folder.mkdir()
    shutil.copy(corpus / "pictures" / "credits.json", folder)
    chosen = [entry for entry in credits if "wp-amazon_rainforest" in entry.get("matches", [])][:3]
    for entry in chosen:
        shutil.copy(corpus / "pictures" / entry["file"], folder)
    (row,) = [row for row in rows() if row["id"] == "wp-amazon_rainforest"]
    (folder / "article.json").write_text(json.dumps(row))
    ctx = tool_context(tmp_path)
    result = run(ReadSourceArgs(path=str(folder)), ctx)
    document = SourceDocument.model_validate_json(ctx.store.read(result.documents[0].digest))
    assert {shown.rights.credit for shown in document.pictures} == {entry["credit"] for entry in chosen}
    assert {shown.document_id for shown in document.pictures} == {"wp-amazon_rainforest"}


def test_the_real_feeds_give_every_entry_in_full() -> None:
    counts = {}
    for path in sorted((corpus_folder() / "feeds").glob("*.xml")):
        feed = parse_feed(path.read_bytes())
        counts[path.stem] = len(feed.entries)
        assert not feed.damaged
        assert all(len(entry.text.split()) >= 75 and entry.published and entry.url and entry.rights for entry in feed.entries), path.name
    assert sum(counts.values()) == 221
