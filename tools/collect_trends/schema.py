"""What collecting trends takes and gives."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from memory.collected import IndexedDocument as IndexedDocument
from memory.collected import read_index as read_index
from memory.collected import read_signals as read_signals
from memory.rights import LicenceId
from tools.base import Args, Result, ToolSpec

SourceKind = Literal["feed", "hackernews", "wikipedia_top", "reddit", "gtrends"]


class Source(BaseModel):
    """One entry of the catalogue: where a publisher can be heard, and what may be done with its words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    name: str
    url: str
    category: str
    language: str = "en"
    kind: SourceKind = "feed"
    licence: LicenceId = "SIGNAL-ONLY"
    licence_name: str = ""
    terms_url: str = ""
    verified_at: str = ""


class CollectTrendsArgs(Args):
    """Which sources to look at. Empty tuples mean all; `sources` replaces the shipped catalogue (an OPML import, say).

    `budget_s` bounds the whole collection in seconds; sources not reached by then are reported as failed.
    """

    categories: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    sources: tuple[Source, ...] = ()
    limit_sources: int | None = Field(default=None, ge=1)
    entries_per_source: int = Field(default=30, ge=1, le=200)
    max_age_days: float | None = Field(default=7.0, gt=0)
    budget_s: float = Field(default=60.0, gt=0, le=600)


class SourceStatus(BaseModel):
    """What became of one source in this collection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_id: str
    status: Literal["ok", "not_modified", "failed", "off"]
    reason: str = ""
    signals: int = 0
    documents: int = 0


class CollectTrendsResult(Result):
    """`signals` names a JSON list of TrendSignal; `documents` names a JSON list of IndexedDocument (quotable full texts).

    `collected_at` is the one time of the whole collection: signals of an unchanged source keep the time they were first read.
    """

    signals: str
    signal_count: int
    documents: str
    document_count: int
    sources: tuple[SourceStatus, ...]
    network: bool
    collected_at: AwareDatetime
    took_s: float


SPEC = ToolSpec(
    name="collect_trends",
    queue="io",
    args=CollectTrendsArgs,
    result=CollectTrendsResult,
    implementation="tools.collect_trends.tool:run",
    timeout_s=180.0,
    max_attempts=2,
    why_not_alone="",
)
