"""Made-up pictures and clips that the stand-ins of picture services serve."""

import io
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from infra.ids import seeded
from tools.vendors.ffmpeg.client import run as run_ffmpeg


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


@dataclass(frozen=True)
class StandInClip:
    """A clip of a stand-in: its words, its length in seconds, and the size in pixels of its largest file."""

    id: str
    title: str
    creator: str = "A. Filmer"
    width: int = 1920
    height: int = 1080
    seconds: int = 6
    tags: tuple[str, ...] = ()

    def matches(self, query: str) -> bool:
        """Say whether any word of the query is in the clip's words."""
        words = f"{self.title} {' '.join(self.tags)}".lower()
        return any(word in words for word in query.lower().split())

    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Return the sizes of its files, largest first: the whole, two thirds and a third, in even pixels."""
        return tuple((self.width * part // 6 * 2, self.height * part // 6 * 2) for part in (3, 2, 1))


@lru_cache(maxsize=32)
def mp4(clip: StandInClip, width: int, height: int) -> bytes:
    """Return an H.264 clip of drifting colours with a tone, the same every time."""
    draw = seeded("sandbox clip", clip.id)
    colours = ":".join(f"c{at}=0x{draw.randrange(1 << 24):06x}" for at in range(3))
    picture = f"gradients=size={width}x{height}:rate=25:duration={clip.seconds}:n=3:{colours}:speed=0.03:seed={draw.randrange(1 << 20)}"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "clip.mp4"
        sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={clip.seconds}"]
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-fflags", "+bitexact", "-movflags", "+faststart"]
        run_ffmpeg(["-f", "lavfi", "-i", picture, *sound, *coded, str(made)])
        return made.read_bytes()


def serve_clip(clips: tuple[StandInClip, ...], name: str) -> Response:
    """Answer with the file `<id>-<width>x<height>.mp4` of a clip, or 404."""
    for clip in clips:
        for width, height in clip.sizes():
            if name == f"{clip.id}-{width}x{height}.mp4":
                return Response(mp4(clip, width, height), media_type="video/mp4")
    return Response("not found", status_code=404)
