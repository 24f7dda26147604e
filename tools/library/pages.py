"""The library's pages: one per video, an index and an RSS feed, rebuilt from the entries on disk."""

import fcntl
import html
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from defusedxml import ElementTree

from infra.errors import Unavailable
from infra.log import get_logger
from tools.library.entries import RECORD, RecordUnreadable, read_record

RECORD_SKIPPED = "record.skipped"
_log = get_logger("library")
_TEMPLATES = files("tools.library") / "templates"


def write_pages(root: Path) -> None:
    """Rewrite every page of the library at `root` from its `publication.json` records; one writer at a time."""
    with (root / ".pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        records = list(_records(root))
        newest = sorted((pair for pair in records if pair[1]["privacy"] == "public"), key=lambda pair: str(pair[1]["published"]), reverse=True)
        for folder, record in records:
            _replace(folder / "index.html", _entry(record))
        _replace(root / "index.html", _index(root, newest))
        _replace(root / "feed.xml", _feed(root, newest))


def _records(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield entries with their records; one damaged record must not take the pages of all others down."""
    for path in root.glob(f"*/*--*/{RECORD}"):
        try:
            yield path.parent, read_record(path.parent)
        except RecordUnreadable as error:
            _log.error(RECORD_SKIPPED, path=str(path), error=error.message)


def listed_keys(root: Path) -> frozenset[str]:
    """Return the keys of the publications that the feed offers and the index links to."""
    feed = ElementTree.fromstring((root / "feed.xml").read_text("utf-8"))
    index = (root / "index.html").read_text("utf-8")
    offered = {item.findtext("guid") or "" for item in feed.iter("item")}
    linked = {path.parent.name.rpartition("--")[2] for path in root.glob(f"*/*--*/{RECORD}") if f"{_href(root, path.parent)}/index.html" in index}
    if offered != linked:
        raise Unavailable(f"the library's feed and index differ: {sorted(offered ^ linked)}")
    return frozenset(offered)


def _entry(record: dict[str, Any]) -> str:
    values = {name: html.escape(str(record[name])) for name in ("title", "description", "language")}
    label = f'<span class="label">{html.escape(record["label"])}</span>' if record["label"] else ""
    return _template("entry.html").substitute(
        values, channel=html.escape(record["channel_name"]), label=label, duration=_minutes(record["duration_s"]), published=str(record["published"])[:10]
    )


def _index(root: Path, records: list[tuple[Path, dict[str, Any]]]) -> str:
    entries = "\n".join(
        f'<li><a href="{_href(root, folder)}/index.html"><img src="{_href(root, folder)}/thumbnail.jpg" alt="" loading="lazy">'
        f"<strong>{html.escape(record['title'])}</strong><small>{html.escape(record['channel_name'])} · {_minutes(record['duration_s'])} "
        f'<span class="label">{html.escape(record["label"])}</span></small></a></li>'
        for folder, record in records
    )
    return _template("index.html").substitute(count=f"{len(records)} video{'' if len(records) == 1 else 's'}", entries=entries)


def _feed(root: Path, records: list[tuple[Path, dict[str, Any]]]) -> str:
    items = "".join(
        f"<item><title>{html.escape(record['title'], quote=False)}</title><guid isPermaLink='false'>{html.escape(record['key'], quote=False)}</guid>"
        f"<pubDate>{format_datetime(datetime.fromisoformat(record['published']))}</pubDate>"
        f"<description>{html.escape(record['description'], quote=False)}</description>"
        f"<link>{_href(root, folder)}/index.html</link>"
        f"<enclosure url='{_href(root, folder)}/video.mp4' length='{_size(folder / 'video.mp4')}' type='video/mp4'/></item>"
        for folder, record in records
    )
    head = "<title>Library</title><link>index.html</link><description>Videos of the studio</description>"
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{head}{items}</channel></rss>"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _href(root: Path, folder: Path) -> str:
    return quote(folder.relative_to(root).as_posix())


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text("utf-8"))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
