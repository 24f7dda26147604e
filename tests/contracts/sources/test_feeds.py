"""The feed reader against hostile and odd documents, and against the expectations of a public suite of feed documents."""

import datetime as datetime_module
import re
import tarfile
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import urljoin

import feedparser
import pytest

from infra.settings import load_settings
from tools.vendors.feeds.client import FeedHostile, FeedUnreadable, parse_feed, raw_parse
from tools.vendors.gtrends.client import approximate_traffic
from tools.vendors.gtrends.sandbox import trending
from tools.vendors.reddit.sandbox import listing

# The suite expects relative addresses to be resolved against the server that its own tests run.
_SUITE_SERVER = "http://127.0.0.1:8097/"
_HEADER = re.compile(rb"^\s*Header:\s*([\w-]+)\s*:\s*(.+?)\s*$", re.MULTILINE)
_EXPECT = re.compile(r"Expect:\s*(.+?)\s*-->", re.DOTALL)


def test_an_empty_page_or_a_web_page_is_no_feed() -> None:
    for body in (b"", b"   ", b"<html><body>Log in</body></html>", b"{}", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50):
        with pytest.raises(FeedUnreadable):
            parse_feed(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_nest_or_reach_outside_are_refused(encoding: str) -> None:
    laughs = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
    outside = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>&a;</title></channel></rss>'
    for text in (laughs, outside):
        with pytest.raises(FeedHostile):
            parse_feed(text.encode(encoding))


def test_deep_nesting_and_thousands_of_entries_are_survived() -> None:
    deep = '<rss version="2.0"><channel><item><title>x</title><description>' + "&lt;div&gt;" * 20_000 + "</description></item></channel></rss>"
    assert parse_feed(deep.encode()).entries[0].title == "x"
    many = '<rss version="2.0"><channel>' + "<item><title>t</title></item>" * 3_000 + "</channel></rss>"
    assert len(parse_feed(many.encode()).entries) == 500


def test_a_truncated_feed_gives_what_it_holds() -> None:
    feed = parse_feed(b'<rss version="2.0"><channel><title>Cut</title><item><title>Whole</title><link>https://a.example/1</link></item><item><tit')
    assert feed.damaged
    assert feed.entries[0].title == "Whole"


def test_vendors_own_fields_are_read() -> None:
    (entry,) = parse_feed(trending((("eclipse", "1,000+"),))).entries
    assert (entry.title, approximate_traffic(entry.attention)) == ("eclipse", 1000)
    (post,) = parse_feed(listing(("A <b>post</b>",))).entries
    assert post.published == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert approximate_traffic("2M+") == 2_000_000
    assert approximate_traffic("many") is None


def _cases() -> list[tuple[str, bytes]]:
    data = load_settings().data
    if data is None or not (data / "feed_documents").is_dir():
        pytest.skip("YTEMPIRE_DATA is not set, so the real feed documents cannot be read")
    with tarfile.open(data / "feed_documents" / "feedparser_cases.tar.gz") as archive:
        streams = ((member.name, archive.extractfile(member)) for member in archive if member.isfile() and member.name.endswith(".xml"))
        return [(name, stream.read()) for name, stream in streams if stream is not None]


def _holds(body: bytes) -> bool | None:
    """Say whether our parse fulfils the document's own expectation; None where the document states none we can read."""
    headers = {name.decode().lower(): value.decode("utf-8", "replace") for name, value in _HEADER.findall(body[:2000])}
    text = body[:4000].decode("utf-8", "ignore").replace("\x00", "")
    expectation = _EXPECT.search(text)
    if expectation is None:
        return None
    parsed = raw_parse(body, headers.get("content-type", ""), urljoin(_SUITE_SERVER, headers.get("content-location", "")))
    names = {"feed": parsed.get("feed", {}), "entries": parsed.get("entries", []), "bozo": parsed.get("bozo"), **dict(parsed)}
    try:
        return bool(
            eval(
                expectation.group(1),
                {"__builtins__": {"len": len, "str": str, "isinstance": isinstance, "ord": ord}, "datetime": datetime_module, "feedparser": feedparser},
                names,
            )
        )
    except (AttributeError, IndexError, KeyError, NameError, SyntaxError, TypeError):
        return False


@pytest.mark.data
def test_nearly_all_public_feed_documents_parse_as_their_authors_expect() -> None:
    outcomes = Counter(_holds(body) for _, body in _cases())
    share = outcomes[True] / (outcomes[True] + outcomes[False])
    assert sum(outcomes.values()) > 1400
    assert share >= 0.97, f"{share:.4f} of {outcomes}"


@pytest.mark.data
def test_no_public_feed_document_breaks_the_reader_or_leaves_markup_or_hidden_characters() -> None:
    unreadable = 0
    for name, body in _cases():
        try:
            feed = parse_feed(body)
        except (FeedUnreadable, FeedHostile):
            unreadable += 1
            continue
        for entry in feed.entries:
            shown = f"{entry.title}\n{entry.summary}\n{entry.text}"
            assert not re.search(r"<script|javascript:|onmouseover=", shown, re.IGNORECASE) or "&lt;" in body.decode("latin-1"), name
            assert not any(unicodedata.category(character) == "Cf" for character in shown), name
            assert entry.url == "" or entry.url.startswith(("http://", "https://")), name
    assert unreadable < 0.1 * 1400
