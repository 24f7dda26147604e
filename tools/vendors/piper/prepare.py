"""Stand-alone step: rewrite a Piper voice so that it tells the length of each phoneme and speaks the same text the same way.

A VITS voice computes how many frames each phoneme lasts (its one `Ceil` node) and keeps it to itself; here that tensor
becomes a second output. It also draws its noise from a global generator, so that a sentence sounds different after another
history; here the noise is a constant table, read from the position that the new input `noise_offset` names.
"""

import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from infra.ids import seeded

_FRAMES = 4096
_OFFSET = "noise_offset"


def prepare(source: Path, target: Path) -> None:
    """Write the rewritten model of `source` to `target`. Raises `ValueError` when it is not a VITS voice of one speaker."""
    model = onnx.load(str(source))
    durations = [node.output[0] for node in model.graph.node if node.op_type == "Ceil"]
    noises = [node for node in model.graph.node if node.op_type == "RandomNormalLike"]
    if len(durations) != 1 or len(noises) != 2:
        raise ValueError(f"{source.name}: {len(durations)} Ceil and {len(noises)} RandomNormalLike nodes; a Piper voice has 1 and 2")
    model.graph.output.append(helper.make_tensor_value_info(durations[0], TensorProto.FLOAT, [1, 1, "phonemes"]))
    model.graph.input.append(helper.make_tensor_value_info(_OFFSET, TensorProto.INT64, [1]))
    _add_constants(model.graph)
    for node in noises:
        _replace(model.graph, node, channels=2 if node.name.startswith("/dp/") else 192)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _add_constants(graph: onnx.GraphProto) -> None:
    graph.initializer.extend(
        [
            helper.make_tensor("ytempire_zero", TensorProto.INT64, [], [0]),
            helper.make_tensor("ytempire_one", TensorProto.INT64, [], [1]),
            helper.make_tensor("ytempire_two", TensorProto.INT64, [], [2]),
            helper.make_tensor("ytempire_frames", TensorProto.INT64, [1], [_FRAMES]),
        ]
    )


def _replace(graph: onnx.GraphProto, node: onnx.NodeProto, channels: int) -> None:
    """Put `table[:, :, (offset + 0..n) mod frames]` in the place of a random node of shape (1, channels, n)."""
    name = "ytempire_" + node.name.strip("/").replace("/", "_")
    draw = seeded("piper noise", node.name).gauss
    table = helper.make_tensor(f"{name}_table", TensorProto.FLOAT, [1, channels, _FRAMES], [draw(0, 1) for _ in range(channels * _FRAMES)])
    graph.initializer.append(table)
    steps = [
        helper.make_node("Shape", [node.input[0]], [f"{name}_shape"]),
        helper.make_node("Gather", [f"{name}_shape", "ytempire_two"], [f"{name}_length"]),
        helper.make_node("Range", ["ytempire_zero", f"{name}_length", "ytempire_one"], [f"{name}_count"]),
        helper.make_node("Add", [f"{name}_count", _OFFSET], [f"{name}_shifted"]),
        helper.make_node("Mod", [f"{name}_shifted", "ytempire_frames"], [f"{name}_index"]),
        helper.make_node("Gather", [f"{name}_table", f"{name}_index"], [node.output[0]], axis=2),
    ]
    at = list(graph.node).index(node)
    graph.node.remove(node)
    for position, step in enumerate(steps):
        graph.node.insert(at + position, step)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
