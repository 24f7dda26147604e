"""The thresholds of recall, measured again: on topics written for this test, and on real articles where there are any."""

import gzip
import itertools
import json
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from infra.embedding_onnx import OnnxEmbedder
from infra.settings import load_settings
from memory.recall import LESSON_APPLIES, SCRIPT_REPEAT, TOPIC_REPEAT

# A topic, the same topic in other words, and its neighbour in the same niche.
TOPICS = (
    (
        "Webb telescope finds water vapour on a distant planet",
        "Water vapor detected around faraway world by James Webb",
        "Webb telescope photographs a dying star",
    ),
    ("Why octopuses have three hearts", "The three hearts of the octopus, explained", "Why octopuses are so intelligent"),
    ("How volcanoes change the climate", "What eruptions do to Earth's climate", "How volcanoes form"),
    ("New malaria vaccine reaches children in Africa", "African children get a new vaccine against malaria", "New tuberculosis vaccine tested in Africa"),
    ("The history of the pencil", "How the pencil came to be", "The history of paper"),
    ("Greenland's ice sheet is melting faster", "Faster melting of ice in Greenland", "Antarctica's sea ice reaches a record low"),
    ("Why passwords are being replaced by passkeys", "Passkeys are taking over from passwords", "How password managers work"),
    ("The longest river in Africa", "Africa's longest river", "The highest mountain in Africa"),
    ("How bees tell each other where flowers are", "The dance language of honeybees", "Why bees are dying"),
    ("Earthquake shakes northern Japan", "Strong quake hits Japan's north", "Typhoon heads for southern Japan"),
    ("Central bank raises interest rates", "Interest rates lifted by the central bank", "Central bank warns of a recession"),
    ("What causes northern lights", "The science behind the aurora borealis", "What causes thunder"),
    ("The first woman to climb Mount Everest", "Junko Tabei, first female climber on Everest's summit", "The first woman in space"),
    ("How chocolate is made", "From cocoa bean to chocolate bar", "How cheese is made"),
    ("Mars rover finds ancient riverbed", "Signs of an old river found by rover on Mars", "Mars helicopter makes its last flight"),
    ("The fall of the Berlin Wall", "How the Berlin Wall came down in 1989", "The building of the Berlin Wall"),
    ("Electric cars outsell diesel in Europe", "In Europe, more electric vehicles sold than diesels", "Electric trucks arrive in Europe"),
    ("Coral reefs bleach in warm seas", "Ocean heat is bleaching coral reefs", "Coral reefs restored by divers"),
    ("Why we dream", "What dreams are for", "Why we sleep"),
    ("A new battery charges in five minutes", "Five-minute charging with a new battery", "A new battery without lithium"),
)


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEmbedder:
    return OnnxEmbedder(tmp_path_factory.mktemp("cache"))


def test_a_topic_in_other_words_is_a_repeat_and_its_neighbour_is_not(embedder: OnnxEmbedder) -> None:
    topics, paraphrases, neighbours = (embedder.embed(column) for column in zip(*TOPICS, strict=True))
    assert ((topics * paraphrases).sum(1) >= TOPIC_REPEAT).sum() == 14
    assert ((topics * neighbours).sum(1) >= TOPIC_REPEAT).sum() == 1
    others = (topics @ topics.T)[~np.eye(len(topics), dtype=bool)]
    assert (others < LESSON_APPLIES).mean() > 0.95
    assert others.max() < TOPIC_REPEAT


@pytest.mark.data
@pytest.mark.slow
def test_two_scripts_of_one_article_are_a_repeat_and_scripts_of_others_are_not(embedder: OnnxEmbedder) -> None:
    articles, subjects = _articles()
    halves = [[" ".join(_sentences(article["text"])[:24][start::2]) for article in articles] for start in (0, 1)]
    odd, even = (embedder.embed(half) for half in halves)
    cosines: npt.NDArray[np.float32] = odd @ even.T
    number = {article["id"]: index for index, article in enumerate(articles)}
    assert (cosines.diagonal() >= SCRIPT_REPEAT).mean() > 0.6
    other = [cosines[i, j] for i, j in itertools.permutations(range(len(articles)), 2) if articles[i]["subject"] != articles[j]["subject"]]
    assert max(other) < SCRIPT_REPEAT
    same = [cosines[number[a], number[b]] for docs in subjects for a, b in itertools.permutations(docs, 2) if a in number and b in number]
    assert len(same) >= 50
    assert max(same) < SCRIPT_REPEAT


def _articles() -> tuple[list[dict[str, str]], list[list[str]]]:
    data = load_settings().data
    if data is None or not (data / "starter_corpus").is_dir():
        pytest.skip("YTEMPIRE_DATA is not set, so there are no real articles to measure on")
    folder: Path = data / "starter_corpus"
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    pairs = json.loads((folder / "pairs.json").read_text("utf-8"))
    return articles, [pair["docs"] for pair in pairs if pair["strength"] == "strong"]


def _sentences(content: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", content.replace("\n", " ")) if len(sentence.split()) > 3]
