"""Made-up pictures that the stand-ins of picture services serve."""

import io
from dataclasses import dataclass

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from infra.ids import seeded


@dataclass(frozen=True)
class StandInPicture:
    """A picture of a stand-in: its words, its licence in the vendor's own spelling, and its size in pixels."""

    id: str
    title: str
    description: str
    licence: str
    creator: str = "A. Photographer"
    width: int = 1600
    height: int = 1000
    tags: tuple[str, ...] = ()

    def matches(self, query: str) -> bool:
        """Say whether any word of the query is in the picture's words."""
        words = f"{self.title} {self.description} {' '.join(self.tags)}".lower()
        return any(word in words for word in query.lower().split() if not word.startswith("filetype:"))


def jpeg(picture: StandInPicture) -> bytes:
    """Return a JPEG of coloured fields, the same every time, with an EXIF block that a careful client removes."""
    draw = seeded("sandbox picture", picture.id)
    small = Image.new("RGB", (8, 5))
    small.putdata([(draw.randrange(256), draw.randrange(256), draw.randrange(256)) for _ in range(40)])
    exif = Image.Exif()
    exif[0x010E] = "hidden description"
    out = io.BytesIO()
    small.resize((picture.width, picture.height), Image.Resampling.BICUBIC).save(out, "JPEG", quality=70, exif=exif)
    return out.getvalue()


def base_of(request: Request, path: str) -> str:
    """Return the address under which the stand-in serving `path` is mounted."""
    return str(request.url.replace(query="")).partition(path)[0]


def serve(pictures: tuple[StandInPicture, ...], name: str) -> Response:
    """Answer with the picture of that id, or 404."""
    picture = next((picture for picture in pictures if picture.id == name), None)
    return Response("not found", status_code=404) if picture is None else Response(jpeg(picture), media_type="image/jpeg")
