"""Which patterns mean the same in every engine, and what is reported about the others."""

import random

import cel
import pytest
import re2

from documents.diagnostics import Diagnostic
from documents.source import Source
from engine import load_sources
from engine.expression.functions import pattern
from engine.expression.patterns import unportable
from tests.engine.generated.chance import EXAMPLES

PORTABLE = [
    "", "abc", "^a.b$", r"\d+", r"\.", r"\bword\b", r"[a-z]", r"[^a-z]", r"[]a]", r"[^]a]", r"[a\]b]", r"[a\[b]", r"[a-]",
    r"[-a]",
    r"[a&b]", r"[a~b]", r"[a\&\&b]", r"[[:alpha:]]", r"[[:^digit:]_]", "a{2}", "a{2,}", "a{2,3}", "a{2}?", r"\{x\}", "a}",
    r"\x41",
    r"\x{1F600}", r"\pL", r"\p{Greek}", r"\P{L}+", "(?i)a", "(?i:a)", "(?P<n>a)", "(?:a|b)*", r"\Aa\z", r"\\<", r"\\Q", "a<b>c",
    "-&&-",
]  # fmt: skip
UNPORTABLE = [
    # the pattern, and the start and end of the problem
    (r"[a&&b]", 2, 4),
    (r"[a~~b]", 2, 4),
    (r"[a--b]", 2, 4),
    (r"[[a]", 1, 2),
    (r"[a[b]", 2, 3),
    (r"x\<y", 1, 3),
    (r"x\>y", 1, 3),
    (r"\b{start}", 0, 3),
    (r"\B{", 0, 3),
    ("a{,2}", 1, 2),
    ("{", 0, 1),
    ("a{x}", 1, 2),
    ("a{1,2", 1, 2),
    (r"\Qa.b\E", 0, 2),
    (r"a\E", 1, 3),
    (r"a\C", 1, 3),
    (r"\1", 0, 2),
    (r"[\01]", 1, 3),
    (r"\p{^Greek}", 0, 4),
    ("(?i)*", 0, 5),
    (r"\x{41}{", 6, 7),
    (r"\p{L}[&&]", 6, 8),
]


@pytest.mark.parametrize("text", PORTABLE)
def test_portable_pattern_is_let_through(text):
    pattern(text)
    assert unportable(text) is None


@pytest.mark.parametrize(("text", "start", "end"), UNPORTABLE)
def test_pattern_that_engines_read_differently_is_refused_at_its_place(text, start, end):
    problem = unportable(text)
    assert problem is not None
    assert (problem.start, problem.end) == (start, end)


PIECES = [
    "a", "b", "-", "&", "~", "[", "]", "^", "{", "}", ",", "1", "\\", r"\d", r"\<", r"\Q", r"\E", r"\C", "{1,2}", "{,2}", "{2}",
    "{2,}", "(", ")", "|", "*", "+", "?", ".", "$", "[ab]", "[^a]", "[[:alpha:]]", r"\pL", r"\P{L}", r"\p{^L}", r"\x41", r"\-",
    r"\]", r"\[", "(?i)", "(?:", "(?P<n>", r"\A", r"\z", r"\n", "_", "#", "/", "<", ">", "=", "!", r"\.", r"\B", r"\a",
    r"\W", r"\S",
]  # fmt: skip
TEXTS = [
    "", "a", "b", "ab", "aab", "-", "&", "~", "[", "]", "{", "a{,2}", "{1,2}", "A", "1", "\n", "<", ">", "Q", "a&b", "\\", "a]",
]  # fmt: skip


@pytest.mark.fuzz
def test_patterns_that_are_let_through_mean_the_same_to_rust(pytestconfig: pytest.Config) -> None:
    """ASCII texts only: `\\d`, `\\w`, `\\s` and `\\b` match more letters in Rust, as our language reference says."""
    compared = 0
    program = cel.compile("text.matches(pattern)")
    for seed in range(EXAMPLES):
        chance = random.Random(seed)
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
        try:
            ours = pattern(text)
        except re2.error:
            continue
        if unportable(text) is None:
            compared += 1
            matches = [ours.search(t) is not None for t in TEXTS]
            assert [program.execute(cel.Context({"text": t, "pattern": text})) for t in TEXTS] == matches, (
                text
            )
    assert compared > EXAMPLES // 5


POLICY = """\
policy: patterns
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {name: string}
outcomes: [allow, deny]
on_error: deny
rules:
  - id: a
    when: %s
    then: allow
otherwise: {id: b, then: deny}
"""


def found_in(condition: str) -> Diagnostic:
    [problem] = load_sources([Source("a.yaml", POLICY % condition)]).diagnostics
    return problem


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ('name.matches(r"ab[x&&y]")', "&&"),
        (r"""name.matches("\\dx[x&&y]")""", "&&"),
        (r"""name.matches(("\\dx\\Qy"))""", r"\\Q"),
        (r"""name.matches("\x41\u0042[~~]")""", "~~"),
        (r"""'name.matches("it''s {")'""", "{"),
        (r'"name.matches(\"\\\\d{\")"', "{"),
    ],
)
def test_place_is_that_of_the_sign_in_the_file(condition, shown):
    problem = found_in(condition)
    text = problem.source_line[problem.column - 1 : problem.column - 1 + problem.length]
    assert (problem.code, text) == ("unportable-pattern", shown)
