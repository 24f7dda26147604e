"""What finding evidence takes and gives."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.base import Args, Result, ToolSpec


class FindEvidenceArgs(Args):
    """A topic to find documents about.

    `documents` are digests of the user's own SourceDocuments: they are always kept and come first. `index` is the
    `documents` digest of a `collect_trends` result. `demo` allows the demo corpus only (and nothing else outside
    `documents`). `limit` bounds the documents returned.
    """

    topic: str = Field(min_length=2, max_length=300)
    keywords: tuple[str, ...] = ()
    category: str = ""
    language: str = "en"
    documents: tuple[str, ...] = ()
    index: str | None = None
    demo: bool = False
    limit: int = Field(default=6, ge=1, le=40)
    budget_s: float = Field(default=40.0, gt=0, le=300)


class LookedAt(BaseModel):
    """One place that was searched, what it offered and why some of it was not taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str
    query: str
    status: Literal["searched", "failed", "off"]
    found: int = 0
    kept: int = 0
    reason: str = ""
    rejected: tuple[str, ...] = ()


class FindEvidenceResult(Result):
    """`documents` are digests of SourceDocuments, best first; empty when nothing fits, and `looked_at` says where."""

    documents: tuple[str, ...]
    passages: int
    looked_at: tuple[LookedAt, ...]
    network: bool
    demo: bool


SPEC = ToolSpec(
    name="find_evidence",
    queue="io",
    args=FindEvidenceArgs,
    result=FindEvidenceResult,
    implementation="tools.find_evidence.tool:run",
    timeout_s=120.0,
    max_attempts=2,
    why_not_alone="",
)
