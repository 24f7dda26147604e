"""How many of the things drawn for sentences are right, against labels written by hand: the demo corpus, and real articles where they are at hand."""

import tomllib
from importlib.resources import files

import numpy as np
import pytest

from agents.thumbnail_designer.naming import judged, plainly_named, shown_for
from infra.settings import load_settings
from memory.demo_corpus import load_demo_documents
from memory.media import MediaStore
from memory.passages import split_passages
from tests.fixtures.starter_corpus import corpus_documents
from tools.base import ToolContext
from tools.drawing.motifs import load_motifs
from tools.embed_text.schema import EmbedTextArgs
from tools.embed_text.tool import run as embed

# Embedding some two hundred texts takes seconds wherever it runs.
pytestmark = pytest.mark.slow
LEAST_PRECISION = 0.9
LABELS: dict[str, dict[str, str]] = tomllib.loads((files("evals.datasets") / "motif_labels.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> ToolContext:
    """One store for the module: what a drawn thing shows is embedded once."""
    folder = tmp_path_factory.mktemp("embedded")
    return ToolContext(settings=load_settings(), store=MediaStore(folder / "media"), scratch=folder)


def shown(texts: dict[str, tuple[str, str]], ctx: ToolContext) -> dict[str, tuple[str, ...]]:
    """Return what would be drawn for each (text, title)."""
    motifs = load_motifs()
    lines = np.asarray(embed(EmbedTextArgs(texts=tuple(one.about for one in motifs.values())), ctx).vectors)
    near = np.asarray(embed(EmbedTextArgs(texts=tuple(text for text, _ in texts.values())), ctx).vectors) @ lines.T
    drawn = {}
    for (name, (text, title)), row in zip(texts.items(), near, strict=True):
        found = judged(name, text, dict(zip(motifs, map(float, row), strict=True)), plainly_named(title))
        drawn[name] = shown_for(text, {one.motif: one.nearness for one in found})
    return drawn


def precision(drawn: dict[str, tuple[str, ...]], labels: dict[str, str]) -> tuple[float, list[str]]:
    """Return the share of drawn things that are right, and those that are not."""
    pairs = [(name, motif) for name, motifs in drawn.items() for motif in motifs]
    wrong = [f"{motif}: {name}" for name, motif in pairs if motif not in labels[name].split()]
    return 1 - len(wrong) / len(pairs), wrong


def test_nine_of_ten_things_drawn_for_demo_sentences_are_right(ctx: ToolContext) -> None:
    labels = LABELS["demo"]
    title = " ".join(document.title for document in load_demo_documents() if document.id == "demo-fossil-colors")
    drawn = shown({text: (text, title) for text in labels}, ctx)
    share, wrong = precision(drawn, labels)
    assert len(labels) >= 60
    assert share >= LEAST_PRECISION, wrong
    assert sum(bool(one) for one in drawn.values()) >= 0.6 * len(drawn)


@pytest.mark.data
@pytest.mark.parametrize("chosen", ["real", "blind"])
def test_nine_of_ten_things_drawn_for_passages_of_real_articles_are_right(ctx: ToolContext, chosen: str) -> None:
    labels = LABELS[chosen]
    documents = corpus_documents(*{name.rpartition("#")[0] for name in labels})
    texts = {passage.id: (passage.text, document.title) for document in documents for passage in split_passages(document) if passage.id in labels}
    share, wrong = precision(shown(texts, ctx), labels)
    assert len(texts) >= 60
    assert share >= LEAST_PRECISION, wrong
