"""compose_thumbnail makes three measured JPEGs whose words are large, legible and never over a face."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from infra.settings import load_settings
from memory.media import MediaStore
from memory.personality import get_personality
from tools.base import ToolContext, ToolError
from tools.compose_thumbnail.faces import face_focus, find_faces, overlap
from tools.compose_thumbnail.schema import ComposeThumbnailArgs, ThumbnailConcept
from tools.compose_thumbnail.tool import run


@pytest.fixture
def ctx(tmp_path: Path) -> ToolContext:
    return ToolContext(settings=load_settings(), store=MediaStore(tmp_path / "media"), scratch=tmp_path)


def asked(*concepts: ThumbnailConcept, channel: str = "field-notes") -> ComposeThumbnailArgs:
    personality = get_personality(channel)
    return ComposeThumbnailArgs(concepts=concepts, look=personality.look, channel=personality.name)


NUMBER = ThumbnailConcept(concept="number", words="4.6 billion", subject="space")
QUESTION = ThumbnailConcept(concept="question", words="Why scarlet?", subject="nature")
VERSUS = ThumbnailConcept(concept="versus", words="Before", against="After", subject="weather")


@pytest.mark.parametrize("channel", ["field-notes", "loud-facts", "salt-and-steam"])
def test_three_variants_come_best_first_with_measures_inside_the_limits(ctx: ToolContext, channel: str) -> None:
    made = run(asked(NUMBER, QUESTION, VERSUS, channel=channel), ctx).thumbnails
    assert [variant.score for variant in made.variants] == sorted((variant.score for variant in made.variants), reverse=True)
    assert made.method == "heuristic"
    assert made.reasons
    for variant in made.variants:
        data = ctx.store.read(variant.image)
        assert np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)).shape == (720, 1280, 3)
        assert data[:3] == b"\xff\xd8\xff"
        assert len(data) < 2_000_000
        assert variant.scores["contrast_ratio"] >= 4.5
        assert variant.scores["text_height_share"] >= 0.14
        assert variant.scores["contrast_at_168x94"] >= 3


def test_the_same_concepts_are_composed_once(ctx: ToolContext) -> None:
    assert run(asked(NUMBER, QUESTION, VERSUS), ctx) == run(asked(NUMBER, QUESTION, VERSUS), ctx)


def test_more_than_four_words_and_words_too_long_are_refused(ctx: ToolContext) -> None:
    with pytest.raises(ToolError, match="5 words are over the limit of 4"):
        run(asked(QUESTION, VERSUS, ThumbnailConcept(concept="statement", words="one two three four five")), ctx)
    with pytest.raises(ToolError, match="under the limit of 14%"):
        run(asked(QUESTION, VERSUS, ThumbnailConcept(concept="statement", words="Incomprehensibilities")), ctx)


def test_a_glyph_that_no_face_has_is_named(ctx: ToolContext) -> None:
    with pytest.raises(ToolError, match="no installed font has a glyph for 湖"):
        run(asked(QUESTION, VERSUS, ThumbnailConcept(concept="statement", words="湖")), ctx)


def test_overlap_is_the_share_of_the_most_covered_face() -> None:
    assert overlap((0, 0, 100, 100), ((50, 0, 100, 100), (500, 500, 10, 10))) == pytest.approx(0.5)
    assert overlap((0, 0, 100, 100), ()) == 0


@pytest.mark.data
def test_words_keep_off_a_real_face(ctx: ToolContext) -> None:
    data = load_settings().data
    if data is None:
        pytest.skip("YTEMPIRE_DATA is not set")
    raw = (data / "images" / "astronaut.png").read_bytes()
    portrait = np.asarray(cv2.cvtColor(np.asarray(cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB), np.float32)
    assert find_faces(portrait)
    assert face_focus(portrait) != (0.5, 0.4)
    picture = ThumbnailConcept(concept="picture", words="Ready", picture=ctx.store.put_bytes(raw))
    made = run(asked(NUMBER, VERSUS, picture), ctx).thumbnails
    (variant,) = (one for one in made.variants if one.concept == "picture")
    assert variant.scores["faces"] >= 1
