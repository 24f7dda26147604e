"""Contexts and one rendered film for the tests of the renderer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evals.film_scene import STYLE, make_film
from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.render_video.schema import Args, Result
from tools.render_video.tool import run


def context_in(folder: Path) -> ToolContext:
    """Return a tool context whose home and scratch lie in a folder with a space in its name."""
    settings = Settings(home=folder / "a home")
    scratch = folder / f"scratch {len(list(folder.iterdir()))}"
    scratch.mkdir()
    return ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=scratch)


@pytest.fixture
def make_context(tmp_path: Path) -> Callable[[], ToolContext]:
    """Return a maker of tool contexts that share one home."""
    return lambda: context_in(tmp_path)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[ToolContext, Args, Result]:
    """Render one film of three shots for the tests that only look at it."""
    ctx = context_in(tmp_path_factory.mktemp("film"))
    storyboard, narration = make_film(ctx.store, count=3, seconds=6.0)
    args = Args(storyboard=storyboard, narration=narration, captions=STYLE)
    return ctx, args, run(args, ctx)
