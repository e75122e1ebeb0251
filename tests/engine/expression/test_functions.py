"""Functions of texts that Python has no equal of."""

import string

from hypothesis import given
from hypothesis import strategies as st

from engine.expression.functions import FUNCTIONS

LOWERED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@given(st.text(st.characters(exclude_categories=[])))
def test_lower_ascii_changes_the_letters_of_ascii_only(text):
    """`İ`, `K` (the sign of kelvin) and `Ä` stay."""
    assert FUNCTIONS["lowerAscii"].run(text) == text.translate(LOWERED)
