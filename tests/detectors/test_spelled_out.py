"""Spelled-out letters are joined to one word, or to as many as the vocabulary splits them into."""

import pytest

from detectors.normalizer import normalize
from detectors.spelled_out import cut_into_words

KNOWN = frozenset(["i", "will", "kill", "you", "a", "piece", "of", "shit", "hi", "his"])


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("I will k i l l you", "i will kill you"),
        ("k.i.l.l", "kill"),
        ("k-i-l-l", "kill"),
        ("k. i. l. l", "kill"),
        ("k  i  l  l", "kill"),
        ("i k i l l y o u", "i kill you"),
        ("k i l l  y o u", "kill  you"),
        ("k 1 l l", "kill"),
        ("p i e c e  o f  s h i t", "piece  of  shit"),
        ("x k i l l you", "x kill you"),
        ("k i l l x z you", "kill x z you"),
        ("k*i*l*l", "kill"),
    ],
)
def test_letters_apart_are_joined(text, normalized):
    assert normalize(text, KNOWN).normalized == normalized


@pytest.mark.parametrize("text", ["1 2 3 4", "a 4 x 4", "i am a", "plan b is", "- - - -", "! ! !", "x y z"])
def test_numbers_and_single_letters_are_left(text):
    assert normalize(text, KNOWN).normalized == text


@pytest.mark.parametrize(
    ("letters", "stray", "words"),
    [
        ("hiswill", 0, (0, ["his", "will"])),
        ("hiswall", 0, None),
        ("xkill", 0, None),
        ("xkillz", 1, (1, ["kill"])),
        ("xxkill", 1, None),
        ("", 2, None),
    ],
)
def test_letters_are_cut_into_the_fewest_words(letters, stray, words):
    assert cut_into_words(letters, KNOWN, stray) == words
