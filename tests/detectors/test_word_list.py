"""Words count anywhere in a text, unless they are names or have another meaning there."""

from functools import cache

import pytest

from detectors.word_list import WordList
from tests.detectors.shipped import lexicon, read


@cache
def words() -> WordList:
    return WordList(lexicon())


def words_in(text: str) -> list[str]:
    return [text[signal.start : signal.end] for signal in words().find(read(text))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("This is fucking bullshit.", ["fucking", "bullshit"]),
        ("son of a bitch", ["son of a bitch"]),
        ("F*ck this sh1t", ["F*ck", "sh1t"]),
        ("What a dick!", ["dick"]),
        ("My name is Dick Johnson.", []),
        ("The bitch had six puppies.", []),
        ("I live in Scunthorpe and drink cocktails with an assassin.", []),
        ("I am a gay man and was raped.", []),
        ("My uterus hurts.", []),
    ],
)
def test_words_are_found(text, words):
    assert words_in(text) == words


def test_a_reported_word_says_so():
    signals = list(words().find(read("He called me a whore.")))
    assert [(signal.category, signal.reported, signal.quoted) for signal in signals] == [
        ("profanity", True, False)
    ]


def test_a_thousand_swear_words_give_a_few_signals():
    assert len(words().find(read("fuck " * 1_000))) == 8
