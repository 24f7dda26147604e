"""What a video holds: its files by digest, what a player needs, and its script."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson

from api.videos.standing import no_room
from graphs.bodies import Cited
from graphs.made import Made, made_of
from graphs.scenes import find, scenes_of
from infra.database import UnitOfWork
from memory.artifacts import Listing, RenderedVideo, Script, Thumbnails
from memory.media import MediaStore
from memory.reads.videos import video_json
from memory.repositories.artifacts import ArtifactUnknown
from memory.repositories.runs import RunRepository


@dataclass(frozen=True)
class File:
    """One file: what it is, its digest, type and name."""

    kind: Literal["video", "captions", "thumbnail"]
    digest: str
    media_type: str
    name: str


class Contents:
    """Reads what one video holds, in one unit of work; raises VideoMissing."""

    def __init__(self, session: UnitOfWork, store: MediaStore, video_id: str) -> None:
        self.row: dict[str, Any] = orjson.loads(video_json(session, video_id))
        self._session = session
        self._store = store
        run = RunRepository(session).find(self.row["run"]) if self.row["run"] else None
        self._made = made_of(session, run) if run is not None else Made()

    def files(self) -> tuple[File, ...]:
        """Return the files that there are by now."""
        return tuple(self._files())

    def file(self, digest: str) -> File:
        """Return one file; raises ArtifactUnknown for what is none of this video's."""
        found = next((one for one in self._files() if one.digest == digest), None)
        if found is None:
            raise ArtifactUnknown(f"file: {digest} is none of video {self.row['id']}", digest=digest)
        return found

    def shown(self, one: File) -> dict[str, Any]:
        """Return a file as clients see it."""
        return {**asdict(one), "url": f"/v1/videos/{self.row['id']}/files/{one.digest}", "kept": self._store.has(one.digest)}

    def player(self) -> dict[str, Any]:
        """Return what a page needs to play it; raises ArtifactUnknown while it is not rendered."""
        if self._made.rendered is None:
            raise ArtifactUnknown(f"video {self.row['id']}: it is not rendered yet, so there is nothing to play")
        rendered = RenderedVideo.model_validate_json(self._store.read(self._made.rendered))
        listing = find(self._store, self._made.listing, Listing)
        files = {kind: [self.shown(one) for one in self._files() if one.kind == kind] for kind in ("video", "captions", "thumbnail")}
        return {
            "title": listing.title if listing else self.row["title"] or self.row["topic"],
            "description": listing.description if listing else "",
            "language": listing.language if listing else "en",
            "provenance": self.row["provenance"],
            **{name: getattr(rendered, name) for name in ("duration_s", "width", "height", "fps")},
            "video": files["video"][0],
            "captions": files["captions"],
            "thumbnail": files["thumbnail"][0] if files["thumbnail"] else None,
            "chapters": [one.model_dump() for one in listing.chapters] if listing else [],
            **scenes_of(self._session, self._store, self.row["run"], self._made).model_dump(mode="json"),
        }

    def script(self) -> dict[str, Any]:
        """Return the script that counts and whether it has room for an edit; raises ArtifactUnknown before one is written."""
        if self._made.script is None:
            raise ArtifactUnknown(f"video {self.row['id']}: no script is written yet")
        script = Script.model_validate_json(self._store.read(self._made.script))
        cited = find(self._store, self._made.cited, Cited)
        passages = cited.passages if cited is not None else ()
        why_not = no_room(self.row["status"], "script")
        return {
            "digest": self._made.script,
            "title": script.title,
            "language": script.language,
            "licence": script.rights.licence,
            "credits": list(script.credits),
            "beats": [
                beat.model_dump(include={"id": True, "heading": True, "sentences": {"__all__": {"id", "text", "role", "citations"}}}) for beat in script.beats
            ],
            "passages": [
                {**one.model_dump(include={"id", "text", "title", "publisher", "url"}), "licence": one.rights.licence, "credit": one.rights.credit}
                for one in passages
            ],
            "editable": not why_not,
            "why_not": why_not,
        }

    def _files(self) -> Iterator[File]:
        name = self.row["title"] or self.row["topic"] or self.row["id"]
        # What is lost is not listed, and what is still there is.
        rendered = find(self._store, self._made.rendered, RenderedVideo)
        if rendered is not None:
            yield File("video", rendered.video, "video/mp4", f"{name}.mp4")
            yield File("captions", rendered.captions_vtt, "text/vtt", f"{name}.vtt")
            yield File("captions", rendered.captions_srt, "application/x-subrip", f"{name}.srt")
        thumbnails = find(self._store, self._made.thumbnails, Thumbnails)
        if thumbnails is not None:
            variants = list(thumbnails.variants)
            for number, variant in enumerate([variants.pop(thumbnails.chosen), *variants], 1):
                yield File("thumbnail", variant.image, "image/jpeg", f"{name} {number}.jpg")
