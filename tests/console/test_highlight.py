"""Texts split at signal boundaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.highlight import Piece, cut
from detectors.signal import Signal


def signal(start: int, end: int, category="threat", score=0.5) -> Signal:
    return Signal(category, score, start, end, "lexicon", "1", "rule")


def test_text_without_signals_is_one_piece():
    assert cut("All is well.", []) == [Piece("All is well.")]


def test_span_is_marked_with_its_number_and_category():
    assert cut("You fool!", [signal(4, 8, "insult")]) == [
        Piece("You "),
        Piece("fool", (1,), "insult"),
        Piece("!"),
    ]


def test_where_spans_overlap_the_strongest_gives_the_category():
    parts = cut("abcdef", [signal(0, 4, "insult", 0.4), signal(2, 6, "threat", 0.9)])
    assert parts == [
        Piece("ab", (1,), "insult"),
        Piece("cd", (1, 2), "threat"),
        Piece("ef", (2,), "threat"),
    ]


def test_classifier_marks_nothing_and_keeps_its_number():
    whole = Signal("threat", 0.9, 0, 9, "classifier", "1", "threat")
    assert cut("You fool!", [whole, signal(4, 8, "insult")]) == [
        Piece("You "),
        Piece("fool", (2,), "insult"),
        Piece("!"),
    ]


@pytest.mark.parametrize("span", [(2, 2), (3, 2), (9, 12)])
def test_empty_span_marks_nothing(span):
    assert cut("abcdef", [signal(*span)]) == [Piece("abcdef")]


def test_span_beyond_the_text_ends_with_it():
    assert cut("abc", [signal(-1, 99)]) == [Piece("abc", (1,), "threat")]


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-3, 35), st.integers(-3, 35)), max_size=6))
def test_nothing_of_the_text_is_lost(text, spans):
    pieces = cut(text, [signal(start, end) for start, end in spans])
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
