"""Only patterns whose required words all occur in the text are tried."""

from detectors.clause_rules.candidates import Candidates
from detectors.lexicon import Rule
from detectors.patterns import compile_pattern


def rule(name: str, *patterns: str) -> Rule:
    return Rule(name, "threat", 0.9, tuple(compile_pattern(pattern, {}) for pattern in patterns))


def test_a_pattern_is_tried_when_each_of_its_elements_has_a_word():
    candidates = Candidates(
        [rule("a", "i (kill|hurt) you", "i stab you"), rule("b", "you die really?")], "english"
    )
    assert [r.id for r, _ in candidates.of(frozenset({"i", "hurt", "you", "x"}))] == ["a"]
    assert [r.id for r, _ in candidates.of(frozenset({"you", "die", "stab"}))] == ["b"]
    assert list(candidates.of(frozenset({"i", "you"}))) == []
