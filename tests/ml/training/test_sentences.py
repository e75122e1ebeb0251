"""The made-up sentences: all slots are filled, and the same seed gives the same sentences."""

import pytest

from ml.training.sentences import make_sentences


@pytest.mark.parametrize("kind", ["harmless", "threatening"])
def test_sentences_are_filled_and_repeatable(kind) -> None:
    made = make_sentences(kind, 1)
    assert not [text for text in made if "{" in text or "}" in text]
    assert make_sentences(kind, 1) == made
    assert len(set(made)) == len(made)


def test_another_seed_fills_slots_otherwise() -> None:
    assert make_sentences("harmless", 2) != make_sentences("harmless", 1)


def test_no_sentence_is_of_both_kinds() -> None:
    assert set(make_sentences("harmless", 1)).isdisjoint(make_sentences("threatening", 1))
