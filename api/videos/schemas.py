"""Videos as clients see and change them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from api.http.fields import Body, FreeText, all_storable
from api.videos.standing import Status
from graphs.script_edits import EditedBeat, Role


class VideoRow(BaseModel):
    """One video in a list."""

    id: str
    channel: str
    topic: str
    title: str
    format: str
    seconds: int
    provenance: str
    status: Status
    run: str | None = Field(description="Its newest run.")
    approval: str | None = Field(description="The question that waits for a person.")
    publish_at: datetime | None = Field(description="When it is to be shown; null: at once.")
    published_at: datetime | None
    publisher: str | None
    url: str | None
    cost_usd: float = Field(description="What its calls to providers come to so far.")
    reasons: list[str]
    created_at: datetime


class VideoPage(BaseModel):
    """Some videos in the order that was asked for, and the cursor of the next page."""

    items: list[VideoRow]
    next: str | None


class MovingView(BaseModel):
    """A move of the time of an approved video that is under way, or came to nothing for the reason in `error`."""

    job: str
    state: Literal["waiting", "failed"]
    error: str | None


class VideoView(VideoRow):
    """One video: `words` say where it stands, `waits_for` what has to happen next, `why_fixed` why its time cannot be moved (empty where it can)."""

    words: str
    waits_for: str | None
    why_fixed: str
    publication: str | None = Field(description="What `/v1/analytics/videos/{publication_id}` tells figures of.")
    moving: MovingView | None = Field(description="Its newest move, unless that went through; null: none.")


class FileView(BaseModel):
    """One file of a video; `url` is read whole or in ranges, with the same authentication."""

    kind: Literal["video", "captions", "thumbnail"]
    digest: str
    url: str
    media_type: str
    name: str
    kept: bool = Field(description="Whether its bytes are in the media store; false: they are gone.")


class FileList(BaseModel):
    """The files that there are by now."""

    items: list[FileView]


class ChapterView(BaseModel):
    """Where a chapter begins."""

    start_s: float
    title: str


class SourceView(BaseModel):
    """What a sentence stands on."""

    title: str
    publisher: str
    url: str
    licence: str
    credit: str


class SpokenView(BaseModel):
    """A sentence as it is heard, in seconds of the film."""

    id: str
    start_s: float
    end_s: float
    text: str
    role: Role
    sources: list[SourceView]


class SceneView(BaseModel):
    """What is seen meanwhile: `visual` is its kind, `title` the words set in it, `credit` whose picture it is, `sentences` the ids of what is heard."""

    id: str
    start_s: float
    end_s: float
    visual: str
    title: str
    credit: str
    why: str
    sentences: list[str]


class Player(BaseModel):
    """What a page needs to play a video. A film that came finished has no scenes."""

    title: str
    description: str
    language: str
    provenance: str
    duration_s: float
    width: int
    height: int
    fps: float
    video: FileView
    captions: list[FileView]
    thumbnail: FileView | None
    chapters: list[ChapterView]
    scenes: list[SceneView]
    sentences: list[SpokenView]


class PassageView(BaseModel):
    """A passage that sentences cite."""

    id: str
    text: str
    title: str
    publisher: str
    url: str
    licence: str
    credit: str


class SentenceView(BaseModel):
    """One sentence."""

    id: str
    text: str
    role: Role
    citations: list[str]


class BeatView(BaseModel):
    """A stretch of the script, which is a chapter of the video."""

    id: str
    heading: str
    sentences: list[SentenceView]


class ScriptView(BaseModel):
    """The script that counts. `editable` says whether it has room for an edit, `why_not` why it has none."""

    digest: str
    title: str
    language: str
    licence: str
    credits: list[str]
    beats: list[BeatView]
    passages: list[PassageView]
    editable: bool
    why_not: str


class ScriptChange(Body):
    """The whole script as it is to be: sentences keep what is seen with them by their ids, and cite passages that the script cites already."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    beats: Annotated[tuple[EditedBeat, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        all_storable(self.model_dump())
        return self


class SceneAgainView(BaseModel):
    """A scene of the film as it would be, made again or for the first time."""

    id: str
    start_s: float
    end_s: float
    visual: str
    sentences: list[str]


class EditForeseen(BaseModel):
    """What an edit would make again. `scenes` of `scenes_total` are drawn and encoded again, `sentences` spoken again; the rest is taken from the store."""

    scenes: list[SceneAgainView]
    scenes_total: int
    sentences: list[str]
    film_s: float = Field(description="Seconds of the film that are encoded again.")
    film_total_s: float
    work_s: float | None = Field(description="By what this video's own jobs took; null while none was measured.")
    cost_usd: float | None = Field(description="By what this video's own jobs cost.")
    why: str = Field(description="Why a figure is not known, or why everything is made again.")


class Reschedule(Body):
    """The time that a public video is to be shown at. While its approval is open, it is asked about anew."""

    publish_at: AwareDatetime


class PullBack(Body):
    """Why nobody may see it any more."""

    reason: Annotated[FreeText, Field(min_length=3, max_length=500)]


class Pulling(BaseModel):
    """A video that is being pulled back, by a job."""

    video: VideoView
    job: str
    state: str
    error: dict[str, Any] | None
