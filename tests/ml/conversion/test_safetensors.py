"""Tensors are read from the file's own layout, which is a header and the numbers."""

import json

import numpy as np

from ml.conversion.safetensors import read_tensors


def test_tensors_are_read_by_name_and_shape_and_others_are_left_out():
    numbers, places = np.arange(6, dtype=np.float32), np.arange(2, dtype=np.int64)
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "places": {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]},
            "table": {"dtype": "F32", "shape": [2, 3], "data_offsets": [16, 40]},
        }
    ).encode()
    content = len(header).to_bytes(8, "little") + header + places.tobytes() + numbers.tobytes()
    tensors = read_tensors(content)
    assert tensors.keys() == {"table"}
    assert tensors["table"].tolist() == [[0, 1, 2], [3, 4, 5]]
