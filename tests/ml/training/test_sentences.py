"""The made-up sentences: all slots filled, the same ones for the same seed."""

from ml.training.sentences import make_sentences


def test_sentences_are_filled_and_repeatable() -> None:
    made = make_sentences(1)
    assert not [text for text in made if "{" in text or "}" in text]
    assert make_sentences(1) == made
    assert len(set(made)) == len(made)
    assert make_sentences(2) != made
