"""Sentence embeddings as a port: what a vector is and who makes it, without loading any model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:  # whoever only names vectors, as most processes do, does not load the library that computes them
    import numpy as np
    import numpy.typing as npt

DIMENSIONS = 384
# Names the weights and everything else that shapes a vector; vectors of different versions are never compared.
MODEL_VERSION = "all-minilm-l6-v2/fp32/1"

Vectors: TypeAlias = "npt.NDArray[np.float32]"


class Embedder(Protocol):
    """Turns texts into unit vectors, so that a dot product is a cosine similarity."""

    @property
    def model_version(self) -> str:
        """What made the vectors."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), 384), float32, each row of length 1; row i depends on text i only."""
        ...
