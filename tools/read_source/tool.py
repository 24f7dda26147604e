"""Reading a source: a file, a folder or a page becomes documents with their licence, date, language and pictures."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.errors import StudioError
from infra.ids import canonical_json
from memory.artifacts import Picture, SourceDocument
from memory.retraction import mark_retractions
from memory.rights import Rights
from tools.base import ToolContext, ToolError, ToolRetry
from tools.fetch import FetchRequest
from tools.fetch_pace import RateLimited
from tools.gateway_free import open_reader
from tools.own_pictures import SUFFIXES, FoundPicture, Shelf, pictures_beside, pictures_in, store_pictures
from tools.read_source.document import Origin, make_document
from tools.read_source.formats import Parsed, SourceUnreadable, decode, read_html, read_json, read_markdown, read_text
from tools.read_source.pdf import read_pdf
from tools.read_source.schema import MAX_FILE_BYTES, MAX_FOLDER_FILES, ReadDocument, ReadSourceArgs, ReadSourceResult, SkippedFile

_BY_SUFFIX = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".txt", ".text", ""), "text"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
    ".pdf": "pdf",
}
_BY_CONTENT_TYPE = {
    **dict.fromkeys(("text/html", "application/xhtml+xml"), "html"),
    "text/plain": "text",
    "text/markdown": "markdown",
    "application/json": "json",
    "application/pdf": "pdf",
}
_KINDS = "HTML, PDF, Markdown, text or JSON"
_METADATA = frozenset({"credits.json"})


@dataclass(frozen=True)
class _Read:
    """One document and where it came from."""

    document: SourceDocument
    notes: tuple[str, ...]
    captions: dict[str, str]


def run(args: ReadSourceArgs, ctx: ToolContext) -> ReadSourceResult:
    """Read the source and store every document.

    Raises `ToolError` naming the file, the limit and the fix when nothing can be read, and `ToolRetry` when a page's host fails for now.
    The language is reported, not judged: refusing a language is the agent's decision.
    """
    try:
        if args.url is not None:
            return _finish(_read_page(args, ctx), (), (), ctx, network=True)
        if args.artifact is not None:
            return _finish(_read_bytes(args.name, ctx.store.read(args.artifact), args, ctx), (), (), ctx, network=False)
        path = Path(args.path or "").expanduser()
        if path.is_dir():
            return _read_folder(path, args, ctx)
        reads = _read_file(path, args, ctx)
        captions = {name: caption for read in reads for name, caption in read.captions.items()}
        found, refused = store_pictures(pictures_beside(path), _shelf(ctx), args.rights or Rights(licence="OWN"), captions)
        return _finish(reads, found, refused, ctx, network=False)
    except RateLimited as error:
        raise ToolRetry(f"read_source: {error.message}", after_s=error.after_s) from error
    except ToolError:
        raise
    except StudioError as error:
        raise (ToolRetry if error.retryable else ToolError)(f"read_source: {error.message}") from error


def _read_folder(folder: Path, args: ReadSourceArgs, ctx: ToolContext) -> ReadSourceResult:
    root = folder.resolve()
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    if len(files) > MAX_FOLDER_FILES:
        raise ToolError(f"read_source: folder {folder.name} holds {len(files)} files, the limit is {MAX_FOLDER_FILES}; give a smaller folder")
    reads: list[_Read] = []
    skipped: list[tuple[str, str]] = []
    for number, path in enumerate(files):
        if path.suffix.lower() in SUFFIXES or path.name in _METADATA:
            continue
        if not path.resolve().is_relative_to(root):
            skipped.append((path.name, "it is a link that leads out of the folder"))
            continue
        ctx.progress(0.8 * number / len(files), path.name)
        try:
            reads.extend(_read_file(path, args, ctx))
        except StudioError as error:
            skipped.append((path.name, error.message))
    if not reads:
        reasons = "; ".join(reason for _, reason in skipped[:3]) or f"it holds no {_KINDS}"
        raise ToolError(f"read_source: nothing in folder {folder.name} can be read: {reasons}")
    captions = {name: caption for read in reads for name, caption in read.captions.items()}
    pictures = [picture for place in sorted({path.parent for path in files}) for picture in pictures_in(place)]
    found, refused = store_pictures(pictures, _shelf(ctx), args.rights or Rights(licence="OWN"), captions)
    return _finish(reads, found, (*skipped, *refused), ctx, network=False)


def _shelf(ctx: ToolContext) -> Shelf:
    return Shelf(ctx.store, ctx.scratch, ctx.ensure_live)


def _read_file(path: Path, args: ReadSourceArgs, ctx: ToolContext) -> list[_Read]:
    if not path.is_file():
        raise ToolError(f"read_source: path {path}: there is no such file or folder")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES and path.suffix.lower() not in SUFFIXES:
        raise ToolError(f"read_source: {path.name} is {size / 1e6:.0f} MB, the limit is {MAX_FILE_BYTES / 1e6:.0f} MB; give the article itself")
    if path.suffix.lower() in SUFFIXES:
        raise ToolError(f"read_source: {path.name} is a picture or clip; put it into one folder with the text it belongs to, and give the folder")
    return _read_bytes(path.name, path.read_bytes(), args, ctx)


def _read_bytes(name: str, data: bytes, args: ReadSourceArgs, ctx: ToolContext) -> list[_Read]:
    kind = _BY_SUFFIX.get(Path(name).suffix.lower())
    if kind is None:
        raise ToolError(f"read_source: {name}: type {Path(name).suffix or 'unknown'} is not read; give {_KINDS}")
    if not data:
        raise ToolError(f"read_source: {name} is empty")
    return _documents(_parse(data, kind, name, ""), Origin(name, "", args.rights, args.category, ctx.provenance, ctx.clock.now()))


def _read_page(args: ReadSourceArgs, ctx: ToolContext) -> list[_Read]:
    url = args.url or ""
    with open_reader(ctx) as fetcher:
        answer = fetcher.get(
            FetchRequest(url, accept="text/html, application/pdf, text/markdown, text/plain;q=0.9, application/json;q=0.8", max_bytes=MAX_FILE_BYTES),
            ctx.ensure_live,
        )
    kind = _BY_CONTENT_TYPE.get(answer.content_type)
    if kind is None:
        raise ToolError(f"read_source: url {url[:200]} is {answer.content_type or 'of no stated type'}, which is not read; give {_KINDS}")
    provenance = ctx.provenance_of_sources
    origin = Origin(urlsplit(answer.url).path.rsplit("/", 1)[-1] or answer.url, answer.url, args.rights, args.category, provenance, ctx.clock.now())
    return _documents(_parse(answer.body, kind, url[:200], answer.url), origin)


def _parse(data: bytes, kind: str, name: str, url: str) -> tuple[Parsed, ...]:
    """Read bytes as their type says, trusting a PDF's or page's own mark over a wrong suffix."""
    if data.startswith(b"%PDF-"):
        return (read_pdf(data, name),)
    if kind == "pdf":
        raise SourceUnreadable(f"{name}: it is named a PDF but holds something else")
    text = decode(data, name)
    if not text.strip():
        raise SourceUnreadable(f"{name}: it is empty")
    if kind == "json":
        return read_json(text, name)
    if kind == "html" or (kind == "text" and text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))):
        return (read_html(text, url),)
    return (read_markdown(text) if kind == "markdown" else read_text(text),)


def _documents(parsed: tuple[Parsed, ...], origin: Origin) -> list[_Read]:
    reads = []
    for entry in parsed:
        document, notes = make_document(entry, origin)
        reads.append(_Read(document, notes, {Path(path).name: caption for path, caption in entry.pictures}))
    return reads


def _finish(reads: list[_Read], found: tuple[FoundPicture, ...], skipped: tuple[tuple[str, str], ...], ctx: ToolContext, network: bool) -> ReadSourceResult:
    """Mark retractions among the documents, give each its pictures, and store them."""
    ctx.ensure_live()
    marked = _with_own_ids(mark_retractions(tuple(read.document for read in reads)))
    entries = []
    for position, (document, read) in enumerate(zip(marked, reads, strict=True)):
        pictures = tuple(_owned(item, document) for item in found if document.id in item.belongs_to or (position == 0 and _is_free(item, marked)))
        entries.append(_entry(document.model_copy(update={"pictures": pictures}), read.notes, ctx))
    ctx.progress(1.0, f"{len(entries)} documents, {len(found)} pictures")
    return ReadSourceResult(
        documents=tuple(entries),
        pictures=tuple(item.picture for item in found),
        skipped=tuple(SkippedFile(name=name, reason=reason) for name, reason in skipped),
        network=network,
    )


def _with_own_ids(documents: tuple[SourceDocument, ...]) -> tuple[SourceDocument, ...]:
    """Give documents that claim the same id different ones, since passages are named after them."""
    seen: dict[str, int] = {}
    named = []
    for document in documents:
        seen[document.id] = seen.get(document.id, 0) + 1
        again = seen[document.id]
        named.append(document if again == 1 else document.model_copy(update={"id": f"{document.id}-{again}"}))
    return tuple(named)


def _is_free(item: FoundPicture, documents: tuple[SourceDocument, ...]) -> bool:
    return not any(document.id in item.belongs_to for document in documents)


def _owned(item: FoundPicture, document: SourceDocument) -> Picture:
    return item.picture.model_copy(update={"document_id": document.id})


def _entry(document: SourceDocument, notes: tuple[str, ...], ctx: ToolContext) -> ReadDocument:
    return ReadDocument(
        digest=ctx.store.put_bytes(canonical_json(document.model_dump(mode="json"))),
        id=document.id,
        title=document.title,
        words=len(document.text.split()),
        language=document.language,
        licence=document.rights.licence,
        retracted=document.retracted,
        notes=notes,
    )
