"""Contradictions of many kinds against real documents: figures, dates, names, ranks, denials; and what only looks like one.

The statements are ours (`tests/fixtures/disagreements.toml`), the documents real. Those of the set `unseen` were written after the method and
are only measured: they say how it does on a contradiction nobody thought of.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agents.scriptwriter.evidence import Conflict, conflict_decisions, find_conflicts, full_passages
from memory.artifacts import SourceDocument
from tests.fixtures.scripting import make_brief, make_document
from tests.fixtures.starter_corpus import corpus_documents

pytestmark = pytest.mark.data
CASES: dict[str, list[dict[str, Any]]] = tomllib.loads((Path(__file__).parents[2] / "fixtures" / "disagreements.toml").read_text("utf-8"))


@cache
def real() -> dict[str, SourceDocument]:
    return {document.id: document for document in corpus_documents()}


def raised_by(case: dict[str, Any]) -> list[Conflict]:
    newer = make_document(case["says"], name="newer", published=date(2025, 6, 1), publisher="National Statistics Bureau", title=case["subject"])
    brief = make_brief(newer, real()[case["document"]], topic=case["subject"])
    return [one for one in find_conflicts(brief, full_passages(brief)) if "newer" in {one.kept.document_id, one.dropped.document_id}]


def found(case: dict[str, Any]) -> bool:
    """Say whether the very sentence that is contradicted was named, and the newer publisher believed."""
    return any(case["against"] in one.dropped.text and one.kept.document_id == "newer" for one in raised_by(case))


@pytest.mark.slow
@pytest.mark.parametrize(("kept", "least", "of"), [("seen", 45, 52), ("unseen", 16, 30)])
def test_contradictions_are_found_where_they_are(kept: str, least: int, of: int) -> None:
    cases = [case for case in CASES["conflict"] if case["set"] == kept]
    assert len(cases) == of
    missed = [case["says"] for case in cases if not found(case)]
    assert of - len(missed) >= least, missed


@pytest.mark.slow
@pytest.mark.parametrize(("kept", "most", "of"), [("seen", 1, 53), ("unseen", 3, 30)])
def test_another_year_place_or_subject_is_no_contradiction(kept: str, most: int, of: int) -> None:
    cases = [case for case in CASES["agreement"] if case["set"] == kept]
    assert len(cases) == of
    alarms = [(case["says"], one.about) for case in cases for one in raised_by(case)[:1]]
    assert len(alarms) <= most, alarms


def test_a_conflict_stands_in_the_decisions_with_both_values_and_sources() -> None:
    case = next(one for one in CASES["conflict"] if "tidal shoreline" in one["says"])
    (decision,) = conflict_decisions(raised_by(case))
    assert decision.choice == "28,000 miles (National Statistics Bureau, 2025-06-01): “Alaska has nearly 28,000 miles of tidal shoreline.”"
    assert decision.alternatives[0].startswith("34,000 miles (Wikipedia (English), 2016-08-24): “With its myriad islands")
    assert decision.reasons[0] == "National Statistics Bureau (2025-06-01) is newer than Wikipedia (English) (2016-08-24)"
