"""The tool: one vector per text in order, made once per text, whatever happens to the cache."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from infra.embedding import MODEL_VERSION
from infra.embedding_onnx import OnnxEmbedder
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.embed_text import tool
from tools.embed_text.schema import SPEC, EmbedTextArgs, EmbedTextResult


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEmbedder:
    return OnnxEmbedder(tmp_path_factory.mktemp("cache"))


class Counting:
    """The real embedder, and every text that reached it."""

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self.embedder = embedder
        self.seen: list[str] = []

    def embed(self, texts: Any) -> Any:
        self.seen += texts
        return self.embedder.embed(texts)


@pytest.fixture
def counting(embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting(embedder)
    monkeypatch.setattr(tool, "shared_embedder", lambda _: counting)
    return counting


@pytest.fixture
def ctx(settings: Settings, tmp_path: Path) -> ToolContext:
    return ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=tmp_path)


def test_vectors_come_in_order_one_per_text_and_equal_texts_are_embedded_once(counting: Counting, ctx: ToolContext) -> None:
    result = tool.run(EmbedTextArgs(texts=("tide", "moon", "tide")), ctx)
    assert counting.seen == ["tide", "moon"]
    assert result.model_version == MODEL_VERSION
    assert result.vectors[0] == result.vectors[2] != result.vectors[1]
    assert np.abs(np.array(result.vectors[:2]) - counting.embedder.embed(["tide", "moon"])).max() < 1e-6


def test_a_text_embedded_before_is_taken_from_the_cache_to_the_last_digit(counting: Counting, ctx: ToolContext) -> None:
    first = tool.run(EmbedTextArgs(texts=("tide", "moon")), ctx)
    second = tool.run(EmbedTextArgs(texts=("moon", "tide", "sun")), ctx)
    assert counting.seen == ["tide", "moon", "sun"]
    assert second.vectors[:2] == (first.vectors[1], first.vectors[0])


def test_a_corrupt_or_foreign_cache_entry_is_made_again(counting: Counting, ctx: ToolContext) -> None:
    first = tool.run(EmbedTextArgs(texts=("tide",)), ctx)
    digest = ctx.store.remembered("embed_text", [MODEL_VERSION, "tide"])
    assert digest is not None
    ctx.store.path(digest).write_bytes(b"\0" * 3072)
    assert tool.run(EmbedTextArgs(texts=("tide",)), ctx) == first
    ctx.store.remember("embed_text", [MODEL_VERSION, "tide"], ctx.store.put_bytes(b"12345678"))
    assert tool.run(EmbedTextArgs(texts=("tide",)), ctx) == first
    assert counting.seen == ["tide"] * 3


def test_no_texts_give_no_vectors_and_load_no_model(counting: Counting, ctx: ToolContext) -> None:
    assert tool.run(EmbedTextArgs(texts=()), ctx).vectors == ()
    assert counting.seen == []


def test_a_result_survives_the_trip_through_a_job(counting: Counting, ctx: ToolContext) -> None:
    result = tool.run(EmbedTextArgs(texts=("tide",)), ctx)
    assert EmbedTextResult.model_validate_json(result.model_dump_json()) == result
    assert SPEC.implementation == f"{tool.__name__}:{tool.run.__name__}"


@pytest.mark.parametrize("texts", [("x",) * 513, ("x" * 100_001,)])
def test_too_many_or_too_long_texts_are_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        EmbedTextArgs(texts=texts)
