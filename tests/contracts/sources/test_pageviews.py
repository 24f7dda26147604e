"""Page views by day: the real client against the stand-in, which answers and refuses as the published specification says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from infra.errors import Invalid
from infra.settings import Settings
from tools.fetch import Fetcher, SourceGone, SourceRefused
from tools.fetch_guard import SourceUnreachable
from tools.fetch_json import AnswerUnreadable, get_json
from tools.fetch_pace import HostPacer, RateLimited
from tools.sandbox import Fault, Sandbox, rate_limited, server_error, wrong_content_type
from tools.vendors.wikipedia.pageviews import PageViewsClient
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app

ARTICLES = (
    WikiArticle("Glacier/Ice?", "Ice.", daily=((date(2026, 11, 18), 40), (date(2026, 11, 17), 30), (date(2026, 11, 20), 70))),
    WikiArticle("Unread", "Nobody came."),
)
ROOT = "/api/rest_v1/metrics/pageviews/per-article"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(wiki_app(ARTICLES)) as running:
        yield running


@pytest.fixture
def fetcher(box: Sandbox) -> Iterator[Fetcher]:
    with Fetcher(Settings(_env_file=None), loopback=(box.url,), pacer=HostPacer()) as made:
        yield made


def test_days_come_in_order_and_those_without_a_reader_are_left_out(box: Sandbox, fetcher: Fetcher) -> None:
    days = PageViewsClient(fetcher, box.url).daily("Glacier/Ice?", date(2026, 11, 17), date(2026, 11, 20))
    assert [(one.day.day, one.views) for one in days] == [(17, 30), (18, 40), (20, 70)]
    assert days[-1].end == datetime(2026, 11, 21, tzinfo=UTC)
    assert "/all-access/user/" in box.seen[-1].path
    assert "/daily/20261117/20261120" in box.seen[-1].path


def test_an_article_without_readers_in_the_span_gives_nothing_though_the_service_says_404(box: Sandbox, fetcher: Fetcher) -> None:
    client = PageViewsClient(fetcher, box.url)
    assert client.daily("Unread", date(2026, 11, 1), date(2026, 11, 20)) == ()
    assert client.daily("Nowhere", date(2026, 11, 1), date(2026, 11, 20)) == ()
    assert client.daily("Glacier/Ice?", date(2026, 1, 1), date(2026, 1, 20)) == ()


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [("", date(2026, 1, 1), date(2026, 1, 2)), ("A", date(2026, 1, 2), date(2026, 1, 1)), ("A", date(2014, 1, 1), date(2015, 6, 30))],
)
def test_a_span_the_service_cannot_answer_is_refused_before_it_is_asked(box: Sandbox, fetcher: Fetcher, title: str, first: date, last: date) -> None:
    with pytest.raises(Invalid, match="give a title and days in order"):
        PageViewsClient(fetcher, box.url).daily(title, first, last)
    assert box.seen == []


@pytest.mark.parametrize(
    ("fault", "error"), [(server_error(500), SourceUnreachable), (rate_limited("1"), RateLimited), (wrong_content_type(), AnswerUnreadable)]
)
def test_a_service_in_trouble_is_named(box: Sandbox, fetcher: Fetcher, fault: Fault, error: type[Exception]) -> None:
    box.faults.play(ROOT, fault)
    with pytest.raises(error):
        PageViewsClient(fetcher, box.url).daily("Glacier/Ice?", date(2026, 11, 17), date(2026, 11, 20))


@pytest.mark.parametrize(
    "asked",
    [
        "en.wikipedia/everywhere/user/A/daily/20261101/20261102",
        "en.wikipedia/all-access/robot/A/daily/20261101/20261102",
        "en.wikipedia/all-access/user/A/hourly/20261101/20261102",
        "en.wikipedia/all-access/user/A/daily/20261131/20261201",
        "en.wikipedia/all-access/user/A/daily/2026-11-01/20261102",
        "en.wikipedia/all-access/user/A/daily/20261102/20261101",
        "nonsense/all-access/user/A/daily/20261101/20261102",
    ],
)
def test_the_stand_in_refuses_what_the_specification_refuses(box: Sandbox, fetcher: Fetcher, asked: str) -> None:
    with pytest.raises(SourceRefused, match="400"):
        get_json(fetcher, f"{box.url}{ROOT}/{asked}")
    with pytest.raises(SourceGone):
        get_json(fetcher, f"{box.url}{ROOT}/en.wikipedia/all-access/user/A/daily/20261101/20261102")
