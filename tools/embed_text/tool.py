"""Embed texts with MiniLM, one cached vector per text."""

from collections.abc import Sequence

import numpy as np

from infra.embedding import DIMENSIONS, MODEL_VERSION
from infra.embedding_onnx import shared_embedder
from memory.media import ArtifactCorrupt, ArtifactMissing, MediaStore
from tools.base import ToolContext
from tools.embed_text.schema import EmbedTextArgs, EmbedTextResult

_NAMESPACE = "embed_text"
_CHUNK = 64
# Six decimals keep a cosine exact to 1e-6 and a job's row a third as long.
_DECIMALS = 6

Vector = tuple[float, ...]


def run(args: EmbedTextArgs, ctx: ToolContext) -> EmbedTextResult:
    """Return a unit vector of 384 numbers per text (all-MiniLM-L6-v2, mean pooling); equal texts have equal vectors."""
    distinct = list(dict.fromkeys(args.texts))
    known = {text: found for text in distinct if (found := _remembered(ctx.store, text)) is not None}
    missing = [text for text in distinct if text not in known]
    for start in range(0, len(missing), _CHUNK):
        chunk = missing[start : start + _CHUNK]
        known.update(zip(chunk, _embed(chunk, ctx), strict=True))
        ctx.progress((start + len(chunk)) / len(missing), f"{start + len(chunk)} of {len(missing)} texts embedded")
    return EmbedTextResult(vectors=tuple(known[text] for text in args.texts), model_version=MODEL_VERSION)


def _embed(texts: Sequence[str], ctx: ToolContext) -> list[Vector]:
    made = np.round(shared_embedder(ctx.settings.cache_root).embed(texts).astype(np.float64), _DECIMALS)
    vectors: list[Vector] = [tuple(row) for row in made.tolist()]
    for text, vector in zip(texts, vectors, strict=True):
        ctx.store.remember(_NAMESPACE, [MODEL_VERSION, text], ctx.store.put_bytes(np.array(vector, "<f8").tobytes()))
    return vectors


def _remembered(store: MediaStore, text: str) -> Vector | None:
    digest = store.remembered(_NAMESPACE, [MODEL_VERSION, text])
    if digest is None:
        return None
    try:
        vector = np.frombuffer(store.read(digest), "<f8")
    except (ArtifactMissing, ArtifactCorrupt):
        return None  # a cache entry that cannot be read is made again
    return tuple(vector.tolist()) if vector.shape == (DIMENSIONS,) else None
