"""Clause rules on whole messages: the rule, its span in the original, and whether the words are the author's own."""

from functools import cache

import pytest

from detectors.clause_rules.detector import ClauseRules
from detectors.signal import CATEGORIES
from tests.detectors.shipped import lexicon, read


@cache
def rules() -> ClauseRules:
    return ClauseRules(lexicon())


def matches_of(text: str, rule: str) -> list[tuple[str, bool, bool]]:
    signals = [signal for signal in rules().find(read(text)) if signal.rule == rule]
    return [(text[signal.start : signal.end], signal.reported, signal.quoted) for signal in signals]


def test_every_category_but_profanity_is_judged():
    assert frozenset(CATEGORIES) - {"profanity"} == rules().categories


def test_a_signal_names_rule_span_score_and_version():
    (signal,) = [s for s in rules().find(read("Hey, I w1ll k i l l you!")) if s.rule == "threat.direct"]
    assert (signal.category, signal.score, signal.detector) == ("threat", 0.9, "clause_rules")
    assert (signal.start, signal.end, signal.version) == (5, 23, lexicon().version)


@pytest.mark.parametrize(
    ("text", "rule", "signals"),
    [
        ("I will kill you.", "threat.direct", [("I will kill you", False, False)]),
        ("I would never kill you.", "threat.direct", []),
        ("He wrote that he will kill you.", "threat.direct", []),
        ('He wrote "I will kill you".', "threat.direct", [("I will kill you", True, True)]),
        ('"I will kill you"', "threat.direct", [("I will kill you", False, True)]),
        ("He threatened to kill me.", "threat.told_of", [("threatened to kill me", True, False)]),
        ("I know where you live.", "threat.double_edged", [("I know where you live", False, False)]),
        ("My sister says the tenant is a wop.", "hate.slur_unplaced", [("wop", False, True)]),
        ("The seller told my wife she is a wop.", "hate.slur_unplaced", [("wop", True, False)]),
        ("She said wop and it hurt.", "hate.slur_for_people", []),
        ("The buyer told me that he hates all wops.", "hate.slur_unplaced", [("wops", True, False)]),
        ("The tenant is a wop.", "hate.slur_unplaced", [("wop", False, False)]),
        ("Idiot. Liar.", "insult.vocative", [("Idiot", False, False), ("Liar", False, False)]),
    ],
)
def test_a_rule_finds_its_words(text, rule, signals):
    assert matches_of(text, rule) == signals


def test_many_reports_do_not_hide_the_threat_behind_them():
    text = "He said I will kill you. " * 30 + "I will kill you."
    assert matches_of(text, "threat.direct")[-1] == ("I will kill you", False, False)


def test_many_denials_do_not_hide_the_threat_behind_them():
    assert ("I will kill you", False, False) in matches_of(
        "I never said I will kill you. " * 200 + "I will kill you.", "threat.direct"
    )
