"""The shipped catalogue, and OPML in and out."""

import csv
import gzip
import io
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from infra.settings import load_settings
from memory.rights import QUOTABLE
from tools.collect_trends.catalogue import OpmlUnreadable, export_opml, import_opml, shipped_sources


def data_folder(name: str) -> Path:
    data = load_settings().data
    if data is None or not (data / name).is_dir():
        pytest.skip(f"YTEMPIRE_DATA is not set, so the real {name} cannot be read")
    return data / name


def test_the_catalogue_is_broad_and_says_what_may_be_quoted() -> None:
    sources = shipped_sources()
    categories = Counter(source.category for source in sources)
    quotable = [source for source in sources if source.licence in QUOTABLE]
    assert len(sources) >= 60
    assert len(categories) >= 10
    assert len({source.id for source in sources}) == len({source.url for source in sources}) == len(sources)
    assert len(quotable) >= 30
    assert all(source.terms_url and source.licence_name for source in quotable)
    assert all(source.verified_at == "" for source in sources)
    assert {source.kind for source in sources} == {"feed", "hackernews", "wikipedia_top", "reddit", "gtrends"}


def test_no_derivatives_and_non_commercial_sources_are_signals_only() -> None:
    by_id = {source.id: source for source in shipped_sources()}
    assert by_id["conversation-us"].licence not in QUOTABLE
    assert by_id["who-news"].licence not in QUOTABLE
    assert by_id["wikinews"].licence in QUOTABLE


def test_what_is_exported_is_imported_again() -> None:
    feeds = {source.url: source.category for source in shipped_sources() if source.kind in {"feed", "reddit", "gtrends"}}
    again = import_opml(export_opml(shipped_sources()))
    assert {source.url: source.category for source in again} == feeds
    assert all(source.licence == "SIGNAL-ONLY" for source in again)


def test_malformed_outlines_are_still_read() -> None:
    text = """<opml><body>
      <outline text="A & B" title="A & B <live>" description="says "hello" to all" xmlUrl="https://a.example/feed?x=1&y=2" type="rss"/>
      <outline text='Single' xmlUrl='https://b.example/feed'>
      <outline text="Twice" xmlUrl="https://b.example/feed"/>
      <outline text="No scheme" xmlUrl="b.example/feed"/>
      <outline text="Local" xmlUrl="file:///etc/passwd"/>
      <outline text="Broken" xmlUrl="http://[bad/feed"/>
    </body>"""
    assert [source.url for source in import_opml(text.encode())] == ["https://a.example/feed?x=1&y=2", "https://b.example/feed"]


def test_opml_of_other_encodings_is_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><opml><outline text="Café" xmlUrl="https://a.example/"/></opml>'
    for encoding in ("iso-8859-1", "utf-16", "utf-8"):
        (found,) = import_opml(text.format(encoding).encode(encoding))
        assert found.name == "Café"


def test_files_that_are_no_opml_are_refused() -> None:
    for data in (b"", b"<html></html>", b"\x00" * 100):
        with pytest.raises(OpmlUnreadable):
            import_opml(data)
    with pytest.raises(OpmlUnreadable, match="limit"):
        import_opml(b" " * 10_000_001)


@pytest.mark.data
def test_all_feeds_of_the_real_opml_files_are_found_though_80_of_them_are_not_xml() -> None:
    folder = data_folder("feeds_catalogue")
    found: set[str] = set()
    with tarfile.open(folder / "opml_raw.tar.gz") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.endswith(".opml") else None
            if stream is not None:
                found |= {source.url for source in import_opml(stream.read())}
    with gzip.open(folder / "feeds.csv.gz") as packed:
        wanted = [row["url"] for row in csv.DictReader(io.TextIOWrapper(packed, "utf-8"))]
    assert len(wanted) == 784
    assert set(wanted) - found == set()
