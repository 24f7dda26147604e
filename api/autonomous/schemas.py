"""Autonomous runs as clients start, change and see them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.http.fields import Body, FreeText
from api.runs.schemas import ChannelId, Reason
from graphs.autonomous_request import MOST_HOURS, Missed
from graphs.request import Autonomy
from memory.addresses import plain_mail
from memory.artifacts import Format, Privacy

Status = Literal["planning", "running", "paused", "stopping", "ended"]
Hours = Annotated[float, Field(gt=0, le=MOST_HOURS, description="How long it runs, from its start.")]
Budget = Annotated[float, Field(ge=0, le=1_000_000, description="The most that it may spend, in US dollars.")]
Channels = Annotated[tuple[ChannelId, ...], Field(min_length=1, max_length=200)]
Videos = Annotated[int, Field(ge=1, le=100)]
Seconds = Annotated[int, Field(ge=10, le=900)]
Zone = Annotated[FreeText, Field(min_length=1, max_length=64, description="Of the reports; a time zone of the IANA database.")]
Hour = Annotated[int, Field(ge=0, le=23)]
_ELSEWHERE = (
    "addresses of other services hold secrets and are set on the machine, by `ytempire runs start --report-to` for one run or by YTEMPIRE_NOTIFY for all; "
    "give a plain mail address such as ada@example.org"
)


def _plain(given: Any) -> Any:
    """Return what may be a plain mail address; raises ValueError, which repeats nothing of it, for any other."""
    if isinstance(given, str) and (plain_mail(given) != given or ":" in given):
        raise ValueError(f"it is no plain mail address; {_ELSEWHERE}")
    return given


# Every one of these is a plain mail address to `memory.addresses` too, which sends whatever is none to a service of its name.
Mail = Annotated[str, Field(max_length=190, pattern=r"^[A-Za-z0-9.!#$'*+_~-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}$"), BeforeValidator(_plain)]


class NewAutonomousRun(Body):
    """A fleet to start. `channels` null: every channel that is not paused."""

    hours: Hours
    budget_usd: Budget
    channels: Channels | None = None
    videos: Videos | None = Field(default=None, description="How many each channel publishes; null: by its cadence.")
    missed: Missed = "skip"
    seconds: Seconds = 60
    format: Format | None = None
    autonomy: Autonomy | None = Field(default=None, description="Null: each channel's own. A freer one only for a person who may decide.")
    privacy: Privacy = "public"
    zone: Zone = "UTC"
    report_hour: Hour = 7
    report_to: Annotated[tuple[Mail, ...], Field(max_length=10)] | None = Field(
        default=None, description="Mail addresses for its reports, through the mail server of YTEMPIRE_NOTIFY; only a signed-in person names them."
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class RunRequest(BaseModel):
    """What a run is asked for by now."""

    revision: int
    request: dict[str, Any]


class RunChange(Body):
    """What to change of it; a field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    hours: Hours | None = None
    budget_usd: Budget | None = None
    channels: Channels | None = None
    videos: Videos | None = None
    missed: Missed | None = None
    seconds: Seconds | None = None
    autonomy: Autonomy | None = Field(default=None, description="Null: each channel's own from now on. A freer one only for a person who may decide.")
    zone: Zone | None = None
    report_hour: Hour | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What to change, as JSON values. Null means something of its own only for the level."""
        given = self.model_dump(exclude_unset=True, mode="json")
        return {name: value for name, value in given.items() if value is not None or name == "autonomy"}

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changes:
            raise ValueError(f"nothing to change; give at least one of {', '.join(type(self).model_fields)}")
        return self


class AutonomousRunView(BaseModel):
    """One autonomous run in a list."""

    id: str
    status: Status
    reason: str
    channels: list[str]
    provenance: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    next_wake_at: datetime | None
    budget_usd: float
    revision: int


class AutonomousRunPage(BaseModel):
    """Some autonomous runs, newest first, and the cursor of the next page."""

    items: list[AutonomousRunView]
    next: str | None


class SlotView(BaseModel):
    """One planned publication. `asked` waits for a person: answer it with `POST /v1/slots/{slot}/answer`."""

    slot: str
    channel: str
    status: str
    priority: int
    publish_at: datetime
    launch_at: datetime
    production: str | None
    task: str | None
    attempts: int
    title: str
    why: list[str]
    note: str


class PlannedView(BaseModel):
    """A publication that the run begins with."""

    channel: str
    publish_at: datetime
    why: list[str]


class ReportFate(BaseModel):
    """Where a run's reports go besides the studio's own addresses, and what became of the newest there: `said` is what the other side answered."""

    address: str
    status: str
    said: str


class AutonomousRunDetail(BaseModel):
    """How a run stands: what it planned, made, held back and spent."""

    model_config = ConfigDict(extra="allow")

    run_id: str
    status: Status
    reason: str
    channels: list[str]
    provenance: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    next_wake_at: datetime | None
    wakes: int
    revision: int
    budget_usd: float
    spent_usd: float
    held: dict[str, Any]
    resting: dict[str, Any]
    report_to: list[ReportFate]
    counts: dict[str, int]
    slots: list[SlotView]


class StartedRun(AutonomousRunDetail):
    """A run that was started, with what it begins with."""

    plan: list[PlannedView]
    notes: list[str]


class Lacking(BaseModel):
    """One thing that keeps a run from starting."""

    field: str
    said: str
    fix: str
    code: str = Field(description="Stable, and meant for programs.")
    channel: str | None = Field(description="Whose it is, where it is one channel's.")


class ReadinessView(BaseModel):
    """What a start would find: each problem with its fix, the plan it would begin with, and what stops nothing but is worth knowing."""

    ready: bool
    problems: list[Lacking]
    plan: list[PlannedView]
    notes: list[str]
    asked_outside: bool = Field(description="Whether providers and sources outside were asked too, as a start does.")


class StopRun(Body):
    """Why it is to end, and whether what is being made ends too."""

    reason: Reason
    at_once: bool = False


class Report(BaseModel):
    """What a run reported."""

    id: str
    kind: str
    covers_from: datetime
    covers_to: datetime
    created_at: datetime
    text: str
    body: dict[str, Any]


class ReportList(BaseModel):
    """Every report of a run, oldest first."""

    items: list[Report]


class SlotAnswer(Body):
    """What becomes of a publication whose time has passed."""

    catch_up: bool = Field(description="True: made and shown as soon as it can be; false: left out.")
