"""One conformance suite for stock clips: the real clients against stand-ins that serve real MP4 files, and live on request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from infra.settings import Settings, load_settings
from memory.media import MediaStore
from tests.fixtures.sources import tool_context
from tools.base import ToolContext
from tools.clip_file import keep_clip
from tools.fetch import Fetcher, FetchRequest, SourceRefused
from tools.fetch_guard import SourceUnreachable
from tools.fetch_json import AnswerUnreadable, get_json
from tools.fetch_pace import HostPacer, RateLimited
from tools.find_picture.schema import FindPictureArgs
from tools.find_picture.tool import run
from tools.picture_search import PictureVendor, best_rendition
from tools.sandbox import Sandbox, cut_connection, other_body, server_error, wrong_content_type
from tools.sandbox_pictures import StandInClip
from tools.vendors.pexels.clips import PexelsClips
from tools.vendors.pexels.sandbox import pexels_app, requests_used_up
from tools.vendors.pixabay.clips import PixabayClips
from tools.vendors.pixabay.sandbox import pixabay_app

CITE = "https://www.rfc-editor.org/rfc/rfc8259"
CLIPS = (
    StandInClip("ice", "Glacier calving into the sea", creator="Ana Ridge", tags=("glacier", "ice"), width=1280, height=720, seconds=2),
    StandInClip("harbour", "Boats in a harbour", tags=("boats",), seconds=2),
)


@dataclass(frozen=True)
class Stock:
    """A stock service under test: its stand-in, the client with a given key, and the settings that point to it."""

    name: str
    box: Sandbox
    client: Callable[[Fetcher, str], PictureVendor]
    path: str
    files: str

    @property
    def key(self) -> str:
        return f"{self.name}-sandbox"


@pytest.fixture(params=["pexels", "pixabay"])
def stock(request: pytest.FixtureRequest) -> Iterator[Stock]:
    if request.param == "pexels":
        with Sandbox(pexels_app((), clips=CLIPS)) as box:
            yield Stock("pexels", box, lambda fetcher, key: PexelsClips(fetcher, key, box.url), "/v1/videos/search", "/video-files")
    else:
        with Sandbox(pixabay_app((), clips=CLIPS)) as box:
            yield Stock("pixabay", box, lambda fetcher, key: PixabayClips(fetcher, key, box.url), "/api/videos/", "/video/")


@pytest.fixture
def fetcher(stock: Stock) -> Iterator[Fetcher]:
    with Fetcher(Settings(), loopback=(stock.box.url,), pacer=HostPacer()) as made:
        yield made


def test_clips_come_with_their_licence_author_length_and_a_file_that_plays(stock: Stock, fetcher: Fetcher, tmp_path: Path) -> None:
    (clip,) = stock.client(fetcher, stock.key).search("glacier")
    assert clip.rights.licence == "STOCK"
    assert clip.rights.needs_credit
    assert clip.rights.credit == f"Ana Ridge on {stock.name.capitalize()}"
    assert stock.name in clip.rights.source_url
    assert "glacier" in clip.title.lower()
    assert (clip.width, clip.height, clip.seconds) == (1280, 720, 2)
    answer = fetcher.get(FetchRequest(clip.url, max_bytes=20_000_000))
    assert answer.content_type == "video/mp4"
    (tmp_path / "clip").write_bytes(answer.body)
    assert keep_clip(tmp_path / "clip", MediaStore(tmp_path / "media"), tmp_path).clip.frames == 50


def test_the_largest_file_up_to_full_hd_is_taken_and_nothing_found_is_no_error(stock: Stock, fetcher: Fetcher) -> None:
    assert best_rendition([("a", 3840, 2160), ("b", 1920, 1080), ("c", 960, 540), ("", 0, 0)]) == ("b", 1920, 1080)
    assert best_rendition([("a", 3840, 2160), ("b", 4096, 2304)]) == ("a", 3840, 2160)
    assert best_rendition([("", 0, 0)]) is None
    assert stock.client(fetcher, stock.key).search("zeppelin") == ()


def test_a_wrong_key_is_refused_and_never_named(stock: Stock, fetcher: Fetcher) -> None:
    with pytest.raises(SourceRefused) as caught:
        stock.client(fetcher, "very-secret").search("glacier")
    assert "very-secret" not in f"{caught.value.message} {caught.value.details}"
    with pytest.raises(SourceRefused):
        get_json(fetcher, f"{stock.box.url}{stock.path}?query=ice&q=ice&image_type=photo", {"authorization": stock.key, "key": stock.key})


def test_every_failure_is_named(stock: Stock) -> None:
    faults = (
        (server_error(502), SourceUnreachable),
        (wrong_content_type(), AnswerUnreadable),
        (other_body(b'{"videos": [{"id": "x"}, 7], "hits": [{"id": 3, "videos": []}, "no"]}', "application/json", CITE), None),
        (requests_used_up(), RateLimited),
    )
    for fault, error in faults:
        stock.box.faults.play(stock.path, fault)
        with Fetcher(Settings(), loopback=(stock.box.url,), pacer=HostPacer()) as own:
            if error is None:
                assert stock.client(own, stock.key).search("glacier") == ()
                continue
            with pytest.raises(error):
                stock.client(own, stock.key).search("glacier")


def context(tmp_path: Path, stock: Stock) -> ToolContext:
    named: dict[str, Any] = {f"{stock.name}_api_key": SecretStr(stock.key), f"{stock.name}_base_url": stock.box.url}
    return tool_context(tmp_path, **named)


def test_a_clip_is_found_ranked_and_kept_and_a_bad_file_is_told(stock: Stock, tmp_path: Path) -> None:
    ctx = context(tmp_path, stock)
    args = FindPictureArgs.model_validate({"sentence": "The glacier is calving into the sea.", "vendors": (f"{stock.name}_clips",), "min_relevance": 0.1})
    for fault, said in ((wrong_content_type(), "text/html, which is no clip"), (cut_connection(), ""), (other_body(b"", "video/mp4", CITE), "0 bytes")):
        stock.box.faults.play(stock.files, fault)
        result = run(args, ctx)
        assert result.pictures == ()
        assert said in result.looked_at[0].rejected[0]
    (picture,) = run(args, ctx).pictures
    assert picture.clip is not None
    assert (picture.clip.width, picture.clip.frames) == (1280, 50)
    assert picture.rights.credit.startswith("Ana Ridge on ")
    assert picture.relevance is not None
    before = len(stock.box.seen)
    assert run(args, ctx).pictures == (picture,)
    assert len(stock.box.seen) == before


def test_without_a_key_the_clips_are_off_and_the_key_is_named(tmp_path: Path) -> None:
    result = run(FindPictureArgs(sentence="The glacier moves.", vendors=("pexels_clips", "pixabay_clips")), tool_context(tmp_path))
    assert [(look.status, look.reason) for look in result.looked_at] == [("off", f"no key; set {name}_API_KEY") for name in ("PEXELS", "PIXABAY")]


@pytest.mark.parametrize("name", ["pexels", "pixabay"])
def test_the_real_service_conforms(name: str) -> None:
    settings = load_settings()
    secret: SecretStr | None = getattr(settings, f"{name}_api_key")
    if not settings.live or secret is None:
        pytest.skip(f"runs on request: set YTEMPIRE_LIVE=true and {name.upper()}_API_KEY")
    with Fetcher(settings) as real:
        client: PictureVendor = PexelsClips(real, secret.get_secret_value()) if name == "pexels" else PixabayClips(real, secret.get_secret_value())
        found = client.search("glacier", 5)
    assert found
    assert all(clip.rights.credit and clip.seconds > 0 for clip in found)
