"""How well a picture's words fit a sentence: by meaning where the embedding model is there, and by shared words."""

from collections.abc import Callable, Sequence

import numpy as np

from infra.embedding import Embedder
from infra.embedding_graph import ModelMissing
from memory.artifacts import Picture
from tools.lexical import content_terms, share_of
from tools.picture_search import FoundPicture

MEANING = 0.65
OWN_BONUS = 0.05

Scorer = Callable[[Sequence[str]], list[float]]


def words_of(picture: FoundPicture | Picture) -> str:
    """Return the words that say what a picture shows."""
    if isinstance(picture, Picture):
        return picture.caption
    return ". ".join(part for part in (picture.title, picture.description[:400], ", ".join(picture.tags[:12])) if part)


def lexical_scores(question: str, keywords: Sequence[str], texts: Sequence[str]) -> list[float]:
    """Return 0..1 for each text: the share of the keywords' stems and of the sentence's stems that it holds, the keywords counting double."""
    wanted, said = content_terms(" ".join(keywords)), content_terms(question)
    return [(2 * share_of(wanted, text) + share_of(said, text)) / 3 if wanted else share_of(said, text) for text in texts]


def meaning_scores(question: str, texts: Sequence[str], embedder: Embedder) -> list[float] | None:
    """Return the cosine similarity of each text to the question, not below 0; None where the model is missing on this machine."""
    try:
        vectors = np.asarray(embedder.embed([question, *texts]), dtype=np.float32)
    except ModelMissing:
        return None
    return [float(max(0.0, value)) for value in vectors[1:] @ vectors[0]]


def blend(lexical: Sequence[float], meaning: Sequence[float] | None) -> list[float]:
    """Return one relevance for each picture: meaning finds synonyms, words keep names and numbers right."""
    if meaning is None:
        return [round(score, 4) for score in lexical]
    return [round(MEANING * near + (1 - MEANING) * shared, 4) for near, shared in zip(meaning, lexical, strict=True)]
