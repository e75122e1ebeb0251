"""Hints for conditions in the syntax of other languages. A wrong hint is worse than none."""

import pytest

from engine.expression.checker import check
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import Scope
from engine.expression.types import BOOL, DOUBLE, DURATION, INT, STRING, TIMESTAMP, Type

ITEM = Type("record", fields=(("code", STRING), ("due_at", TIMESTAMP)))
SCOPE = Scope(
    {
        "amount": INT, "risk": INT, "weight": DOUBLE, "name": STRING, "paid": BOOL, "sent_at": TIMESTAMP, "waited": DURATION,
        "kyc": Type("enum", members=("none", "pending", "verified")), "items": Type("list", item=ITEM),
        "words": Type("list", item=STRING),
    },
    {}, {}, {"row": Type("record", fields=(("low", INT), ("high", INT)))},
)  # fmt: skip


def problems_of(text: str) -> list[ExpressionProblem]:
    try:
        return check(parse(text), SCOPE, written=text)[1]
    except ExpressionProblem as problem:
        return [problem]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        # durations
        ("now - sent_at > 30d", "write `days(30)`"),
        ("now - sent_at > 30 days", "write `days(30)`"),
        ("now - sent_at > 2w", "write `days(14)`"),
        ("now - sent_at > 1h30m", "write `minutes(90)`"),
        ("now - sent_at > 250ms", 'write `duration("250ms")`'),
        ("now - sent_at > 3 months", "months and years have no fixed length: write days, such as `days(30)` or `days(365)`"),
        ("waited > months(1)", "months and years have no fixed length: write days, such as `days(30)` or `days(365)`"),
        ("waited > weeks(2)", "write `days(14)`"),
        ("waited > weeks(amount)", "write seven days for each week, such as `days(14)`"),
        ('waited > duration("1 day")', 'write `duration("1d")`'),
        ('waited > "36h"', 'write `duration("36h")`'),
        ('waited > "2 hours"', 'write `duration("2h")`'),
        ("now - sent_at >= 14", "write a duration, for example `days(14)`"),
        ("waited > days(amount)", "declare it as `duration`, and write `amount` alone"),
        ("waited > days(waited)", "write `waited`"),
        ("waited > days(1.5)", 'write `duration("36h")`'),
        ('waited > days("14")', "write `days(14)`"),
        ("waited > duration(14)", "write `days(14)`, or `hours(14)`"),
        ("sent_at < timestamp(sent_at)", "write `sent_at`"),
        ("hours(now - sent_at) > 3", "write `now - sent_at`, and compare it with a duration such as `hours(3)`"),
        ("amount > 490 cents", "write `490`, without the unit"),
        ("sent_at > 30", "for the time since `sent_at`, compare `now - sent_at` with `days(30)`"),
        # timestamps
        ('now > timestamp("2026-01-01")', 'write `timestamp("2026-01-01T00:00:00Z")`'),
        ('now > timestamp("1 March 2026")', 'write `timestamp("2026-03-01T00:00:00Z")`'),
        ('now > "2026-03-01"', 'write `timestamp("2026-03-01T00:00:00Z")`'),
        ('now > timestamp("2026-01-01T00:00:00.1234567Z")', 'write `timestamp("2026-01-01T00:00:00.123456Z")`'),
        ('sent_at > "2026-01-01T00:00:00Z"', 'write `timestamp("2026-01-01T00:00:00Z")`'),
        ("sent_at > waited", "for the time since a moment, compare `now - sent_at` with a duration"),
        ("now.year > 2026", 'a timestamp has no fields: compare it with another, such as `timestamp("2026-01-01T00:00:00Z")`'),
        ("now() > sent_at", "`now` is a value: write it without the brackets"),
        ("today > sent_at", "write `now`"),
        # words and operators
        ("not paid", "write `!paid`"),
        ("paid or amount > 3", "write `||`"),
        ("kyc is not \"none\"", 'write `kyc != "none"`'),
        ('name not in ["a"]', 'write `!(name in ["a"])`'),
        ("risk between 1 and 3", "write `risk >= 1 && risk <= 3`"),
        ('name contains "x"', 'write `name.contains("x")`'),
        ("if paid then amount else 3", "write `paid ? amount : 3`"),
        ("amount === 3", "write `==`"),
        ("amount !== 3", "write `!=`"),
        ("amount > 1,000", "write `1000`"),
        ("amount > 1_000", "write `1000`"),
        ("amount > 50€", "write `50`, without the unit"),
        ("amount > 50%", "write `50` for a number of percent, or `0.50` for a share"),
        ("weight > 2,5", "write `2.5`"),
        ("amount > 1 000", "write `1000`"),
        ("!name in words", "write `!(name in words)`"),
        ("not name in words", "write `!(name in words)`"),
        ("name == words", "write `name in words`"),
        ("now.addDays(3) > sent_at", "write `now + days(3)`"),
        ('"a" in items', 'write `items.exists(x, x.code == "a")`'),
        ('outcome == "a"', "declare it under `facts`, `parameters`, `values` or `conditions`, or quote it if it is text"),
        ("amount\u00a0> 3", "type an ordinary space instead"),
        ("paid ? amount > 3", "`? :` has two sides: write what else it is behind a `:`, such as `: null`"),
        ("amount > 3)", "delete it, or open it before with `(`"),
        ('name in ("a", "b")', 'a list stands in square brackets: write `in ["a", "b"]`'),
        ('name in ("a")', 'write `name == ("a")`, or several values in brackets, as `[…]`'),
        ("items.exists(i => i.due_at < now)", "write `i,`: a name, a comma and a condition"),
        # names and quotes
        ("kyc == verified", 'quote it: `"verified"`, a value of `kyc`'),
        ("verified == kyc", 'quote it: `"verified"`, a value of `kyc`'),
        ("kyc in [verified, pending]", 'quote it: `"verified"`, a value of `kyc`'),
        ("kyc == ok", 'quote the value: it is one of `"none"`, `"pending"`, `"verified"`'),
        ("name == zurich", 'quote it: `"zurich"`'),
        ("name == amuont", "did you mean `amount`?"),
        ('kyc == "none" || "pending"', 'compare each of them: `kyc == "pending"`'),
        ("Amount > 3", "did you mean `amount`?"),
        ("paid == True", "write `true`"),
        ('paid == "true"', "a bool is `true` or `false`: use it without a comparison, or write `!` in front"),
        ("paid == 1", "a bool is `true` or `false`: use it without a comparison, or write `!` in front"),
        ("name == 7", 'quote it if it is text: `"7"`'),
        ("amount > 50.0", "write `50`"),
        ("amount > 0.5", "write a whole number; the other operand is an int"),
        ("weight > 25", "write `25.0`"),
        ("row.low <= risk <= row.high", "write it twice: `row.low <= risk && risk <= row.high`"),
        ("0 < amount < 3", "write it twice: `0 < amount && amount < 3`"),
        # functions
        ("greatest(amount, risk) > 3", "write `max(amount, risk)`"),
        ("coalesce(amount, 3) > 3", "write `(amount != null ? amount : 3)`"),
        (
            "max(amount, weight) > 3",
            "declare `amount` and `weight` with the same type, `int` or `double`: there is no type conversion",
        ),
        ("max(amount, risk, 3) > 3", "nest it: `max(amount, max(risk, 3))`"),
        ("words.size() > 3", "write `size(words)`"),
        ("size(words > 3)", "write `size(words) > 3`"),
        ('name.startsWith("a", "b")', 'write `(name.startsWith("a") || name.startsWith("b"))`'),
        ("items.exists(due_at < now)", "write `items.exists(x, x.due_at < now)`"),
        ("items.exists(i.due_at < now)", "write `items.exists(i, i.due_at < now)`"),
        ("items.exists(i, due_at < now)", "write `i.due_at`"),
        ("due_at < now", "it is a field of `items`: write `items.exists(x, x.due_at …)`, or `all`"),
        ("exists(items, i, i.due_at < now)", "write `items.exists(i, i.due_at < now)`"),
        ('words == "a"', 'write `words.exists(x, x == "a")`, or `all` for every item'),
        ("words == []", "write `size(words) == 0`"),
        ("words != []", "write `size(words) > 0`"),
        ("name in [7, 12]", 'quote them: `["7", "12"]`'),
        ("amount / 2 > 3", 'say how to round: `divide(amount, 2, 2, "half_even")` has two decimal places'),
        ("{amount} > 3", "write `amount`"),
        ("${amount} > 3", "write `amount`"),
        ("kyc == “none”", 'write `"none"`'),
        ('kyc == "none”', 'write `"none"`'),
        ("kyc == 1", 'compare it with one of its values: `"none"`, `"pending"`, `"verified"`'),
        ('string(amount) == "3"', "there is no type conversion: declare the fact with the type that you need"),
        ("len(items) > 3", "write `size(items)`"),
        ("items.length > 3", "write `size(items)`"),
        ("items.any(i, i.due_at < now)", "did you mean `exists`?"),
        ("name.startswith(\"a\")", "did you mean `startsWith`?"),
        (
            'name.substring(0, 1) == "a"',
            "text cannot be split or joined in a condition: declare the part that you need as a fact",
        ),
        ("now.getHours() > 3", "the calendar is not part of the language: compare moments, or declare what you need as a fact"),
        ('words.contains("a")', 'write `"a" in words`'),
        ("max(items.due_at) < now", "write `items.map(x, x.due_at)`"),
        ('"a" in items.code', "write `items.map(x, x.code)`"),
        ("size(items.code) > 3", "write `size(items)`"),
        ("waited * 2 > days(3)", "write `(waited + waited)`"),
        ("3 * waited > days(3)", "write `(waited + waited + waited)`"),
        ("waited * amount > days(3)", "declare the longer duration as a parameter, or as a column of a table"),
        ("weight * amount > 3.0",
         "declare `weight` as `int` if it is a whole number, otherwise as `{decimal: 2}`: both are exact"),
        ("amount ** 2 > 3", "write `amount * amount`"),
        ("amount^3 > 3", "write `amount * amount * amount`"),
        ("amount * 10% > 3", "write `0.10`"),
        ('kyc in ("none", "pending")', 'a list stands in square brackets: write `in ["none", "pending"]`'),
        ("(paid ? weight : 0) > 1.0", "write `0.0` for `0`"),
        ('sent_at > "18:30"', "the calendar and the time of day are not part of the language: declare what you need as a fact"),
        ('sent_at == "Friday"', "the calendar and the time of day are not part of the language: declare what you need as a fact"),
        ('items.first().code == "a"',
         "items have no position: test them with `exists` or `all`, or declare the one that you need as a fact"),
        ("items.sum(i, i.code) > 3", "write `sum(items.map(i, i.code))`"),
        ("divide(amount, risk) > 3", 'write `divide(amount, risk, 2, "half_even")`, or with `"half_up"`, `"down"` or `"up"`'),
        ('divide(amount, risk, 0, "up") > 3',
         'write `risk != 0 ? divide(amount, risk, 0, "up") : 0`; or give `risk` a `min` above zero'),
        ("abs(amount) > 3", "write `(amount < 0 ? -amount : amount)`"),
        ("paid()", "`paid` is a value: write it without the brackets"),
    ],
)  # fmt: skip
def test_hint(text: str, hint: str):
    assert [p.hint for p in problems_of(text)][:1] == [hint]


@pytest.mark.parametrize("text", ["frobnicate(amount) > 3", "name.frobnicate()", "mox(amount, 1) > 2"])
def test_an_unknown_function_is_reported_with_the_functions_there_are(text: str):
    [problem] = problems_of(text)
    assert problem.hint is not None and problem.hint.startswith("known here: ")


@pytest.mark.parametrize(
    "text", ["amount > 3 paid", "amount >", "amount > ", '"a', "amount ** 3", "amount ; 3", "(amount > 3"]
)
def test_what_nothing_is_known_of_still_has_a_hint(text: str):
    [problem] = problems_of(text)
    assert problem.hint


def test_in_is_a_separate_word():
    """`not injured` used to be read as `not in jured`."""
    [problem] = problems_of("paid injured")
    assert problem.message == "unexpected `injured`"
    assert problems_of('name in["a"]') == []
