"""Build the network as an ONNX graph: embedding, bidirectional LSTM, maximum over the words, two dense layers."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.conversion.keras_weights import Lstm, Weights

OPSET = 17
IR_VERSION = 9
HARD_SIGMOID = (0.2, 0.5)
"""Slope and offset in Keras. ONNX has the same defaults, but they are stated explicitly."""


def build_graph(weights: Weights, length: int) -> bytes:
    """Build a graph with the input `words`, a batch of word indexes padded to `length`.

    The outputs are `scores`, a row of sigmoids per text, and `features`, which our own heads use: the maximum and the mean of the
    LSTM's states over the words, the hidden layer, and the pre-sigmoid sums.
    """
    units = weights.forward.recurrent.shape[0]
    labels = weights.output.bias.shape[0]
    features = 4 * units + weights.hidden.bias.shape[0] + labels
    graph = helper.make_graph(
        _nodes(units),
        "toxlstm",
        [helper.make_tensor_value_info("words", TensorProto.INT64, ["texts", length])],
        [
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["texts", labels]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["texts", features]),
        ],
        [numpy_helper.from_array(array, name) for name, array in _tensors(weights).items()],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="comity",
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _nodes(units: int) -> list[onnx.NodeProto]:
    slope, offset = HARD_SIGMOID
    return [
        helper.make_node("Transpose", ["words"], ["by_time"], perm=[1, 0]),
        helper.make_node("Gather", ["embedding", "by_time"], ["small_vectors"]),
        helper.make_node("Cast", ["small_vectors"], ["vectors"], to=TensorProto.FLOAT),
        helper.make_node(
            "LSTM",
            ["vectors", "kernel", "recurrent", "bias"],
            ["states"],
            direction="bidirectional",
            hidden_size=units,
            activations=["HardSigmoid", "Tanh", "Tanh"] * 2,
            activation_alpha=[slope] * 2,
            activation_beta=[offset] * 2,
        ),
        *_over_words("ReduceMax", "strongest"),
        *_over_words("ReduceMean", "average"),
        helper.make_node("Gemm", ["strongest", "hidden_kernel", "hidden_bias"], ["hidden_sum"]),
        helper.make_node("Relu", ["hidden_sum"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "output_kernel", "output_bias"], ["output_sum"]),
        helper.make_node("Sigmoid", ["output_sum"], ["scores"]),
        helper.make_node("Concat", ["strongest", "average", "hidden", "output_sum"], ["features"], axis=1),
    ]


def _over_words(operator: str, name: str) -> list[onnx.NodeProto]:
    """Reduce over the words to one number per unit, with both directions concatenated."""
    return [
        helper.make_node(operator, ["states"], [f"{name}_by_direction"], axes=[0], keepdims=0),
        helper.make_node("Transpose", [f"{name}_by_direction"], [f"{name}_by_text"], perm=[1, 0, 2]),
        helper.make_node("Reshape", [f"{name}_by_text", "both_directions"], [name]),
    ]


def _tensors(weights: Weights) -> dict[str, NDArray[np.generic]]:
    directions = (weights.forward, weights.backward)
    units = weights.forward.recurrent.shape[0]
    return {
        "embedding": weights.embedding.astype(np.float16),
        "kernel": np.stack([_reorder(lstm.kernel).T for lstm in directions]),
        "recurrent": np.stack([_reorder(lstm.recurrent).T for lstm in directions]),
        "bias": np.stack([_bias(lstm) for lstm in directions]),
        "hidden_kernel": weights.hidden.kernel,
        "hidden_bias": weights.hidden.bias,
        "output_kernel": weights.output.kernel,
        "output_bias": weights.output.bias,
        "both_directions": np.array([-1, 2 * units], dtype=np.int64),
    }


def _reorder(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Reorder gates along the last axis, from Keras' input, forget, cell, output to ONNX' input, output, forget, cell."""
    i, f, c, o = np.split(gates, 4, axis=-1)
    return np.concatenate([i, o, f, c], axis=-1)


def _bias(lstm: Lstm) -> NDArray[np.float32]:
    """ONNX adds separate biases for input and state; Keras stores only their sum."""
    return np.concatenate([_reorder(lstm.bias), np.zeros_like(lstm.bias)])
