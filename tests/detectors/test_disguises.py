"""Each disguise is decoded to the known word that it hides, and no other text changes."""

import pytest

from detectors.normalizer import normalize

KNOWN = frozenset(
    ["kill", "fuck", "shit", "asshole", "idiot", "will", "you", "so", "too", "bitch", "the", "rapist"]
)


@pytest.mark.parametrize(
    ("disguised", "word"),
    [
        ("k1ll", "kill"),
        ("w1ll", "will"),
        ("sh!t", "shit"),
        ("a$$hole", "asshole"),
        ("1d10t", "idiot"),
        ("f*ck", "fuck"),
        ("f**k", "fuck"),
        ("f***", "fuck"),
        ("sh#t", "shit"),
        ("rap*st", "rapist"),
        ("kiiiilllll", "kill"),
        ("youuuu", "you"),
        ("soooo", "so"),
        ("tooooo", "too"),
        ("k1lllll", "kill"),
        ("ki.ll", "kill"),
        ("k ill", "kill"),
        ("fu ck", "fuck"),
    ],
)
def test_a_disguise_is_undone(disguised, word):
    assert normalize(f"x {disguised}, z", KNOWN).normalized == f"x {word}, z"


@pytest.mark.parametrize(
    "text",
    [
        "k2ll",
        "b*t",
        "***",
        "a1",
        "4x",
        "x so.",
        "looool",
        "2*3*4",
        "the rapist",
        "will.you",
        "f" + "*" * 30,
        "r****t",
        "w*l*",
    ],
)
def test_what_hides_no_known_word_is_left(text):
    assert normalize(text, KNOWN).normalized == text
