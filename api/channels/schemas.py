"""Channels as clients see and send them."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.http.fields import Body, FreeText
from memory.artifacts import Provenance
from memory.personality import checked_zone

Autonomy = Literal["manual", "review", "policy", "autonomous"]
# What a channel begins with unless a person who may decide wants less of a say.
USUAL: Autonomy = "review"
BudgetUsd = Annotated[float, Field(ge=0, le=100_000, description="The most that a channel may spend in one UTC day, in US dollars.")]
Reason = Annotated[FreeText, Field(min_length=1, max_length=500)]


class ChannelView(BaseModel):
    """One channel. While `paused` nothing new starts and nothing is published; until `held_until` its queue waits."""

    id: str
    name: str
    personality: str
    autonomy: Autonomy
    paused: bool
    paused_reason: str | None
    paused_at: datetime | None
    held_until: datetime | None
    held_reason: str | None
    budget_day_usd: float | None = Field(description="Null: only the studio's own limits count.")
    two_person: bool = Field(description="Whether two people must accept a video before it is published.")
    created_at: datetime


class ChannelPage(BaseModel):
    """Some channels, newest first, and the cursor of the next page."""

    items: list[ChannelView]
    next: str | None


class NewChannel(Body):
    """A channel to create: it begins with a personality, and bears its id."""

    personality: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", description="One of those that `GET /v1/personalities` lists.")]
    autonomy: Autonomy = USUAL
    budget_day_usd: BudgetUsd | None = None


class ChannelChange(Body):
    """What to change; a field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    autonomy: Autonomy | None = None
    paused: bool | None = None
    reason: Reason | None = Field(default=None, description="Why it is paused; needed to pause.")
    budget_day_usd: BudgetUsd | None = Field(default=None, description="Null lifts the channel's own limit.")

    two_person: bool | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set - {"reason"}:
            raise ValueError("nothing to change; give at least one of autonomy, paused, budget_day_usd, two_person")
        return self


class Schedule(Body):
    """When a channel publishes: how often, and at which hours of the day in a time zone."""

    per_week: Annotated[int, Field(ge=1, le=21)]
    hours: Annotated[tuple[Annotated[int, Field(ge=0, le=23)], ...], Field(min_length=1, max_length=24)]
    zone: Annotated[str, Field(min_length=1, max_length=64, description="A time zone of the IANA database."), AfterValidator(checked_zone)]


class Palette(BaseModel):
    """The six colours of a look, as `#rrggbb`: two grounds, two inks on them, two accents."""

    ground: str
    ground2: str
    ink: str
    soft: str
    accent: str
    accent2: str


class Font(BaseModel):
    """The faces of a look: for headlines, and for everything else."""

    head: str
    body: str
    uppercase: bool = Field(description="Whether headlines are set in capitals.")


class Pace(BaseModel):
    """How a channel sounds: the voice of this machine that it asks for, and how fast it speaks."""

    name: str
    words_per_minute: int


class PersonalityView(BaseModel):
    """One of the personalities that a channel may begin with; its samples are made when they are first asked for."""

    id: str
    name: str
    tagline: str
    niche: str
    language: str
    tone: tuple[str, ...]
    format: str
    cadence_per_week: int
    palette: Palette
    font: Font
    voice: Pace
    sample_still: str = Field(description="Where a thumbnail in its look is.")
    voice_sample: str = Field(description="Where it speaks.")


class PersonalityList(BaseModel):
    """All of them, by id."""

    items: list[PersonalityView]


class NearestView(BaseModel):
    """The highest of one measure, 0..1: to which video or channel, and how high it may be; `share` is how much of that it takes.

    `to` says whether earlier videos of the channel itself are meant, or other channels. What has no run is measured as it is asked.
    """

    measure: Literal["wording", "meaning", "structure", "presence", "thumbnail"]
    to: Literal["own", "others"]
    value: float
    limit: float
    share: float
    channel: str
    title: str
    run: str
    measured_at: datetime | None


class BudgetView(BaseModel):
    """Of the newest `measured` scripts, how many were `over` a limit at first, and the share of its slots that is left to the channel."""

    measured: int
    over: int
    room: float


class Sameness(BaseModel):
    """How near a channel comes to the others: over its newest `checks` measurements, all of one provenance."""

    channel: str
    provenance: Provenance
    checks: int
    nearest: NearestView | None = Field(description="Of the measures with other channels the one that comes nearest its limit; null while there is none.")
    measures: list[NearestView]
    budget: BudgetView
