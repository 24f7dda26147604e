"""The personalities stay distinct, and the classifier that says so would notice if they did not."""

import asyncio
import dataclasses

import pytest

from evals.context import open_bench
from evals.distinctness import GOAL, features_of, judge, learn
from evals.script_corpus import Told, demo_briefs, write_corpus
from infra.ids import seeded
from memory.personality import load_personalities


@pytest.fixture(scope="module")
def corpus() -> tuple[Told, ...]:
    """Six documents, each told by all twenty channels in a short slot, where the least is said between the facts."""
    with open_bench() as bench:
        return asyncio.run(write_corpus(bench, demo_briefs(6), tuple(load_personalities()), 30))


def test_who_wrote_a_script_shows_in_what_the_channel_says_itself(corpus: tuple[Told, ...]) -> None:
    found = judge(corpus, folds=3)
    assert found["scripts"] == 120
    assert found["accuracy"] >= GOAL, found["worst_pairs"]


def test_with_the_writers_shuffled_the_classifier_knows_nothing(corpus: tuple[Told, ...]) -> None:
    writers = [one.channel for one in corpus]
    seeded("shuffled").shuffle(writers)
    shuffled = [dataclasses.replace(one, channel=writer) for one, writer in zip(corpus, writers, strict=True)]
    assert judge(shuffled, folds=3)["accuracy"] < 0.25


def test_neither_names_nor_quoted_words_give_a_channel_away(corpus: tuple[Told, ...]) -> None:
    told = next(one for one in corpus if one.channel == "deep-orbit")
    said = " ".join(features_of(told))
    quoted = next(sentence.text for sentence in told.script.sentences if sentence.citations).split()
    assert "orbit" not in said
    assert " ".join(quoted[1:3]).lower() not in said


def test_the_likeliest_writer_is_named() -> None:
    model = learn([("a", ["hello", "there"]), ("b", ["goodbye", "then"])])
    assert (model.name(["hello"]), model.name(["then", "unheard"]), model.name([])) == ("a", "b", "a")
