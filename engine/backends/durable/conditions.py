"""Translate typed conditions to alternatives of tests that durable-rules can match. Tables are expanded row by row, and constants
are folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import assert_never

from engine.backends.durable.comparison import arithmetic, compare
from engine.backends.durable.lists import Lists, Scope, Values, read_bound, read_fact, read_field
from engine.backends.durable.questions import Questions, size_of
from engine.backends.durable.terms import (
    ALWAYS,
    NEGATED,
    NEVER,
    ROOT,
    Absent,
    Operand,
    Present,
    Slot,
    Terms,
    Test,
    Unfaithful,
    any_of,
    constant,
    one,
)
from engine.backends.durable.texts import apply, search
from engine.expression import typed as t
from engine.expression.functions import CHOICES, EXACT
from engine.expression.types import BOOL
from engine.policy.model import Value
from engine.policy.validated import ValidatedPolicy

MAX_STEPS = 500_000
"""Expanding tables, lists and alternatives can grow exponentially; this stops it after a few seconds."""


class Conditions:
    """The conditions of one policy. Raises Unfaithful for what durable-rules cannot express."""

    def __init__(self, validated: ValidatedPolicy) -> None:
        self.facts = validated.policy.facts
        self.parameters = validated.policy.parameters
        self.named = validated.conditions
        self.questions = Questions()
        self.lists = Lists(self)
        self._known: dict[str, Terms] = {}
        self._steps = 0

    def holds(self, node: t.Typed, scope: Scope, truth: bool = True) -> Terms:
        """The terms under which a condition evaluates to `truth`."""
        try:
            return self._holds(node, scope, truth)
        except Unfaithful as error:
            error.node = error.node or node
            raise

    def _holds(self, node: t.Typed, scope: Scope, truth: bool) -> Terms:
        self._step()
        all_of = self.questions.all_of
        match node:
            case t.Const(value=value):
                return ALWAYS if value is truth else NEVER
            case t.ConditionRef(name=name):
                return self._named(name, truth)
            case t.Not(operand=operand):
                return self.holds(operand, scope, not truth)
            case t.And(operands=operands) if truth:
                return all_of([self.holds(o, scope) for o in operands])
            case t.Or(operands=operands) if not truth:
                return all_of([self.holds(o, scope, False) for o in operands])
            case t.And(operands=operands) | t.Or(operands=operands):
                return any_of([self.holds(o, scope, truth) for o in operands])
            case t.IsNull(operand=operand) if (row := self._row_of(operand)) is not None:
                there = any_of(when for when, _ in self._rows(row, scope))
                return self.questions.none_of(there) if truth else there
            case t.IsNull(operand=operand):
                values = self.values(operand, scope)
                kind = operand.type.kind
                return any_of(all_of([when, _is_null(value, kind, truth)]) for when, value in values)
            case t.Compare(operator=sign, left=left, right=right):
                sign = sign if truth else NEGATED[sign]
                return self._compare(sign, self.values(left, scope), self.values(right, scope))
            case t.In(item=item, container=container):
                values = self.values(item, scope)
                return self.lists.some(
                    container, scope, lambda bound, at: self._compare("==", values, read_bound(bound)), truth
                )
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                yes, no = self.sides(condition, scope)
                first = all_of([yes, self.holds(then, scope, truth)])
                return any_of([first, all_of([no, self.holds(otherwise, scope, truth)])])
            case t.Apply(function=name, args=(text, part)):
                terms = self._search(name, self.values(text, scope), self.values(part, scope))
                return terms if truth else self.questions.none_of(terms)
            case t.Quantifier():
                return self.lists.quantified(node, scope, truth)
            case (
                t.Apply()
                | t.FactRef()
                | t.ParameterRef()
                | t.Now()
                | t.Variable()
                | t.Field()
                | t.Row()
                | t.ListOf()
                | t.Sum()
                | t.Product()
            ):
                return self._compare("==", self.values(node, scope), ((ALWAYS, constant(truth)),))
            case _:
                assert_never(node)

    def _named(self, name: str, truth: bool) -> Terms:
        """Turn a named condition into a question, unless it is a single test."""
        if name not in self._known:
            self._known[name] = self.holds(self.named[name], Scope(ROOT, {}))
        terms = self._known[name]
        if (len(terms) == 1 and len(terms[0]) < 2) or not terms:
            return terms if truth else self.questions.none_of(terms)
        return one(Test(self.questions.holds(terms), "==", constant(truth)))

    def sides(self, condition: t.Typed, scope: Scope) -> tuple[Terms, Terms]:
        """The terms under which a condition is true, and those under which it is false."""
        terms = self.holds(condition, scope)
        return terms, self.questions.none_of(terms)

    def values(self, node: t.Typed, scope: Scope) -> Values:
        try:
            return self._values(node, scope)
        except Unfaithful as error:
            error.node = error.node or node
            raise

    def _values(self, node: t.Typed, scope: Scope) -> Values:
        self._step()
        match node:
            case t.Const(value=value):
                return ((ALWAYS, None if value is None else constant(value)),)
            case t.ConditionRef(name=name) if node.type.kind != "bool":
                return self.values(self.named[name], Scope(ROOT, {}))
            case t.FactRef(name=name):
                return read_fact(name, self.facts[name].type)
            case t.ParameterRef(name=name):
                return ((ALWAYS, constant(self.parameters[name].value)),)
            case t.Now():
                return ((ALWAYS, Slot(ROOT, source="now")),)
            case t.Variable(name=name):
                return read_bound(scope.variables[name])
            case t.Field(record=t.Variable(name=variable), name=name):
                return read_field(scope.variables[variable], name)
            case t.Field(record=t.FactRef(name=record), name=name):
                fact = self.facts[record].type
                field = fact.field(name)
                assert field is not None
                return ((ALWAYS, Slot(ROOT, f"{record}.{name}", fact.optional or field.optional)),)
            case t.Field(record=record, name=name) if (row := self._row_of(record)) is not None:
                return tuple((when, constant(cells[name])) for when, cells in self._rows(row, scope))
            case t.Sum(operator=sign, left=left, right=right):
                return self._sum(sign, self.values(left, scope), self.values(right, scope))
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                yes, no = self.sides(condition, scope)
                first = self._under(yes, self.values(then, scope))
                return first + self._under(no, self.values(otherwise, scope))
            case t.Apply(function=name, args=(one, other)) if name in CHOICES:
                sign = "<=" if name == "min" else ">="
                chosen = t.Compare(BOOL, node.span, sign, one, other)
                return self._values(t.IfElse(node.type, node.span, chosen, one, other), scope)
            case t.Apply(function=name) if name in CHOICES:
                raise Unfaithful(f"`{name}` of a list")
            case t.Apply(function=name) if name in (*EXACT, "sum"):
                raise Unfaithful(f"`{name}`")
            case t.Product():
                raise Unfaithful("`*`")
            case t.Apply(function=name, args=(argument,)):
                if argument.type.kind == "list":
                    return self.lists.size(argument, scope)
                values = self.values(argument, scope)
                return tuple((when, apply(name, value)) for when, value in values if value is not None)
            case (
                t.ConditionRef() | t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.Quantifier() | t.Apply()
            ):  # fmt: skip
                return ((ALWAYS, self._truth_of(self.holds(node, scope))),)
            case t.Field() | t.Row() | t.ListOf():
                raise AssertionError(node)
            case _:
                assert_never(node)

    def _row_of(self, node: t.Typed) -> t.Row | None:
        """The table look-up behind a record, which may be given by the name of a value."""
        while isinstance(node, t.ConditionRef):
            node = self.named[node.name]
        return node if isinstance(node, t.Row) else None

    def _rows(self, node: t.Row, scope: Scope) -> list[tuple[Terms, Mapping[str, Value]]]:
        """Each row of the table, and the terms under which the look-up finds it."""
        table = self.parameters[node.table].table
        assert table is not None
        keys = [self.values(key, scope) for key in node.keys]
        rows: list[tuple[Terms, Mapping[str, Value]]] = []
        for wanted, row in {table.row_key(row): row for row in reversed(table.rows)}.items():
            pairs = zip(keys, wanted, strict=True)
            tests = [self._compare("==", key, ((ALWAYS, constant(value)),)) for key, value in pairs]
            rows.append((self.questions.all_of(tests), table.named(row)))
        return rows

    def _truth_of(self, terms: Terms) -> Operand:
        if terms in (ALWAYS, NEVER):
            return constant(terms == ALWAYS)
        return self.questions.holds(terms)

    def _under(self, terms: Terms, values: Values) -> Values:
        return tuple((self.questions.all_of([terms, when]), value) for when, value in values)

    def _sum(self, sign: str, some: Values, others: Values) -> Values:
        return tuple((when, arithmetic(sign, *pair)) for when, *pair in self._pairs(some, others))

    def _search(self, name: str, texts: Values, parts: Values) -> Terms:
        return any_of(
            self.questions.all_of([when, search(name, text, part, self.questions)])
            for when, text, part in self._pairs(texts, parts)
        )

    def _compare(self, sign: str, some: Values, others: Values) -> Terms:
        return any_of(
            self.questions.all_of([when, compare(sign, left, right)])
            for when, left, right in self._pairs(some, others)
        )

    def _pairs(self, some: Values, others: Values) -> Iterator[tuple[Terms, Operand, Operand]]:
        for (when, left), (where, right) in product(some, others):
            self._step()
            both = self.questions.all_of([when, where])
            if left is not None and right is not None and both:
                yield both, left, right

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unfaithful(f"more than {MAX_STEPS} steps to be written out")


def _is_null(value: Operand | None, kind: str, truth: bool) -> Terms:
    """Test for null: a list is null if its size is absent, and a record if its marker property is absent."""
    if isinstance(value, Slot) and value.nullable:
        if kind == "list":
            value = size_of(value)
        elif kind == "record":
            value = replace(value, functions=("exists",))
        return one(Absent(value) if truth else Present(value))
    return ALWAYS if (value is None) is truth else NEVER
