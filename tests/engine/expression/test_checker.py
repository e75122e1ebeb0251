"""The checker's result for a condition: the type of every part, and its position in the text."""

from dataclasses import replace

import pytest

from engine.expression import typed as t
from engine.expression.arithmetic_checker import MAX_TERMS
from engine.expression.checker import check
from engine.expression.functions import MAX_PATTERN
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import NamedCondition, Scope
from engine.expression.types import (
    BOOL,
    DOUBLE,
    DURATION,
    ERROR,
    INT,
    MAX_DOUBLE,
    MAX_INT,
    STRING,
    TIMESTAMP,
    Type,
)

ANYTHING = Type("error", optional=True)
COLOR = Type("enum", members=("red", "blue"))
SHADE = Type("enum", members=("blue", "gray"))
ITEM = Type("record", fields=(("by", STRING), ("at", Type("timestamp", optional=True))))
SCOPE = Scope(
    {
        "sure": BOOL,
        "count": INT,
        "ratio": DOUBLE,
        "text": STRING,
        "moment": TIMESTAMP,
        "span": DURATION,
        "color": COLOR,
        "shade": SHADE,
        "closed": Type("timestamp", optional=True),
        "perhaps": Type("string", optional=True),
        "tint": replace(COLOR, optional=True),
        "words": Type("list", item=STRING),
        "items": Type("list", item=ITEM),
    },
    {"limit": INT},
    {"named": NamedCondition()},
)


def parts(text: str) -> list[str]:
    typed, problems = check(parse(text), SCOPE, ANYTHING)
    assert problems == []
    return [f"{type(part).__name__} {part.type}: {text[slice(*part.span)]}" for part in typed.walk()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("closed == null || now >= closed", [
            "Or bool: closed == null || now >= closed",
            "IsNull bool: closed == null",
            "FactRef timestamp?: closed",
            "Compare bool: now >= closed",
            "Now timestamp: now",
            "FactRef timestamp: closed",
        ]),
        ("!sure && named", [
            "And bool: !sure && named",
            "Not bool: !sure",
            "FactRef bool: sure",
            "ConditionRef bool: named",
        ]),
        ('text == "x"', ["Compare bool: text == \"x\"", "FactRef string: text", 'Const string: "x"']),
        ("sure == true", ["Compare bool: sure == true", "FactRef bool: sure", "Const bool: true"]),
        ("-count + limit", [
            "Sum int: -count + limit",
            "Sum int: -count",
            "Const int: -count",
            "FactRef int: count",
            "ParameterRef int: limit",
        ]),
        ("-ratio", ["Sum double: -ratio", "Const double: -ratio", "FactRef double: ratio"]),
        ("-span", ["Sum duration: -span", "Const duration: -span", "FactRef duration: span"]),
        ("color in words", ["In bool: color in words", "FactRef enum [red, blue]: color", "FactRef list of string: words"]),
        ("text in ['x', text]", [
            "In bool: text in ['x', text]",
            "FactRef string: text",
            "ListOf list of string: ['x', text]",
            "Const string: 'x'",
            "FactRef string: text",
        ]),
        ("size(words)", ["Apply int: size(words)", "FactRef list of string: words"]),
        ("text.trim()", ["Apply string: text.trim()", "FactRef string: text"]),
        ('text.matches("^a+$")', [
            'Apply bool: text.matches("^a+$")', "FactRef string: text", 'Const string: "^a+$"'
        ]),
        ("words.map(w, size(w))", [
            "Quantifier list of int: words.map(w, size(w))",
            "FactRef list of string: words",
            "Apply int: size(w)",
            "Variable string: w",
        ]),
        ("items.filter(i, i.at != null)", [
            "Quantifier list of records: items.filter(i, i.at != null)",
            "FactRef list of records: items",
            "Not bool: i.at != null",
            "IsNull bool: i.at != null",
            "Field timestamp?: i.at",
            "Variable record: i",
        ]),
        ("items.all(i, i.by == text)", [
            "Quantifier bool: items.all(i, i.by == text)",
            "FactRef list of records: items",
            "Compare bool: i.by == text",
            "Field string: i.by",
            "Variable record: i",
            "FactRef string: text",
        ]),
        ("days(2)", ["Const duration: days(2)"]),
        ('duration("36h")', ['Const duration: duration("36h")']),
        ('timestamp("2026-01-01T00:00:00Z")', ['Const timestamp: timestamp("2026-01-01T00:00:00Z")']),
    ],
)  # fmt: skip
def test_parts_have_types_and_places(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("sure ? count : limit", "int"),
        ("sure ? null : moment", "timestamp?"),
        ("sure ? moment : null", "timestamp?"),
        ("sure ? closed : moment", "timestamp?"),
        ("sure ? moment : closed", "timestamp?"),
        ("sure ? color : 'red'", "string"),
        ("sure ? color : shade", "string"),
        ("sure ? perhaps : color", "string?"),
        ("sure ? color : color", "enum [red, blue]"),
        ("sure ? words : words", "list of string"),
        ("count - 1", "int"),
        ("ratio + 0.5", "double"),
        ("ratio - 0.5", "double"),
        ("span + days(1)", "duration"),
        ("span - days(1)", "duration"),
        ("moment + span", "timestamp"),
        ("span + moment", "timestamp"),
        ("moment - span", "timestamp"),
        ("moment - now", "duration"),
        ("words.filter(w, w == text)", "list of string"),
        ("items.map(i, i.by)", "list of string"),
        ("words.exists_one(w, w == text)", "bool"),
        ("size(color)", "int"),
        ("color == shade", "bool"),
        ("color == text", "bool"),
    ],
)
def test_type_of_an_expression(text: str, type_: str) -> None:
    typed, problems = check(parse(text), SCOPE, ANYTHING)
    assert problems == []
    assert str(typed.type) == type_


@pytest.mark.parametrize(
    "text",
    [
        str(MAX_INT),
        f"-{MAX_INT}",
        str(MAX_DOUBLE),
        " + ".join(["count"] * MAX_TERMS),
        f'text.matches("{"a" * MAX_PATTERN}")',
    ],
)
def test_largest_that_is_accepted(text: str) -> None:
    assert check(parse(text), SCOPE, ANYTHING)[1] == []


def test_pattern_that_is_too_long_is_refused() -> None:
    text = f'text.matches("{"a" * (MAX_PATTERN + 1)}")'
    message = f"the pattern is longer than {MAX_PATTERN} characters"
    hint = "split it: `….matches(…) || ….matches(…)`"
    assert check(parse(text), SCOPE)[1] == [
        ExpressionProblem((13, len(text) - 1), "bad-pattern", message, hint)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "unknown > 1 && 1 < unknown",
        "unknown + 1 == 2 && 1 + unknown == 2",
        "-unknown < 1",
        "!unknown",
        "unknown in words",
        "unknown in text",
        "text in [unknown]",
        "text in unknown",
        "text in [unknown, 'x']",
        "count in [unknown, 1, 2]",
        "unknown.by == text",
        "unknown.by.name == text",
        "unknown == color",
        "unknown == null",
        "size(unknown) > 1",
        "unknown.exists(u, u > 1 && u == text)",
        "unknown.exists(u, u.exists(v, v == 1))",
        "unknown.map(u, u) == words",
        "words.map(w, unknown).exists(u, u == 1)",
        "unknown ? count > 1 : sure",
        "(sure ? unknown : count) > 1",
        "(sure ? count : unknown) > 1",
        "(sure ? unknown : 'x') == 1",
        "unknown.startsWith('x')",
        "text.contains(unknown)",
        "unknown && closed < now",
        "items.exists(i, i.unknown < now && i.at < now)",
    ],
)
def test_unknown_name_is_reported_once_without_follow_up_errors(text: str) -> None:
    problems = check(parse(text), SCOPE)[1]
    assert {problem.code for problem in problems} <= {"unknown-name", "unknown-field"}
    assert len(problems) == text.count("unknown")


@pytest.mark.parametrize(
    "text",
    [
        "unknown",
        "unknown.by",
        "unknown + 1",
        "unknown < 1",
        "text in unknown",
        "unknown in words",
        "null in words",
        "text + text",
        "unknown.exists(u, u)",
    ],
)
def test_an_expression_without_a_type_gets_a_placeholder_in_place(text: str) -> None:
    assert check(parse(text), SCOPE, ANYTHING)[0] == t.Const(ERROR, (0, len(text)), None)


@pytest.mark.parametrize(
    "text",
    [
        "(sure ? text + text : count) > 1",
        "(sure ? count : text + text) > 1",
        "(sure ? text + text : null) > 1",
        "(sure ? null : text + text) > 1",
        "items.exists(i, (sure ? i : i).by == text)",
    ],
)
def test_choice_that_cannot_be_typed_is_reported_once(text: str) -> None:
    assert [problem.code for problem in check(parse(text), SCOPE)[1]] == ["wrong-type"]


@pytest.mark.parametrize(
    ("text", "type_", "zero"), [("-count", INT, "0"), ("-ratio", DOUBLE, "0.0"), ("-span", DURATION, "0")]
)
def test_minus_takes_from_a_zero_of_the_same_kind(text: str, type_: Type, zero: str) -> None:
    typed, problems = check(parse(text), SCOPE, ANYTHING)
    assert problems == []
    assert isinstance(typed, t.Sum) and isinstance(typed.left, t.Const)
    assert (typed.type, typed.operator, typed.left.type, repr(typed.left.value)) == (type_, "-", type_, zero)


@pytest.mark.parametrize(
    ("text", "expected", "codes"),
    [
        ("color", COLOR, []),
        ("'red'", COLOR, []),
        ("'gray'", COLOR, ["unknown-value"]),
        ("shade", COLOR, ["wrong-type"]),
        ("text", COLOR, ["wrong-type"]),
        ("tint", COLOR, ["may-be-null"]),
        ("tint", replace(COLOR, optional=True), []),
        ("null", replace(COLOR, optional=True), []),
        ("null", COLOR, ["null-value"]),
        ("sure ? 'red' : color", COLOR, []),
        ("sure ? 'gray' : color", COLOR, ["unknown-value"]),
        ("sure ? color : tint", COLOR, ["may-be-null"]),
        ("color", STRING, []),
        ("perhaps", STRING, ["may-be-null"]),
        ("perhaps", Type("string", optional=True), []),
        ("text", Type("string", optional=True), []),
        ("null", STRING, ["null-value"]),
        ("count", DOUBLE, ["wrong-type"]),
    ],
)
def test_expression_of_an_expected_type(text: str, expected: Type, codes: list[str]) -> None:
    assert [problem.code for problem in check(parse(text), SCOPE, expected)[1]] == codes
