"""Read a tokenizer from a pickle that may only name five classes, two of them stubs, so that it cannot run code."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict, defaultdict
from typing import Any


class ForbiddenPickle(Exception):
    """The pickle names a class that a tokenizer does not need."""


class Stub:
    """A stub for a class of the package, which is never imported. It keeps the attributes and has no behavior."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = dict(state)


ALLOWED: dict[tuple[str, str], type] = {
    ("builtins", "int"): int,
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "defaultdict"): defaultdict,
    ("keras_preprocessing.text", "Tokenizer"): Stub,
    ("tox_block.data_processing.preprocessors", "TokenSequencer"): Stub,
}


class RestrictedUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise ForbiddenPickle(f"the pickle asks for `{module}.{name}`") from None


def read_word_index(pickled: bytes, most_frequent: int) -> dict[str, int]:
    """Map words to their indexes, 1 for the most frequent, for the words that a Keras tokenizer with that many features would
    use."""
    sequencer = RestrictedUnpickler(io.BytesIO(pickled)).load()
    numbers: dict[str, int] = sequencer.state["tokenizer"].state["word_index"]
    return {word: number for word, number in numbers.items() if number < most_frequent}
