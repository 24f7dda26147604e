"""Tasks as clients see and send them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, field_validator

from api.http.fields import Body, FreeText, all_storable
from memory.artifacts import Format, Privacy
from memory.operator_script import LONGEST_TEXT
from memory.ready_film import (
    LONGEST_CREDIT,
    LONGEST_DESCRIPTION,
    LONGEST_REASON,
    LONGEST_TAG,
    LONGEST_TITLE,
    MOST_TAGS,
    PLAIN,
    PLAIN_CREDIT,
    PLAIN_TAG,
    Basis,
)

MOST_TASKS = 50
Priority = Literal["urgent", "high", "normal"]
Status = Literal["queued", "planned", "running", "done", "failed", "cancelled"]
Kind = Literal["topic", "sources", "video", "script", "ready", "tool", "agent"]
Agent = Annotated[
    str, Field(pattern=r"^[a-z_]{1,64}(\.[a-z_]{1,64})?$", description="An agent, or `agent.part` for a part of what it does, of `GET /v1/agents`.")
]
Topic = Annotated[FreeText, Field(min_length=3, max_length=200)]
Source = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r"^(https?://\S+|upload_[0-9a-f]{32})$",
        description="An address on the web, or the id of an upload; never a path of the server.",
    ),
]
Level = Annotated[
    Literal["manual", "review", "policy", "autonomous"] | None,
    Field(description="Null: that of the run that takes it. A freer one than the channel's (of any, where none is named) only for a person who may decide."),
]
Upload = Annotated[str, Field(pattern=r"^upload_[0-9a-f]{32}$", description="The id of an upload.")]
Sources = Annotated[tuple[Source, ...], Field(min_length=1, max_length=20)]


class _Wish(Body):
    channel: Annotated[str | None, Field(pattern=r"^[a-z0-9_-]{1,64}$", description="Null: whichever channel has most room.")] = None
    priority: Priority = "normal"
    due_at: Annotated[AwareDatetime | None, Field(description="When the video is to be shown; in the future, with an offset from UTC.")] = None
    key: Annotated[str | None, Field(min_length=1, max_length=200, description="Two tasks of one key are one task.")] = None


class TopicTask(_Wish):
    """A video about a topic."""

    kind: Literal["topic"]
    topic: Topic


class SourcesTask(_Wish):
    """A video from given sources, about a topic or about what they say."""

    kind: Literal["sources"]
    sources: Sources
    topic: Topic | None = None


class VideoTask(_Wish):
    """A video in every respect. It needs a topic or sources."""

    kind: Literal["video"]
    topic: Topic | None = None
    sources: Annotated[tuple[Source, ...], Field(max_length=20)] = ()
    seconds: Annotated[int | None, Field(ge=10, le=900)] = None
    format: Format | None = None
    autonomy: Level = None
    privacy: Privacy | None = None


class ScriptTask(_Wish):
    """A video of a finished script (`# Title`, `## Headings`, sentences), which stands on its sources or is declared to be your own text."""

    kind: Literal["script"]
    script: Annotated[FreeText, Field(min_length=1, max_length=LONGEST_TEXT)]
    own_text: bool = False
    sources: Annotated[tuple[Source, ...], Field(max_length=20)] = ()
    topic: Topic | None = None
    seconds: Annotated[int | None, Field(ge=10, le=900)] = None
    format: Format | None = None
    autonomy: Level = None
    privacy: Privacy | None = None


class ReadyTask(_Wish):
    """A video that came finished: its film (`POST /v1/films`) and its captions (`POST /v1/uploads`), and what you say of it.

    It is brought into the studio's shape, measured, screened, given a thumbnail of its own frames, asked about and published like any other; nothing is
    written, voiced or drawn into it.
    """

    kind: Literal["ready"]
    film: Upload
    captions: Upload | None = None
    no_captions: Annotated[FreeText | None, Field(min_length=1, max_length=LONGEST_REASON, description="Why there are none, such as: nobody speaks.")] = None
    title: Annotated[FreeText, Field(min_length=1, max_length=LONGEST_TITLE, pattern=PLAIN)]
    description: Annotated[FreeText, Field(min_length=1, max_length=LONGEST_DESCRIPTION, pattern=PLAIN)]
    tags: Annotated[tuple[Annotated[FreeText, Field(min_length=1, max_length=LONGEST_TAG, pattern=PLAIN_TAG)], ...], Field(max_length=MOST_TAGS)] = ()
    rights: Annotated[Basis, Field(description="On what it may be shown: it is your own work, its maker permits it, or its licence does.")]
    credit: Annotated[FreeText, Field(max_length=LONGEST_CREDIT, pattern=PLAIN_CREDIT, description="Whose it is; needed where it is not your own.")] = ""
    licence: Annotated[Literal["youtube", "creativeCommon"], Field(description="Under which licence the platform shows it.")] = "youtube"
    synthetic: Annotated[bool, Field(description="Whether it shows or says what was generated or altered to look or sound real: viewers are told.")]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")] = "en"
    autonomy: Level = None
    privacy: Privacy | None = None


class ToolTask(_Wish):
    """One call of one tool: `args` are what `GET /v1/tools` says that it takes. A call has no due time."""

    kind: Literal["tool"]
    tool: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
    args: dict[str, Any] = Field(default_factory=dict)

    @field_validator("args")
    @classmethod
    def _can_be_kept(cls, value: dict[str, Any]) -> dict[str, Any]:
        all_storable(value)
        return value


class AgentTask(_Wish):
    """One agent on what it is given: `input` is what `GET /v1/agents` says that it takes, such as the brief that the scout's task gave. It has no due time."""

    kind: Literal["agent"]
    agent: Agent
    input: dict[str, Any] = Field(default_factory=dict)
    seconds: Annotated[int | None, Field(ge=10, le=900)] = None
    format: Format | None = None
    seed: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None

    @field_validator("input")
    @classmethod
    def _can_be_kept(cls, value: dict[str, Any]) -> dict[str, Any]:
        all_storable(value)
        return value


NewTask = Annotated[TopicTask | SourcesTask | VideoTask | ScriptTask | ReadyTask | ToolTask | AgentTask, Field(discriminator="kind")]


class NewTasks(Body):
    """Tasks that are taken all together or not at all."""

    tasks: Annotated[list[NewTask], Field(min_length=1, max_length=MOST_TASKS)]


class TaskView(BaseModel):
    """One task. `planned`: a run has taken it; `reason` says why it is where it is."""

    id: str
    kind: Kind
    status: Status
    priority: Priority
    channel: str | None
    due_at: datetime | None
    what: str
    reason: str
    run: str | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None


class TaskSlot(BaseModel):
    """A place in a run's plan that serves the task, and how far its production is."""

    slot: str
    channel: str
    status: str
    publish_at: datetime
    launch_at: datetime
    attempts: int
    note: str
    production: str | None
    production_status: str | None
    jobs: int
    jobs_done: int


class Failure(BaseModel):
    """Why a job failed last."""

    code: str | None
    message: str | None


class TaskJob(BaseModel):
    """The job of a call of a tool: `progress` goes from 0 to 1."""

    id: str
    tool: str
    state: str
    attempts: int
    progress: float
    note: str
    result: dict[str, Any] | None
    error: Failure | None


class TaskDetail(TaskView):
    """A task with what was asked, and with what serves it."""

    payload: dict[str, Any]
    result: dict[str, Any] | None = Field(description="What came of one agent.")
    slots: list[TaskSlot]
    job: TaskJob | None


class TaskPage(BaseModel):
    """Some tasks, newest first, and the cursor of the next page."""

    items: list[TaskView]
    next: str | None


class TaskList(BaseModel):
    """The tasks of a batch, in its order."""

    items: list[TaskDetail]


class Cancelling(Body):
    """Why a task is taken back."""

    reason: Annotated[FreeText, Field(max_length=500)] = "no reason given"


class ToolView(BaseModel):
    """A tool that a task may call, with the schema of its arguments."""

    name: str
    queue: str
    timeout_s: float
    args: dict[str, Any]


class NotAlone(BaseModel):
    """What no task asks for by itself: why not, and what to do instead."""

    name: str
    why_not: str


class ToolList(BaseModel):
    """Those that a task may call, by name, and the others."""

    items: list[ToolView]
    others: list[NotAlone]


class AgentView(BaseModel):
    """An agent, or a part of what it does, that a task may ask alone, with the schema of what it takes."""

    name: str
    input: dict[str, Any]


class AgentList(BaseModel):
    """Those that a task may ask, by name, and the others: parts of agents that change what is seen outside."""

    items: list[AgentView]
    others: list[NotAlone]
