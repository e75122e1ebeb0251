"""Linear heads on features and on hashed word groups."""

from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from detectors.heads import BUCKETS, Head, Heads, word_groups


def bucket(group: str) -> int:
    return crc32(group.encode()) % BUCKETS


@pytest.fixture
def heads() -> Heads:
    groups = np.zeros(BUCKETS, np.int8)
    groups[bucket("kill you")] = 40
    return Heads(
        "heads-test",
        {
            "threat": Head(np.array([1.0, 2.0], np.float32), groups, step=0.5, offset=-1.0),
            "hate": Head(np.array([0.0, 1.0], np.float32), np.zeros(0, np.int8), step=0.0, offset=0.5),
        },
    )


def test_word_groups_are_one_to_three_words_in_a_row_without_digits() -> None:
    assert word_groups(["i'll", "24", "kill", "you2"]) == sorted(
        map(bucket, ("i'll", "kill", "you", "i'll kill", "kill you", "i'll kill you"))
    )


def test_score_adds_features_and_the_share_of_groups(heads: Heads) -> None:
    scores = heads.score(np.array([[1.0, 3.0]], np.float32), [("kill", "you")])
    assert scores["threat"][0] == pytest.approx(1 + 6 - 1 + 0.5 * 40 / 3**0.5)
    assert scores["hate"][0] == pytest.approx(3.5)


def test_heads_saved_and_loaded_score_the_same(heads: Heads, tmp_path: Path) -> None:
    heads.save(tmp_path / "heads.npz")
    loaded = Heads.load(tmp_path / "heads.npz")
    features, texts = np.array([[0.5, -1.0]], np.float32), [("kill", "you", "now")]
    assert loaded.version == "heads-test"
    for name, scores in heads.score(features, texts).items():
        assert loaded.score(features, texts)[name] == pytest.approx(scores)
