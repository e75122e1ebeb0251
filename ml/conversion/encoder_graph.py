"""Build the first layers of a BERT encoder as an ONNX graph with small integers for weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.conversion.minilm import EPSILON, HEADS, small

Array = NDArray[np.float32]

OPSET = 17
IR_VERSION = 9


@dataclass
class Graph:
    """Nodes and tensors as they are added. A node's output is named after what it is."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    tensors: dict[str, NDArray[np.generic]] = field(default_factory=dict)

    def add(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, array: NDArray[np.generic]) -> str:
        self.tensors[name] = array
        return name


def build_encoder(weights: Mapping[str, Array], layers: int, seen: tuple[int, ...]) -> bytes:
    """Build a graph with the input `pieces`, the numbers of one text's word pieces.

    The output `features` has, for each layer in `seen`, the mean and the maximum of its states over the pieces.
    """
    graph = Graph()
    graph.constant("heads", np.array([0, 0, HEADS, -1], dtype=np.int64))
    graph.constant("together", np.array([0, 0, -1], dtype=np.int64))
    graph.constant("root", np.array(np.sqrt(2), dtype=np.float32))
    graph.constant("one", np.array(1, dtype=np.float32))
    graph.constant("half", np.array(0.5, dtype=np.float32))
    states, features = _embed(graph, weights), []
    for layer in range(layers):
        states = _layer(graph, weights, layer, states)
        if layer + 1 in seen:
            features += [
                graph.add(operator, [states], f"{name}{layer}", axes=[1], keepdims=0)
                for operator, name in (("ReduceMean", "mean"), ("ReduceMax", "most"))
            ]
    graph.add("Concat", features, "features", axis=1)
    width = weights["embeddings.LayerNorm.weight"].size
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [helper.make_tensor_value_info("pieces", TensorProto.INT64, [1, "length"])],
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, width * len(features)])],
            [numpy_helper.from_array(array, name) for name, array in graph.tensors.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="comity",
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _embed(graph: Graph, weights: Mapping[str, Array]) -> str:
    """Word and position, each a row of a table; every piece is of the first of the two kinds of text."""
    table, scale = small(weights["embeddings.word_embeddings.weight"], axis=1)
    graph.constant("word_table", table)
    graph.constant("word_scale", scale)
    places = (
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    graph.constant("place_table", places[None])
    rows = graph.add(
        "Cast", [graph.add("Gather", ["word_table", "pieces"], "small_words")], "rows", to=TensorProto.FLOAT
    )
    words = graph.add("Mul", [rows, graph.add("Gather", ["word_scale", "pieces"], "scales")], "words")
    graph.constant("start", np.array([0], dtype=np.int64))
    graph.constant("second", np.array([1], dtype=np.int64))
    shape = graph.add("Shape", ["pieces"], "shape", start=1, end=2)
    placed = graph.add("Slice", ["place_table", "start", shape, "second"], "places")
    return _normalize(
        graph, weights, graph.add("Add", [words, placed], "placed"), "embeddings.LayerNorm", "embedded"
    )


def _layer(graph: Graph, weights: Mapping[str, Array], number: int, states: str) -> str:
    at = f"encoder.layer.{number}."
    parts = {
        name: _heads(
            graph, _dense(graph, weights, states, f"{at}attention.self.{name}"), f"{name}{number}", turned
        )
        for name, turned in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
    }
    width = weights[f"{at}attention.self.query.bias"].size // HEADS
    graph.constant("scale", np.array(1 / np.sqrt(width), dtype=np.float32))
    likeness = graph.add("MatMul", [parts["query"], parts["key"]], f"likeness{number}")
    shares = graph.add(
        "Softmax", [graph.add("Mul", [likeness, "scale"], f"scaled{number}")], f"shares{number}", axis=-1
    )
    mixed = graph.add("MatMul", [shares, parts["value"]], f"mixed{number}")
    joined = graph.add(
        "Reshape",
        [graph.add("Transpose", [mixed], f"turned{number}", perm=[0, 2, 1, 3]), "together"],
        f"joined{number}",
    )
    attended = _dense(graph, weights, joined, f"{at}attention.output.dense")
    states = _normalize(
        graph,
        weights,
        graph.add("Add", [attended, states], f"attended{number}"),
        f"{at}attention.output.LayerNorm",
        f"read{number}",
    )
    wide = _gelu(graph, _dense(graph, weights, states, f"{at}intermediate.dense"), number)
    narrow = _dense(graph, weights, wide, f"{at}output.dense")
    return _normalize(
        graph,
        weights,
        graph.add("Add", [narrow, states], f"added{number}"),
        f"{at}output.LayerNorm",
        f"states{number}",
    )


def _heads(graph: Graph, states: str, name: str, turned: list[int]) -> str:
    return graph.add(
        "Transpose", [graph.add("Reshape", [states, "heads"], f"{name}_heads")], name, perm=turned
    )


def _gelu(graph: Graph, states: str, number: int) -> str:
    spread = graph.add("Erf", [graph.add("Div", [states, "root"], f"rooted{number}")], f"erf{number}")
    doubled = graph.add(
        "Mul", [states, graph.add("Add", [spread, "one"], f"plus{number}")], f"doubled{number}"
    )
    return graph.add("Mul", [doubled, "half"], f"gelu{number}")


def _normalize(graph: Graph, weights: Mapping[str, Array], states: str, name: str, output: str) -> str:
    scale = graph.constant(f"{name}.weight", weights[f"{name}.weight"])
    offset = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    return graph.add("LayerNormalization", [states, scale, offset], output, axis=-1, epsilon=EPSILON)


def _dense(graph: Graph, weights: Mapping[str, Array], states: str, name: str) -> str:
    """Multiply in small integers: the states are turned into such as they come, by their own least and most."""
    table, scale = small(weights[f"{name}.weight"].T, axis=0)
    matrix, scales = graph.constant(f"{name}.small", table), graph.constant(f"{name}.scale", scale[0])
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    outputs = [f"{name}.{part}" for part in ("input", "step", "zero")]
    graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [states], outputs))
    whole, step, zero = outputs
    product = graph.add("MatMulInteger", [whole, matrix, zero], f"{name}.whole")
    summed = graph.add("Cast", [product], f"{name}.cast", to=TensorProto.FLOAT)
    unit = graph.add("Mul", [step, scales], f"{name}.unit")
    return graph.add("Add", [graph.add("Mul", [summed, unit], f"{name}.product"), bias], f"{name}.sum")
