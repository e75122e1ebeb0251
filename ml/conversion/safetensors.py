"""Read a file of the format safetensors: the length of a JSON header, the header, and the numbers one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_LENGTH = 8


def read_tensors(content: bytes) -> Mapping[str, NDArray[np.float32]]:
    """The tensors of 32-bit numbers, by name. Others are left out."""
    start = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    header = json.loads(content[_LENGTH:start])
    return {
        name: _tensor(content, start, entry)
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


def _tensor(content: bytes, start: int, entry: dict[str, list[int]]) -> NDArray[np.float32]:
    first, last = entry["data_offsets"]
    numbers = np.frombuffer(content, np.float32, (last - first) // 4, start + first)
    return numbers.reshape(entry["shape"])
