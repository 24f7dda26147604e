"""One conformance suite for stock photo services: the real clients against stand-ins, and live on request where a key is set."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from infra.settings import Settings, load_settings
from tools.fetch import Fetcher, SourceRefused
from tools.fetch_guard import SourceUnreachable
from tools.fetch_json import AnswerUnreadable, get_json
from tools.fetch_pace import HostPacer, RateLimited
from tools.picture_search import PictureVendor
from tools.sandbox import Sandbox, other_body, server_error, wrong_content_type
from tools.sandbox_pictures import StandInPicture
from tools.vendors.pexels.client import PexelsClient
from tools.vendors.pexels.sandbox import pexels_app, requests_used_up
from tools.vendors.pixabay.client import PixabayClient
from tools.vendors.pixabay.sandbox import pixabay_app

PICTURES = (
    StandInPicture("ice", "Glacier tongue", "A glacier seen from a ridge", "stock", creator="Ana Ridge", tags=("glacier", "ice"), width=4000, height=3000),
    StandInPicture("harbour", "Harbour", "Boats in a harbour", "stock", tags=("boats",)),
)


@dataclass(frozen=True)
class Stock:
    """A stock service under test: its stand-in, and the client with a given key."""

    name: str
    box: Sandbox
    client: Callable[[Fetcher, str], PictureVendor]
    key: str
    path: str


@pytest.fixture(params=["pexels", "pixabay"])
def stock(request: pytest.FixtureRequest) -> Iterator[Stock]:
    if request.param == "pexels":
        with Sandbox(pexels_app(PICTURES)) as box:
            yield Stock("pexels", box, lambda fetcher, key: PexelsClient(fetcher, key, box.url), "pexels-sandbox", "/v1/search")
    else:
        with Sandbox(pixabay_app(PICTURES)) as box:
            yield Stock("pixabay", box, lambda fetcher, key: PixabayClient(fetcher, key, box.url), "pixabay-sandbox", "/api/")


@pytest.fixture
def fetcher(stock: Stock) -> Iterator[Fetcher]:
    with Fetcher(Settings(), loopback=(stock.box.url,), pacer=HostPacer()) as made:
        yield made


def test_pictures_come_with_their_licence_and_author(stock: Stock, fetcher: Fetcher) -> None:
    (picture,) = stock.client(fetcher, stock.key).search("glacier")
    assert picture.rights.licence == "STOCK"
    assert picture.rights.commercial_derivatives
    assert not picture.rights.quotable
    assert picture.rights.needs_credit
    assert picture.rights.credit == f"Ana Ridge on {stock.name.capitalize()}"
    assert picture.rights.source_url.startswith(f"https://www.{stock.name}.com/" if stock.name == "pexels" else f"https://{stock.name}.com/")
    assert "glacier" in f"{picture.title} {picture.description}".lower()
    assert min(picture.width, picture.height) > 900
    assert fetcher.get(picture.url).body.startswith(b"\xff\xd8")


def test_nothing_found_is_no_error(stock: Stock, fetcher: Fetcher) -> None:
    assert stock.client(fetcher, stock.key).search("zeppelin") == ()


def test_a_long_query_is_cut_to_what_the_service_takes(stock: Stock, fetcher: Fetcher) -> None:
    found = stock.client(fetcher, stock.key).search("glacier " + "ridge " * 40)
    assert [picture.rights.credit for picture in found] == [f"Ana Ridge on {stock.name.capitalize()}"]


def test_a_wrong_key_is_refused_and_never_named(stock: Stock, fetcher: Fetcher) -> None:
    with pytest.raises(SourceRefused) as caught:
        stock.client(fetcher, "very-secret").search("glacier")
    assert "very-secret" not in f"{caught.value.message} {caught.value.details}"
    assert "very-secret" in f"{stock.box.seen[-1].query} {stock.box.seen[-1].headers}"


def test_every_failure_is_named(stock: Stock) -> None:
    cite = "https://www.rfc-editor.org/rfc/rfc8259"
    faults = (
        (server_error(502), SourceUnreachable),
        (wrong_content_type(), AnswerUnreadable),
        (other_body(b'{"photos": [{"id": "x"}, 7], "hits": [{"id": 3}, "no"]}', "application/json", cite), None),
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


def test_the_stand_ins_reject_what_the_services_reject(stock: Stock, fetcher: Fetcher) -> None:
    unknown = f"{stock.box.url}{stock.path}?query=ice&q=ice&nonsense=1"
    key = "authorization" if stock.name == "pexels" else "key"
    with pytest.raises(SourceRefused):
        get_json(fetcher, unknown, {key: stock.key})


@pytest.mark.parametrize("name", ["pexels", "pixabay"])
def test_the_real_service_conforms(name: str) -> None:
    settings = load_settings()
    secret: SecretStr | None = getattr(settings, f"{name}_api_key")
    if not settings.live or secret is None:
        pytest.skip(f"runs on request: set YTEMPIRE_LIVE=true and {name.upper()}_API_KEY")
    with Fetcher(settings) as real:
        client: PictureVendor = PexelsClient(real, secret.get_secret_value()) if name == "pexels" else PixabayClient(real, secret.get_secret_value())
        found = client.search("glacier", 5)
    assert found
    assert all(picture.rights.licence == "STOCK" and picture.rights.credit for picture in found)
