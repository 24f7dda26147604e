"""What an operator asks of an autonomous run, and of one injected task."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from graphs.request import Autonomy, ProductionRequest
from infra.errors import Invalid
from infra.ids import seeded
from memory.artifacts import Format, Frozen, Privacy
from memory.operator_script import LONGEST_TEXT, read_script
from memory.personality import Zone
from memory.ready_film import ReadyFilm

MOST_HOURS = 24 * 31
Missed = Literal["skip", "catch_up", "ask"]
_LATE: dict[str, Literal["refuse", "ask", "publish"]] = {"skip": "refuse", "ask": "ask", "catch_up": "publish"}
Topic = Annotated[str, Field(min_length=3, max_length=200)]
# The person who may decide and wants this level for a task; None: it only makes the task stricter.
FreedBy = Annotated[str | None, Field(max_length=200)]


class AutonomousRequest(Frozen):
    """The task of one autonomous run, stored with it; an operator's edit replaces it as a whole.

    `videos` is how many each channel is to publish (None: by its cadence), `autonomy` who decides (None: each channel's own level), `missed` what
    becomes of a publication whose time has passed, `zone` and `report_hour` when each morning's report is due, `report_to` where it goes besides the
    operator's addresses: labels, since an address may hold a secret.
    """

    channels: tuple[str, ...] = Field(min_length=1)
    hours: float = Field(gt=0, le=MOST_HOURS)
    budget_usd: float = Field(ge=0)
    videos: int | None = Field(default=None, ge=1, le=100)
    missed: Missed = "skip"
    seconds: int = Field(default=60, ge=10, le=900)
    format: Format | None = None
    autonomy: Autonomy | None = None
    privacy: Privacy = "public"
    zone: Zone = "UTC"
    report_hour: int = Field(default=7, ge=0, le=23)
    report_to: tuple[str, ...] = Field(default=(), max_length=10)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    offline: bool = False
    rehearsal: bool = False

    @model_validator(mode="after")
    def _distinct(self) -> "AutonomousRequest":
        twice = sorted({channel for channel in self.channels if self.channels.count(channel) > 1})
        if twice:
            raise ValueError(f"channels: {', '.join(twice)} is named twice; name each once")
        return self

    @property
    def lasts(self) -> timedelta:
        """How long the run lasts."""
        return timedelta(hours=self.hours)

    def production(self, channel: str, slot_key: str, attempt: int, **wanted: Any) -> ProductionRequest:
        """Return the production that serves a slot; each attempt has a seed of its own. `wanted` are fields of ProductionRequest, the level among them."""
        seed = seeded("production", self.seed, slot_key, attempt).randrange(2**31)
        usual = {"seconds": self.seconds, "autonomy": self.autonomy or "review", "privacy": self.privacy, "offline": self.offline, "rehearsal": self.rehearsal}
        return ProductionRequest.model_validate({"channel": channel, "late": _LATE[self.missed], "seed": seed, **usual, **wanted})


def read_request(values: dict[str, Any]) -> AutonomousRequest:
    """Return a request, checked; raises Invalid naming the field, the limit and what was given."""
    try:
        return AutonomousRequest.model_validate(values)
    except ValidationError as error:
        raise Invalid(first_problem(error)) from error


class TopicTask(Frozen):
    """A video about a topic."""

    topic: Topic


class SourcesTask(Frozen):
    """A video from given documents, about a topic or about what they say."""

    sources: tuple[str, ...] = Field(min_length=1, max_length=20)
    topic: Topic | None = None


class VideoTask(Frozen):
    """A video in every respect: topic or sources, length, frame, who decides and who may see it."""

    topic: Topic | None = None
    sources: tuple[str, ...] = Field(default=(), max_length=20)
    seconds: int | None = Field(default=None, ge=10, le=900)
    format: Format | None = None
    autonomy: Autonomy | None = None
    freed_by: FreedBy = None
    privacy: Privacy | None = None


class ScriptTask(Frozen):
    """A video of a finished script, which stands on its sources, or is declared to be the operator's own text."""

    script: str = Field(min_length=1, max_length=LONGEST_TEXT)
    own_text: bool = False
    sources: tuple[str, ...] = Field(default=(), max_length=20)
    topic: Topic | None = None
    seconds: int | None = Field(default=None, ge=10, le=900)
    format: Format | None = None
    autonomy: Autonomy | None = None
    freed_by: FreedBy = None
    privacy: Privacy | None = None

    @model_validator(mode="after")
    def _stands_on_something(self) -> "ScriptTask":
        if not self.sources and not self.own_text:
            raise ValueError("sources: none is given; name what the script stands on, or declare it your own text with own_text (--own-text)")
        return self


class ReadyTask(Frozen):
    """A video that came finished: its film, and what its maker says of it."""

    film: ReadyFilm
    seconds: int = Field(ge=10, le=900)
    format: Format
    autonomy: Autonomy | None = None
    freed_by: FreedBy = None
    privacy: Privacy | None = None


_KINDS: dict[str, type[Frozen]] = {"topic": TopicTask, "sources": SourcesTask, "video": VideoTask, "script": ScriptTask, "ready": ReadyTask}


def read_task(kind: str, payload: object) -> dict[str, Any]:
    """Return a task's payload as it is kept, checked; raises Invalid naming the field and what it takes."""
    model = _KINDS.get(kind)
    if model is None:
        raise Invalid(f"kind: {kind!r} is unknown; one of {', '.join(_KINDS)}")
    try:
        made = model.model_validate(payload)
    except ValidationError as error:
        raise Invalid(first_problem(error)) from error
    if isinstance(made, ScriptTask):
        script = read_script(made.script)
        made = made.model_copy(update={"topic": made.topic or script.title, "seconds": made.seconds or script.seconds})
    given = made.model_dump(mode="json", exclude_none=True)
    return {"topic": made.film.title, **given} if isinstance(made, ReadyTask) else given


def first_problem(error: ValidationError) -> str:
    """Return the first problem of a request in words: the field, what is wrong with it, and what was given."""
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"])
    told = str(problem["msg"]).removeprefix("Value error, ")
    given = repr(problem["input"])
    return f"{field}: {told}, got {given if len(given) <= 200 else given[:200] + '...'}" if field else told
