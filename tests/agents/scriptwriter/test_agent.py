"""What the scriptwriter hands on when it writes offline."""

from datetime import date
from pathlib import Path

import pytest

from agents.scriptwriter import HOW_TAKEN, EvidenceNotQuotable, Input, NoEvidence, review, run
from agents.scriptwriter.evidence import full_passages
from agents.scriptwriter.policy import understanding
from memory.support import check_script
from tests.fixtures.scripting import LIGHTHOUSE, StillRecall, make_brief, make_context, make_document
from tools.write_text.offline.words import spoken_words


async def test_a_script_cites_every_fact_and_fits_its_slot(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    output = await run(Input(brief=make_brief()), context)
    sentences = output.script.sentences
    words = sum(spoken_words(sentence.text) for sentence in sentences)
    assert abs(words - 45 * 150 / 60) <= 0.06 * 45 * 150 / 60
    assert sentences[0].role == "hook"
    assert sentences[0].citations
    assert sentences[-1].role == "closing"
    assert all(sentence.citations for sentence in sentences if sentence.role in {"hook", "fact", "quote"})
    assert check_script(output.script, full_passages(make_brief()), "The Varn lighthouse") == ()
    assert output.review.blocking == ()


async def test_the_same_input_gives_the_same_script(tmp_path: Path) -> None:
    first = await run(Input(brief=make_brief()), make_context(tmp_path / "a"))
    second = await run(Input(brief=make_brief()), make_context(tmp_path / "b"))
    assert first == second


async def test_a_topic_without_documents_is_refused_with_what_was_looked_at(tmp_path: Path) -> None:
    brief = make_brief(make_document(retracted=True))
    with pytest.raises(NoEvidence, match=r"The Varn lighthouse \(Orla Post, retracted\)"):
        await run(Input(brief=brief), make_context(tmp_path))


async def test_evidence_that_only_lends_facts_is_refused_by_the_offline_writer(tmp_path: Path) -> None:
    with pytest.raises(EvidenceNotQuotable, match="SIGNAL-ONLY"):
        await run(Input(brief=make_brief(make_document(licence="SIGNAL-ONLY"))), make_context(tmp_path))


async def test_no_sentence_comes_from_a_document_that_may_not_be_quoted_or_was_retracted(tmp_path: Path) -> None:
    closed = make_document(LIGHTHOUSE.replace("Varn", "Torv"), name="closed", licence="CC-BY-NC")
    gone = make_document(LIGHTHOUSE.replace("Varn", "Gorm"), name="gone", retracted=True)
    output = await run(Input(brief=make_brief(make_document(), closed, gone)), make_context(tmp_path))
    assert {passage.document_id for passage in output.passages} == {"varn"}


async def test_a_share_alike_source_makes_the_script_share_alike(tmp_path: Path) -> None:
    output = await run(Input(brief=make_brief(make_document(licence="CC-BY-SA"))), make_context(tmp_path))
    assert output.script.rights.licence == "CC-BY-SA"
    assert any("CC-BY-SA" in line for line in output.script.credits)


async def test_a_channel_without_share_alike_refuses_share_alike_evidence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceNotQuotable, match="share-alike"):
        await run(Input(brief=make_brief(make_document(licence="CC-BY-SA")), allow_share_alike=False), make_context(tmp_path))


async def test_the_newer_source_wins_and_the_conflict_is_a_decision(tmp_path: Path) -> None:
    old = make_document(
        "The harbor of Orla counts its ships with care. About 640 ships pass the Varn lighthouse every month.", name="old", published=date(2009, 1, 1)
    )
    output = await run(Input(brief=make_brief(old, make_document())), make_context(tmp_path))
    told = next(decision for decision in output.decisions if "disagree" in decision.question)
    assert told.choice.startswith("900")
    assert told.alternatives[0].startswith("640")
    assert all("640" not in sentence.text for sentence in output.script.sentences)


async def test_an_opening_that_memory_knows_is_not_used_again(tmp_path: Path) -> None:
    first = await run(Input(brief=make_brief()), make_context(tmp_path))
    remembered = StillRecall(script_texts=(first.script.sentences[0].text + " And so on.",))
    second = await run(Input(brief=make_brief()), make_context(tmp_path, recall=remembered))
    assert second.script.sentences[0].text != first.script.sentences[0].text


async def test_a_revision_leaves_out_what_the_review_blocked(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    first = await run(Input(brief=make_brief()), context)
    target = first.script.sentences[2]
    bad = first.script.model_copy(
        update={
            "beats": tuple(
                beat.model_copy(
                    update={
                        "sentences": tuple(
                            one.model_copy(update={"text": "The tower is 99 meters high."}) if one.id == target.id else one for one in beat.sentences
                        )
                    }
                )
                for beat in first.script.beats
            )
        }
    )
    verdict = review(bad, make_brief(), context.personality, context.seconds)
    assert not verdict.accepted
    second = await run(Input(brief=make_brief(), previous=bad, review=verdict, revision=1), context)
    assert second.review.blocking == ()
    assert all("99" not in sentence.text for sentence in second.script.sentences)


async def test_words_of_a_person_are_answered_with_how_they_were_taken(tmp_path: Path) -> None:
    first = await run(Input(brief=make_brief()), make_context(tmp_path / "a"))
    assert HOW_TAKEN not in {decision.question for decision in first.decisions}
    asked = Input(brief=make_brief(), previous=first.script, review=first.review, notes=("warmer",), revision=1)
    again = await run(asked, make_context(tmp_path / "b"))
    told = next(decision for decision in again.decisions if decision.question == HOW_TAKEN)
    assert (told.choice.partition(":")[0], told.reasons) == ("the words were not read", ("asked: warmer",))
    (model,) = understanding(asked, " It was made warmer. ", "a-model")
    assert model.choice == "It was made warmer."
    assert understanding(asked, "", "a-model")[0].choice == "the writer gave no account of it"
