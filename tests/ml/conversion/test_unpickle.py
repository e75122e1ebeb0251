"""The pickle in the package can name only five classes, and cannot run code."""

import os
import pickle

import pytest

from ml.conversion.unpickle import ForbiddenPickle, read_word_index


class Command:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo broken out",)


TOKENIZER = """\
ctox_block.data_processing.preprocessors
TokenSequencer
)R(S'tokenizer'
ckeras_preprocessing.text
Tokenizer
)R(S'word_index'
ccollections
OrderedDict
)R(S'the'
I1
S'to'
I2
S'rare'
I3
udbdb."""
"""Built like the package's pickle, but in the oldest format, which is readable."""


def test_word_index_keeps_the_most_frequent_words_only() -> None:
    assert read_word_index(TOKENIZER.encode(), most_frequent=3) == {"the": 1, "to": 2}


def test_word_index_of_a_pickle_that_calls_a_command_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ForbiddenPickle) as refused:
        read_word_index(pickle.dumps(Command()), most_frequent=3)
    assert str(refused.value) == f"the pickle asks for `{os.system.__module__}.system`"
    assert capfd.readouterr().out == ""
