"""Rows kept for calibration and measurement are never used for training."""

from detectors.labelled import Labelled
from ml.training.parts import is_kept, is_learned


def row(group: str, part: str = "") -> Labelled:
    return Labelled("text", group, "", "", "", part)


def test_parts_for_measuring_bad_reviews_and_our_own_texts_are_kept() -> None:
    kept = [
        row("edos threat", "dev"),
        row("edos threat", "test"),
        row("uci yelp complaint"),
        row("disputecheck quote"),
    ]
    assert [is_kept(one) for one in kept] == [True] * 4
    assert [is_learned(one) for one in kept] == [False] * 4


def test_complaints_of_ours_are_learned_from() -> None:
    assert not is_kept(row("written complaint"))
    assert is_kept(row("written complaint", "dev"))


def test_the_rest_of_the_learned_sets_is_learned_and_other_sets_are_not() -> None:
    assert [
        is_learned(one) for one in (row("edos threat", "train"), row("openai H2"), row("my own set"))
    ] == [
        True,
        True,
        False,
    ]
