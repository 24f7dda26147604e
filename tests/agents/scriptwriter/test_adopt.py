"""A finished script is taken word for word, bound to what supports it, and judged like any other."""

from pathlib import Path

import pytest

from agents.scriptwriter import Input, adopt, review
from graphs.autonomous_request import read_task
from infra.errors import Invalid
from memory.operator_script import LONGEST_TEXT, read_script
from memory.passages import split_passages
from tests.fixtures.scripting import LIGHTHOUSE, make_brief, make_context, make_document

SENTENCES = [passage.text for passage in split_passages(make_document())][:8]
GIVEN = "# The Varn lighthouse\n\n" + " ".join(SENTENCES[:4]) + "\n\n## How it is kept\n\n" + " ".join(SENTENCES[4:])


async def test_every_word_stays_and_every_sentence_is_bound_to_its_source(tmp_path: Path) -> None:
    output = await adopt(GIVEN, Input(brief=make_brief()), make_context(tmp_path))
    assert output.script.title == "The Varn lighthouse"
    assert [sentence.text for sentence in output.script.sentences] == SENTENCES
    assert [beat.heading for beat in output.script.beats] == ["The Varn lighthouse", "How it is kept"]
    assert all(sentence.citations for sentence in output.script.sentences)
    assert (output.script.sentences[0].role, output.script.writer) == ("hook", "operator")
    assert output.review.blocking == ()
    assert len(output.passages) == len(SENTENCES)
    assert "not a word of it is changed" in output.decisions[1].reasons[0]


async def test_what_its_sources_do_not_say_is_blocked_by_the_review(tmp_path: Path) -> None:
    invented = GIVEN + " It was moved to the moon in 1931 by 4,000 engineers."
    output = await adopt(invented, Input(brief=make_brief()), make_context(tmp_path))
    found = review(output.script, make_brief(), make_context(tmp_path).personality, 45)
    assert [item.criterion for item in found.blocking] != []
    assert not found.accepted


def test_a_script_is_measured_before_it_is_taken() -> None:
    script = read_script(GIVEN)
    assert [len(part.sentences) for part in script.parts] == [4, 4]
    assert 20 < script.seconds < 90
    assert LIGHTHOUSE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No title. At all. Here it is. And more.", "make `# The title` its first line"),
        ("", "make `# The title` its first line"),
        ("# " + "T" * 101 + "\n\nOne two three four.", "its title has 101 characters; at most 100"),
        ("# Title\n\nOne sentence stands here alone.", "1 sentences of 4 words or more; at least 6"),
        ("# Title\n\n" + "We see four words. " * 6, "takes about 9 s to say; 10 to 900 s are made: add to it"),
        ("# Title\n\n" + "word " * 90 + "end. " + "We see four words. " * 6, "sentence 1"),
        ("# Title\n\n" + "A sentence of seven words is this. " * 400, "shorten it, or cut it into several videos"),
        ("# Title\n\n## " + "H" * 61 + "\n\n" + "We see four words. " * 6, "has 61 characters; at most 60"),
        ("# Title\n\n\x00", "control characters"),
        ("# Title\n\n" + "x" * LONGEST_TEXT, "cut it into several videos"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_limit_and_the_fix(text: str, said: str) -> None:
    with pytest.raises(Invalid, match="^script: ") as refused:
        read_script(text)
    assert said in refused.value.message


def test_a_task_stands_on_sources_or_is_declared_the_operators_own() -> None:
    with pytest.raises(Invalid, match="declare it your own text"):
        read_task("script", {"script": GIVEN})
    kept = read_task("script", {"script": GIVEN, "own_text": True})
    assert (kept["topic"], kept["seconds"]) == ("The Varn lighthouse", read_script(GIVEN).seconds)
    assert read_task("script", {"script": GIVEN, "sources": ["a.md"], "seconds": 40})["seconds"] == 40
