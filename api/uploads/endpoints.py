"""`/v1/uploads`."""

import re
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.http.bodies import allow
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.http.versions import answer, versioned
from infra.errors import Invalid
from memory.records.uploads import UploadRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.uploads import NewUpload, UploadRepository
from tools.read_source.schema import MAX_FILE_BYTES

router = APIRouter(tags=["tasks"])
UploadId = Annotated[str, Path(pattern=r"^upload_[0-9a-f]{32}$")]
Reader = Annotated[Principal, Require("tasks:read")]
Creator = Annotated[Principal, Require("tasks:create", "work")]

# Around a file of the most bytes: the boundaries and the part's own headers.
ENVELOPE = 10_000
_TYPES = {
    **dict.fromkeys((".txt", ".text"), "text/plain"),
    **dict.fromkeys((".md", ".markdown"), "text/markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "text/html"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "application/json"),
    ".pdf": "application/pdf",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
}
_UNSAFE = re.compile(r"[^\w .,()\[\]+-]")
_LONGEST_NAME = 120
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
                    "additionalProperties": False,
                }
            }
        },
    }
}


class UploadView(BaseModel):
    """A file that came in. Name it in a task's `sources` by its `id`; tools that take artifacts take its `digest`."""

    id: str
    name: str
    media_type: str
    bytes: int
    digest: str
    created_at: datetime


@router.post("/v1/uploads", status_code=201, response_model=UploadView, responses=problems(400, 413, 415, 503), openapi_extra=FORM)
async def uploads_create(request: Request, state: State, who: Creator) -> Response:
    """Take in one file of at most 20 MB (text, Markdown, HTML, JSON, PDF, or captions as SubRip or WebVTT); the same file under the same name is one upload."""
    allow(request.scope, MAX_FILE_BYTES + ENVELOPE)
    in_form(request)
    async with request.form(max_files=1, max_fields=0) as form:
        file = file_of(form)
        name, data = name_of(file), await file.read()
    media_type = _checked(name, data)
    found = await run_in_threadpool(_keep, state, who, name, media_type, data)
    return versioned(found.model_dump_json().encode(), 201, f"/v1/uploads/{found.id}")


@router.get("/v1/uploads/{upload_id}", response_model=UploadView, responses=problems(404))
def uploads_get(request: Request, state: State, who: Reader, upload_id: UploadId) -> Response:
    """Return what is known of one upload."""
    with state.work(who) as session:
        return answer(request, _shown(UploadRepository(session).get(upload_id, who.tenant_id)).model_dump_json().encode())


def in_form(request: Request) -> None:
    """Raise for a body that is no form with a file; to be called before any of it is read."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, "content-type: send multipart/form-data with one part named `file`")


def file_of(form: FormData) -> UploadFile:
    """Return the form's one file; raises Invalid where there is none."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Invalid("file: the form has no part of that name with a file; send one")
    return file


def name_of(file: UploadFile) -> str:
    """Return the last part of the name, of harmless letters: it is shown to people and never used as a path."""
    last = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE.sub("_", last).strip(" .")[-_LONGEST_NAME:]


def _checked(name: str, data: bytes) -> str:
    """Return the type that the name says, when the bytes do not contradict it."""
    media_type = _TYPES.get(PurePath(name).suffix.lower())
    if media_type is None:
        raise Invalid(f"file: {name or 'without a name'} is of no type that is read; give one of {', '.join(sorted(_TYPES))}")
    if not data:
        raise Invalid(f"file: {name} is empty")
    if len(data) > MAX_FILE_BYTES:
        raise Invalid(f"file: {name} has {len(data)} bytes, the limit is {MAX_FILE_BYTES}; give the article itself")
    if (media_type == "application/pdf") != data.startswith(b"%PDF-"):
        raise Invalid(f"file: {name} does not hold what its name says; send a PDF as .pdf and text as its own type")
    # UTF-16 text begins with its mark; any other zero byte is no text.
    if media_type != "application/pdf" and b"\x00" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid(f"file: {name} holds binary data, not text; archives and packed files are not taken")
    return media_type


def _keep(state: ServiceState, who: Principal, name: str, media_type: str, data: bytes) -> UploadView:
    return take(state, who, NewUpload(who.tenant_id, state.media.put_bytes(data), name, media_type, len(data), who.user_id))


def take(state: ServiceState, who: Principal, new: NewUpload) -> UploadView:
    """Write down a file that is stored; the same bytes under the same name are one upload."""
    with state.work(who) as session:
        found = UploadRepository(session).add(new)
        AuditRepository(session).append(who.user_id, "upload.taken", found.id, {"digest": new.digest, "bytes": new.bytes, "name": new.name})
        return _shown(found)


def _shown(one: UploadRecord) -> UploadView:
    return UploadView(**{name: getattr(one, name) for name in UploadView.model_fields})
