"""Type-check calls: quantifiers over lists, duration and timestamp literals, and the fixed set of functions."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import assert_never

import re2

from documents.diagnostics import did_you_mean, nearest
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.arithmetic import ROUNDING
from engine.expression.decimals import alike, exact_literal
from engine.expression.functions import (
    CHOICES,
    DURATIONS,
    EXACT,
    FUNCTIONS,
    MAX_PATTERN,
    QUANTIFIERS,
    ROW,
    Function,
    pattern,
)
from engine.expression.hints import (
    CALENDAR,
    ELSEWHERE,
    INSTEAD,
    call_hint,
    conversion_hint,
    misfit_hint,
    quantity_hint,
    test_first,
)
from engine.expression.intervals import EXACT as EXACT_KINDS
from engine.expression.intervals import MOST, in_words, interval, is_loose, shifted
from engine.expression.patterns import unportable
from engine.expression.problem import ExpressionProblem, IncompleteTable
from engine.expression.quantity import no_such_moment, parse_duration, parse_timestamp
from engine.expression.scope import Scope, TableShape, choices_of, divisor_path, path_of
from engine.expression.tree_builder import spelling
from engine.expression.types import (
    BOOL,
    DURATION,
    ERROR,
    INT,
    MAX_PLACES,
    ORDERED,
    STRING,
    TIMESTAMP,
    Interval,
    Type,
    article,
    comparable,
    decimal,
    fits,
    unbounded,
)

MAX_NESTING = 2
_QUANTITIES = (*DURATIONS, "duration", "timestamp")
_NARROWER = "declare narrower bounds, or round a part of it first"
_NEAR = 0.75
"""Minimum similarity for suggesting a function name: a wrong suggestion is worse than none."""


class CallChecker(ABC):
    """The part of the checker that handles function calls; the subclass `Checker` implements `check`."""

    def __init__(self, scope: Scope, written: str = "") -> None:
        self.problems: list[ExpressionProblem] = []
        self.nesting = 0
        self.named = scope.conditions
        self.tables = scope.tables
        self.written = written
        """The text of the expression, so that messages can quote parts of it."""
        self.is_output = False
        """Whether the expression being checked is an output rather than a condition."""

    @abstractmethod
    def check(self, node: s.Syntax, scope: Scope) -> t.Typed: ...

    def fail(self, span: s.Span, code: str, message: str, hint: str | None) -> t.Typed:
        self.problems.append(ExpressionProblem(span, code, message, hint))
        return t.Const(ERROR, span, None)

    def expect_value(self, node: t.Typed) -> None:
        kind = node.type.kind
        if kind == "bool":
            message = f"a value is a number, a text or a time, but {self.quote(node)} is true or false"
            self.fail(node.span, "wrong-type", message, "write it under `conditions`")
        elif kind in ("null", "list") or (kind == "record" and not isinstance(node, t.Row)):
            message = f"a value is a number, a text or a time, but {self.quote(node)} is {article(node.type)}"
            hint = "write an expression, or delete the value"
            if kind == "list":
                hint = f"use the list itself, or count it: `size({self.text(node.span) or '…'})`"
            elif kind == "record":
                hint = "name one of its fields"
            self.fail(node.span, "wrong-type", message, hint)

    def text(self, span: s.Span) -> str | None:
        """The source text of a span, or None if it is too long to quote in a message."""
        part = self.written[slice(*span)]
        return part if 0 < len(part) <= 60 and "\n" not in part else None

    def quote(self, node: t.Typed) -> str:
        match node:
            case (
                t.FactRef(name=name)
                | t.ParameterRef(name=name)
                | t.ConditionRef(name=name)
                | t.Variable(name=name)
            ):
                return f"`{name}`"
            case t.Field(record=record, name=name):
                quoted = self.quote(record).strip("`")
                return f"`{quoted}.{name}`" if quoted != "this" else "this"
            case t.Row(table=table):
                return f"`{table}.row(…)`"
            case t.Now():
                return "`now`"
            case t.Const(value=None):
                return "this"
            case t.Const(value=str(text)):
                return f'`"{text[:40]}"`'
            case t.Const(value=value) if node.type.kind in ("bool", "int", "double"):
                return f"`{node.written or str(value).lower()}`"
            case (
                t.Const()
                | t.Not()
                | t.And()
                | t.Or()
                | t.IsNull()
                | t.Compare()
                | t.In()
                | t.ListOf()
                | t.Sum()
                | t.Product()
                | t.IfElse()
                | t.Quantifier()
                | t.Apply()
            ):
                return f"`{part}`" if (part := self.text(node.span)) else "this"
            case _:
                assert_never(node)

    def require(self, node: t.Typed) -> Type:
        """The type of a node that is used as a value. Report the node if it may be null here."""
        if node.type.kind == "null":
            self.fail(
                node.span,
                "null-value",
                "null cannot be used as a value",
                "compare with `== null` or `!= null`",
            )
            return ERROR
        if node.type.optional and (missing := self.missing_row(node)) is not None:
            self.problems.append(IncompleteTable(node.span, *missing))
        elif node.type.optional and not self._misnamed():
            if isinstance(node, t.Apply) and node.function in CHOICES:
                self._may_be_empty(node)
            else:
                quoted = self.quote(node)
                hint = test_first(quoted) if quoted != "this" else "test it against null first"
                self.fail(node.span, "may-be-null", f"{quoted} may be null here", hint)
        return node.type.required()

    def missing_row(self, node: t.Typed) -> tuple[str, tuple[object, ...]] | None:
        """The table and key behind a value that may be null only because the table lacks that row, or None."""
        if isinstance(node, t.Row):
            missing = self.tables[node.table].missing(node.keys, self.named)
            return None if missing is None else (node.table, missing)
        return self.named[node.name].missing if isinstance(node, t.ConditionRef) else None

    def _may_be_empty(self, node: t.Apply) -> None:
        """Report `max(list)`, which is null for an empty list. Only a named value can be checked for null."""
        name = "highest" if node.function == "max" else "lowest"
        shown = self.text(node.span) or f"{node.function}(…)"
        message = f"{self.quote(node)} is null where the list is empty"
        hint = f"name it under `values`, such as `{name}: {shown}`, and test the name: `{name} != null && …`"
        self.fail(node.span, "may-be-null", message, hint)

    def _misnamed(self) -> bool:
        """Whether the expression has an unknown name. If so, a null check may exist under the misspelled name, so `may-be-null`
        is not reported."""
        return any(p.code in ("unknown-name", "unknown-field") for p in self.problems)

    def expect(self, node: t.Typed, expected: Type) -> None:
        kind = node.type.kind
        if "error" in (kind, expected.kind) or (kind == "null" and expected.optional):
            return
        if kind == "null":
            self.require(node)
            return
        if expected.kind == "enum":
            return self._expect_member(node, expected)
        if not fits(node.type.required(), expected):
            self._misfit(node, expected)
        elif not expected.optional:
            self.require(node)

    def _expect_member(self, node: t.Typed, expected: Type) -> None:
        """Accept a string literal as an enum value if it is one of the members, also in either branch of `? :`."""
        if isinstance(node, t.IfElse):
            self.expect(node.then, expected)
            self.expect(node.otherwise, expected)
        elif isinstance(node, t.Const) and isinstance(node.value, str):
            self.check_member(node, t.Const(expected, node.span, None))
        elif self._is_one_of(node, expected.members):
            return
        elif not fits(node.type.required(), expected):
            self._misfit(node, expected)
        elif not expected.optional:
            self.require(node)

    def _is_one_of(self, node: t.Typed, members: tuple[str, ...]) -> bool:
        """Whether a named value is always one of these members, whatever the facts are."""
        choices = choices_of(node, self.named) if isinstance(node, t.ConditionRef) else ()
        return bool(choices) and set(choices) <= set(members) and not node.type.optional

    def _misfit(self, node: t.Typed, expected: Type) -> None:
        what = (
            "a condition is true or false" if expected.kind == "bool" else f"this must be {article(expected)}"
        )
        message = f"{what}, but {self.quote(node)} is {article(node.type)}"
        hint = misfit_hint(node, expected, self.text(node.span), self.is_output)
        if expected.kind == "decimal" and node.type.kind in ("int", "decimal", "double"):
            hint = f'write `round({self.text(node.span) or "…"}, {expected.scale}, "half_even")`'
            if isinstance(node, t.Const):
                message = f"{self.quote(node)} has more than {_places(expected.scale)}"
                hint = f"write at most {_places(expected.scale)}"
            elif node.type.kind == "double":
                hint = f"declare it as `{{decimal: {expected.scale}}}`, which is exact"
        code = "too-many-places" if _has_more_places(node, expected) else "wrong-type"
        self.fail(node.span, code, message, hint)

    def check_member(self, literal: t.Typed, against: t.Typed) -> None:
        """Check that a string literal compared with an enum is one of its members."""
        members = against.type.members
        if (
            against.type.kind != "enum"
            or not isinstance(literal, t.Const)
            or not isinstance(literal.value, str)
        ):
            return
        if literal.value not in members:
            of = "this enum" if isinstance(against, t.Const) else self.quote(against)
            message = f"`{literal.value}` is not a value of {of}"
            self.fail(literal.span, "unknown-value", message, did_you_mean(literal.value, members))

    def call(self, node: s.Call, scope: Scope) -> t.Typed:
        if node.target is not None and node.function in QUANTIFIERS:
            return self._quantifier(node, node.target, scope)
        if node.target is None and node.function in _QUANTITIES:
            return self._quantity(node, scope)
        if isinstance(node.target, s.Name) and node.function == ROW and node.target.name in scope.tables:
            return self._row(node, node.target.name, scope.tables[node.target.name], scope)
        function = FUNCTIONS.get(node.function)
        if function is None:
            return self._unknown_function(node, scope)
        if function.method != (node.target is not None):
            return self._called_differently(node, *self._way_to_call(node, function.method))
        return self._apply(node, function, scope)

    def _row(self, node: s.Call, table: str, shape: TableShape, scope: Scope) -> t.Typed:
        before = len(self.problems)
        keys = tuple(self.check(arg, scope) for arg in node.args)
        if len(keys) != len(shape.key):
            count, names = len(shape.key), ", ".join(name for name, _ in shape.key)
            message = f"`{table}` has {count} key column{'' if count == 1 else 's'}, not {len(keys)}"
            return self.fail(node.span, "wrong-call", message, f"write `{table}.{ROW}({names})`")
        for key, (column, type_) in zip(keys, shape.key, strict=True):
            self._expect_key(key, column, type_)
        if len(self.problems) > before:
            return t.Const(ERROR, node.span, None)
        row = t.Row(replace(shape.row, optional=not shape.complete(keys, self.named)), node.span, table, keys)
        return replace(row, type=shape.row) if path_of(row) in scope.known else row

    def _expect_key(self, key: t.Typed, column: str, type_: Type) -> None:
        given = self.require(key)
        if not comparable(given, type_):
            message = (
                f"the key column `{column}` is {article(type_)}, but {self.quote(key)} is {article(given)}"
            )
            self.fail(key.span, "wrong-type", message, None)
        self.check_member(key, t.Const(type_, key.span, None))

    def _called_differently(self, node: s.Call, before: str, within: str) -> t.Typed:
        message = f"`{node.function}` is called differently"
        hint = f"write `{before}{node.function}({within})`"
        return self.fail(node.function_span, "wrong-call", message, hint)

    def _way_to_call(self, node: s.Call, is_method: bool) -> tuple[str, str]:
        """For a method called as a function, or the reverse, the text before the function's name and between its parentheses."""
        parts = [self.text(a.span) or "…" for a in node.args]
        if is_method and len(parts) > 1:
            return f"{parts[0]}.", ", ".join(parts[1:])
        if is_method and parts:
            return f"{parts[0]}.", ""
        if not is_method and node.target is not None:
            return "", ", ".join([self.text(node.target.span) or "…", *parts])
        return ("text." if is_method else ""), "…"

    def _unknown_function(self, node: s.Call, scope: Scope) -> t.Typed:
        if node.function == "exists" and len(node.args) == 1 and isinstance(node.args[0], s.Name | s.Select):
            shown = self.text(node.args[0].span) or "…"
            tested = self.check(node.args[0], scope)
            if tested.type.item is None and tested.type.kind != "error":
                self.fail(node.span, "wrong-call", "`exists` looks into a list", f"write `{shown} != null`")
                return t.Not(BOOL, node.span, t.IsNull(BOOL, node.span, tested))
        if node.function in QUANTIFIERS:
            within = self.text(node.args[0].span) if len(node.args) > 1 else None
            rest = [self.text(a.span) or "…" for a in node.args[1:]] if len(node.args) == 3 else ["x", "…"]
            return self._called_differently(node, f"{within or 'list'}.", ", ".join(rest))
        if node.function in _QUANTITIES:
            return self._called_differently(node, "", "…")
        hint = self._rewritten(node)
        if hint is not None and not scope.taken(node.function):
            return self.fail(node.span, "unknown-function", f"unknown function `{node.function}`", hint)
        hint = self._function_hint(node, scope)
        return self.fail(node.function_span, "unknown-function", f"unknown function `{node.function}`", hint)

    def _rewritten(self, node: s.Call) -> str | None:
        parts = [self.text(part.span) for part in (*((node.target,) if node.target else ()), *node.args)]
        return call_hint(node.function.lower().replace("_", ""), [part for part in parts if part is not None])

    def _function_hint(self, node: s.Call, scope: Scope) -> str | None:
        name = node.function
        if node.target is None and scope.taken(name):
            return f"`{name}` is a value: write it without the brackets"
        small = name.lower().replace("_", "")
        if small.startswith("get") and name[3:4].isupper():
            return CALENDAR
        if small in ELSEWHERE:
            return f"did you mean `{ELSEWHERE[small]}`?"
        if small in INSTEAD:
            return INSTEAD[small]
        methods = [*QUANTIFIERS, *(f.name for f in FUNCTIONS.values() if f.method)]
        plain = [*_QUANTITIES, *(f.name for f in FUNCTIONS.values() if not f.method)]
        known = methods if node.target is not None else plain
        near = nearest(name, known, _NEAR)
        return (
            f"did you mean `{near}`?" if near else "known here: " + ", ".join(f"`{f}`" for f in sorted(known))
        )

    def _apply(self, node: s.Call, function: Function, scope: Scope) -> t.Typed:
        syntax = (node.target, *node.args) if node.target else node.args
        if function.name == "size" and len(syntax) == 1 and isinstance(syntax[0], s.Binary | s.Logical):
            return self._compared_within(node, syntax[0])
        args = tuple(self.check(a, scope) for a in syntax)
        if function.name == "contains" and args[0].type.kind == "list" and len(args) == 2:
            message = "`contains` looks into a text, but " + f"{self.quote(args[0])} is a list"
            return self.fail(node.span, "wrong-type", message, "write `item in list`, or `list.exists(x, …)`")
        if function.name in CHOICES:
            return self._choice(node, function.name, args)
        if function.name == "sum":
            return self._total(node, args)
        if function.name in EXACT:
            return self._exact(node, function.name, args, scope)
        if len(args) != len(function.arguments):
            needed = len(function.arguments) - (1 if function.method else 0)
            message = (
                f"`{function.name}` takes {needed} argument{'' if needed == 1 else 's'}, not {len(node.args)}"
            )
            return self.fail(node.span, "wrong-call", message, self._arguments_hint(node, function))
        for arg, expected in zip(args, function.arguments, strict=True):
            if function.name == "size":
                self._check_sized(arg)
            else:
                self.expect(arg, expected)
        if function.name == "matches":
            self._check_pattern(node.args[0], args[1])
        return t.Apply(function.result, node.span, function.name, args)

    def _compared_within(self, node: s.Call, inner: s.Binary | s.Logical) -> t.Typed:
        """Report `size(list > 0)`: the comparison belongs after the closing parenthesis."""
        hint = "close the bracket before the comparison: `size(…) > 0`"
        left, right = (
            (self.text(p.span) for p in (inner.left, inner.right))
            if isinstance(inner, s.Binary)
            else (None, None)
        )
        if isinstance(inner, s.Binary) and left and right:
            hint = f"write `size({left}) {inner.operator} {right}`"
        return self.fail(node.span, "wrong-call", "`size` counts a list or a text, not a comparison", hint)

    def _arguments_hint(self, node: s.Call, function: Function) -> str:
        target = (self.text(node.target.span) if node.target else None) or "text"
        if function.method and len(function.arguments) == 1:
            return f"write `{target}.{function.name}()`"
        if function.method:
            texts = [self.text(a.span) or "…" for a in node.args] or ['"…"']
            joined = " || ".join(f"{target}.{function.name}({text})" for text in texts)
            return f"write `({joined})`" if texts[1:] else f"write `{joined}`"
        return f"write `{function.name}({(self.text(node.args[0].span) if node.args else None) or '…'})`"

    def _choice(self, node: s.Call, name: str, args: tuple[t.Typed, ...]) -> t.Typed:
        """Check `min` and `max`, which take two values or one list. The result is null for an empty list."""
        if len(args) not in (1, 2):
            message = f"`{name}` takes two values or one list, not {len(args)} arguments"
            parts = [self.text(a.span) or "…" for a in node.args]
            hint = f"write `{name}(a, b)`, or `{name}(list)`"
            if len(parts) == 3:
                hint = f"nest it: `{name}({parts[0]}, {name}({parts[1]}, {parts[2]}))`"
            elif parts:
                hint = f"nest it: `{name}(a, {name}(b, c))`"
            return self.fail(node.span, "wrong-call", message, hint)
        args = alike(args)
        types = [self.require(arg) for arg in args]
        if "error" in {type_.kind for type_ in types}:
            return t.Const(ERROR, node.span, None)
        item = types[0].item if len(args) == 1 else types[0]
        wanted = "two values" if len(args) == 2 else "a list"
        if item is None or item.kind not in ORDERED or item.optional:
            message = f"`{name}` needs {wanted} of a type with an order, but {self.quote(args[0])} is {article(types[0])}"
            hint = "numbers, durations and timestamps have an order"
            if len(args) == 1 and types[0].kind in ORDERED:
                hint = f"write `{name}({self.text(args[0].span) or 'a'}, b)`, or give it a list"
            elif item is not None and (
                field := next((n for n, f in item.fields if f.kind in ORDERED and not f.optional), None)
            ):
                hint = f"choose a field: `{name}({self.text(args[0].span) or 'list'}.map(x, x.{field}))`"
            return self.fail(args[0].span, "wrong-type", message, hint)
        if (types[-1].kind, types[-1].scale) != (types[0].kind, types[0].scale) and len(args) == 2:
            message = (
                f"`{name}` takes two values of one type, not {article(types[0])} and {article(types[1])}"
            )
            hint = conversion_hint(
                args[0], args[1], " and ", self.text(args[0].span), self.text(args[1].span)
            )
            return self.fail(node.span, "wrong-type", message, hint)
        type_ = replace(unbounded(item), optional=len(args) == 1)
        return t.Apply(type_, node.span, name, args)

    def _total(self, node: s.Call, args: tuple[t.Typed, ...]) -> t.Typed:
        if len(args) != 1:
            message = f"`sum` takes one list, not {len(args)} argument{'' if len(args) == 1 else 's'}"
            return self.fail(node.span, "wrong-call", message, "write `a + b`, or `sum(list)`")
        item = self.require(args[0]).item
        if args[0].type.kind == "error" or (item is not None and item.kind == "error"):
            return t.Const(ERROR, node.span, None)
        if item is None or item.kind not in EXACT_KINDS or item.optional:
            message = f"`sum` adds up a list of ints or decimals, but {self.quote(args[0])} is {article(args[0].type)}"
            hint = "name what to add: `sum(list.map(x, x.price))`"
            if item is not None and item.kind == "double":
                hint = "declare its items as `{decimal: 2}`, which is exact"
            return self.fail(args[0].span, "wrong-type", message, hint)
        return self.bounded(t.Apply(unbounded(item), node.span, "sum", args))

    def _exact(self, node: s.Call, name: str, args: tuple[t.Typed, ...], scope: Scope) -> t.Typed:
        """Check `divide(a, b, places, mode)` and `round(a, places, mode)`."""
        numbers = args[:-2]
        if len(args) != (4 if name == "divide" else 3):
            shape = "a, b, 2" if name == "divide" else "a, 2"
            hint = f'write `{name}({shape}, "half_even")`'
            return self.fail(node.span, "wrong-call", f"`{name}` is called differently", hint)
        numbers = tuple(exact_literal(number) or number for number in numbers)
        places, mode = self._places(args[-2]), self._mode(args[-1])
        kinds = [self._exact_kind(number, name) for number in numbers]
        if places is None or mode is None or "error" in kinds:
            return t.Const(ERROR, node.span, None)
        rounding = t.Const(STRING, args[-1].span, mode)
        if name == "round":
            cut = t.Const(INT, args[-2].span, numbers[0].type.scale - places)
            return self.bounded(t.Apply(decimal(places), node.span, name, (numbers[0], cut, rounding)))
        dividend, divisor = numbers
        if divisor_path(divisor) not in scope.known and interval(divisor, self.named).has_zero():
            if interval(divisor, self.named) == (0, 0):
                return self.fail(
                    divisor.span, "may-be-zero", "nothing is divided by zero", "write another divisor"
                )
            quoted = self.quote(divisor)
            hint = "test it first, or give the facts in it a `min` above zero"
            if quoted != "this":
                hint = f"test it first: {quoted[:-1]} > 0 && …`, or give it a `min` above zero"
            return self.fail(divisor.span, "may-be-zero", f"{quoted} may be zero here", hint)
        shift = t.Const(INT, args[-2].span, places + divisor.type.scale - dividend.type.scale)
        return self.bounded(t.Apply(decimal(places), node.span, name, (dividend, divisor, shift, rounding)))

    def _exact_kind(self, number: t.Typed, name: str) -> str:
        kind = self.require(number).kind
        if kind in (*EXACT_KINDS, "error"):
            return kind
        message = (
            f"`{name}` computes with ints and decimals, but {self.quote(number)} is {article(number.type)}"
        )
        hint = "declare it as `{decimal: 2}`, which is exact" if kind == "double" else None
        self.fail(number.span, "wrong-type", message, hint)
        return "error"

    def _places(self, node: t.Typed) -> int | None:
        if isinstance(node, t.Const) and type(node.value) is int and 0 <= node.value <= MAX_PLACES:
            return node.value
        message = f"the places are a whole number from 0 to {MAX_PLACES}, written out here"
        self.fail(node.span, "bad-places", message, "for example `2` for cents")
        return None

    def _mode(self, node: t.Typed) -> str | None:
        if isinstance(node, t.Const) and node.value in ROUNDING:
            return str(node.value)
        hint = "it is one of " + ", ".join(f'`"{mode}"`' for mode in ROUNDING)
        if isinstance(node, t.Const) and isinstance(node.value, str):
            near = nearest(node.value, ROUNDING)
            hint = f'did you mean `"{near}"`?' if near else hint
        self.fail(node.span, "bad-rounding", "this says how to round", hint)
        return None

    def bounded(self, node: t.Typed) -> t.Typed:
        """Check that arithmetic, including what is rounded afterwards, stays within the range where every backend is exact."""
        bounds = interval(node, self.named)
        if isinstance(node, t.Apply) and node.function == "divide":
            bounds = shifted(node, self.named)
        if node.type.kind == "error" or bounds.within(MOST):
            return node
        return self.leaves(node, bounds, "±2^63 of the smallest unit")

    def leaves(self, node: t.Typed, bounds: Interval, most: str) -> t.Typed:
        low, high = (in_words(end, node.type.scale) for end in bounds)
        message = f"this may be anything from {low} to {high}, outside {most}"
        loose = sorted({self.quote(n) for n in node.walk() if is_loose(n)})
        hint = f"give {' and '.join(loose[:3])} a `min` and a `max`" if loose else _NARROWER
        return self.fail(node.span, "may-leave-bounds", message, hint)

    def _check_sized(self, arg: t.Typed) -> None:
        if self.require(arg).kind not in ("list", "string", "enum", "error"):
            message = f"`size` counts a list or a text, but {self.quote(arg)} is {article(arg.type)}"
            hint = "give it a list or a text; the value itself needs no `size`"
            self.fail(arg.span, "wrong-type", message, hint)

    def _check_pattern(self, syntax: s.Syntax, arg: t.Typed) -> None:
        if not isinstance(arg, t.Const) or not isinstance(arg.value, str):
            self.fail(
                arg.span,
                "pattern-not-literal",
                "a pattern must be written out here",
                'for example: matches("^[a-z]+$")',
            )
            return
        if len(arg.value) > MAX_PATTERN:
            message = f"the pattern is longer than {MAX_PATTERN} characters"
            self.fail(arg.span, "bad-pattern", message, "split it: `x.matches(…) || x.matches(…)`")
            return
        try:
            pattern(arg.value)
        except re2.error as error:
            hint = "patterns are RE2: no look-around and no back-references"
            self.fail(arg.span, "bad-pattern", f"the pattern is not RE2: {error.args[0].decode()}", hint)
            return
        problem = unportable(arg.value)
        if problem is not None and isinstance(syntax, s.LiteralValue) and syntax.written is not None:
            at, literal = syntax.written
            span = at + spelling(literal, problem.start)[0], at + spelling(literal, problem.end - 1)[1]
            self.fail(span, "unportable-pattern", problem.message, problem.hint)

    def _quantifier(self, node: s.Call, target: s.Syntax, scope: Scope) -> t.Typed:
        source = self.check(target, scope)
        item = self.require(source).item
        if source.type.kind != "error" and item is None:
            message = f"`{node.function}` needs a list, but {self.quote(source)} is {article(source.type)}"
            hint = "a condition about one value needs no list: write it without `exists` and `all`"
            return self.fail(source.span, "not-a-list", message, hint)
        variable = node.args[0] if len(node.args) == 2 else None
        if not isinstance(variable, s.Name):
            hint = f"write `{self._quantified(node, target, item)}`"
            return self.fail(node.span, "wrong-call", f"`{node.function}` takes a name and a condition", hint)
        if scope.taken(variable.name):
            message = f"the name `{variable.name}` is already taken"
            self.fail(variable.span, "name-taken", message, "choose another name for the item")
        if self.nesting >= MAX_NESTING:
            message = f"lists are searched at most {MAX_NESTING} deep"
            return self.fail(
                node.span, "nested-too-deep", message, "name the inner part, or pass a flatter fact"
            )
        return self._body(node, source, variable.name, item or ERROR, scope)

    def _quantified(self, node: s.Call, target: s.Syntax, item: Type | None) -> str:
        """An example of the corrected call for one that does not name its loop variable."""
        body = (self.text(node.args[-1].span) if node.args else None) or "…"
        fields = "|".join(name for name, _ in item.fields) if item is not None else ""
        named = re.search(rf"(?<![\w.])([a-z]\w*)\.({fields})\b", body) if fields else None
        if named:
            return f"{self.text(target.span) or 'list'}.{node.function}({named[1]}, {body})"
        if fields:
            body = re.sub(rf"(?<![\w.\"'])({fields})\b", r"x.\1", body)
        return f"{self.text(target.span) or 'list'}.{node.function}(x, {body})"

    def _body(self, node: s.Call, source: t.Typed, variable: str, item: Type, scope: Scope) -> t.Typed:
        self.nesting += 1
        body = self.check(node.args[1], scope.binding(variable, item))
        self.nesting -= 1
        if source.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if node.function == "map":
            result = Type("list", item=self.require(body), max_items=source.type.max_items)
            if body.type.kind in ("list", "record"):
                self.fail(
                    body.span,
                    "wrong-type",
                    "`map` gives a list of plain values",
                    "choose one field of the item",
                )
        else:
            self.expect(body, BOOL)
            result = source.type if node.function == "filter" else BOOL
        return t.Quantifier(result, node.span, QUANTIFIERS[node.function], variable, source, body)

    def _quantity(self, node: s.Call, scope: Scope) -> t.Typed:
        value = (
            node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], s.LiteralValue) else None
        )
        if node.function == "timestamp":
            micros, type_ = parse_timestamp(value) if isinstance(value, str) else None, TIMESTAMP
        elif node.function == "duration":
            micros, type_ = parse_duration(value) if isinstance(value, str) else None, DURATION
        else:
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            micros = parse_duration(f"{value}{DURATIONS[node.function]}") if whole else None
            type_ = DURATION
        if micros is not None:
            return t.Const(type_, node.span, micros)
        if len(node.args) == 1 and not isinstance(node.args[0], s.LiteralValue):
            return self._of_an_expression(node, self.check(node.args[0], scope), type_)
        missing = no_such_moment(value) if node.function == "timestamp" and isinstance(value, str) else None
        if missing is not None:
            return self.fail(node.args[0].span, "bad-quantity", *missing)
        wanted = "one whole number" if node.function in DURATIONS else f"one {node.function} in quotes"
        message = f"`{node.function}` takes {wanted}, written out"
        return self.fail(node.span, "bad-quantity", message, quantity_hint(node.function, value))

    def _of_an_expression(self, node: s.Call, arg: t.Typed, wanted: Type) -> t.Typed:
        """Report `days(window)`: only literals can be converted to a duration or timestamp."""
        if arg.type.kind == "error":
            return arg
        quoted, shown = self.quote(arg), self.text(arg.span) or "it"
        if arg.type.kind == wanted.kind:
            message = f"{quoted} is a {wanted.kind} already"
            hint = f"write `{shown}`"
            if node.function in DURATIONS and isinstance(arg, t.Sum):
                hint += f", and compare it with a duration such as `{node.function}(3)`"
            return self.fail(node.span, "bad-quantity", message, hint)
        message = f"`{node.function}` takes what is written out, but {quoted} is {article(arg.type)}"
        hint = f"declare it as `{wanted.kind}`, and write `{shown}` alone"
        if isinstance(arg, t.Sum):
            hint = f"add up what is declared as `{wanted.kind}`"
        return self.fail(node.span, "bad-quantity", message, hint)


def _places(scale: int) -> str:
    return f"{scale} decimal place{'' if scale == 1 else 's'}"


def _has_more_places(node: t.Typed, expected: Type) -> bool:
    if expected.kind not in EXACT_KINDS or node.type.kind not in ("decimal", "double"):
        return False
    return node.type.scale > expected.scale if node.type.kind == "decimal" else isinstance(node, t.Const)
