"""`/v1/films`."""

import shutil
import tempfile
from pathlib import Path, PurePath
from typing import IO

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.datastructures import FormData

from api.http.bodies import allow
from api.http.principal import Principal
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.http.versions import versioned
from api.uploads.endpoints import ENVELOPE, FORM, Creator, UploadView, file_of, in_form, name_of, take
from infra.errors import Invalid
from infra.room import out_of_room, require_room
from memory.repositories.uploads import NewUpload
from tools.clip_facts import Facts
from tools.film_file import FILM_SUFFIXES, MAX_FILM_BYTES, FilmUnreadable, keep_film

router = APIRouter(tags=["tasks"])
# While a film comes in there are its parts, a copy to look at and what is kept.
_COPIES = 3
FILM_TYPES = {
    **dict.fromkeys((".mp4", ".m4v"), "video/mp4"),
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
}


class FilmView(UploadView):
    """A film that came in, and what it says of itself: sizes in pixels as it is shown. Name it in a task's `film` by its `id`."""

    width: int
    height: int
    seconds: float = Field(description="How long it lasts.")


@router.post("/v1/films", status_code=201, response_model=FilmView, responses=problems(400, 413, 415, 503), openapi_extra=FORM)
async def films_create(request: Request, state: State, who: Creator) -> Response:
    """Take in one finished film of 5 to 900 s and at most 1 GB (MP4, MOV, WebM or Matroska, with sound); it is looked at before it is kept."""
    allow(request.scope, MAX_FILM_BYTES + ENVELOPE)
    in_form(request)
    said = request.headers.get("content-length", "")
    if said.isdigit():
        require_room(state.settings.home, _COPIES * min(int(said), MAX_FILM_BYTES), "the film")
    async with request.form(max_files=1, max_fields=0) as form:
        found = await run_in_threadpool(_kept, state, who, form)
    return versioned(found.model_dump_json().encode(), 201, f"/v1/uploads/{found.id}")


def _kept(state: ServiceState, who: Principal, form: FormData) -> FilmView:
    file = file_of(form)
    name = name_of(file)
    media_type = FILM_TYPES.get(PurePath(name).suffix.lower())
    if media_type is None:
        raise Invalid(f"file: {name or 'without a name'} is no film that is read; give one of {', '.join(sorted(FILM_SUFFIXES))}")
    scratch = state.settings.scratch_root
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        size, digest, facts = _looked_at(file.file, Path(folder) / "film", name, state)
    new = NewUpload(who.tenant_id, digest, name, media_type, size, who.user_id)
    kept = take(state, who, new)
    return FilmView(**kept.model_dump(), width=facts.width, height=facts.height, seconds=round(facts.seconds, 3))


def _looked_at(source: IO[bytes], copy: Path, name: str, state: ServiceState) -> tuple[int, str, Facts]:
    try:
        with copy.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        if (full := out_of_room(error, state.settings.home)) is not None:
            raise full from error
        raise
    size = copy.stat().st_size
    if not 0 < size <= MAX_FILM_BYTES:
        raise Invalid(f"file: {name} has {size} bytes, 1 to {MAX_FILM_BYTES} are taken; encode it smaller")
    try:
        return size, *keep_film(copy, state.media)
    except FilmUnreadable as error:
        raise Invalid(f"file: {name}: {error.message}") from error
