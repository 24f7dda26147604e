"""Documents of cases: briefs of the demo corpus by name, or texts written in the case."""

from datetime import date

from evals.outcome import CasePart
from memory.artifacts import Brief, Provenance, SourceDocument
from memory.demo_corpus import load_demo_documents
from memory.media import MediaStore
from memory.passages import split_passages
from memory.rights import LicenceId, Rights


class CaseDocument(CasePart):
    """A brief of the demo corpus (`demo`) or a text of its own, with what the case changes about it. `first` is put before its text."""

    demo: str = ""
    id: str = ""
    title: str = ""
    text: str = ""
    first: str = ""
    url: str = ""
    category: str = ""
    licence: LicenceId = "CC0-1.0"
    published: date | None = None
    retracted: bool = False

    def build(self) -> SourceDocument:
        """Return the document."""
        if self.demo:
            found = next(one for one in load_demo_documents() if one.id == f"demo-{self.demo}")
        else:
            rights = Rights(licence=self.licence, licence_name=self.licence, credit=f"{self.title}, Case Press")
            found = SourceDocument(
                id=self.id,
                title=self.title,
                text=self.text,
                url=self.url or f"https://example.org/{self.id}",
                publisher="Case Press",
                category=self.category,
                published=self.published,
                rights=rights,
                provenance=Provenance.DEMO,
            )
        text = f"{self.first}\n\n{found.text}" if self.first else found.text
        changes = {"text": text, "title": self.title or found.title, "retracted": self.retracted, "published": self.published or found.published}
        if self.demo and self.licence != "CC0-1.0":
            changes["rights"] = found.rights.model_copy(update={"licence": self.licence})
        return found.model_copy(update=changes)


def keep(document: SourceDocument, store: MediaStore) -> str:
    """Store a document as the agents' evidence names it: by digest."""
    return store.put_bytes(document.model_dump_json().encode())


def build_brief(documents: tuple[CaseDocument, ...], topic: str = "", angle: str = "what is known about it") -> Brief:
    """Return the brief a scout would make of these documents."""
    built = tuple(document.build() for document in documents)
    passages = tuple(passage for document in built if not document.retracted for passage in split_passages(document))
    return Brief(
        topic=topic or built[0].title,
        angle=angle,
        category=built[0].category or "science",
        keywords=tuple(word for word in (topic or built[0].title).split() if len(word) > 4)[:6],
        reasons=("stored case",),
        scores={},
        documents=built,
        passages=passages,
        provenance=Provenance.DEMO,
        network=False,
    )
