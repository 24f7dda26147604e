"""Productions as clients start and see them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from api.http.fields import Body, FreeText, storable
from memory.artifacts import Format, Privacy

Status = Literal["running", "waiting", "paused", "published", "refused", "rejected", "failed"]
Autonomy = Literal["manual", "review", "policy", "autonomous"]
ChannelId = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
Reason = Annotated[FreeText, Field(min_length=1, max_length=500, description="Why, for whoever reads it next.")]


Address = Annotated[str, Field(pattern=r"^https?://", max_length=2000), AfterValidator(storable)]


class NewRun(Body):
    """A video to make. Sources are addresses of the web; files are uploaded as a task."""

    channel: ChannelId
    topic: Annotated[FreeText, Field(min_length=3, max_length=200)] | None = None
    sources: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    seconds: Annotated[int, Field(ge=10, le=900)] = 60
    format: Format | None = Field(default=None, description="Null: the channel's own.")
    autonomy: Autonomy | None = Field(default=None, description="Null: the channel's own. A freer one only for a person who may decide.")
    privacy: Privacy = "public"
    publish_at: AwareDatetime | None = Field(default=None, description="When a public video is shown; null: at once.")
    late: Literal["refuse", "ask", "publish"] = Field(default="publish", description="What becomes of one that is not ready by then.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class Paused(BaseModel):
    """Who paused a production, when, and why."""

    by: str
    at: datetime
    reason: str


class RunView(BaseModel):
    """One production. While it is `waiting`, `approval` is the question that a person has to decide; while it is `paused`, nobody works on it."""

    id: str
    kind: str
    channel: str
    video: str | None
    autonomous_run: str | None
    status: Status
    topic: str | None
    title: str
    provenance: str
    reasons: list[str]
    error: str | None
    stop_reason: str | None = Field(description="Why it is to end, once somebody wants that.")
    paused: Paused | None = Field(description="Null unless it is paused.")
    approval: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    request: dict[str, Any]


class RunPage(BaseModel):
    """Some productions, newest first, and the cursor of the next page."""

    items: list[RunView]
    next: str | None


class Stop(Body):
    """Why it is to end."""

    reason: Reason


class Pause(Body):
    """Why it is to rest; nothing need be said."""

    reason: Reason = "no reason given"


class TraceJob(BaseModel):
    """One call of a tool: `input` and `output` are digests; `args` and `result` are null where they are long."""

    id: str
    node: str
    iteration: int
    ordinal: int
    agent: str
    tool: str
    queue: str
    state: str
    attempts: int
    progress: float
    note: str
    input: str
    args: dict[str, Any] | None
    output: str | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class TraceSnapshot(BaseModel):
    """What an agent saw before it decided."""

    node: str
    iteration: int
    artifact: str
    created_at: datetime


class TraceDecision(BaseModel):
    """What an agent chose, and why."""

    node: str
    iteration: int
    agent: str
    decision: dict[str, Any]
    created_at: datetime


class TraceArtifact(BaseModel):
    """Something that was kept: `GET /v1/runs/{run_id}/artifacts/{digest}` reads it."""

    digest: str
    kind: str
    media_type: str
    bytes: int
    provenance: str


class Trace(BaseModel):
    """Everything that the agents were given, chose and made, in its order."""

    jobs: list[TraceJob]
    snapshots: list[TraceSnapshot]
    decisions: list[TraceDecision]
    artifacts: list[TraceArtifact]


class RunEvent(BaseModel):
    """Something that happened."""

    seq: int
    kind: str
    payload: dict[str, Any]
    at: datetime


class Timeline(BaseModel):
    """Some events, oldest first; `next` goes on from the last one, also when none is newer yet."""

    items: list[RunEvent]
    next: str


class CostShare(BaseModel):
    """What one provider or production comes to."""

    key: str
    usd: float
    calls: int


class RunCosts(BaseModel):
    """What was paid or may still be paid by calls that are open; `unknown_usd` is booked at its worst."""

    total_usd: float
    unknown_usd: float
    calls: int
    by_provider: list[CostShare]
    by_run: list[CostShare]
