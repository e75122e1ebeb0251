"""Quotations are found with any kind of quotation marks, and apostrophes are not mistaken for them."""

import pytest

from detectors.quotes import quotes_of
from detectors.reading import Reader


def quoted(text: str) -> list[str]:
    reading = Reader().read(text)
    return [text[slice(*reading.span_of(quote.first, quote.last))] for quote in quotes_of(reading)]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ('he said "pay me now" twice', ["pay me now"]),
        ("he said “pay me now” twice", ["pay me now"]),
        ("he said „pay me now“ twice", ["pay me now"]),
        ("he said 'pay me now' twice", ["pay me now"]),
        ("he said 'don't you dare' twice", ["don't you dare"]),
        ("it's the sellers' fault and it isn't mine", []),
        ("see:\n> pay me now\n> or else\nend", ["pay me now", "or else"]),
        ('"one two" and "three four"', ["one two", "three four"]),
        ('never closed "one two three', []),
        ('a "genius" he is', []),
        ("\"he wrote 'pay me now' again\"", ["he wrote 'pay me now' again"]),
        ("5 > 4 apples", []),
    ],
)
def test_what_is_quoted(text, quotes):
    assert quoted(text) == quotes
