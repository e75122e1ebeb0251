"""Patterns over words: what each kind of element matches, and what is rejected."""

import pytest

from detectors.patterns import PatternError, compile_pattern

CLASSES = {"you": ("you", "all of you", "u"), "harm": ("kill", "beat up")}


def matches(pattern: str, text: str) -> bool:
    return compile_pattern(pattern, CLASSES).regexp.search(f". {text} . ".encode()) is not None


@pytest.mark.parametrize(
    ("pattern", "text", "does"),
    [
        ("i {harm} {you}", "i kill you", True),
        ("i {harm} {you}", "i beat up all of you", True),
        ("i {harm} {you}", "we kill you", False),
        ("kill you", "kill your", False),
        ("kill you", "skill you", False),
        ("kill you", "kill , you", True),
        ("kill you", "kill . you", False),
        ("i really? kill", "i really kill", True),
        ("i really? kill", "i kill", True),
        ("i really? kill", "i never kill", False),
        ("i ..2 kill", "i may well kill", True),
        ("i ..2 kill", "i may very well kill", False),
        ("i ..2 kill", "i may . kill", False),
        ("(kill|hurt) you", "hurt you", True),
        ("will (kill you|beat him)", "will beat him", True),
        ("will (kill you|beat him)", "will beat you", False),
        ("will ({harm}|hurt)", "will hurt", True),
        ("START kill", "kill", True),
        ("START kill", "i kill", False),
        ("kill END", "kill you", False),
        ("kill BREAK", "kill , you", True),
        ("kill (END|him)", "kill", True),
        ("kill (END|him)", "kill him", True),
        ("kill , you", "kill you", False),
        ("{harm}'s dog", "kill's dog", True),
        ("({harm}'s|you) dog", "beat up's dog", True),
        ("{harm}'s dog", "kill dog", False),
        ("kill {name}", "kill sam^", True),
        ("kill {name}", "kill sam", False),
    ],
)
def test_an_element_matches(pattern, text, does):
    assert matches(pattern, text) is does


def test_a_pattern_that_ends_here_reaches_to_the_end():
    pattern = compile_pattern("never ..1", CLASSES, ends_here=True)
    assert pattern.regexp.search(b"i never ") is not None
    assert pattern.regexp.search(b"i never will ") is not None
    assert pattern.regexp.search(b"i never will go ") is None


@pytest.mark.parametrize("pattern", ["kill you ..4", "kill you ..1 ..2"])
def test_a_gap_at_the_end_does_not_extend_the_match(pattern):
    match = compile_pattern(pattern, CLASSES, trimmed=True).regexp.search(b"i kill you he said . ")
    assert match.span() == (2, 11)


def test_a_pattern_knows_its_words_and_those_it_needs():
    pattern = compile_pattern("START i really? {harm} ({name}|END)", CLASSES)
    assert pattern.needs == (frozenset({"i"}), frozenset({"kill", "beat"}))
    assert pattern.words == {"i", "really", "kill", "beat", "up"}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "a pattern needs a word"),
        ("..2 END", "`..2 END` needs a word that may not be missing"),
        ("really?", "`really?` needs a word that may not be missing"),
        ("kill {them}", "there is no class `them`"),
        ("kill [a-z]+", "`[a-z]+` is neither a word nor a class"),
        ("Kill", "`Kill` is neither a word nor a class"),
        ("kill {name}'s dog", "`{name}'s` has no possessive"),
        ("kill (him", "`(him` is neither a word nor a class"),
        ("a " * 500, "a pattern has at most 800 characters"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern, message):
    with pytest.raises(PatternError) as raised:
        compile_pattern(pattern, CLASSES)
    assert str(raised.value) == message


def test_the_largest_pattern_compiles_and_a_larger_one_is_refused():
    many = {"many": tuple(f"word{n:05}" for n in range(4900))}
    assert compile_pattern("{many}", many).regexp.search(b"word04899 ")
    assert compile_pattern("a ..9 " * 133, {}).regexp.search(b"a " * 133)
    with pytest.raises(PatternError, match="at most 50,000 characters"):
        compile_pattern("{many} {many}", many)


@pytest.mark.parametrize(
    ("flat", "matches"), [(b"pay 500 ", True), (b"pay 2k ", True), (b"pay me ", False), (b"pay x500 ", False)]
)
def test_a_number_is_written_in_digits(flat, matches):
    assert bool(compile_pattern("pay {number}", {}).regexp.search(flat)) is matches


def test_only_a_pattern_that_is_not_looked_up_by_its_words_may_have_none():
    with pytest.raises(PatternError, match="needs a word"):
        compile_pattern("{number}", {})
    assert compile_pattern("{number}", {}, indexed=False).needs == ()


@pytest.mark.parametrize(
    "pattern",
    [
        "nobody|no one should",
        "no one|nobody should",
        "{you}|him",
        "BREAK|and",
        "kill you|him?",
        "kill you|(him",
    ],
)
def test_a_choice_outside_parentheses_is_refused(pattern):
    """`no one|nobody should` would mean `no`, followed by `one` or `nobody`."""
    with pytest.raises(PatternError, match="is a choice outside parentheses") as raised:
        compile_pattern(pattern, CLASSES)
    assert raised.value.hint is not None
    assert "(no one|nobody)" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "does"),
    [("no one should", True), ("nobody should", True), ("no nobody should", True), ("one should", False)],
)
def test_a_choice_holds_phrases(text, does):
    assert matches("(no one|nobody) should", text) is does
