"""The publisher on a real library: it publishes what was approved, once, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from agents.publisher import Prepared, Published
from evals.context import Bench, open_bench
from evals.tasks.documents import CaseDocument
from evals.tasks.publisher import PublisherCase, run
from evals.tasks.scripts import CaseScript, CaseSentence
from memory.artifacts import Provenance

SCRIPT = CaseScript(title="Ice and fire", sentences=(CaseSentence(text="Iceland lies on top of a hotspot."),))


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as made:
        yield made


def case(**changes: Any) -> PublisherCase:
    return PublisherCase(**{"script": SCRIPT, "documents": (CaseDocument(demo="iceland"),), **changes})


async def made(bench: Bench, **changes: Any) -> tuple[Prepared, Published]:
    outcome = await run(case(**changes), bench)
    assert outcome.output is not None, outcome.refused
    prepared, published = outcome.output
    return prepared, published


async def test_every_flag_is_set_and_the_decision_names_it(bench: Bench) -> None:
    prepared, published = await made(bench)
    assert (prepared.listing.made_for_kids, prepared.listing.contains_synthetic_media, prepared.listing.privacy) == (False, True, "public")
    assert all(name in prepared.decisions[0].choice for name in ("made for kids", "synthetic media", "privacy", "licence"))
    assert published.created


async def test_a_video_that_is_asked_to_stay_private_is_listed_so(bench: Bench) -> None:
    prepared, _ = await made(bench, privacy="private")
    assert prepared.listing.privacy == prepared.manifest.listing.privacy == "private"


async def test_a_second_try_finds_the_first_entry_and_makes_none(bench: Bench) -> None:
    _, published = await made(bench, times=2)
    assert not published.created
    assert len(list(bench.settings.library_root.glob("*/*--*"))) == 1


@pytest.mark.parametrize(("tamper", "words"), [("title", "not the approved"), ("provenance", "provenance"), ("file", "corrupt")])
async def test_what_changed_after_approval_is_never_published(bench: Bench, tamper: str, words: str) -> None:
    outcome = await run(case(tamper=tamper), bench)
    assert words in outcome.refused
    assert list(bench.settings.library_root.glob("*/*--*")) == []


async def test_a_demo_without_its_label_and_a_title_over_the_limit_are_refused_by_name(bench: Bench) -> None:
    assert "labelled" in (await run(case(description="Sources: Case Press."), bench)).refused
    assert "title length" in (await run(case(edited_title="Ice " * 40), bench)).refused


async def test_a_real_video_needs_no_label(bench: Bench) -> None:
    prepared, _ = await made(bench, provenance=Provenance.REAL, description="Sources: Case Press.")
    assert prepared.manifest.provenance is Provenance.REAL
