"""What a collection of trends leaves in the media store: signals, and an index of quotable texts."""

from pydantic import BaseModel, ConfigDict, TypeAdapter

from memory.artifacts import TrendSignal
from memory.media import MediaStore


class IndexedDocument(BaseModel):
    """A quotable text met while collecting: `digest` names its SourceDocument."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    category: str
    digest: str


_SIGNALS = TypeAdapter(tuple[TrendSignal, ...])
_INDEX = TypeAdapter(tuple[IndexedDocument, ...])


def read_signals(store: MediaStore, digest: str) -> tuple[TrendSignal, ...]:
    """Return the signals stored under `digest`; raises `ArtifactMissing` or `ArtifactCorrupt`."""
    return _SIGNALS.validate_json(store.read(digest))


def read_index(store: MediaStore, digest: str) -> tuple[IndexedDocument, ...]:
    """Return the index of quotable documents stored under `digest`; raises `ArtifactMissing` or `ArtifactCorrupt`."""
    return _INDEX.validate_json(store.read(digest))
