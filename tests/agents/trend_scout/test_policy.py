"""The scout's pure decisions: clustering, momentum, breadth, the gap in the evidence, and the angle."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from agents.trend_scout import policy
from memory.artifacts import Passage, SourceDocument, TrendSignal
from memory.passages import split_passages
from memory.rights import LicenceId
from tests.fixtures.sources import GLACIER, VOLCANO, document

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def signal(source: str, title: str = "A story", hours: float = 0.0, published: bool = True) -> TrendSignal:
    at = NOW - timedelta(hours=hours)
    return TrendSignal(
        source_id=source, source_name=source, category="science", title=title, url=f"https://{source}.example", published=at if published else None, seen_at=at
    )


def passages_of(*documents: SourceDocument) -> list[Passage]:
    return [passage for one in documents for passage in split_passages(one)]


def test_signals_of_one_story_form_one_cluster_and_the_story_of_most_sources_comes_first() -> None:
    signals = [signal("a"), signal("b"), signal("a"), signal("c"), signal("d")]
    vectors = [(1.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.1, 0.995), (0.0, 1.0)]
    assert policy.cluster(signals, vectors) == [[1, 3, 4], [0, 2]]


def test_a_signal_joins_the_nearest_cluster_above_the_threshold_and_no_other() -> None:
    vectors = [(1.0, 0.0), (0.0, 1.0), (0.6, 0.8), (0.61, 0.792)]
    assert policy.cluster([signal(name) for name in "abcd"], vectors) == [[1, 2, 3], [0]]
    assert policy.cluster([signal("a"), signal("b")], [(1.0, 0.0), (policy.SAME_STORY - 0.01, 0.79)]) == [[0], [1]]


def test_nothing_clusters_to_nothing() -> None:
    assert policy.cluster([], []) == []


def test_momentum_halves_in_eighteen_hours_grows_with_sightings_and_stays_below_one() -> None:
    fresh, older = policy.momentum([signal("a")], NOW), policy.momentum([signal("a", hours=18)], NOW)
    assert 0 < older < fresh < policy.momentum([signal("a"), signal("b")], NOW) < policy.momentum([signal("a")] * 60, NOW) <= 1
    assert older == pytest.approx(1 - 2.718281828 ** (-0.25), rel=1e-6)
    assert policy.momentum([], NOW) == 0


def test_expected_growth_moves_momentum_both_ways_and_stays_between_nothing_and_all() -> None:
    assert policy.momentum_ahead(0.5, 1.0) == pytest.approx(0.8)
    assert policy.momentum_ahead(0.5, -0.5) == pytest.approx(0.2)
    assert policy.momentum_ahead(0.3, 0.0) == pytest.approx(0.3)
    assert policy.momentum_ahead(1.0, 0.0) == pytest.approx(0.95)
    assert policy.momentum_ahead(1.0, -0.75) < 0.6
    ahead = [policy.momentum_ahead(0.39, growth) for growth in (-1.0, -0.9, -0.5, 0.0, 0.5, 2.0, 50.0)]
    assert ahead == sorted(ahead)
    assert 0 == ahead[0] < ahead[-1] < 1


def test_a_story_dated_in_the_future_counts_as_new_and_one_without_a_date_by_when_it_was_seen() -> None:
    assert policy.momentum([signal("a", hours=-200)], NOW) == policy.momentum([signal("a")], NOW)
    assert policy.momentum([signal("a", hours=18, published=False)], NOW) == policy.momentum([signal("a", hours=18)], NOW)


def test_breadth_grows_ever_slower_with_sources_and_is_full_at_seven() -> None:
    steps = [policy.breadth(count) for count in range(8)]
    assert steps == sorted(steps)
    assert (steps[0], steps[7], policy.breadth(50)) == (0, 1.0, 1.0)
    assert steps[2] - steps[1] > steps[7] - steps[6]


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ((), "no document"),
        ((document("a", "A", GLACIER).model_copy(update={"retracted": True}),), "retracted"),
        ((document("a", "A", GLACIER, "SIGNAL-ONLY"),), "not quotable"),
        ((document("a", "A", GLACIER, "CC-BY-ND"),), "not quotable"),
        ((document("a", "A", "Glaciers are rivers of ice that move downhill."),), "only 1 usable"),
    ],
)
def test_evidence_that_does_not_carry_a_video_is_told_apart_by_its_reason(documents: Sequence[SourceDocument], words: str) -> None:
    gap = policy.evidence_gap(documents, passages_of(*documents))
    assert gap is not None
    assert words in gap


@pytest.mark.parametrize("licence", ["PD", "CC0-1.0", "CC-BY", "CC-BY-SA", "OWN"])
def test_a_whole_quotable_article_carries_a_video_even_beside_a_closed_one(licence: LicenceId) -> None:
    documents = (document("a", "A", GLACIER, licence), document("b", "B", VOLCANO, "SIGNAL-ONLY"))
    assert policy.evidence_gap(documents, passages_of(*documents)) is None


def test_sentences_of_closed_documents_do_not_fill_the_gap() -> None:
    documents = (document("a", "A", "Glaciers are rivers of ice that move downhill."), document("b", "B", VOLCANO, "SIGNAL-ONLY"))
    assert "only 1 usable" in (policy.evidence_gap(documents, passages_of(*documents)) or "")


def _said(*texts: str) -> list[Passage]:
    return passages_of(document("a", "A", " ".join(texts)))


def test_the_angle_is_the_one_the_evidence_carries_more_than_usual() -> None:
    causes = _said("The ice melts because the sea warms.", "The flood was caused by rain.", "The dam broke, so that the town flooded.", "Snow fell.")
    assert policy.name_angle(causes)[0] == "how it works, and why"
    plain = _said("Snow fell in the valley.", "The road was closed.", "Nobody was hurt in the storm.")
    assert policy.name_angle(plain) == (policy.name_angle([])[0], "no other angle is carried by more of its sentences than usual")


def test_keywords_are_the_content_words_and_names_count_double() -> None:
    assert policy.keywords_of("the ice and the ice and the Iceland of the news")[:2] == ("ice", "Iceland")
    assert "the" not in policy.keywords_of("the the the glacier")
    assert len(policy.keywords_of(GLACIER, limit=5)) == 5


def test_figures_series_and_pictures_make_evidence_richer() -> None:
    plain, numbers = document("a", "A", GLACIER), document("b", "B", "In 1990 it was 40. In 1991 it was 41. In 1992 it was 42.")
    assert policy.richness([plain], []) == 0
    assert policy.richness([plain], passages_of(plain)) < policy.richness([numbers], passages_of(numbers)) <= 1
