"""The fact checker: what it catches and what it lets pass."""

import pytest

from agents.scriptwriter.policy import load_templates
from memory.support import check_script, check_sentence
from memory.takeover import check_takeover
from tests.fixtures.falsehoods import seed_falsehoods
from tests.fixtures.scripting import make_brief, make_document, make_script
from tests.fixtures.starter_corpus import corpus_documents
from tools.write_text.offline.simplify import Refused, simplify

SOURCE = "The Varn lighthouse was built in 1784 by Mira Holt, and about 900 of the 1,200 ships did not stop there; most keepers may have left before March."


@pytest.mark.parametrize(
    ("false", "problem"),
    [
        ("The Varn lighthouse was built in 1785 by Mira Holt.", "number"),
        ("The Varn lighthouse was built in 1784 by Jonas Holt.", "name"),
        ("The Varn lighthouse was not built in 1784.", "polarity"),
        ("About 900 of the 1,200 ships did stop there.", "polarity"),
        ("About 900 of the 1,200 boats did not stop there.", "unit"),
        ("All keepers may have left before March.", "quantifier"),
        ("Most keepers may have left after March.", "direction"),
        ("Most keepers have left before March.", "hedge"),
        ("More than 900 of the 1,200 ships did not stop there.", "bound"),
    ],
)
@pytest.mark.parametrize("extract", [True, False], ids=["extract", "reworded"])
def test_a_false_sentence_is_caught_with_the_kind_of_fault(false: str, problem: str, extract: bool) -> None:
    assert problem in {kind for kind, _ in check_sentence(false, [SOURCE], extract)}


@pytest.mark.parametrize(
    ("true", "source"),
    [
        ("The Varn lighthouse was built in 1784 by Mira Holt.", SOURCE),
        ("Some 16 percent of it is sand.", "Some 16% of it is sand."),
        ("It covers 581,309 square kilometers.", "It covers 581,309 km2 (224,445 sq mi)."),
        ("Jonas Reed, the engineer, said: “It has never failed.”", "“It has never failed,” said Jonas Reed, the engineer."),
    ],
)
def test_a_true_extract_passes(true: str, source: str) -> None:
    assert check_sentence(true, [source]) == []


@pytest.mark.data
@pytest.mark.parametrize("extract", [True, False], ids=["extract", "reworded"])
def test_real_sentences_pass_and_seeded_falsehoods_are_caught_on_every_seed(extract: bool) -> None:
    """Rules were tuned on the documents of odd key; the others are held out."""
    tuned: dict[str, str] = {}
    held_out: dict[str, str] = {}
    for document in corpus_documents():
        if document.id.startswith(("voa", "cia", "nasa", "plos")):
            side = tuned if sum(map(ord, document.id)) % 2 else held_out
            side.update(_spoken(document.text, document.id.startswith("plos")))
    for source in (tuned, held_out):
        alarms = [text for text, origin in source.items() if check_sentence(text, [origin], extract)]
        assert len(source) > 500
        assert len(alarms) <= 0.02 * len(source)
        for seed in range(10):
            false = seed_falsehoods(list(source), 50, seed=seed)
            caught = [kind for kind, true, lie in false if check_sentence(lie, [source[true]], extract)]
            assert len(false) == 50
            assert len(caught) >= 48, (seed, len(caught))


@pytest.mark.parametrize(
    "line",
    [
        "The Varn lighthouse is the tallest of them all.",
        "It became famous overnight.",
        "The lighthouse guides ships home.",
        "More than 30 people waited.",
        "Mira Holt comes next.",
    ],
)
def test_a_transition_that_states_something_is_reported(line: str) -> None:
    script = make_script(line)
    beat = script.beats[0].model_copy(update={"sentences": (script.sentences[0].model_copy(update={"role": "transition"}),)})
    found = check_script(script.model_copy(update={"beats": (beat,)}), [], "The Varn lighthouse")
    assert [one.problem for one in found] == ["claim_in_transition"]


def test_the_lines_of_templates_state_nothing() -> None:
    lines = [line for template in load_templates().values() for plan in template.beats for line in plan.transitions]
    for line in lines:
        script = make_script(line)
        beat = script.beats[0].model_copy(update={"sentences": (script.sentences[0].model_copy(update={"role": "transition"}),)})
        assert check_script(script.model_copy(update={"beats": (beat,)}), [], "The Varn lighthouse") == (), line


def _spoken(text: str, academic: bool) -> dict[str, str]:
    found = {}
    for paragraph in text.split("\n\n")[1:9]:
        for sentence in [part + "." for part in paragraph.split(". ") if len(part.split()) > 7]:
            try:
                found[simplify(sentence.replace("..", "."), academic)] = sentence
            except Refused:
                continue
    return found


CLOSED = "The harbor council voted on Tuesday to keep the old lamp burning for another hundred winters."


@pytest.mark.parametrize("writer", ["offline", "openai:gpt-5-mini"])
def test_more_than_eight_words_in_a_row_of_a_closed_source_are_reported(writer: str) -> None:
    closed = make_document(CLOSED, name="closed", licence="SIGNAL-ONLY")
    taken = make_script("The harbor council voted on Tuesday to keep the old lamp.", writer=writer)
    reworded = make_script("Members decided that the lamp stays. The harbor council voted on Tuesday to keep it.", writer=writer)
    quoted = make_script("The paper wrote: “The harbor council voted on Tuesday to keep the old lamp burning.”", writer=writer)
    assert check_takeover(taken, [closed])[0].document_id == "closed"
    assert check_takeover(reworded, [closed]) == ()
    assert check_takeover(quoted, [closed]) == ()


def test_a_run_across_two_sentences_and_a_long_quotation_are_reported() -> None:
    closed = make_document(CLOSED, name="closed", licence="CC-BY-ND")
    split = make_script("The harbor council voted on Tuesday.", "To keep the old lamp burning is the plan.")
    long = make_script("They wrote: “" + " ".join(["word"] * 26) + "”")
    assert check_takeover(split, [closed]) != ()
    assert "26 words" in check_takeover(long, [closed])[0].reason


@pytest.mark.parametrize(
    "said",
    [
        "Orla Post writes: “The tower is 41 meters high.”",
        "According to the Orla Post, the tower is 41 meters high.",
        "The tower is 41 meters high, according to Orla Post.",
    ],
)
def test_a_model_may_name_the_cited_publisher_as_its_source_and_nobody_else(said: str) -> None:
    brief = make_brief()
    cited = next(one.id for one in brief.passages if "41 meters" in one.text)
    script = make_script(said, writer="model")
    beat = script.beats[0]
    sentences = tuple(one.model_copy(update={"citations": (cited,)}) for one in beat.sentences)
    attributed = script.model_copy(update={"beats": (beat.model_copy(update={"sentences": sentences}),)})
    assert check_script(attributed, brief.passages) == ()
    other = tuple(one.model_copy(update={"text": one.text.replace("Orla", "Torv")}) for one in sentences)
    assert check_script(attributed.model_copy(update={"beats": (beat.model_copy(update={"sentences": other}),)}), brief.passages) != ()
