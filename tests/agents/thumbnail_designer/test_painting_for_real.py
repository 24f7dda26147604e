"""A sentence that no picture fits gets one from a real diffusers pipeline of random weights."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from agents.thumbnail_designer import IllustrateInput
from agents.thumbnail_designer.gather import gather
from infra.settings import Settings
from tests.fixtures.illustrated_story import LocalContext, brief, narration, script
from tools.base import Args, ToolContext, ToolSpec
from tools.paint_picture.schema import PaintPictureArgs

if find_spec("torch") is None or find_spec("diffusers") is None:
    pytest.skip("torch and diffusers are in the `ml` extra only", allow_module_level=True)

from tests.fixtures.tiny_diffusion import build_pipeline
from tools.paint_picture.tool import run as paint

pytestmark = pytest.mark.slow


@dataclass
class Real(LocalContext):
    """The painting tool in place, at a size that a small machine paints at once."""

    model: str = ""

    async def call(self, spec: ToolSpec[Any, Any], args: Args, patience_s: float | None = None) -> Any:  # noqa: ARG002 - the shape of a context
        """Paint small; the other tools run as they are."""
        if not isinstance(args, PaintPictureArgs):
            return await super().call(spec, args)
        settings = Settings.model_validate({"home": self.folder, "diffusers_model": self.model, "diffusers_steps": 1})
        return paint(args.model_copy(update={"width": 96, "height": 64}), ToolContext(settings=settings, store=self.store, scratch=self.folder))


async def test_a_real_pipeline_paints_a_candidate(tmp_path: Path) -> None:
    told = script()
    ctx = Real(tmp_path, model=str(build_pipeline(tmp_path / "tiny")))
    found = await gather(IllustrateInput(script=told, narration=narration(told), brief=brief(), paints=True), ctx)
    assert 1 <= len(found.candidates) <= 4
    picture = found.candidates[0].picture
    assert ctx.store.read(picture.digest)[:2] == b"\xff\xd8"
    assert "generated picture" in picture.rights.credit
