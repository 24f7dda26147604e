"""Words and picture share a frame: neither panel nor plate lies over the subject's stage more than its edge."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from infra.settings import load_settings
from memory.artifacts import Format
from memory.media import MediaStore
from memory.personality import get_personality
from tools.base import ToolContext
from tools.compose_thumbnail.layout import placements
from tools.compose_thumbnail.schema import ThumbnailConcept
from tools.make_visual.schema import MakeVisualArgs, Scene
from tools.make_visual.staging import stage_of
from tools.make_visual.tool import run

CHANNELS = ("field-notes", "market-window", "wild-minute", "blueprint", "deep-orbit", "loud-facts", "old-roads")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("frame", list(Format))
def test_the_opener_s_words_stand_outside_its_stage_and_need_no_veil(tmp_path: Path, channel: str, frame: Format) -> None:
    personality = get_personality(channel)
    ctx = ToolContext(settings=load_settings(), store=MediaStore(tmp_path / "media"), scratch=tmp_path)
    scene = Scene(title="The moon that loses its craters", kicker="Space")
    made = run(MakeVisualArgs(kind="opener", scene=scene, look=personality.look, channel=personality.name, format=frame, motif="moon"), ctx)
    assert made.treatment == "illustration"
    assert made.contrast >= 4.5
    (head,) = (layer for layer in made.layers if layer.enter == "rise")
    alpha = np.asarray(cv2.imdecode(np.frombuffer(ctx.store.read(head.image), np.uint8), cv2.IMREAD_UNCHANGED))[..., 3]
    left, top, width, height = (round(value) for value in stage_of("opener", personality.look, frame.size, labelled=True) or (0, 0, 0, 0))
    assert alpha.any()
    assert not alpha[top : top + height, left : left + width].any()


def test_a_label_leaves_the_subject_less_room_and_quiet_grounds_have_no_stage() -> None:
    look = get_personality("field-notes").look
    bare, labelled = (stage_of("picture", look, Format.LANDSCAPE.size, labelled=one) for one in (False, True))
    assert bare is not None
    assert labelled is not None
    assert labelled[3] < bare[3]
    assert stage_of("number", look, Format.LANDSCAPE.size, labelled=True) is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_thumbnail_s_words_and_picture_stand_apart(channel: str) -> None:
    concept = ThumbnailConcept(concept="number", words="17.7 billion kilometers")
    for one in placements(concept, get_personality(channel).look):
        left, top, width, height = one.box
        across, down, broad, tall = one.stage
        assert left + width <= across or across + broad <= left or down + tall <= top
        assert " ".join(one.lines) == concept.words
