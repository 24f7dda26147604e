"""The monitor's eyes: one published entry, its comments and its sources into a frozen snapshot."""

import asyncio
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.base import AgentContext
from agents.crisis_monitor.doubts import weigh_doubts
from agents.crisis_monitor.reread import reread_sources
from agents.crisis_monitor.schemas import Comment, Figures, FileLook, WatchInput, WatchSnapshot
from infra.ids import json_digest
from memory.artifacts import SourceDocument
from memory.retraction import mark_retractions
from tools.library.entries import RecordUnreadable, compare_file, find_entry, read_record
from tools.screen_content.schema import SPEC as SCREEN_CONTENT
from tools.screen_content.schema import ScreenContentArgs, ScreenedText

COMMENTS = "comments.jsonl"
FIGURES = "figures.jsonl"
MAX_FIGURES = 50
OPERATORS_LIST = "retracted_sources.txt"
MAX_COMMENTS = 1500
MAX_BYTES = 20_000_000


async def gather(task: WatchInput, ctx: AgentContext) -> WatchSnapshot:
    """Read the entry, its comments and what is known of its sources; trouble with one of them leaves the others readable."""
    taken_at = ctx.clock.now()
    entry = await asyncio.to_thread(find_entry, ctx.settings.library_root, task.publication_key)
    retracted = await asyncio.to_thread(retracted_sources, task.documents, ctx.settings.home / OPERATORS_LIST)
    if entry is None:
        return WatchSnapshot(found=False, taken_at=taken_at, retracted=retracted, sources=await reread_sources(task, ctx))
    record, record_error = await asyncio.to_thread(_record, entry)
    published = {"video.mp4": task.manifest.video, "thumbnail.jpg": task.manifest.thumbnail, "captions.srt": task.manifest.captions}
    looks = [FileLook(name=name, state=await asyncio.to_thread(compare_file, entry / name, digest)) for name, digest in published.items()]
    comments, unreadable, error = await asyncio.to_thread(read_comments, entry / COMMENTS)
    fresh = tuple(one for one in comments if task.since is None or one.at > task.since)
    screened = await _screen(fresh, ctx)
    return WatchSnapshot(
        found=True,
        taken_at=taken_at,
        record_error=record_error,
        privacy=record.get("privacy", ""),
        studio_set=record["visibility"][-1]["to"] if record.get("visibility") else "",
        manifest_matches=not record or record["manifest"] == json_digest(task.manifest.model_dump(mode="json")),
        files=tuple(looks),
        comments=comments,
        unreadable_comments=unreadable,
        comments_error=error,
        screened=screened,
        figures=await asyncio.to_thread(read_figures, entry / FIGURES),
        harmless=await weigh_doubts(fresh, screened, ctx),
        sources=await reread_sources(task, ctx),
        retracted=retracted,
    )


def read_comments(path: Path) -> tuple[tuple[Comment, ...], int, str]:
    """Return the newest comments of a file of JSON lines, oldest first, how many lines could not be read, and why the file could not.

    A comment is `{"id", "author", "text", "at"}` with an ISO 8601 time that names its offset; a repeated id counts once.
    """
    if not path.is_file():
        return (), 0, ""
    if path.stat().st_size > MAX_BYTES:
        return (), 0, f"{path.name} has {path.stat().st_size} bytes, more than {MAX_BYTES}; rotate it"
    found: dict[str, Comment] = {}
    unreadable = 0
    for line in path.read_text("utf-8", errors="replace").splitlines():
        if not line.strip():
            continue
        try:
            comment = Comment.model_validate_json(line)
        except ValidationError:
            unreadable += 1
            continue
        if comment.at.tzinfo is None:
            unreadable += 1
        else:
            found[comment.id] = comment
    newest = sorted(found.values(), key=lambda one: (one.at, one.id))[-MAX_COMMENTS:]
    return tuple(newest), unreadable, ""


def read_figures(path: Path) -> tuple[Figures, ...]:
    """Return the newest counts of a file of JSON lines, oldest first: `{"at", "views", "likes", "dislikes", "reports"}`, as whoever serves it counts.

    A line that cannot be read is left out.
    """
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return ()
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            found.append(Figures.model_validate_json(line))
        except ValidationError:
            continue
    return tuple(sorted((one for one in found if one.at.tzinfo is not None), key=lambda one: one.at))[-MAX_FIGURES:]


def _record(entry: Path) -> tuple[dict[str, Any], str]:
    try:
        return read_record(entry), ""
    except RecordUnreadable as error:
        return {}, error.message


async def _screen(comments: tuple[Comment, ...], ctx: AgentContext) -> tuple[tuple[str, str, str], ...]:
    if not comments:
        return ()
    texts = tuple(ScreenedText(id=one.id, text=one.text, origin="outside") for one in comments)
    result = await ctx.call(SCREEN_CONTENT, ScreenContentArgs(texts=texts))
    return tuple((finding.text_id, finding.category, finding.reason) for finding in result.findings)


def retracted_sources(documents: tuple[SourceDocument, ...], operators: Path) -> tuple[str, ...]:
    """Return the titles of sources that were good when the video was made and are known as retracted now.

    Known are the shipped list, notices among the documents themselves, and what an operator lists in `<home>/retracted_sources.txt`: one address,
    DOI or id a line.
    """
    listed = _listed(operators)
    before = {document.id for document in documents if document.retracted}
    again = mark_retractions(tuple(document.model_copy(update={"retracted": False}) for document in documents))
    return tuple(
        f"{document.title} ({document.url})"
        for document in again
        if document.id not in before and (document.retracted or any(name and name in {document.id, document.url} | _dois(document.url) for name in listed))
    )


def _dois(url: str) -> set[str]:
    return {url.partition("doi.org/")[2].lower()} if "doi.org/" in url else set()


def _listed(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    lines = (line.split("#", 1)[0].strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line)
