"""One sound film and a small copy of it that the tests damage in known ways."""

from pathlib import Path
from typing import NamedTuple

import pytest

from evals.film_scene import STYLE, make_film
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video.schema import Args as RenderArgs
from tools.render_video.schema import Result as Rendered
from tools.render_video.tool import run as render
from tools.vendors.ffmpeg.client import run as run_ffmpeg


class Film(NamedTuple):
    """A rendered film and what it was made from."""

    ctx: ToolContext
    args: RenderArgs
    rendered: Rendered
    small: Path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Render eight seconds in three shots, and a copy of 480x270 for damage."""
    folder = tmp_path_factory.mktemp("inspect")
    settings = Settings(home=folder / "home")
    ctx = ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=folder)
    storyboard, narration = make_film(ctx.store, count=3, seconds=8.0)
    args = RenderArgs(storyboard=storyboard, narration=narration, captions=STYLE)
    rendered = render(args, ctx)
    small = folder / "small.mp4"
    damage(ctx.store.path(rendered.video), small, "scale=480:270:flags=area", "anull")
    return Film(ctx, args, rendered, small)


TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def damage(source: Path, target: Path, video: str, audio: str, *options: str) -> Path:
    """Write a copy of a film through a picture and a sound filter."""
    picture = ["-vf", f"{video},{TAGS}", "-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"]
    sound = ["-af", audio, "-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2"]
    run_ffmpeg(["-i", str(source), *picture, *sound, "-movflags", "+faststart", *options, str(target)])
    return target
