"""The demo corpus: briefs the project wrote itself, for runs that no network answers."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

from memory.artifacts import DataPoint, DataSeries, Provenance, SourceDocument
from memory.rights import Rights

_FENCE = "+++"
_PUBLISHER = "YTEMPIRE demo corpus"


@cache
def load_demo_documents() -> tuple[SourceDocument, ...]:
    """Return every brief as a document of provenance `demo`, in id order.

    A brief is a file of TOML front matter between `+++` lines and plain paragraphs. Its facts come from the documents named
    under `sources`; its words are ours (CC0), and the credit names where the facts come from.
    """
    folder = files("memory.demo_corpus") / "briefs"
    texts = {entry.name.removesuffix(".md"): entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".md")}
    return tuple(_document(name, texts[name]) for name in sorted(texts))


def _document(name: str, text: str) -> SourceDocument:
    _, head, body = text.split(_FENCE, 2)
    front = tomllib.loads(head)
    sources = front["sources"]
    credit = "; ".join(f"{source['publisher']}, {source['title']}" for source in sources)
    published: date = front["published"]
    return SourceDocument(
        id=f"demo-{name}",
        title=front["title"],
        text=body.strip(),
        url=sources[0]["url"],
        publisher=_PUBLISHER,
        author="",
        published=published,
        category=front["category"],
        rights=Rights(licence="CC0-1.0", licence_name="CC0 1.0", credit=f"facts: {credit}", source_url=sources[0]["url"]),
        provenance=Provenance.DEMO,
        series=tuple(
            DataSeries(
                title=series["title"],
                unit=series["unit"],
                points=tuple(DataPoint(label=str(label), value=float(value)) for label, value in series["points"]),
                source_url=sources[0]["url"],
                credit=sources[0]["publisher"],
            )
            for series in front.get("series", ())
        ),
    )
