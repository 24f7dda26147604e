"""Tasks of finished films: what is asked beyond their shape, and what is kept of them."""

from collections.abc import Iterator
from typing import Any

from agents.publisher.policy import TAG_CHARACTERS, tag_length
from api.tasks.schemas import ReadyTask
from graphs.fleet_channels import find_personality
from infra.database import Session
from infra.errors import NotFound
from memory.artifacts import Format
from memory.media import MediaStore
from memory.ready_film import ReadyFilm, format_of, longest_s, what_is_missing
from memory.records.uploads import UploadRecord
from memory.repositories.uploads import UploadRepository
from tools.caption_file import CaptionsUnreadable, fitting, read_captions
from tools.clip_facts import Facts
from tools.film_file import FilmUnreadable, facts_of

CAPTION_SUFFIXES = {".srt": "application/x-subrip", ".vtt": "text/vtt"}
CAPTION_TYPES = frozenset(CAPTION_SUFFIXES.values())
_STATED = ("title", "description", "tags", "rights", "credit", "licence", "synthetic", "language", "no_captions")
# What a run's length may be; a film itself is of any length between five seconds and its channel's limit.
_LEAST, _MOST = 10, 900
Broken = tuple[str, str]


class FilmDesk:
    """Finished films of one tenant, inside one unit of work."""

    def __init__(self, session: Session, media: MediaStore, tenant_id: str) -> None:
        self._uploads = UploadRepository(session)
        self._media = media
        self._tenant = tenant_id

    def problems(self, wish: ReadyTask) -> Iterator[Broken]:
        """Yield what is wrong with a finished film: each field, its limit and what to give instead."""
        yield from what_is_missing(wish.captions, wish.no_captions, wish.rights, wish.credit)
        if tag_length(wish.tags) > TAG_CHARACTERS:
            yield "tags", f"together they have {tag_length(wish.tags)} characters, the limit is {TAG_CHARACTERS}; leave some out"
        if wish.channel is None:
            yield "channel", "a finished film is shown by the channel that it was made for; name one of `GET /v1/channels`"
        film = self._find(wish.film)
        if film is None or not film.media_type.startswith("video/"):
            yield "film", f"there is no film {wish.film}; send it to `POST /v1/films` first"
            return
        try:
            facts = facts_of(film.digest, self._media)
        except FilmUnreadable as error:
            yield "film", error.message
            return
        yield from _too_long(wish, facts)
        yield from self._problems_of_captions(wish, facts)

    def payload(self, wish: ReadyTask) -> dict[str, Any]:
        """Return what is kept of a task that has no problems."""
        film = self._uploads.get(wish.film, self._tenant)
        facts = facts_of(film.digest, self._media)
        captions = self._uploads.get(wish.captions, self._tenant).digest if wish.captions is not None else None
        stated = {name: getattr(wish, name) for name in _STATED}
        return {
            "film": ReadyFilm(film=film.digest, captions=captions, **stated).model_dump(mode="json", exclude_none=True),
            "seconds": min(_MOST, max(_LEAST, round(facts.seconds))),
            "format": format_of(facts.width, facts.height).value,
            **{name: value for name in ("autonomy", "privacy") if (value := getattr(wish, name)) is not None},
        }

    def _problems_of_captions(self, wish: ReadyTask, facts: Facts) -> Iterator[Broken]:
        if wish.captions is None:
            return
        found = self._find(wish.captions)
        if found is None or found.media_type not in CAPTION_TYPES:
            yield "captions", f"there are no captions {wish.captions}; send an .srt or .vtt file to `POST /v1/uploads` first"
            return
        try:
            fitting(read_captions(self._media.read(found.digest)), facts.seconds)
        except CaptionsUnreadable as error:
            yield "captions", error.message.removeprefix("captions: ")

    def _find(self, upload_id: str) -> UploadRecord | None:
        try:
            return self._uploads.get(upload_id, self._tenant)
        except NotFound:
            return None


def _too_long(wish: ReadyTask, facts: Facts) -> Iterator[Broken]:
    personality = find_personality(wish.channel) if wish.channel is not None else None
    form = format_of(facts.width, facts.height)
    most = longest_s(form, personality.format if personality is not None else Format.LANDSCAPE)
    if facts.seconds > most:
        why = "an upright film" if form is Format.SHORT else f"a film of {wish.channel}"
        yield "film", f"it lasts {facts.seconds:.0f} s, the limit of {why} is {most:.0f} s; cut it, or choose another channel"
