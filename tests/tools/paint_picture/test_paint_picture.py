"""Painting with a real diffusers pipeline of random weights: seeds, cache, safety, and what is said when something is missing."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fixtures.sources import tool_context
from tools.base import ToolContext, ToolError
from tools.paint_picture.schema import SPEC, PaintPictureArgs

if find_spec("torch") is None or find_spec("diffusers") is None:
    pytest.skip("torch and diffusers are in the `ml` extra only", allow_module_level=True)

from tests.fixtures.tiny_diffusion import build_pipeline
from tools.paint_picture.tool import run

pytestmark = pytest.mark.slow
WISH = PaintPictureArgs(prompt="a glacier at dawn", caption="A glacier at dawn", width=96, height=64, seed=5)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_pipeline(tmp_path_factory.mktemp("tiny"))


def context(folder: Path, model: Path | str) -> ToolContext:
    folder.mkdir(parents=True, exist_ok=True)
    return tool_context(folder, diffusers_model=str(model), diffusers_steps=2)


def test_the_same_wish_gives_the_same_picture_and_another_seed_another(tmp_path: Path, pipeline: Path) -> None:
    first = run(WISH, context(tmp_path / "a", pipeline))
    again = run(WISH, context(tmp_path / "b", pipeline))
    other = run(WISH.model_copy(update={"seed": 6}), context(tmp_path / "b", pipeline))
    assert (first.picture.width, first.picture.height, first.safety, first.cached) == (96, 64, "checked", False)
    assert first.picture.digest == again.picture.digest != other.picture.digest
    assert first.picture.rights.commercial_derivatives
    assert "generated picture" in first.picture.rights.credit


def test_what_was_painted_is_not_painted_again(tmp_path: Path, pipeline: Path) -> None:
    steps: list[float] = []
    ctx = context(tmp_path, pipeline)
    counting = ToolContext(settings=ctx.settings, store=ctx.store, scratch=ctx.scratch, progress=lambda done, _: steps.append(done))
    painted = run(WISH, counting)
    again = run(WISH.model_copy(update={"caption": "Another caption"}), counting)
    assert steps == [0.5, 1.0]
    assert (again.cached, again.picture.digest, again.picture.caption) == (True, painted.picture.digest, "Another caption")


def test_a_worker_that_lost_its_job_stops_between_steps(tmp_path: Path, pipeline: Path) -> None:
    class Lost(Exception):
        """The fence."""

    def fence() -> None:
        raise Lost

    ctx = context(tmp_path, pipeline)
    with pytest.raises(Lost):
        run(WISH, ToolContext(settings=ctx.settings, store=ctx.store, scratch=ctx.scratch, ensure_live=fence))


def test_a_picture_that_the_checker_withheld_is_an_error_and_never_shown(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    strict = build_pipeline(tmp_path_factory.mktemp("strict"), objects_to="everything")
    with pytest.raises(ToolError, match="safety checker withheld"):
        run(WISH, context(tmp_path, strict))


def test_a_model_without_a_checker_says_so(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = build_pipeline(tmp_path_factory.mktemp("plain"), checker=False)
    assert run(WISH, context(tmp_path, plain)).safety == "no checker"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("", "no text-to-image model is configured"),
        ("somebody/a-model-that-is-not-here", "fetch it once with `hf download somebody/a-model-that-is-not-here`"),
        ("{here}", "holds no complete text-to-image pipeline"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, model: str, said: str) -> None:
    with pytest.raises(ToolError, match="YTEMPIRE_DIFFUSERS_MODEL") as caught:
        run(WISH, context(tmp_path, model.format(here=tmp_path)))
    assert said in caught.value.message


def test_painting_is_the_gpu_queues_work() -> None:
    assert SPEC.queue == "gpu"
