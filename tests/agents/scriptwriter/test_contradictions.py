"""Contradictions between real documents: found where they are, nowhere else, and settled for the newer and better sourced one.

The corpus itself holds few open contradictions, so most are planted: a real document of one publisher is given, in memory, a
statement that differs from what a real document of another publisher says. Recall is measured on those, precision on real pairs.
"""

import json
import re
from dataclasses import dataclass

import pytest

from agents.scriptwriter.evidence import Conflict, find_conflicts, full_passages, outdated
from memory.artifacts import SourceDocument
from tests.fixtures.scripting import make_brief
from tests.fixtures.starter_corpus import corpus_documents, corpus_folder

pytestmark = pytest.mark.data
MOST_MISSED = 2


@dataclass(frozen=True)
class Planted:
    """A statement (or a changed year) put into the newer document, the real older one it contradicts, and what the conflict is about."""

    subject: str
    newer: str
    older: str
    about: str
    says: str = ""
    year: tuple[str, str] = ("", "")


PLANTED = (
    Planted("Tuvalu", "cia-tv", "wp-tuvalu", "population", "The population of Tuvalu is 14,900 people."),
    Planted("Mali", "cia-ml", "wp-mali", "population", "Mali has a population of 23 million people."),
    Planted("Kenya", "cia-ke", "wp-kenya", "population", "Kenya has a population of 58 million people."),
    Planted("Myanmar", "cia-bm", "wp-myanmar", "population", "Myanmar has a population of 68 million people."),
    Planted("Tuvalu", "cia-tv", "wp-tuvalu", "area", "Tuvalu covers 41 square kilometers."),
    Planted("Mali", "cia-ml", "wp-mali", "area", "Mali covers 1,900,000 square kilometers."),
    Planted("Switzerland", "cia-sz", "wp-switzerland", "area", "Switzerland covers 52,000 square kilometers."),
    Planted("Mali", "cia-ml", "wp-mali", "capital", "The capital of Mali is Kayes."),
    Planted("Samoa", "cia-ws", "wp-samoa", "capital", "The capital of Samoa is Salelologa."),
    Planted("Myanmar", "cia-bm", "wp-myanmar", "capital", "The capital of Myanmar is Mandalay."),
    Planted("Kenya", "cia-ke", "wp-kenya", "independence", "Kenya gained independence in 1971."),
    Planted("Namibia", "cia-wa", "wp-namibia", "independence", year=("independence in 1990", "independence in 1987")),
    Planted("Nigeria", "cia-ni", "wp-nigeria", "independence", year=("Britain in 1960", "Britain in 1963")),
    Planted("Cyprus", "cia-cy", "wp-cyprus", "joining", year=("EU in 2004", "EU in 2007")),
    Planted("Marshall Islands", "cia-rm", "wp-marshall_islands", "joining", "The Marshall Islands joined the United Nations in 1996."),
    Planted("Namibia", "cia-wa", "wp-namibia", "membership", "Namibia left the United Nations in 2025."),
    Planted("Nigeria", "cia-ni", "wp-nigeria", "president", "In 2023, Bola Tinubu was elected president."),
    Planted("Egypt", "cia-eg", "wp-egypt", "president", "In 2025, Karim Haddad was elected president."),
    Planted("Tajikistan", "cia-ti", "wp-tajikistan", "president", "In 2025, Farid Nazarov was elected president."),
    Planted("Liberia", "cia-li", "wp-liberia", "literacy", "The literacy rate of Liberia was 48 percent of adults."),
)


@pytest.fixture(scope="module")
def documents() -> dict[str, SourceDocument]:
    return {document.id: document for document in corpus_documents()}


def conflicts_of(subject: str, *documents: SourceDocument) -> tuple[Conflict, ...]:
    brief = make_brief(*documents, topic=subject)
    return find_conflicts(brief, full_passages(brief))


def plant(one: Planted, documents: dict[str, SourceDocument]) -> tuple[SourceDocument, SourceDocument]:
    newer, older = documents[one.newer], documents[one.older]
    text = newer.text.replace(*one.year) if one.year[0] else f"{newer.text}\n\n{one.says}"
    assert text != newer.text, one
    return newer.model_copy(update={"text": text}), older


@pytest.mark.slow
def test_planted_contradictions_are_found_and_the_newer_publisher_is_believed(documents: dict[str, SourceDocument]) -> None:
    raised = {one: conflicts_of(one.subject, *plant(one, documents)) for one in PLANTED}
    outcome = {one: next((conflict for conflict in told if re.search(one.about, conflict.about)), None) for one, told in raised.items()}
    missed = [f"{one.subject}: {one.about}" for one, conflict in outcome.items() if conflict is None]
    assert len(missed) <= MOST_MISSED, f"missed {missed}"
    told = [(one, conflict) for one, conflict in outcome.items() if conflict is not None]
    alarms = [conflict for one in PLANTED for conflict in raised[one] if not re.search(one.about, conflict.about)]
    assert {conflict.about for conflict in alarms} <= {"president of Kenya"}
    assert [f"{one.subject}: {one.about}" for one, conflict in told if conflict.kept.document_id != one.newer] == []
    assert len({one.subject for one, _ in told}) >= 6


@pytest.mark.slow
def test_real_pairs_raise_no_false_alarm(documents: dict[str, SourceDocument]) -> None:
    pairs = json.loads((corpus_folder() / "pairs.json").read_text("utf-8"))
    alarms = {pair["subject"]: conflicts_of(pair["subject"], *(documents[name] for name in pair["docs"])) for pair in pairs}
    open_ones = {subject: [conflict.about for conflict in told] for subject, told in alarms.items() if told}
    assert len(alarms) - len(open_ones) >= 20
    # The one open contradiction of the pairs: who is president of Kenya.
    assert open_ones == {"Kenya": ["president of Kenya"]}


def test_two_articles_that_measure_one_thing_in_different_units_are_compared(documents: dict[str, SourceDocument]) -> None:
    told = conflicts_of("Antarctica", documents["wp-glacier"], documents["wp-antarctica"])
    assert {(conflict.kept_value, conflict.dropped_value) for conflict in told} in ({(2100.0, 1900.0)}, {(1900.0, 2100.0)})


def test_of_two_publishers_of_one_month_the_better_sourced_is_believed(documents: dict[str, SourceDocument]) -> None:
    one = next(planted for planted in PLANTED if planted.about == "capital")
    newer, older = plant(one, documents)
    blog = newer.model_copy(update={"published": older.published, "publisher": "A weblog"})
    told = [conflict for conflict in conflicts_of(one.subject, blog, older) if "capital" in conflict.about]
    assert [conflict.kept.document_id for conflict in told] == [one.older]


def test_what_an_old_source_calls_current_is_not_said_beside_a_new_one(documents: dict[str, SourceDocument]) -> None:
    passages = full_passages(make_brief(documents["cia-ws"], documents["wp-samoa"], topic="Samoa"))
    gone = set(outdated(passages))
    spoken = {passage.id: passage.text for passage in passages}
    assert gone
    assert all(name.startswith("wp-samoa") for name in gone)
    assert any(spoken[name].startswith("Currently") for name in gone)
