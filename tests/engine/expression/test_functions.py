"""Text functions that have no equivalent in Python."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expression.functions import FUNCTIONS
from tests.engine.generated.chance import FULL
from tests.engine.oracles.cel_cpp import CEL_CPP

LOWERED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@given(st.text(st.characters(exclude_categories=[])))
def test_lower_ascii_changes_the_letters_of_ascii_only(text):
    """`İ`, `K` (the kelvin sign) and `Ä` do not change."""
    assert FUNCTIONS["lowerAscii"].run(text) == text.translate(LOWERED)


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        ("trim", "(x + 'x' + x).trim() == 'x'", lambda sign: FUNCTIONS["trim"].run(f"{sign}x{sign}") == "x"),
        ("lowerAscii", "x.lowerAscii() != x", lambda sign: FUNCTIONS["lowerAscii"].run(sign) != sign),
        ("size", "size(x) != 1", lambda sign: FUNCTIONS["size"].run(sign) != 1),
    ],
)
def test_function_is_that_of_cel_for_every_character(name, text, changed):
    """Except for U+0000, which ends a text in the oracle, and which facts cannot contain. U+001C to U+001F are not white space in
    CEL."""
    every = [chr(code) for code in range(1, 0x110000 if FULL else 0x10000) if not 0xD800 <= code <= 0xDFFF]
    chosen = CEL_CPP.compile(f"signs.filter(x, {text})")
    actual = []
    for first in range(0, len(every), 9_000):  # the oracle limits the items of one evaluation
        actual += [value.value() for value in chosen({"signs": every[first : first + 9_000]})]
    assert actual == list(filter(changed, every))
