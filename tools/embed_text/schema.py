"""What embedding takes and gives."""

from typing import Annotated

from pydantic import Field

from tools.base import Args as ToolArgs
from tools.base import Result as ToolResult
from tools.base import ToolSpec


class EmbedTextArgs(ToolArgs):
    """Texts to embed, each of at most 100,000 characters."""

    texts: tuple[Annotated[str, Field(max_length=100_000)], ...] = Field(max_length=512)


class EmbedTextResult(ToolResult):
    """One unit vector of 384 numbers per text, in order, and the version of the model that made them."""

    vectors: tuple[tuple[float, ...], ...]
    model_version: str


Args = EmbedTextArgs
Result = EmbedTextResult

SPEC = ToolSpec(
    name="embed_text",
    queue="cpu",
    args=EmbedTextArgs,
    result=EmbedTextResult,
    implementation="tools.embed_text.tool:run",
    timeout_s=120,
    max_attempts=3,
    why_not_alone="",
)
