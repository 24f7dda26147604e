"""`ytempire tasks add-film`: hand a finished film to the studio, which measures, screens, asks about and publishes it like any other."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError

from api.autonomous_runs import OPERATOR, wake_for_tasks
from api.desk import at_database, tell
from api.task_verbs import due_time, line_of, shown
from api.tasks.films import CAPTION_SUFFIXES, FilmDesk
from api.tasks.schemas import ReadyTask
from api.uploads.films import FILM_TYPES
from graphs.autonomous_request import read_task
from infra.database import Session
from infra.errors import Invalid
from infra.settings import load_settings
from memory.media import MediaStore
from memory.media_shared import open_media
from memory.personality import get_personality
from memory.ready_film import Basis, what_is_missing
from memory.records.tasks import PRIORITIES
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.channels import ChannelRepository
from memory.repositories.tasks import NewTask, TaskRepository
from memory.repositories.uploads import NewUpload, UploadRepository
from tools.film_file import MAX_FILM_BYTES, FilmUnreadable, keep_film
from tools.read_source.schema import MAX_FILE_BYTES

# Stands for a file while only what is said of it is looked at.
_NONE_YET = f"upload_{0:032x}"
# Fields whose option has another name.
_OPTIONS = {"film": "FILE", "tags": "--tag"}


def add_film(  # noqa: PLR0913 - one parameter an option
    film: Annotated[Path, typer.Argument(metavar="FILE", help="The film: MP4, MOV, WebM or Matroska, with sound, 5 to 900 s.")],
    title: Annotated[str, typer.Option(help="Its title.")],
    description: Annotated[str, typer.Option(help="Its description.")],
    channel: Annotated[str, typer.Option(help="The channel that it was made for.")],
    rights: Annotated[str, typer.Option(help=f"On what it may be shown: {', '.join(get_args(Basis))}.")],
    synthetic: Annotated[
        bool, typer.Option("--synthetic/--not-synthetic", help="Whether it shows or says what was generated or altered to look or sound real.")
    ],
    captions: Annotated[Path | None, typer.Option(help="Its captions, .srt or .vtt.")] = None,
    no_captions: Annotated[str | None, typer.Option(help="Why there are none, such as: nobody speaks.")] = None,
    credit: Annotated[str, typer.Option(help="Whose it is, where it is not your own.")] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given more than once.")] = None,
    language: Annotated[str, typer.Option(help="The language that is spoken, such as en.")] = "en",
    priority: Annotated[str, typer.Option(help="urgent, high or normal.")] = "normal",
    due: Annotated[str | None, typer.Option(help="When it is to be shown, such as 2026-12-01T18:00+01:00.")] = None,
    autonomy: Annotated[str | None, typer.Option(help="Who decides: manual, review, policy or autonomous; default: the run's.")] = None,
    privacy: Annotated[str | None, typer.Option(help="public, unlisted or private; default: the run's.")] = None,
    key: Annotated[str | None, typer.Option(help="Adding twice with the same key is one task.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Add a finished film: nothing is written, voiced or drawn into it."""
    get_personality(channel)
    due_time(due)
    said = {"title": title, "description": description, "rights": rights, "synthetic": synthetic, "credit": credit, "tags": tags or [], "language": language}
    said |= {
        "channel": channel,
        "priority": priority,
        "due_at": due,
        "key": key,
        "no_captions": no_captions,
        "autonomy": autonomy,
        "privacy": privacy,
    }
    _ensure_stated({**said, "film": _NONE_YET, "captions": _NONE_YET if captions is not None else None})
    media = open_media(load_settings())
    incoming = [_film(film, media)] + ([_captions(captions, media)] if captions is not None else [])

    def write(session: Session) -> dict[str, Any]:
        ChannelRepository(session).ensure(channel, channel, get_personality(channel).name)
        kept = [UploadRepository(session).add(one).id for one in incoming]
        wish = _wish({**said, **dict(zip(("film", "captions"), kept, strict=False))})
        desk = FilmDesk(session, media, LOCAL_TENANT)
        _refuse(desk.problems(wish))
        payload = read_task("ready", desk.payload(wish) | _freed(autonomy))
        task = TaskRepository(session).add(NewTask("ready", payload, OPERATOR, channel, PRIORITIES[wish.priority], wish.due_at, key))
        return shown(task) | {"runs": wake_for_tasks(session, channel)}

    body = at_database(write)
    tell(body, as_json, lambda _: [line_of(body)])


def _freed(autonomy: str | None) -> dict[str, str]:
    """Return who frees it: the machine's owner may."""
    return {} if autonomy is None else {"freed_by": OPERATOR}


def _ensure_stated(given: dict[str, Any]) -> None:
    """Look at what is said before the files, which take longer."""
    wish = _wish(given)
    _refuse(what_is_missing(wish.captions, wish.no_captions, wish.rights, wish.credit))


def _refuse(broken: Iterable[tuple[str, str]]) -> None:
    if told := [f"{_option(field)}: {said}" for field, said in broken]:
        raise Invalid("; ".join(told))


def _wish(given: dict[str, Any]) -> ReadyTask:
    try:
        return ReadyTask.model_validate({"kind": "ready", **given})
    except ValidationError as error:
        told = [f"{_option(str(one['loc'][0]))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()]
        raise Invalid("; ".join(told)) from error


def _film(path: Path, media: MediaStore) -> NewUpload:
    media_type, size = _type_of(path, FILM_TYPES, "FILE"), _size_of(path, MAX_FILM_BYTES, "FILE")
    try:
        digest, _ = keep_film(path, media)
    except FilmUnreadable as error:
        raise Invalid(f"FILE: {path.name}: {error.message}") from error
    return NewUpload(LOCAL_TENANT, digest, path.name, media_type, size, OPERATOR)


def _captions(path: Path, media: MediaStore) -> NewUpload:
    media_type, size = _type_of(path, CAPTION_SUFFIXES, "--captions"), _size_of(path, MAX_FILE_BYTES, "--captions")
    return NewUpload(LOCAL_TENANT, media.put_file(path), path.name, media_type, size, OPERATOR)


def _type_of(path: Path, types: dict[str, str], option: str) -> str:
    found = types.get(path.suffix.lower())
    if found is None:
        raise Invalid(f"{option}: {path.name!r} is of no type that is taken; give one of {', '.join(sorted(types))}")
    return found


def _size_of(path: Path, most: int, option: str) -> int:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Invalid(f"{option}: {str(path)!r} cannot be read ({error.strerror}); name a file") from error
    if not 0 < size <= most:
        raise Invalid(f"{option}: {path.name} has {size} bytes, 1 to {most} are taken")
    return size


def _option(field: str) -> str:
    return _OPTIONS.get(field, f"--{field.replace('_', '-')}")
