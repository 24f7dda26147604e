"""Ranking with the real embedding model."""

from pathlib import Path

import pytest

from infra.embedding_onnx import OnnxEmbedder
from tools.find_picture.rank import meaning_scores

CAPTIONS = (
    "An ice sheet calving into the sea",
    "A loaf of sourdough bread on a table",
    "Commuters boarding a tram in the rain",
    "Lava flowing at night from a crater",
    "A rocket lifting off from its pad",
)
QUESTIONS = (
    "The glacier lost a third of its mass.",
    "Bakers let the dough rest overnight.",
    "Public transport carries millions to work.",
    "The volcano erupted without warning.",
    "The launch sent the probe on its way to Mars.",
)


@pytest.mark.slow
def test_each_sentence_finds_its_picture_though_they_share_no_word(tmp_path: Path) -> None:
    embedder = OnnxEmbedder(tmp_path)
    for number, question in enumerate(QUESTIONS):
        scores = meaning_scores(question, CAPTIONS, embedder)
        assert scores is not None
        assert scores.index(max(scores)) == number
