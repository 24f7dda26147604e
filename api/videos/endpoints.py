"""`/v1/videos`."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api.http.fields import Asked, FreeText, Moment
from api.http.files import stored_file
from api.http.kept import Question, tell
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import ServiceState, State
from api.http.versions import Version, answer, etag_of
from api.videos import desk
from api.videos.contents import Contents
from api.videos.schemas import EditForeseen, FileList, Player, PullBack, Pulling, Reschedule, ScriptChange, ScriptView, VideoPage, VideoView
from api.videos.standing import STATUSES, Status
from infra.database import UnitOfWork
from infra.errors import Invalid
from memory.reads.ordered import LONGEST_CURSOR, OrderedAsk
from memory.reads.videos import ORDERS, Sort, VideoReads, VideosWanted
from memory.repositories.keyset import MAX_PAGE

router = APIRouter(tags=["videos"])
Reader = Annotated[Principal, Require("videos:read")]
Editor = Annotated[Principal, Require("videos:edit")]
VideoId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_BYTES: dict[str, Any] = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file.", **_BYTES},
    206: {"description": "The range that was asked for.", **_BYTES},
    304: {"description": "The client has it."},
    **problems(404, 416),
}


@dataclass(frozen=True)
class Wanted:
    """Which videos to list, and in which order."""

    status: Annotated[list[Status] | None, Query(max_length=len(STATUSES), description="Of this status only; more than once: of any of these.")] = None
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,64}$", description="Of this channel only.")] = None
    publish_from: Annotated[Moment | None, Query(description="Shown, or to be shown, at this time or later.")] = None
    publish_to: Annotated[Moment | None, Query(description="Shown, or to be shown, before this time.")] = None
    search: Annotated[FreeText | None, Query(min_length=1, max_length=100, description="With these words in the title, whatever their case.")] = None
    sort: Annotated[Sort, Query(description="By when it was begun, is shown (those without a time last), or by title; `-` the other way.")] = "newest"
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")] = 50
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before, in the same order.")] = None

    @property
    def ask(self) -> OrderedAsk:
        """The page; raises Invalid for a cursor that none gave out."""
        return OrderedAsk.of(self.limit, self.sort, ORDERS[self.sort], self.cursor)

    @property
    def which(self) -> VideosWanted:
        """The videos; raises Invalid for times that no video lies between."""
        if self.publish_from is not None and self.publish_to is not None and self.publish_from >= self.publish_to:
            raise Invalid(f"publish_to: {self.publish_to.isoformat()} is not after publish_from, {self.publish_from.isoformat()}; give a later time")
        return VideosWanted(tuple(sorted(set(self.status or ()))), self.channel, self.publish_from, self.publish_to, self.search)

    @property
    def words(self) -> str:
        """What the answer is kept by; none for what a client wrote itself, and for all but the first page."""
        if self.cursor is not None or self.search is not None:
            return ""
        times = [one.isoformat() if one is not None else "" for one in (self.publish_from, self.publish_to)]
        return " ".join(["videos", str(self.limit), self.sort, ",".join(sorted(set(self.status or ()))) or "-", self.channel or "-", *times])


@router.get("/v1/videos", response_model=VideoPage)
async def videos_list(request: Request, state: State, who: Reader, wanted: Annotated[Wanted, Asked(Wanted)]) -> Response:
    """List the videos, newest first unless another order is asked for."""
    ask, which = wanted.ask, wanted.which

    # What time alone changes, such as a scheduled video that is shown by now, and what it costs, is told within a minute.
    def read(tenant: str) -> Awaitable[bytes]:
        return VideoReads(state.reads, tenant).list_(ask, which)

    return await tell(request, state, who, Question(read, wanted.words, ("videos", "runs", "publications", "approvals", "jobs")))


@router.get("/v1/videos/{video_id}", response_model=VideoView, responses=problems(404))
def videos_get(request: Request, state: State, who: Reader, video_id: VideoId) -> Response:
    """Return one video: where it stands in words, and what it waits for."""
    with state.work(who) as session:
        return answer(request, orjson.dumps(desk.standing(session, video_id, state.clock.now())))


@router.patch("/v1/videos/{video_id}", status_code=202, response_model=VideoView, responses=problems(404, 409, 412, 428))
async def videos_reschedule(state: State, who: Editor, video_id: VideoId, version: Version, asked: Reschedule) -> Response:
    """Move the time that a video is shown at.

    While it waits for a decision it is listed for the new time, and that is asked about anew. Approved and handed over, it is moved where it was
    published, by the word of whoever asks: what was approved of the video stays bound. The answer waits a moment for that; `moving` says what is left of it.
    """
    return _accepted(await desk.reschedule(state, who, video_id, version, asked.publish_at), video_id)


@router.get("/v1/videos/{video_id}/files", response_model=FileList, responses=problems(404))
def videos_files(request: Request, state: State, who: Reader, video_id: VideoId) -> Response:
    """List the files of a video that there are by now."""
    with state.work(who) as session:
        found = Contents(session, state.media, video_id)
        return answer(request, orjson.dumps({"items": [found.shown(one) for one in found.files()]}))


@router.get("/v1/videos/{video_id}/files/{digest}", response_class=Response, responses=_FILE)
def videos_file(request: Request, state: State, who: Reader, video_id: VideoId, digest: Digest) -> Response:
    """Return a file, whole or in ranges (`Range`, `If-Range`), by digest."""
    return _file(request, state, who, (video_id, digest))


@router.head("/v1/videos/{video_id}/files/{digest}", response_class=Response, responses=_FILE)
def videos_file_head(request: Request, state: State, who: Reader, video_id: VideoId, digest: Digest) -> Response:
    """Return what a file is, without its bytes."""
    return _file(request, state, who, (video_id, digest))


@router.get("/v1/videos/{video_id}/player", response_model=Player, responses=problems(404))
def videos_player(request: Request, state: State, who: Reader, video_id: VideoId) -> Response:
    """Return what a page needs to play a video: the film, captions, thumbnail, chapters, scenes and sentences."""
    with state.work(who) as session:
        return answer(request, orjson.dumps(Contents(session, state.media, video_id).player()))


@router.get("/v1/videos/{video_id}/script", response_model=ScriptView, responses=problems(404))
def videos_script(request: Request, state: State, who: Reader, video_id: VideoId) -> Response:
    """Return the script that counts, with the passages that it cites, and whether it can be edited now."""
    with state.work(who) as session:
        return answer(request, _script(session, state, video_id))


@router.put("/v1/videos/{video_id}/script", status_code=202, response_model=VideoView, responses=problems(404, 409, 412, 428))
def videos_edit_script(state: State, who: Editor, video_id: VideoId, version: Version, asked: ScriptChange) -> Response:
    """Replace the script while a decision about it or its video waits: what changed is made again, and asked about anew."""
    with state.work(who) as session:
        version.check(_script(session, state, video_id))
        desk.edit(session, state, who, video_id, {"script": asked.model_dump(mode="json")})
        return _accepted(orjson.dumps(desk.standing(session, video_id, state.clock.now())), video_id)


@router.post("/v1/videos/{video_id}/script/preview", response_model=EditForeseen, responses=problems(404, 409))
def videos_foresee_script(state: State, who: Editor, video_id: VideoId, asked: ScriptChange) -> Response:
    """Say what the edit of a script would make again, how long that takes and what it costs; it refuses what the edit would refuse, and changes nothing."""
    with state.work(who) as session:
        return Response(desk.foresee(session, state, who, video_id, asked.model_dump(mode="json")).model_dump_json(), media_type="application/json")


@router.post("/v1/videos/{video_id}/pull-back", status_code=202, response_model=Pulling, responses=problems(404, 409))
async def videos_pull_back(state: State, who: Editor, video_id: VideoId, once: Repetition, asked: PullBack) -> Response:
    """Let nobody see a published or scheduled video any more."""

    async def effect() -> Answer:
        return Answer(await desk.pull_back(state, who, video_id, asked.reason), 202, f"/v1/videos/{video_id}")

    return await once.run_beyond(state, who, effect)


def _file(request: Request, state: ServiceState, who: Principal, which: tuple[str, str]) -> Response:
    video_id, digest = which
    with state.work(who) as session:
        found = Contents(session, state.media, video_id).file(digest)
    return stored_file(request, state, digest, (found.media_type, found.name))


def _script(session: UnitOfWork, state: ServiceState, video_id: str) -> bytes:
    return orjson.dumps(Contents(session, state.media, video_id).script())


def _accepted(body: bytes, video_id: str) -> Response:
    return Response(body, 202, {"etag": etag_of(body), "location": f"/v1/videos/{video_id}"}, media_type="application/json")
