"""The demo corpus: what every brief must be, and that the document it names supports its numbers, names and nothing word for word."""

import re
import unicodedata
from collections.abc import Iterator

import pytest

from memory.artifacts import Provenance, SourceDocument
from memory.demo_corpus import load_demo_documents
from memory.passages import split_passages
from tests.fixtures.starter_corpus import corpus_documents

LONGEST_RUN = 8
LONGEST_SENTENCE = 24

UNITS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
SPELLED = {word: float(value) for value, word in enumerate(UNITS, start=2)} | {word: value * 10.0 for value, word in enumerate(TENS, start=2)}
SCALES = frozenset({"hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions", "third", "half", "quarter"})
# The source shortens the names of states, and writes a few names in another form.
WRITTEN_OUT = {
    "TX": "Texas", "CA": "California", "OK": "Oklahoma", "MO": "Missouri", "VA": "Virginia", "MD": "Maryland", "NJ": "New Jersey",
    "PA": "Pennsylvania", "OH": "Ohio", "NY": "New York", "ME": "Maine", "US": "United States", "U.S.": "United States", "MFF": "Medusae Fossae Formation",
}  # fmt: skip
LEADING_PRONOUNS = frozenset({"it", "they", "this", "that", "these", "those"})

BRIEFS = load_demo_documents()


def test_there_are_at_least_fifteen_briefs_over_eight_categories_with_ids_of_their_own() -> None:
    assert len(BRIEFS) >= 15
    assert len({brief.category for brief in BRIEFS}) >= 8
    assert len({brief.id for brief in BRIEFS}) == len({brief.title for brief in BRIEFS}) == len({brief.text for brief in BRIEFS}) == len(BRIEFS)


def test_some_briefs_carry_a_data_series_for_a_chart() -> None:
    assert sum(1 for brief in BRIEFS if brief.series) >= 5


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.id)
def test_a_brief_is_labelled_demo_is_ours_and_names_where_its_facts_come_from(brief: SourceDocument) -> None:
    assert brief.provenance is Provenance.DEMO
    assert brief.rights.licence == "CC0-1.0"
    assert brief.rights.credit.startswith("facts: ")
    assert brief.url.startswith("https://")
    assert brief.published is not None
    assert brief.language == "en"
    assert brief.category


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.id)
def test_a_brief_has_300_to_500_words_in_sentences_that_can_be_spoken_alone(brief: SourceDocument) -> None:
    assert 300 <= len(brief.text.split()) <= 500
    sentences = [passage.text for passage in split_passages(brief)]
    too_long = [text for text in sentences if len(text.split()) > LONGEST_SENTENCE]
    assert not too_long
    leaning = [text for text in sentences if text.split()[0].lower() in LEADING_PRONOUNS]
    assert not leaning
    assert len(sentences) == len(set(sentences))


@pytest.fixture(scope="module")
def sources() -> dict[str, SourceDocument]:
    return {document.url: document for document in corpus_documents()}


@pytest.mark.data
@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.id)
def test_every_number_and_name_of_a_brief_stands_in_the_document_it_names(brief: SourceDocument, sources: dict[str, SourceDocument]) -> None:
    assert brief.url in sources, "the document the brief names is not in the starter corpus"
    source = sources[brief.url]
    known = _numbers(_whole(source))
    assert not {f"{value:g}" for value in _numbers(brief.text) | _series(brief) if value not in known}
    words = _folded(_whole(source))
    assert not [word for word in re.findall(r"[a-z]+", brief.text.lower()) if word in SCALES - {"half"} and not _has_scale(word, words)]
    assert not sorted({name for name in _names(brief.text) if not _is_named(name, words)})


@pytest.mark.data
@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.id)
def test_no_run_of_more_than_eight_words_of_a_brief_equals_its_source(brief: SourceDocument, sources: dict[str, SourceDocument]) -> None:
    taken = set(_runs(sources[brief.url].text)) & set(_runs(brief.text))
    assert not [" ".join(run) for run in taken]


@pytest.mark.data
def test_a_changed_number_a_foreign_name_and_a_copied_sentence_would_be_noticed(sources: dict[str, SourceDocument]) -> None:
    brief = next(one for one in BRIEFS if one.id == "demo-antarctica")
    source = sources[brief.url]
    known, words = _numbers(_whole(source)), _folded(_whole(source))
    assert {63.0} == _numbers(brief.text.replace("62 percent", "63 percent")) - known
    assert "Amundsen" in {name for name in _names("In 1840 the explorer Amundsen saw it.") if not _is_named(name, words)}
    copied = source.text.split(". ")[1]
    assert set(_runs(source.text)) & set(_runs(copied))


def _whole(source: SourceDocument) -> str:
    """Everything the source says, its own title, author and date included."""
    text = " ".join((source.title, source.author, source.publisher, str(source.published), source.text))
    written = " ".join(name for short, name in WRITTEN_OUT.items() if re.search(rf"(?<![A-Za-z]){re.escape(short)}(?![A-Za-z])", text))
    return f"{text} {written}"


def _series(brief: SourceDocument) -> set[float]:
    return {point.value for series in brief.series for point in series.points}


def _numbers(text: str) -> set[float]:
    found = {float(figure.replace(",", "")) for figure in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text.replace("−", "-")) if figure.strip(",")}
    found |= {float(figure) for figure in re.findall(r"(?<=[A-Za-z]-)\d+", text)}
    spoken = re.sub(r"[-–—]", " ", text.lower())
    words = re.findall(r"[a-z]+", spoken)
    found |= {SPELLED[word] for word in words if word in SPELLED}
    found |= {SPELLED[word] + 0.5 for word in re.findall(r"(\w+) and a half", spoken) if word in SPELLED}
    return found


def _names(text: str) -> Iterator[str]:
    """Yield words with a capital that do not merely open a sentence."""
    for sentence in re.split(r"(?<=[.!?:])\s+", text):
        for word in re.findall(r"[^\W\d_][\w’'.-]*", sentence)[1:]:
            bare = re.sub(r"['’]s?$", "", word.rstrip(".'’"))
            if bare[:1].isupper():
                yield bare


def _folded(text: str) -> set[str]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return {re.sub(r"['’]s?$", "", word.strip(".'’")).lower() for word in re.findall(r"[^\W\d_][\w’'.-]*", plain)}


def _has_scale(word: str, words: set[str]) -> bool:
    return bool({word, word.rstrip("s"), f"{word}s", f"{word}th"} & words) or any(word.rstrip("s") in other.split("-") for other in words)


def _is_named(name: str, words: set[str]) -> bool:
    low = name.lower().rstrip(".")
    parts = {part for word in words for part in re.split(r"[-.]", word)} | words
    return low in parts or low.rstrip("s") in parts or all(part in parts for part in low.split("-"))


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = [word.lower().replace("’", "'") for word in re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text)]
    size = LONGEST_RUN + 1
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))
