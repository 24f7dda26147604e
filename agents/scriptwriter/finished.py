"""A finished film's words: what it says, what its maker says of it, and what viewers are told; nothing here is written anew."""

from collections.abc import Sequence

from agents.scriptwriter.listing import LABELS, MAX_BYTES, hashtags
from agents.scriptwriter.schemas import Review, Suggestion
from infra.errors import Invalid
from memory.artifacts import Beat, Brief, Picture, Provenance, Script, Sentence, SourceDocument
from memory.passages import split_sentences
from memory.personality import Personality
from memory.ready_film import ReadyFilm

WRITER = "film"
_LONGEST_SENTENCE = 600


def brief_of(film: ReadyFilm, pictures: Sequence[Picture], personality: Personality, provenance: Provenance) -> Brief:
    """Return what a finished film is about, by what its maker says: no trend was weighed for it, and no source but itself."""
    document = SourceDocument(
        id=f"film-{film.film[:12]}",
        title=film.title,
        text=film.description,
        url="",
        publisher=film.credit or personality.name,
        language=film.language,
        rights=film.stated,
        provenance=provenance,
    )
    return Brief(
        topic=film.title,
        angle="a finished film, shown as it came",
        category=personality.categories[0],
        keywords=film.tags,
        reasons=("a person handed the film in",),
        scores={},
        documents=(document,),
        passages=(),
        pictures=tuple(pictures),
        provenance=provenance,
        network=False,
    )


def script_of(film: ReadyFilm, words: Sequence[str]) -> Script:
    """Return what a film says by its captions, and what is said of it: all that can be screened and remembered of it."""
    told = [film.description] if film.language.partition("-")[0] != "en" else list(split_sentences(film.description))
    parts = [("What it says", words), ("What is said of it", [*told, film.credit, film.no_captions or ""])]
    beats = tuple(_beat(number, heading, said) for number, (heading, said) in enumerate(parts, 1) if any(said))
    credits = (f"“{film.title}” ({film.stated.licence_name}) {film.credit}".strip(),)
    return Script(
        title=film.title,
        title_candidates=(film.title,),
        beats=beats,
        tags=film.tags,
        template="film",
        language=film.language,
        rights=film.stated,
        credits=credits,
        writer=WRITER,
    )


def unreviewed() -> Review:
    """Return the review of words that were not measured: they are in the film already."""
    return Review(score=0.0, scores={}, suggestions=(Suggestion(criterion="film", text="the words of a finished film are not scored"),))


def film_description(film: ReadyFilm, personality: Personality, provenance: Provenance) -> str:
    """Return the description of a finished film: its maker's words, whose it is and on what basis it is shown, and what was generated.

    Raises Invalid for one that does not fit the platform's bytes.
    """
    label = LABELS.get(provenance, "")
    shown = f"Shown by {personality.name}: {film.stated.licence_name}{f', {film.credit}' if film.credit else ''}."
    generated = "Parts of this film were generated or altered by machines." if film.synthetic else ""
    parts = [label, film.description, shown, generated, hashtags(film.tags)]
    text = "\n\n".join(part for part in parts if part)
    if len(text.encode()) > MAX_BYTES:
        raise Invalid(f"description: with its credit it takes {len(text.encode())} bytes, the limit is {MAX_BYTES}; shorten it")
    return text


def _beat(number: int, heading: str, said: Sequence[str]) -> Beat:
    pieces = [one[at : at + _LONGEST_SENTENCE] for one in said if one.strip() for at in range(0, len(one), _LONGEST_SENTENCE)]
    sentences = tuple(Sentence(id=f"b{number}s{place}", text=text, role="transition") for place, text in enumerate(pieces, 1))
    return Beat(id=f"b{number}", heading=heading, sentences=sentences)
