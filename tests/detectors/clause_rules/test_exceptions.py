"""What takes a rule back, before its match or in its sentence."""

import pytest

from detectors.clause_rules.exceptions import excepted
from detectors.lexicon import Rule
from detectors.patterns import compile_pattern

RULE = Rule(
    "threat.x",
    "threat",
    0.9,
    match=(compile_pattern("kill you", {}),),
    unless_before=(compile_pattern("never ..2", {}, ends_here=True),),
    unless_near=(compile_pattern("with kindness", {}),),
)


@pytest.mark.parametrize(
    ("text", "is_excepted"),
    [
        (". i will kill you . ", False),
        (". i would never kill you . ", True),
        (". i would never ever again kill you . ", True),
        (". i would never do it but kill you . ", False),
        (". never . i kill you . ", False),
        (". i kill you with kindness . ", True),
        (". with kindness i kill you . ", True),
        (". i kill you . with kindness . ", False),
        (". i kill you " + "x " * 200 + "with kindness . ", False),
    ],
)
def test_an_exception_holds_in_its_sentence(text, is_excepted):
    start = text.index("kill you")
    assert excepted(RULE, text.encode(), start, start + 9) is is_excepted
