"""Retractions are noticed from notices, from other documents and from the list; ordinary uses of the word are not."""

import pytest

from memory.retraction import known_retractions, mark_retractions, retracted_work, says_retracted
from tests.fixtures.sources import GLACIER, document


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("RETRACTED: Growth of glaciers", ""),
        ("Retracted article: Growth", ""),
        ("Growth", "This article has been retracted at the request of the editors."),
        ("Growth", "The paper was formally withdrawn in 2012."),
        ("Growth", "The editors of the journal wish to retract this article."),
    ],
)
def test_a_work_that_says_so_is_retracted(title: str, text: str) -> None:
    assert says_retracted(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("The forest in the Ice Age", "It expanded again, then retracted to a mostly inland formation."),
        ("Comb jellies", "They have retractable tentacles."),
        ("How science corrects itself", "Thousands of papers are retracted every year."),
        ("Retraction: Growth", "This article has been retracted."),
    ],
)
def test_ordinary_uses_of_the_word_and_notices_themselves_are_not(title: str, text: str) -> None:
    assert not says_retracted(title, text)


def test_a_notice_names_the_work_it_takes_back() -> None:
    assert retracted_work("Retraction notice to: “Growth of glaciers”") == "Growth of glaciers"
    assert retracted_work("Retraction: Growth") == "Growth"
    assert retracted_work("The retraction of the ice") is None


def test_a_document_is_marked_by_title_doi_or_explicit_link() -> None:
    paper = document("a", "Growth of glaciers", GLACIER, url="https://doi.org/10.1234/abc.5")
    by_title = document("n", "Retraction: Growth of Glaciers", GLACIER)
    by_doi = document("n", "Retraction", f"The article at 10.1234/ABC.5. is taken back.\n\n{GLACIER}")
    by_link = document("n", "A correction", GLACIER).model_copy(update={"retracts": ("a",)})
    for notice in (by_title, by_doi, by_link):
        marked = mark_retractions((paper, notice))
        assert [each.retracted for each in marked] == [True, False]
    assert not mark_retractions((paper,))[0].retracted


def test_the_shipped_list_marks_well_known_cases() -> None:
    paper = document("x", "A gammaretrovirus", GLACIER, url="https://doi.org/10.1371/journal.ppat.0020025")
    assert "10.1371/journal.ppat.0020025" in known_retractions()
    assert mark_retractions((paper,))[0].retracted
