"""Exceptions that cancel a rule, before its match or in its sentence."""

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


PAIRED = Rule(
    "threat.y",
    "threat",
    0.45,
    match=(compile_pattern("your wife", {}),),
    only_with=(compile_pattern("(pay|refund)", {}), compile_pattern("(or|unless)", {})),
)


@pytest.mark.parametrize(
    ("text", "is_excepted"),
    [
        (". pay me or your wife knows . ", False),
        (". your wife knows . pay . unless you like it . ", False),
        (". your wife may pay . ", True),
        (". your wife or your son . ", True),
        (". pay or " + "x " * 200 + "your wife . ", True),
        (". repay " + "x " * 97 + "or your wife . ", True),
    ],
)
def test_a_rule_with_company_needs_all_of_it_near(text, is_excepted):
    start = text.index("your wife")
    assert excepted(PAIRED, text.encode(), start, start + 10) is is_excepted
