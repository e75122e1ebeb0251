"""Type-check calls of the fixed set of functions, and rows of tables."""

from __future__ import annotations

from dataclasses import replace

import re2

from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.comparison_checker import ComparisonChecker
from engine.expression.exact_checker import ExactChecker
from engine.expression.functions import (
    CHOICES,
    EXACT,
    FUNCTIONS,
    MAX_PATTERN,
    QUANTIFIERS,
    ROW,
    Function,
    pattern,
)
from engine.expression.list_checker import ListChecker
from engine.expression.patterns import unportable
from engine.expression.quantity_checker import QUANTITIES, QuantityChecker
from engine.expression.scope import Scope, TableShape, path_of
from engine.expression.tree_builder import spelling
from engine.expression.types import (
    ERROR,
    Type,
    article,
    comparable,
    fits,
    unbounded,
)
from engine.expression.wrong_calls import WrongCalls


class CallChecker(ExactChecker, ListChecker, QuantityChecker, WrongCalls, ComparisonChecker):
    def call(self, node: s.Call, scope: Scope) -> t.Typed:
        if node.target is not None and node.function in QUANTIFIERS:
            return self.quantifier(node, node.target, scope)
        if node.target is None and node.function in QUANTITIES:
            return self.quantity(node, scope)
        if isinstance(node.target, s.Name) and node.function == ROW and node.target.name in scope.tables:
            return self._row(node, node.target.name, scope.tables[node.target.name], scope)
        function = FUNCTIONS.get(node.function)
        if function is None:
            return self.unknown_function(node, scope)
        if function.method != (node.target is not None):
            return self.called_differently(node, *self._way_to_call(node))
        return self._apply(node, function, scope)

    def _row(self, node: s.Call, table: str, shape: TableShape, scope: Scope) -> t.Typed:
        before = len(self.problems)
        keys = tuple(self.check(arg, scope) for arg in node.args)
        if not shape.key:
            return t.Const(ERROR, node.span, None)  # already reported: the table's key
        if len(keys) != len(shape.key):
            return self._wrong_count(node, table, shape, keys, scope)
        for at, (column, type_) in enumerate(shape.key):
            self.hint_quotes(node.args[at], type_)
            self._expect_key(keys[at], column, type_, scope)
        if len(self.problems) > before or any(key.type.kind == "error" for key in keys):
            return t.Const(ERROR, node.span, None)
        row = t.Row(replace(shape.row, optional=not shape.complete(keys, self.named)), node.span, table, keys)
        return replace(row, type=shape.row) if path_of(row) in scope.known else row

    def _wrong_count(
        self, node: s.Call, table: str, shape: TableShape, keys: tuple[t.Typed, ...], scope: Scope
    ) -> t.Typed:
        count, names = len(shape.key), ", ".join(f"`{name}`" for name, _ in shape.key)
        message = f"`{table}` has {count} key column{'' if count == 1 else 's'} ({names}), not {len(keys)}"
        written = [
            self._key(column, type_, keys[at] if at < len(keys) else None, scope)
            for at, (column, type_) in enumerate(shape.key)
        ]
        call = f"{table}.{ROW}({', '.join(written)})"
        hint = f"look up a row by its key: `{call}`" if "…" in call else f"write `{call}`"
        return self.fail(node.span, "wrong-call", message, hint)

    def _key(self, column: str, type_: Type, given: t.Typed | None, scope: Scope) -> str:
        """What to write for a key column: what is there if it fits, otherwise a name of that type."""
        if given is not None and _is_key(given, type_):
            return self.shown(given)
        if scope.taken(column):
            return column
        return (_name_of(type_, scope) if type_.kind == "enum" else None) or "…"

    def _expect_key(self, key: t.Typed, column: str, type_: Type, scope: Scope) -> None:
        given = self.require(key)
        if not comparable(given, type_):
            message = (
                f"the key column `{column}` is {article(type_)}, but {self.quote(key)} is {article(given)}"
            )
            known = [f'`"{member}"`' for member in type_.members[:6]]
            hint = f"give one of its values: {', '.join(known)}" if known else f"give {article(type_)}"
            fact = _name_of(type_, scope)
            hint = f"write `{fact}`" if fact else f"{hint}, or a fact of that type"
            self.fail(key.span, "wrong-type", message, hint)
        self.check_member(key, type_, "this enum")

    def _apply(self, node: s.Call, function: Function, scope: Scope) -> t.Typed:
        syntax = (node.target, *node.args) if node.target else node.args
        if function.name == "size" and len(syntax) == 1 and isinstance(syntax[0], s.Binary | s.Logical):
            return self.compared_within(node, syntax[0])
        args = tuple(self.check(a, scope) for a in syntax)
        if function.name == "contains" and args[0].type.kind == "list" and len(args) == 2:
            message = "`contains` looks into a text, but " + f"{self.quote(args[0])} is a list"
            shown, item = (self.shown(part) for part in syntax)
            hint = f"write `{item} in {shown}`"
            if (record := args[0].type.item) is not None and record.fields:
                field = next((name for name, type_ in record.fields if comparable(type_, args[1].type)), None)
                hint = (
                    f"write `{shown}.exists(x, x.{field} == {item})`"
                    if field
                    else "look into it with `exists`"
                )
            return self.fail(node.span, "wrong-type", message, hint)
        if function.name in CHOICES:
            return self.choice(node, function.name, args)
        if function.name == "sum":
            return self.total(node, args)
        if function.name in EXACT:
            return self.exact(node, function.name, args, scope)
        if len(args) != len(function.arguments):
            needed = len(function.arguments) - (1 if function.method else 0)
            message = (
                f"`{function.name}` takes {needed} argument{'' if needed == 1 else 's'}, not {len(node.args)}"
            )
            return self.fail(node.span, "wrong-call", message, self.arguments_hint(node, function))
        if function.name == "size":
            self._check_sized(args[0])
        else:
            for at, expected in enumerate(function.arguments):
                self.expect(args[at], expected)
        if function.name == "matches":
            self._check_pattern(node.args[0], args[1])
        return t.Apply(function.result, node.span, function.name, args)

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
            self.fail(arg.span, "bad-pattern", message, "split it: `….matches(…) || ….matches(…)`")
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


def _is_key(key: t.Typed, type_: Type) -> bool:
    if isinstance(key, t.Const) and isinstance(key.value, str) and type_.kind == "enum":
        return key.value in type_.members
    return key.type.kind != "error" and fits(key.type.required(), type_)


def _name_of(type_: Type, scope: Scope) -> str | None:
    """A fact of this type, or the only field of a record that has it."""
    wanted = unbounded(type_)
    records = {
        name: fact for name, fact in scope.facts.items() if fact.kind == "record" and not fact.optional
    }
    fields = [
        f"{name}.{f}" for name, record in records.items() for f, field in record.fields if field == wanted
    ]
    fact = next((name for name, given in scope.facts.items() if given == wanted), None)
    return fact or (fields[0] if len(fields) == 1 else None)
