"""The shared vocabulary of a video: frozen values that agents pass on and the store keeps."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from memory.rights import Rights
from memory.screenplay import CaptionStyle, Clip, Footage, Layer, RenderedVideo, Shot, Storyboard, Thumbnails, ThumbnailVariant, Toning
from memory.values import Decision, Format, Frozen, Provenance

__all__ = [
    "Beat",
    "Brief",
    "CaptionStyle",
    "Chapter",
    "Clip",
    "DataPoint",
    "DataSeries",
    "Decision",
    "Footage",
    "Format",
    "Frozen",
    "GateResult",
    "Layer",
    "Listing",
    "Manifest",
    "Narration",
    "Passage",
    "Picture",
    "Provenance",
    "RenderedVideo",
    "Script",
    "Sentence",
    "SentenceTiming",
    "Shot",
    "SourceDocument",
    "Storyboard",
    "ThumbnailVariant",
    "Thumbnails",
    "Toning",
    "TrendSignal",
    "VisualDirection",
    "WordTiming",
]


class DataPoint(Frozen):
    """One labelled value of a series."""

    label: str
    value: float


class DataSeries(Frozen):
    """A small table of numbers that a chart may show, with its source."""

    title: str
    unit: str
    points: tuple[DataPoint, ...]
    source_url: str
    credit: str = ""


class Picture(Frozen):
    """A still with its rights; `digest` names the image bytes in the media store. A clip's still is one of its frames, and `clip` names what moves."""

    digest: str
    width: int
    height: int
    caption: str
    rights: Rights
    document_id: str | None = None
    relevance: float | None = None
    clip: Clip | None = None


class SourceDocument(Frozen):
    """A text that facts come from. Paragraphs are separated by a blank line."""

    id: str
    title: str
    text: str
    url: str
    publisher: str
    author: str = ""
    published: date | None = None
    retrieved: datetime | None = None
    language: str = "en"
    category: str = ""
    rights: Rights
    provenance: Provenance
    retracted: bool = False
    retracts: tuple[str, ...] = ()
    series: tuple[DataSeries, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Passage(Frozen):
    """One or a few sentences of a document that a script sentence may cite. `id` is `<document_id>#<n>`."""

    id: str
    document_id: str
    text: str
    title: str
    publisher: str
    published: date | None = None
    url: str
    rights: Rights
    relevance: float = 0.0


class TrendSignal(Frozen):
    """One sighting of a story in one source; `kind` is the source's, `comments` counts replies where the source has them."""

    source_id: str
    source_name: str
    kind: str = ""
    category: str
    title: str
    summary: str = ""
    url: str
    published: datetime | None = None
    seen_at: datetime
    strength: float | None = None
    strength_unit: str = ""
    comments: float | None = None
    quotable: bool = False
    document_id: str | None = None


class Brief(Frozen):
    """The trend scout's choice: a topic, an angle and the evidence for it."""

    topic: str
    angle: str
    category: str
    keywords: tuple[str, ...]
    reasons: tuple[str, ...]
    scores: dict[str, float]
    documents: tuple[SourceDocument, ...]
    passages: tuple[Passage, ...]
    pictures: tuple[Picture, ...] = ()
    provenance: Provenance
    network: bool


class VisualDirection(Frozen):
    """What the picture of a sentence should be, as the writer sees it."""

    kind: Literal["picture", "chart", "number", "quote", "list", "comparison", "timeline", "map", "title", "any"] = "any"
    focus: str = ""
    data: dict[str, Any] = Field(default_factory=dict)


class Sentence(Frozen):
    """One spoken sentence. A factual one cites the passages that support it; a transition states no fact."""

    id: str
    text: str
    role: Literal["hook", "fact", "quote", "transition", "call_to_action", "closing"]
    citations: tuple[str, ...] = ()
    visual: VisualDirection = VisualDirection()


class Beat(Frozen):
    """A stretch of the script about one thing; a chapter starts here."""

    id: str
    heading: str
    sentences: tuple[Sentence, ...]


class Script(Frozen):
    """A script ready to be read aloud; the first beat holds the hook, the last the closing.

    `withheld` holds the ids of documents whose names give orders to a machine: nothing that is shown repeats them.
    """

    title: str
    title_candidates: tuple[str, ...]
    beats: tuple[Beat, ...]
    tags: tuple[str, ...]
    template: str
    language: str = "en"
    rights: Rights
    credits: tuple[str, ...]
    withheld: tuple[str, ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
    quality: float = 0.0
    writer: str = "offline"

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence in spoken order."""
        return tuple(sentence for beat in self.beats for sentence in beat.sentences)


class WordTiming(Frozen):
    """One displayed word and when it is heard, in seconds from the start of the narration."""

    text: str
    start_s: float
    end_s: float
    sentence_id: str


class SentenceTiming(Frozen):
    """When a sentence is heard, in seconds from the start of the narration."""

    sentence_id: str
    start_s: float
    end_s: float


class Narration(Frozen):
    """The voice track: a mono 16-bit WAV in the media store and the time of every word."""

    audio: str
    sample_rate_hz: int
    duration_s: float
    words: tuple[WordTiming, ...]
    sentences: tuple[SentenceTiming, ...]
    voice: str
    voice_licence: str
    settings: dict[str, Any] = Field(default_factory=dict)


class GateResult(Frozen):
    """One check of a gate: what was measured against which limit, where it can be said also as figures and as a time in the film (seconds)."""

    name: str
    passed: bool
    measured: str
    limit: str
    severity: Literal["block", "warn"] = "block"
    stage: str = ""
    value: float | None = None
    bound: float | None = None
    at_s: float | None = None

    def figured(self, value: float, bound: float, at_s: float | None = None) -> "GateResult":
        """Return the check with what was measured and its limit as figures in the check's own unit."""
        return self.model_copy(update={"value": value, "bound": bound, "at_s": at_s})


class Chapter(Frozen):
    """A chapter mark of the description."""

    start_s: float
    title: str


Privacy = Literal["private", "unlisted", "public"]


class Listing(Frozen):
    """Everything a platform is told about a video; every flag is explicit."""

    title: str
    description: str
    tags: tuple[str, ...]
    language: str
    chapters: tuple[Chapter, ...]
    category: str
    privacy: Privacy
    made_for_kids: bool
    contains_synthetic_media: bool
    license: Literal["youtube", "creativeCommon"]
    embeddable: bool = True
    notify_subscribers: bool = True
    publish_at: datetime | None = None


class Manifest(Frozen):
    """What an approval is bound to: the digest of this value's canonical JSON."""

    channel_id: str
    video: str
    thumbnail: str
    captions: str
    listing: Listing
    provenance: Provenance
