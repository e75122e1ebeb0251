"""What all parts of the checker share: reporting problems, quoting the text, and comparing a type with the expected one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import assert_never

from documents.diagnostics import nearest
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.functions import (
    CHOICES,
)
from engine.expression.hints import (
    conversion_hint,
    misfit_hint,
    replaced_side,
)
from engine.expression.intervals import EXACT as EXACT_KINDS
from engine.expression.problem import ExpressionProblem, IncompleteTable
from engine.expression.scope import Path, Scope, choices_of, path_of
from engine.expression.types import (
    ERROR,
    Type,
    article,
    fits,
)


class BaseChecker(ABC):
    """The subclass `Checker` implements `check`."""

    def __init__(self, scope: Scope, written: str = "") -> None:
        self.problems: list[ExpressionProblem] = []
        self.nesting = 0
        self.named = scope.conditions
        self.tables = scope.tables
        self.written = written
        """The text of the expression, so that messages can quote parts of it."""
        self.untested: list[Path | None] = []
        """What was reported because it may be null."""
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
                hint = f"a list has no name here: write it where it is read, or count it: `size({self.shown(node)})`"
            elif kind == "record":
                hint = "name one of its fields"
            self.fail(node.span, "wrong-type", message, hint)

    def text(self, span: s.Span) -> str:
        """The source text of a span, or nothing if it is too long to quote in a message."""
        part = self.written[slice(*span)]
        return part if len(part) <= 60 and "\n" not in part else ""

    def shown(self, node: s.Syntax | t.Typed) -> str:
        """The source text of a part for use in a hint."""
        return self.text(node.span) or "…"

    def in_place(self, choice: str, span: s.Span) -> str:
        """A `? :` in parentheses, unless it takes the place of the whole expression."""
        return choice if span == (0, len(self.written)) else f"({choice})"

    def quote(self, node: t.Typed) -> str:
        return f"`{name}`" if (name := self.name_of(node)) else "this"

    def name_of(self, node: t.Typed) -> str:
        """What to call a part in a message; nothing if it is too long."""
        match node:
            case (
                t.FactRef(name=name)
                | t.ParameterRef(name=name)
                | t.ConditionRef(name=name)
                | t.Variable(name=name)
            ):
                return name
            case t.Field(record=record, name=name):
                return f"{self.name_of(record)}.{name}"
            case t.Row(table=table):
                return self.text(node.span) or f"{table}.row(…)"
            case t.Now():
                return "now"
            case t.Const(value=None):
                return ""
            case t.Const(value=str(text)):
                return f'"{text[:40]}"'
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
                return self.text(node.span)
            case _:
                assert_never(node)

    def mismatch(self, span: s.Span, operator: str, message: str, left: t.Typed, right: t.Typed) -> t.Typed:
        """Report operands that do not go together, at the one to replace if there is one."""
        for one, other in ((left, right), (right, left)):
            if one.type.kind == "record" and other.type.kind != "record":
                return self.whole_record(one, (other.type.kind,))
        hint = conversion_hint(left, right, operator, self.shown(left), self.shown(right))
        side = replaced_side(left, right, operator, hint)
        return self.fail(span if side is None else side.span, "wrong-type", message, hint)

    def whole_record(self, node: t.Typed, kinds: tuple[str, ...]) -> t.Typed:
        """Report a row or a record where one of its fields is meant, which has one of these types."""
        shown = self.shown(node)
        names = [name for name, type_ in node.type.fields if type_.kind in kinds]
        what, part = (
            ("a record", "field") if isinstance(node, t.FactRef | t.Variable) else ("a whole row", "column")
        )
        if isinstance(node, t.Variable):
            what, part = "a whole item", "field"
        hint = f"name one of its {part}s: " + ", ".join(f"`{name}`" for name, _ in node.type.fields[:8])
        if names:
            hint = f"write `{shown}.{names[0]}`"
            others = ", ".join(f"`{name}`" for name in names[1:4])
            hint += f"; other {part}s of that type are {others}" if others else ""
        return self.fail(
            node.span, "wrong-type", f"{self.quote(node)} is {what}, not one of its {part}s", hint
        )

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
            if not self._misspelled_key(node):
                self.problems.append(IncompleteTable(node.span, *missing))
        elif node.type.optional and not self._misnamed():
            if isinstance(node, t.Apply) and node.function in CHOICES:
                self._may_be_empty(node)
            else:
                name = self.name_of(node)
                hint = f"test it first: `{name} != null && …`" if name else "test it against null first"
                self.fail(node.span, "may-be-null", f"{self.quote(node)} may be null here", hint)
                self.untested.append(path_of(node))
            self.problems[-1].of = node.type.required()
        return node.type.required()

    def missing_row(self, node: t.Typed) -> tuple[str, tuple[object, ...]] | None:
        """The table and key behind a value that may be null only because the table lacks that row, or None."""
        if isinstance(node, t.Row):
            missing = self.tables[node.table].missing(node.keys, self.named)
            return None if missing is None else (node.table, missing)
        return self.named[node.name].missing if isinstance(node, t.ConditionRef) else None

    def _misspelled_key(self, node: t.Typed) -> bool:
        """Report `fees.row("smal")` at the key, if another row has nearly the same one."""
        if not isinstance(node, t.Row) or not all(isinstance(key, t.Const) for key in node.keys):
            return False
        written = [key.value for key in node.keys if isinstance(key, t.Const)]
        for at, key in enumerate(node.keys):
            others = [row[at] for row in self.tables[node.table].rows if _but(row, at) == _but(written, at)]
            near = nearest(str(written[at]), [other for other in others if isinstance(other, str)])
            if near is not None:
                message = f"the table `{node.table}` has no row for `{written[at]}`"
                self.fail(key.span, "incomplete-table", message, f'did you mean `"{near}"`?')
                return True
        return False

    def _may_be_empty(self, node: t.Apply) -> None:
        """Report `max(list)`, which is null for an empty list. Only a named value can be checked for null."""
        name = "highest" if node.function == "max" else "lowest"
        shown = self.text(node.span) or f"{node.function}(…)"
        message = f"{self.quote(node)} is null where the list is empty"
        hint = f"name it under `values`, such as `{name}: {shown}`, and test the name: `{name} != null && …`"
        if isinstance(listed := node.args[0], t.ListOf):
            written = nested(node.function, [self.shown(item) for item in listed.items])
            message, hint = (
                f"{self.quote(node)} is the `{node.function}` of a list, which may be null",
                f"write `{written}`",
            )
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
            self.check_member(node, expected, "this enum")
        elif self._is_one_of(node, expected.members):
            return
        elif not fits(node.type.required(), expected):
            self._misfit(node, expected)
        elif not expected.optional:
            self.require(node)

    def _is_one_of(self, node: t.Typed, members: tuple[str, ...]) -> bool:
        """Whether a named value is always one of these members, whatever the facts are."""
        choices = choices_of(node, self.named)
        return bool(choices) and set(choices) <= set(members) and not node.type.optional

    def _misfit(self, node: t.Typed, expected: Type) -> None:
        if node.type.kind == "record" and expected.kind != "record":
            kinds = ("int", "decimal") if expected.kind == "decimal" else (expected.kind,)
            self.whole_record(node, kinds)
            return
        what = (
            "a condition is true or false" if expected.kind == "bool" else f"this must be {article(expected)}"
        )
        message = f"{what}, but {self.quote(node)} is {article(node.type)}"
        hint = misfit_hint(node, expected, self.shown(node), self.is_output)
        if expected.kind == "decimal" and node.type.kind in ("int", "decimal", "double"):
            hint = f'write `round({self.shown(node)}, {expected.scale}, "half_even")`'
            if isinstance(node, t.Const):
                message = f"{self.quote(node)} has more than {in_places(expected.scale)}"
                hint = f"write at most {in_places(expected.scale)}"
                if (written := node.written) and "e" not in written.lower():
                    hint += f", such as `{written[: written.index('.') + expected.scale + 1]}`"
            elif node.type.kind == "double":
                hint = f"declare it as `{{decimal: {expected.scale}}}`, which is exact"
        code = "too-many-places" if _has_more_places(node, expected) else "wrong-type"
        self.fail(node.span, code, message, hint)

    def check_member(self, literal: t.Typed, type_: Type, of: str) -> None:
        """Check that a string literal compared with an enum is one of its members."""
        members = type_.members
        if type_.kind != "enum" or not isinstance(literal, t.Const) or not isinstance(literal.value, str):
            return
        if literal.value not in members:
            message = f"`{literal.value}` is not a value of {of}"
            near, known = (
                nearest(literal.value, members),
                ", ".join(f'`"{member}"`' for member in members[:12]),
            )
            hint = f'did you mean `"{near}"`?' if near else f"known here: {known}"
            self.fail(literal.span, "unknown-value", message, hint)


def nested(function: str, parts: list[str]) -> str:
    """Calls with two arguments each: `max(a, max(b, c))`."""
    *others, written = parts
    for part in reversed(others):
        written = f"{function}({part}, {written})"
    return written


def in_places(scale: int) -> str:
    return f"{scale} decimal place{'' if scale == 1 else 's'}"


def _has_more_places(node: t.Typed, expected: Type) -> bool:
    if expected.kind not in EXACT_KINDS or node.type.kind not in ("decimal", "double"):
        return False
    return node.type.scale > expected.scale if node.type.kind == "decimal" else isinstance(node, t.Const)


def _but(cells: Sequence[object], at: int) -> list[object]:
    """All cells except one."""
    return [*cells[:at], *cells[at + 1 :]]
