"""The places where evidence is looked for, each behind the same port: a question in, documents and reasons out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from infra.clock import Clock
from infra.errors import StudioError
from infra.ids import content_digest
from memory.artifacts import Provenance, SourceDocument
from memory.collected import IndexedDocument
from tools.find_evidence.schema import LookedAt
from tools.lexical import relevance
from tools.vendors.wikipedia.client import Wiki, WikiPage

MIN_WORDS = 80
MIN_RELEVANCE = 0.3


@dataclass(frozen=True)
class Question:
    """What is looked for: the topic in words, its stems, and the deadline on the monotonic clock."""

    topic: str
    query: str
    terms: tuple[str, ...]
    category: str
    language: str
    limit: int
    deadline: float


@dataclass
class Findings:
    """What one place gave: documents with their relevance, and the report on the search."""

    where: str
    query: str
    documents: list[tuple[float, SourceDocument]] = field(default_factory=list)
    found: int = 0
    rejected: list[str] = field(default_factory=list)
    failure: str = ""
    off: bool = False
    reached: bool = False

    def consider(self, document: SourceDocument, terms: tuple[str, ...], least: float = MIN_RELEVANCE) -> None:
        """Keep a document that may be quoted, is long enough, still stands and is about the question; note why otherwise."""
        self.found += 1
        score = relevance(terms, document.title, document.text)
        reason = refusal(document, score, least)
        if reason:
            self.rejected.append(f"{document.title[:80]}: {reason}")
        else:
            self.documents.append((score, document))

    def report(self, kept: int) -> LookedAt:
        """Return the line for the result, with how many of the documents were kept in the end."""
        status = "off" if self.off else "failed" if self.failure else "searched"
        reason = self.failure or ("" if kept else "nothing there fits the topic")
        return LookedAt.model_validate(
            {
                "where": self.where,
                "query": self.query,
                "status": status,
                "found": self.found,
                "kept": kept,
                "reason": reason,
                "rejected": tuple(self.rejected[:10]),
            }
        )


def refusal(document: SourceDocument, score: float, least: float) -> str:
    """Return why a document cannot serve as evidence, or nothing."""
    if document.retracted:
        return "it was retracted"
    if not document.rights.quotable:
        return f"its licence ({document.rights.licence_name or document.rights.licence}) does not allow taking sentences over"
    words = len(document.text.split())
    if words < MIN_WORDS:
        return f"too short ({words} words, at least {MIN_WORDS})"
    if score < least:
        return f"not about the topic (relevance {score:.2f}, at least {least:.2f})"
    return ""


class Place(Protocol):
    """A place to look for evidence. It reports its own failures and never raises for them."""

    def look(self, question: Question) -> Findings:
        """Return what the place has on the question."""
        ...


class WikiPlace:
    """A wiki: search, then the plain text of the best hits."""

    def __init__(self, name: str, publisher: str, wiki: Wiki, clock: Clock, provenance: Provenance) -> None:
        self._name = name
        self._publisher = publisher
        self._wiki = wiki
        self._clock = clock
        self._provenance = provenance

    def look(self, question: Question) -> Findings:
        """Search the wiki and read the best hits, as far as time allows."""
        findings = Findings(self._name, question.query)
        try:
            titles = self._search(question)
            findings.reached = True
            for title in titles:
                page = self._wiki.page(title, self._left(question))
                if page is not None:
                    self._consider(page, question, findings)
        except StudioError as error:
            findings.failure = error.message[:300]
        return findings

    def _search(self, question: Question) -> tuple[str, ...]:
        """Ask with all words first; a long question that finds nothing is asked again with its first four."""
        found = self._wiki.search(question.query, question.limit, self._left(question))
        short = " ".join(question.query.split()[:4])
        if not found and short != question.query:
            found = self._wiki.search(short, question.limit, self._left(question))
        return found

    def _consider(self, page: WikiPage, question: Question, findings: Findings) -> None:
        if page.disambiguation or page.rights is None:
            findings.found += 1
            findings.rejected.append(f"{page.title[:80]}: {'a list of meanings' if page.disambiguation else 'the wiki states no licence'}")
            return
        findings.consider(self._document(page, question), question.terms)

    def _document(self, page: WikiPage, question: Question) -> SourceDocument:
        assert page.rights is not None
        credit = f"{self._publisher} contributors, “{page.title}”"
        return SourceDocument(
            id=f"{self._publisher.lower()}-{content_digest(page.url.encode())[:10]}",
            title=page.title,
            text=page.text,
            url=page.url,
            publisher=self._publisher,
            author=f"{self._publisher} contributors",
            published=page.edited.date() if page.edited else None,
            retrieved=self._clock.now(),
            language=question.language,
            category=question.category,
            rights=page.rights.model_copy(update={"credit": credit}),
            provenance=self._provenance,
        )

    def _left(self, question: Question) -> float:
        return max(0.5, question.deadline - self._clock.monotonic())


class IndexPlace:
    """Quotable full texts met while collecting trends. `load` reads a document by digest."""

    def __init__(self, index: tuple[IndexedDocument, ...], load: Callable[[str], SourceDocument]) -> None:
        self._index = index
        self._load = load

    def look(self, question: Question) -> Findings:
        """Rank by title first, and read only the entries that share words with the question."""
        findings = Findings("feeds", question.query)
        for entry in sorted(self._index, key=lambda entry: -relevance(question.terms, entry.title, ""))[: question.limit * 4]:
            document = self._load(entry.digest)
            if relevance(question.terms, document.title, document.text) > 0.1:
                findings.consider(document, question.terms)
        return findings


class ShelfPlace:
    """Documents at hand, such as the demo corpus."""

    def __init__(self, where: str, documents: Iterable[SourceDocument], least: float = MIN_RELEVANCE) -> None:
        self._where = where
        self._documents = tuple(documents)
        self._least = least

    def look(self, question: Question) -> Findings:
        """Consider every document on the shelf."""
        findings = Findings(self._where, question.query)
        for document in self._documents:
            findings.consider(document, question.terms, self._least)
        findings.found = len(self._documents)
        return findings
