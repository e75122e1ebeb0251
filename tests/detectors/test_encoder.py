"""The encoder reads word pieces in windows, each alone, so that a score depends on its text and nothing else."""

import json
import threading

import numpy as np
import pytest

from detectors import encoder
from detectors.encoder import Encoder, Network
from detectors.model import ModelMissing
from detectors.wordpiece import Wordpiece
from tests.detectors.texts import MODELS

FOLDER = MODELS / "encoder"


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(FOLDER)


@pytest.fixture(scope="module")
def wordpiece() -> Wordpiece:
    return Wordpiece(json.loads((FOLDER / "vocabulary.json").read_text("utf-8")))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I'll be there, caf\xe9!", (101, 1045, 1005, 2222, 2022, 2045, 1010, 7668, 999, 102)),
        (
            "unbelievably odd-looking w\xf6rds",
            (101, 4895, 8671, 2666, 3567, 6321, 5976, 1011, 2559, 2616, 102),
        ),
        ("\u4f60\u597d ok", (101, 100, 100, 7929, 102)),
        ("a\x00b\u200dc", (101, 5925, 102)),
        ("\U0001f600 fine", (101, 100, 2986, 102)),
        ("$5.00 + 2", (101, 1002, 1019, 1012, 4002, 1009, 1016, 102)),
    ],
)
def test_pieces_are_those_of_the_published_tokenizer(wordpiece, text, pieces):
    """The numbers are what the package `tokenizers` makes of these texts with the model's own file."""
    assert wordpiece.windows(text, 64) == [pieces]


def test_typographic_marks_are_read_as_plain_ones(wordpiece):
    """So a text that has only them is read once, and not again after normalizing."""
    assert wordpiece.windows("“Don’t…”", 64) == wordpiece.windows('"Don\'t..."', 64)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "@somebody", "https://example.com/a?b=c"])
def test_text_without_words_has_one_empty_window(wordpiece, text):
    assert wordpiece.windows(text, 64) == [(101, 102)]


def test_long_text_is_read_in_windows_that_overlap(wordpiece):
    words = [str(number) for number in range(10, 99)]
    windows = wordpiece.windows(" ".join(words), 40)
    assert max(map(len, windows)) == 40
    assert windows[0][-17:-1] == windows[1][1:17]
    assert len({piece for window in windows for piece in window}) == len(words) + 2


def test_a_very_long_word_is_unknown(wordpiece):
    assert wordpiece.windows("a" * 41, 64) == [(101, 100, 102)]


def test_a_window_has_the_same_features_whatever_else_is_read(network):
    alone, beside = (network.windows(text)[0] for text in ("Where is my parcel?", "I will find you " * 9))
    assert np.array_equal(network.run([alone, beside])[:1], network.run([alone]))


def test_scores_are_those_of_the_worst_window():
    model = Encoder(FOLDER)
    filler = "The table is made of oak and has four legs. " * 12
    buried, alone = model.score([filler + "I hate women, all of them are rats.", filler])
    assert buried["encoder.hate"] > alone["encoder.hate"] + 2


def test_heads_are_those_of_the_trained_file():
    [scores] = Encoder(FOLDER).score(["hello"])
    assert scores.keys() == Encoder.heads.keys()


def test_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(ModelMissing, match="`make models` makes it"):
        Encoder(tmp_path).score(["hello"])


def test_another_file_than_the_pinned_one_is_refused(tmp_path):
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelMissing, match="is not the pinned file"):
        Network(tmp_path)


def test_network_is_loaded_once_by_several_threads(monkeypatch):
    loaded, start = [], threading.Barrier(4)

    class SlowNetwork:
        def __init__(self, folder):
            loaded.append(folder)

    monkeypatch.setattr(encoder, "Network", SlowNetwork)
    model = Encoder(FOLDER)

    def ask():
        start.wait()
        assert model.network is not None

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == [FOLDER]
