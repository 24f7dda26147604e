"""Finding a picture: ranking, rights, hostile bytes, the user's own pictures, and dead searches."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from infra.embedding_graph import ModelMissing
from memory.artifacts import Picture
from memory.rights import Rights
from tests.fixtures.sources import tool_context
from tools.base import ToolContext, ToolError
from tools.find_picture.rank import blend, lexical_scores, meaning_scores
from tools.find_picture.schema import FindPictureArgs, FindPictureResult
from tools.find_picture.tool import run, search_words
from tools.picture_bytes import PictureUnreadable, make_safe
from tools.sandbox import Sandbox, huge_body, other_body, server_error
from tools.sandbox_pictures import StandInPicture
from tools.sources_sandbox import sources_app
from tools.vendors.nasa.sandbox import nasa_app
from tools.vendors.openverse.sandbox import openverse_app
from tools.vendors.pexels.sandbox import pexels_app
from tools.vendors.wikimedia.sandbox import commons_app

SENTENCE = "The glacier lost a third of its ice since 1990."
CITE = "https://cwe.mitre.org/data/definitions/409.html"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    app = sources_app(
        {
            "nasa": nasa_app((StandInPicture("PIA1", "Glacier ice from orbit", "Ice of a glacier as a satellite saw it lose mass.", "PD", "NASA"),)),
            "wikimedia": commons_app(
                (
                    StandInPicture("tongue", "Glacier tongue", "The ice at the end of a glacier", "CC BY-SA 4.0"),
                    StandInPicture("tiny", "Glacier ice lost", "Glacier ice", "CC BY 2.0", width=300, height=200),
                )
            ),
            "openverse": openverse_app((StandInPicture("0000-1", "Ice cream on a glacier of sugar", "", "by"),)),
        }
    )
    with Sandbox(app) as running:
        yield running


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rank by shared words here, which is what a machine without the model does; meaning is tested where the model is."""

    def missing(_cache_root: Path) -> object:
        class Absent:
            model_version = "none"

            def embed(self, texts: object) -> object:
                raise ModelMissing(f"the model is not on this machine ({type(texts).__name__})")

        return Absent()

    monkeypatch.setattr("tools.find_picture.tool.shared_embedder", missing)


def find(folder: Path, box: Sandbox, **fields: object) -> tuple[ToolContext, FindPictureResult]:
    ctx = tool_context(folder, box.url)
    values: dict[str, object] = {"sentence": SENTENCE, "keywords": ("glacier", "ice"), **fields}
    return ctx, run(FindPictureArgs.model_validate(values), ctx)


def test_pictures_come_with_rights_size_and_relevance_and_without_metadata(tmp_path: Path, box: Sandbox) -> None:
    ctx, result = find(tmp_path, box, limit=2)
    assert [picture.rights.licence for picture in result.pictures] == ["PD", "CC-BY-SA"]
    assert all(picture.rights.credit and picture.rights.source_url for picture in result.pictures)
    scores = [picture.relevance or 0 for picture in result.pictures]
    assert scores == sorted(scores, reverse=True)
    for picture in result.pictures:
        opened = Image.open(io.BytesIO(ctx.store.read(picture.digest)))
        assert opened.size == (picture.width, picture.height)
        assert dict(opened.getexif()) == {}
    assert result.network


def test_too_small_pictures_and_unwanted_share_alike_are_turned_down_with_the_reason(tmp_path: Path, box: Sandbox) -> None:
    _, result = find(tmp_path, box, limit=10, share_alike=False)
    assert {picture.rights.licence for picture in result.pictures} == {"PD", "CC-BY"}
    commons = next(look for look in result.looked_at if look.where == "wikimedia")
    assert any("smaller than" in reason for reason in commons.rejected)
    assert any("share-alike" in reason for reason in commons.rejected)


def test_a_picture_already_used_is_not_offered_again(tmp_path: Path, box: Sandbox) -> None:
    _, first = find(tmp_path, box, limit=1)
    _, second = find(tmp_path, box, limit=1, exclude=(first.pictures[0].digest,))
    assert first.pictures[0].digest != second.pictures[0].digest


def test_a_picture_is_fetched_once_and_then_remembered(tmp_path: Path, box: Sandbox) -> None:
    _, first = find(tmp_path, box, limit=1)
    before = sum("~large" in request.path for request in box.seen)
    _, second = find(tmp_path, box, limit=1)
    assert first.pictures == second.pictures
    assert sum("~large" in request.path for request in box.seen) == before


def test_nothing_that_fits_is_an_answer(tmp_path: Path, box: Sandbox) -> None:
    _, result = find(tmp_path, box, sentence="Zebra futures closed higher.", keywords=("zebra", "futures"))
    assert result.pictures == ()
    assert all(look.reason for look in result.looked_at)


def test_the_users_own_pictures_compete_and_win_ties(tmp_path: Path, box: Sandbox) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    Image.new("RGB", (1600, 900), (10, 80, 120)).save(folder / "glacier-ice.jpg")
    (folder / "fake.png").write_bytes(b"not a picture")
    _, result = find(tmp_path, box, own_folder=str(folder), limit=1)
    assert result.pictures[0].rights.licence == "OWN"
    assert "fake.png" in result.looked_at[0].rejected[0]


def test_own_pictures_that_may_not_be_changed_are_left_out(tmp_path: Path, box: Sandbox) -> None:
    closed = Picture(digest="0" * 64, width=1600, height=900, caption="glacier ice", rights=Rights(licence="CC-BY-ND"))
    _, result = find(tmp_path, box, own=(closed,), vendors=())
    assert result.pictures == ()


def test_dead_searches_are_reported_and_the_others_count(tmp_path: Path, box: Sandbox) -> None:
    box.faults.always("/nasa", server_error(500))
    _, result = find(tmp_path, box)
    statuses = {look.where: look.status for look in result.looked_at}
    off = dict.fromkeys(("pexels", "pixabay", "pexels_clips", "pixabay_clips"), "off")
    assert statuses == {"nasa": "failed", "wikimedia": "searched", "openverse": "searched", **off}
    assert next(look.reason for look in result.looked_at if look.where == "pexels") == "no key; set PEXELS_API_KEY"
    assert result.pictures


def giant_png() -> bytes:
    """Return the header of a PNG that claims 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "fault",
    [other_body(b"<svg onload='x'/>", "image/jpeg", CITE), other_body(giant_png(), "image/png", CITE), huge_body(40_000_000), server_error(500)],
    ids=["no picture", "giant", "endless", "gone"],
)
def test_hostile_or_missing_bytes_are_passed_over_for_the_next_best(tmp_path: Path, box: Sandbox, fault: object) -> None:
    box.faults.always("/nasa/image", fault)  # type: ignore[arg-type]
    _, result = find(tmp_path, box, limit=1)
    assert result.pictures[0].rights.licence == "CC-BY-SA"
    assert next(look for look in result.looked_at if look.where == "nasa").rejected


def test_without_a_network_only_own_pictures_are_offered(tmp_path: Path) -> None:
    result = run(FindPictureArgs(sentence=SENTENCE), tool_context(tmp_path, network="off"))
    assert (result.pictures, result.network) == ((), False)
    assert {look.status for look in result.looked_at} == {"failed", "off"}


def test_stock_photographs_keep_author_and_licence_and_a_question_is_asked_once_a_day(tmp_path: Path, box: Sandbox) -> None:
    photo = StandInPicture("melt", "Glacier ice lost", "Glacier ice lost to the sea since 1990", "stock", creator="Ana Ridge", tags=("glacier", "ice"))
    with Sandbox(pexels_app((photo,))) as stock:
        ctx = tool_context(tmp_path, box.url, pexels_base_url=stock.url, pexels_api_key="pexels-sandbox")
        args = FindPictureArgs(sentence=SENTENCE, keywords=("glacier", "ice"), limit=1)
        (picture,) = run(args, ctx).pictures
        run(args, ctx)
        assert [seen.path for seen in stock.seen].count("/v1/search") == 1
    assert (picture.rights.licence, picture.rights.licence_name, picture.rights.credit) == ("STOCK", "Pexels License", "Ana Ridge on Pexels")


def test_a_refused_key_is_reported_with_the_setting_to_look_at(tmp_path: Path, box: Sandbox) -> None:
    with Sandbox(pexels_app(())) as stock:
        ctx = tool_context(tmp_path, box.url, pexels_base_url=stock.url, pexels_api_key="wrong")
        result = run(FindPictureArgs(sentence=SENTENCE), ctx)
    look = next(look for look in result.looked_at if look.where == "pexels")
    assert (look.status, look.reason.endswith("check PEXELS_API_KEY")) == ("failed", True)
    assert result.pictures


def test_a_sentence_without_a_word_to_search_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="give keywords"):
        run(FindPictureArgs(sentence="It is what it was."), tool_context(tmp_path, network="off"))
    with pytest.raises(ToolError, match="own_folder"):
        run(FindPictureArgs(sentence=SENTENCE, own_folder=str(tmp_path / "none")), tool_context(tmp_path, network="off"))


def test_names_and_long_words_are_searched_for() -> None:
    assert (
        search_words(FindPictureArgs(sentence="Last year scientists at Pinatubo measured how the volcano sank.")) == "scientists Pinatubo measured volcano sank"
    )
    assert search_words(FindPictureArgs(sentence=SENTENCE, keywords=("ice sheet", "melt"))) == "ice sheet melt"


def test_oversized_or_animated_bytes_become_one_still() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert (make_safe(out.getvalue()).width, make_safe(out.getvalue()).height) == (64, 64)
    with pytest.raises(PictureUnreadable, match="limit"):
        make_safe(giant_png())
    with pytest.raises(PictureUnreadable, match="at least"):
        make_safe(out.getvalue(), 100, 100)


class Toy:
    """An embedder that knows two meanings."""

    model_version = "toy"

    def embed(self, texts: object) -> object:
        return np.array([[1.0, 0.0] if "ice" in text or "frozen" in text else [0.0, 1.0] for text in texts], dtype=np.float32)  # type: ignore[attr-defined]


def test_meaning_finds_what_shared_words_miss() -> None:
    texts = ["A frozen river", "A loaf of bread"]
    meaning = meaning_scores("ice", texts, Toy())  # type: ignore[arg-type]
    assert lexical_scores("ice", (), texts) == [0.0, 0.0]
    assert blend([0.0, 0.0], meaning)[0] > blend([0.0, 0.0], meaning)[1]
