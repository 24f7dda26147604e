"""`ytempire sources`: a feed reader's OPML goes in, is listened to, and comes out again."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import build
from infra.settings import Settings
from tools.collect_trends.catalogue import import_opml, shipped_sources
from tools.collect_trends.own_sources import MOST_OWN, OwnSources
from tools.collect_trends.schema import CollectTrendsArgs
from tools.collect_trends.tool import choose_sources

OPML = """<opml version="2.0"><body>
<outline text="space"><outline type="rss" text="Launch Diary" category="space" xmlUrl="https://launch.example/feed"/></outline>
<outline type="rss" text="Harbor News" category="Local things" xmlUrl="https://harbor.example/rss"/>
<outline type="rss" text="Harbor again" xmlUrl="https://harbor.example/rss"/>
</body></opml>"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YTEMPIRE_HOME", str(tmp_path / "home"))
    (tmp_path / "feeds.opml").write_text(OPML, "utf-8")
    return tmp_path / "home"


def told(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(build(), ["sources", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(build(), ["sources", *arguments])
    assert done.exit_code == 2, done.output
    return done.stderr


def test_feeds_of_a_reader_are_added_once_and_listened_to(home: Path, settings: Settings) -> None:
    file = str(home.parent / "feeds.opml")
    added = told("import", file)["added"]
    assert [(one["name"], one["category"], one["licence"]) for one in added] == [
        ("Launch Diary", "space", "SIGNAL-ONLY"),
        ("Harbor News", "general", "SIGNAL-ONLY"),
    ]
    assert told("import", file)["added"] == []
    chosen = {one.url for one in choose_sources(CollectTrendsArgs(categories=("space",)), home)}
    assert {"https://launch.example/feed", "https://harbor.example/rss"} <= chosen
    assert "https://launch.example/feed" not in {one.url for one in choose_sources(CollectTrendsArgs(categories=("food",)), home)}
    own = [one for one in told("list")["sources"] if one["own"]]
    assert [one["name"] for one in own] == ["Launch Diary", "Harbor News"]
    assert told("remove", own[0]["id"])["removed"]["name"] == "Launch Diary"
    assert [one.name for one in OwnSources(home).list_()] == ["Harbor News"]


def test_a_collection_of_forty_keeps_room_for_the_operators_own(home: Path) -> None:
    told("import", str(home.parent / "feeds.opml"), "--category", "space")
    chosen = [one.url for one in choose_sources(CollectTrendsArgs(categories=("space",), limit_sources=40), home)]
    assert {"https://launch.example/feed", "https://harbor.example/rss"} <= set(chosen)


def test_what_is_exported_can_be_imported_by_a_reader(home: Path, tmp_path: Path) -> None:
    told("import", str(home.parent / "feeds.opml"))
    out = tmp_path / "out.opml"
    assert CliRunner().invoke(build(), ["sources", "export", "--out", str(out)]).exit_code == 0
    urls = {one.url for one in import_opml(out.read_bytes())}
    assert urls == {one.url for one in shipped_sources() if one.kind in {"feed", "reddit", "gtrends"}} | {
        "https://launch.example/feed",
        "https://harbor.example/rss",
    }
    alone = CliRunner().invoke(build(), ["sources", "export", "--own"])
    assert {one.url for one in import_opml(alone.stdout.encode())} == {"https://launch.example/feed", "https://harbor.example/rss"}


def test_what_cannot_be_taken_is_named_with_the_fix_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    assert "cannot be read" in refused("import", str(tmp_path / "nowhere.opml"))
    (tmp_path / "page.html").write_text("<html>hello</html>", "utf-8")
    assert "OPML export of a feed reader" in refused("import", str(tmp_path / "page.html"))
    assert "'cooking' is unknown; there are" in refused("import", str(home.parent / "feeds.opml"), "--category", "cooking")
    many = "".join(f'<outline text="n{n}" xmlUrl="https://n{n}.example/"/>' for n in range(MOST_OWN + 1))
    (tmp_path / "many.opml").write_text(f"<opml><body>{many}</body></opml>", "utf-8")
    assert f"at most {MOST_OWN}" in refused("import", str(tmp_path / "many.opml"))
    assert "is none of your own" in refused("remove", "nasa")
    assert "cannot be written" in refused("export", "--out", str(tmp_path / "no" / "folder" / "x.opml"))
    assert not (home / "sources.opml").exists()
