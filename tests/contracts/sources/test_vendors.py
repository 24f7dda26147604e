"""One conformance suite for the keyless services: the real clients against stand-ins that speak the documented JSON and reject what it rejects."""

from collections.abc import Iterator
from datetime import date

import pytest

from infra.settings import Settings
from tools.fetch import Fetcher, SourceRefused
from tools.fetch_guard import SourceUnreachable
from tools.fetch_json import AnswerUnreadable, get_json
from tools.fetch_pace import HostPacer, RateLimited
from tools.picture_search import PictureVendor
from tools.sandbox import Sandbox, gone, other_body, rate_limited, server_error, wrong_content_type
from tools.sandbox_pictures import StandInPicture
from tools.sources_sandbox import sources_app
from tools.vendors.hackernews.client import HackerNewsClient
from tools.vendors.hackernews.sandbox import hackernews_app
from tools.vendors.nasa.client import NasaClient
from tools.vendors.nasa.sandbox import nasa_app
from tools.vendors.openverse.client import OpenverseClient
from tools.vendors.openverse.sandbox import openverse_app
from tools.vendors.wikimedia.client import CommonsClient
from tools.vendors.wikimedia.sandbox import commons_app
from tools.vendors.wikipedia.client import WikiBusy, WikiClient
from tools.vendors.wikipedia.pageviews import PageViewsClient
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app

EXTRACT = "A glacier is a river of ice.\n\n\n== History ==\nIt moves slowly.\n\n\n== See also ==\nIceberg\n\n\n== References ==\nNone"
ARTICLES = (WikiArticle("Glacier", EXTRACT, views=9), WikiArticle("Ice (disambiguation)", "Ice may mean many things.", disambiguation=True))
COMMONS = (
    StandInPicture("ice", "Glacier tongue", "A glacier seen from a ridge", "CC BY-SA 4.0", tags=("Glaciers", "Ice")),
    StandInPicture("fair", "Glacier poster", "A glacier poster", "Fair use"),
    StandInPicture("nc", "Glacier at dusk", "A glacier at dusk", "CC BY-NC 4.0"),
    StandInPicture("face", "Glacier guide", "A guide on a glacier", "CC BY 2.0"),
)
OPENVERSE = tuple(StandInPicture(f"0000-{code}", f"Glacier {code}", "", code, tags=("ice",)) for code in ("by", "by-sa", "cc0", "pdm", "by-nc", "by-nd"))
NASA = (
    StandInPicture("PIA1", "Glacier from orbit", "A glacier seen by a satellite.", "PD", creator="NASA/JPL-Caltech"),
    StandInPicture("PIA2", "Glacier and ship", "A glacier. Image copyright Example Agency.", "PD", creator="NASA"),
    StandInPicture("PIA3", "Glacier by Mars Express", "A glacier on Mars.", "PD", creator="ESA/DLR"),
)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    app = sources_app(
        {
            "hackernews": hackernews_app((("Show HN: <i>A</i> thing", 10, 2), ("Another", 5, 1))),
            "wikipedia": wiki_app(ARTICLES),
            "wikimedia": commons_app(COMMONS, frozenset({"face"})),
            "openverse": openverse_app(OPENVERSE, strict=False),
            "nasa": nasa_app(NASA),
        }
    )
    with Sandbox(app) as running:
        yield running


@pytest.fixture
def fetcher(box: Sandbox) -> Iterator[Fetcher]:
    with Fetcher(Settings(sources_sandbox_url=box.url), pacer=HostPacer()) as made:
        yield made


def host(box: Sandbox) -> str:
    return f"127.0.0.1:{box.port}"


def test_the_front_page_is_read_in_order(box: Sandbox, fetcher: Fetcher) -> None:
    stories = HackerNewsClient(fetcher, f"{box.url}/hackernews").front_page()
    assert [(story.title, story.points, story.comments) for story in stories] == [("Show HN: A thing", 10, 2), ("Another", 5, 1)]
    assert stories[0].published is not None


def test_a_wiki_page_is_prose_with_the_licence_the_wiki_states(box: Sandbox, fetcher: Fetcher) -> None:
    wiki = WikiClient(fetcher, f"{box.url}/wikipedia")
    assert wiki.search("glacier ice")[0] == "Glacier"
    page = wiki.page("Glacier")
    assert page is not None
    assert page.text == "A glacier is a river of ice.\n\n== History ==\n\nIt moves slowly."
    assert page.rights is not None
    assert (page.rights.licence, page.rights.licence_name) == ("CC-BY-SA", "CC BY-SA 4.0")
    assert page.edited is not None
    assert page.edited.year == 2025
    assert wiki.page("Nowhere") is None


def test_a_wiki_that_states_no_known_licence_gives_no_rights(fetcher: Fetcher) -> None:
    with Sandbox(wiki_app(ARTICLES, rights_url="", rights_text="Ask us")) as box, Fetcher(Settings(), loopback=(box.url,), pacer=HostPacer()) as own:
        page = WikiClient(own, box.url).page("Glacier")
    assert page is not None
    assert page.rights is None


def test_a_lagging_wiki_is_busy_though_it_answers_200(box: Sandbox, fetcher: Fetcher) -> None:
    with pytest.raises(WikiBusy, match="maxlag"):
        WikiClient(fetcher, f"{box.url}/wikipedia").page("__lag__")


def test_the_most_viewed_list_leaves_out_pages_that_are_no_articles(box: Sandbox, fetcher: Fetcher) -> None:
    pages = PageViewsClient(fetcher, f"{box.url}/wikipedia").top(date(2026, 11, 20))
    assert [page.title for page in pages] == ["Glacier", "Ice (disambiguation)"]
    assert "/2026/11/20" in box.seen[-1].path


def test_commons_gives_only_free_unrestricted_files_with_credit(box: Sandbox, fetcher: Fetcher) -> None:
    (picture,) = CommonsClient(fetcher, f"{box.url}/wikimedia", host(box)).search("glacier")
    assert picture.title == "Glacier tongue"
    assert picture.rights.licence == "CC-BY-SA"
    assert picture.rights.credit == "A. Photographer / Wikimedia Commons"
    assert picture.rights.source_url == "https://commons.wikimedia.org/wiki/File:ice.jpg"


def test_commons_bytes_of_a_stranger_host_are_never_offered(box: Sandbox, fetcher: Fetcher) -> None:
    assert CommonsClient(fetcher, f"{box.url}/wikimedia").search("glacier") == ()


def test_openverse_asks_for_open_licences_and_checks_each_answer_again(box: Sandbox, fetcher: Fetcher) -> None:
    found = OpenverseClient(fetcher, f"{box.url}/openverse").search("glacier", limit=50)
    assert [picture.rights.licence for picture in found] == ["CC-BY", "CC-BY-SA", "CC0-1.0", "PD"]
    assert "license=cc0%2Cpdm%2Cby%2Cby-sa" in box.seen[-1].query
    assert all(picture.url.startswith(box.url) for picture in found)


def test_nasa_items_that_name_another_owner_are_left_out(box: Sandbox, fetcher: Fetcher) -> None:
    (picture,) = NasaClient(fetcher, f"{box.url}/nasa", host(box)).search("glacier")
    assert (picture.id, picture.rights.licence, picture.rights.credit) == ("PIA1", "PD", "NASA/JPL-Caltech")
    assert picture.url.endswith("~large.jpg")


@pytest.mark.parametrize("vendor", ["hackernews", "wikipedia", "wikimedia", "openverse", "nasa"])
def test_every_client_names_the_failure(box: Sandbox, vendor: str) -> None:
    cite = "https://www.rfc-editor.org/rfc/rfc8259"
    faults = (
        (server_error(500), SourceUnreachable),
        (gone(400), SourceRefused),
        (wrong_content_type(), AnswerUnreadable),
        (other_body(b"[" * 100_000, "application/json", cite), AnswerUnreadable),
        (other_body(b'{"hits": [{"title": 3}, 7], "items": {}, "query": 5, "results": "no", "collection": []}', "application/json", cite), None),
        (rate_limited("1"), RateLimited),
    )
    for fault, error in faults:
        box.faults.play(f"/{vendor}", fault)
        with Fetcher(Settings(sources_sandbox_url=box.url), pacer=HostPacer()) as own:
            if error is None:
                assert ask(vendor, box, own) == ()
                continue
            with pytest.raises(error):
                ask(vendor, box, own)


def ask(vendor: str, box: Sandbox, fetcher: Fetcher) -> tuple[object, ...]:
    address = f"{box.url}/{vendor}"
    if vendor == "hackernews":
        return HackerNewsClient(fetcher, address).front_page()
    if vendor == "wikipedia":
        return WikiClient(fetcher, address).search("glacier")
    pictures: dict[str, PictureVendor] = {
        "wikimedia": CommonsClient(fetcher, address, host(box)),
        "openverse": OpenverseClient(fetcher, address),
        "nasa": NasaClient(fetcher, address, host(box)),
    }
    return pictures[vendor].search("glacier")


def test_the_stand_ins_reject_what_the_services_reject(box: Sandbox, fetcher: Fetcher) -> None:
    with pytest.raises(SourceRefused):
        get_json(fetcher, f"{box.url}/openverse/v1/images/", {"q": "ice", "page_size": 50})
    with pytest.raises(SourceRefused):
        get_json(fetcher, f"{box.url}/openverse/v1/images/", {"q": "ice", "license": "free"})
    with pytest.raises(SourceRefused):
        get_json(fetcher, f"{box.url}/nasa/search", {"query": "ice"})
    assert "error" in get_json(fetcher, f"{box.url}/wikipedia/w/api.php", {"action": "query", "format": "json", "nonsense": 1})
