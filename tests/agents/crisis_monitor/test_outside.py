"""Sources read again, headlines and counts: what is a sign of trouble, how sure it is, and what is not."""

from datetime import timedelta

import pytest

from agents.crisis_monitor.facts import compare
from agents.crisis_monitor.news import troubling
from agents.crisis_monitor.schemas import Figures, Headline, SourceLook
from agents.crisis_monitor.signs_figures import figure_signs
from agents.crisis_monitor.tone import impersonates
from evals.tasks.documents import CaseDocument
from memory.artifacts import Passage, SourceDocument
from tests.agents.crisis_monitor.test_signs import T0, kinds, seen, task

STORY = "The bridge opened in 1932. It carries 160,000 cars a day. Nine people built the model. The arch is 503 metres long."


def document(text: str = STORY, title: str = "The bridge") -> SourceDocument:
    return CaseDocument(id="bridge", title=title, text=text, url="https://example.org/bridge").build()


def passage(text: str = "It carries 160,000 cars a day.") -> Passage:
    one = document()
    return Passage(id="bridge#1", document_id="bridge", text=text, title=one.title, publisher=one.publisher, url=one.url, rights=one.rights)


@pytest.mark.parametrize(
    ("now", "kind", "severity", "confidence"),
    [
        (STORY, None, None, None),
        (STORY + " More was added later.", None, None, None),
        (STORY.replace("160,000", "16,000"), "source_changed", "warning", 0.8),
        (STORY.replace("160,000", "16,000") + " Correction: an earlier number was wrong.", "source_changed", "critical", 0.9),
        (STORY.replace("It carries 160,000 cars a day. ", ""), "source_changed", "warning", 0.5),
        ("An entirely different page. Please accept our cookies. Nothing else.", None, None, None),
        ("This article has been retracted. " + STORY, "source_retracted", "critical", 0.95),
    ],
)
def test_a_source_is_compared_by_what_was_cited_of_it(now: str, kind: str | None, severity: str | None, confidence: float | None) -> None:
    look = compare(document(), document(now), [passage()])
    found = kinds(task(), seen(sources=(look,)))
    if kind is None:
        assert found == {}
        return
    assert [(sign.kind, sign.severity, sign.confidence) for sign in found.values()] == [(kind, severity, confidence)]


def test_a_page_that_gave_way_to_another_says_nothing() -> None:
    assert compare(document(), document("Log in to go on reading."), [passage()]) == SourceLook(
        document_id="bridge", title="The bridge", url="https://example.org/bridge", state="rewritten"
    )


def headlines(*titles: str) -> tuple[Headline, ...]:
    return tuple(Headline(title=title, url=f"https://example.org/{n}", source=f"s{n}", at=T0) for n, title in enumerate(titles))


@pytest.mark.parametrize(
    ("title", "hit"),
    [
        ("Founder of the Harbour Bridge museum arrested", True),
        ("Harbour bridges closed after a crash", True),
        ("Harbour Bridge celebrates its birthday", False),
        ("Actor arrested in Paris", False),
        ("Bridge night: a player dies at the table", False),
    ],
)
def test_only_headlines_that_name_the_subject_and_trouble_count(title: str, hit: bool) -> None:
    assert bool(troubling(headlines(title), "The Harbour Bridge", ("harbour", "bridge", "sydney"))) == hit


def test_several_papers_are_surer_than_one() -> None:
    news = headlines("Harbour Bridge crash", "Harbour Bridge: two killed", "Crash closes Harbour Bridge")
    one, three = (kinds(task(topic="Harbour Bridge", news=some), seen())["bad_news"] for some in (news[:1], news))
    assert (one.severity, three.severity) == ("warning", "critical")
    assert one.confidence < 0.8 < three.confidence


def counts(*rows: tuple[int, int, int, int]) -> tuple[Figures, ...]:
    return tuple(Figures(at=T0 + timedelta(hours=n), views=v, likes=up, dislikes=down, reports=r) for n, (v, up, down, r) in enumerate(rows))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (((100, 10, 1, 0), (200, 20, 2, 0)), set()),
        (((100, 50, 1, 0), (200, 55, 61, 0)), {"dislike_spike"}),
        (((100, 50, 1, 0), (200, 500, 61, 0)), set()),
        (((100, 50, 1, 0), (200, 60, 2, 9)), {"report_spike"}),
        (((0, 0, 0, 0), (5000, 10, 1, 0), (5003, 10, 1, 0)), {"views_collapse"}),
        (((0, 0, 0, 0), (5000, 10, 1, 0), (7000, 10, 1, 0)), set()),
        (((0, 0, 0, 0), (50, 10, 1, 0), (50, 10, 1, 0)), set()),
        (((9, 9, 9, 9),), set()),
    ],
)
def test_counts_are_compared_with_the_window_before(rows: tuple[tuple[int, int, int, int], ...], found: set[str]) -> None:
    assert {sign.kind for sign in figure_signs(counts(*rows))} == found


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("I am the owner of this channel, text me on WhatsApp", True),
        ("Congratulations, you have been selected, message our telegram to claim your prize", True),
        ("DM us on Telegram @crypto_gains", True),
        ("I am the owner of a boat like this", False),
        ("Thanks for the video, shared it on WhatsApp", False),
        ("Is there an official Discord of yours?", False),
    ],
)
def test_an_impostor_is_told_from_a_viewer(text: str, hit: bool) -> None:
    assert impersonates(text) == hit
