"""What the search for changes needs to know about the parts of a policy, computed once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, assert_never

from engine.backends.python.emitter import Emitter
from engine.backends.reference import rows_of
from engine.explain.change import path_of
from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.validated import ValidatedPolicy
from engine.python_ast import function, index, load, run, store

Holds = Callable[[Mapping[str, Any], int, Mapping[str, Any], Any], bool]
"""Whether an item of a list matches the body of a quantifier, given the facts, `now` and the variables around it."""


MAX_ROWS = 50
"""The rows of a table that suggest changes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a condition that suggests changes. `because` is the innermost named condition that it belongs to."""

    node: t.Typed
    """A comparison, a test for null, the key of a row, a membership, a quantifier, or a boolean fact."""
    because: str | None
    named: bool
    """Whether the part belongs to a named condition or value, which sees no row."""
    key: int = 0
    """The position of the key of a `Row`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of a rule: for its first row, and for the others, since a named condition suggests the same for every row."""

    rows: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...]
    again: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class WantedValue:
    """What decides the value that an item, or a field of it, needs: itself, a comparison, `in`, or nothing."""

    type: Type
    because: bool | t.Compare | t.In | None
    left: bool = False
    """Whether the item is on the left of the comparison."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values for an item that matches a quantifier. `fields` is None for a list of plain values."""

    item: WantedValue
    fields: tuple[tuple[str, WantedValue], ...] | None


class Shape:
    def __init__(self, validated: ValidatedPolicy) -> None:
        self.validated = validated
        self._parts: dict[int, tuple[t.Typed, ...]] = {}
        self._variables: dict[int, frozenset[str]] = {}
        self._nullable: dict[int, tuple[t.Typed, ...]] = {}
        self._holds: dict[int, Holds] = {}
        self._wanted: dict[int, Wanted] = {}

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        return tuple(self._plans())

    def _plans(self) -> Iterator[Plan]:
        seen: set[str] = set()
        for rule in self.validated.rules:
            rows = tuple(v for _, v in islice(rows_of(rule, self.validated.policy), MAX_ROWS))
            if rule.applies is not None and rows:
                steps = tuple(self._steps(rule.applies, None, False, seen))
                yield Plan(rows, steps, tuple(self._steps(rule.applies, None, False, seen)))

    def _steps(
        self,
        node: t.Typed,
        because: str | None,
        named: bool,
        seen: set[str],
        unbound: frozenset[str] = frozenset(),
    ) -> Iterator[Step]:
        """`unbound` are the variables of enclosing loops; an expression that reads one has no value here. `seen` are the named
        conditions before, since each suggests the same changes wherever it is used."""
        match node:
            case t.ConditionRef(name=name):
                if name not in seen:
                    seen.add(name)
                    yield from self._steps(self.validated.conditions[name], name, True, seen)
            case t.Compare() | t.In() | t.Quantifier() if unbound & self.variables(node):
                return
            case t.Compare():
                yield Step(node, because, named)
                for part in self.parts(node):
                    if isinstance(part, t.Row) or (
                        isinstance(part, t.ConditionRef) and part.type.kind != "bool"
                    ):
                        yield from self._steps(part, because, named, seen)
            case t.IsNull(operand=operand) if path_of(operand):
                yield Step(node, because, named)
            case t.FactRef(type=Type(kind="bool")) | t.Field(record=t.FactRef(), type=Type(kind="bool")):
                yield Step(node, because, named)
            case t.Row(keys=keys):
                for position, key in enumerate(keys):
                    if path_of(key) is not None:
                        yield Step(node, because, named, position)
                    yield from self._steps(key, because, named, seen, unbound)
            case t.In(item=item) if path_of(item):
                yield Step(node, because, named)
            case t.Quantifier(source=t.FactRef()) if node.kind in ("exists", "exists_one", "all"):
                yield Step(node, because, named)
            case t.Quantifier(variable=variable, source=source, body=body):
                yield from self._steps(source, because, named, seen, unbound)
                yield from self._steps(body, because, named, seen, unbound | {variable})
            case (
                t.Const()
                | t.FactRef()
                | t.ParameterRef()
                | t.Now()
                | t.Variable()
                | t.Field()
                | t.Not()
                | t.And()
                | t.Or()
                | t.IsNull()
                | t.In()
                | t.ListOf()
                | t.Sum()
                | t.Product()
                | t.IfElse()
                | t.Apply()
            ):
                for child in node.children():
                    yield from self._steps(child, because, named, seen, unbound)
            case _:
                assert_never(node)

    def wanted(self, node: t.Quantifier, given: Collection[str]) -> Wanted:
        """`given` are the variables around the quantifier."""
        if id(node) not in self._wanted:
            type_ = node.source.type.item
            assert type_ is not None
            item = self._value(node, type_, None, frozenset(given))
            fields = tuple(
                (name, self._value(node, field, name, frozenset(given))) for name, field in type_.fields
            )
            self._wanted[id(node)] = Wanted(item, fields if type_.kind == "record" else None)
        return self._wanted[id(node)]

    def _value(
        self, node: t.Quantifier, type_: Type, field: str | None, given: frozenset[str]
    ) -> WantedValue:
        body = node.body
        for part in body.operands if isinstance(body, t.And) else (body,):
            if _is_leaf(part, node.variable, field):
                return WantedValue(type_, True)
            if isinstance(part, t.Not) and _is_leaf(part.operand, node.variable, field):
                return WantedValue(type_, False)
            if isinstance(part, t.Compare):
                for one, other in ((part.left, part.right), (part.right, part.left)):
                    bound = self.variables(other) <= given
                    if _is_leaf(one, node.variable, field) and bound:
                        return WantedValue(type_, part, one is part.left)
            if isinstance(part, t.In) and _is_leaf(part.item, node.variable, field):
                return WantedValue(type_, part)
        return WantedValue(type_, None)

    def parts(self, node: t.Typed) -> tuple[t.Typed, ...]:
        """The node and all nodes below it."""
        if id(node) not in self._parts:
            self._parts[id(node)] = tuple(node.walk())
        return self._parts[id(node)]

    def variables(self, node: t.Typed) -> frozenset[str]:
        """The variables that the node reads."""
        if id(node) not in self._variables:
            names = frozenset(part.name for part in self.parts(node) if isinstance(part, t.Variable))
            self._variables[id(node)] = names
        return self._variables[id(node)]

    def nullable(self, node: t.Typed) -> tuple[t.Typed, ...]:
        """The parts that may be null although an earlier part of the condition normally rules that out."""
        if id(node) not in self._nullable:
            self._nullable[id(node)] = tuple(p for p in self.parts(node) if self._may_be_null(p))
        return self._nullable[id(node)]

    def _may_be_null(self, node: t.Typed) -> bool:
        if node.type.optional:
            return False
        if isinstance(node, t.FactRef):
            return self.validated.policy.facts[node.name].type.optional
        if isinstance(node, t.ConditionRef):
            return self.validated.conditions[node.name].type.optional
        return isinstance(node, t.Row) or (isinstance(node, t.Field) and path_of(node) is not None)

    def holds(self, node: t.Quantifier) -> Holds:
        if id(node) not in self._holds:
            self._holds[id(node)] = self._compile(node)
        return self._holds[id(node)]

    def _compile(self, node: t.Quantifier) -> Holds:
        emitter = Emitter(self.validated.conditions, self.validated.policy.parameters)
        body = emitter.emit(node.body)
        lines: list[ast.stmt] = [ast.Assign([store(f"v_{node.variable}")], load("item"))]
        names = {n.id for n in ast.walk(body) if isinstance(n, ast.Name)} - {f"v_{node.variable}"}
        for name in sorted(names):
            for prefix, given in (("f_", "facts"), ("v_", "variables")):
                if name.startswith(prefix):
                    value = index(load(given), name.removeprefix(prefix))
                    lines.append(ast.Assign([store(name)], value))
        holds = function("holds", ["facts", "now", "variables", "item"], [*lines, ast.Return(body)])
        compiled: Holds = run([*emitter.functions, holds], emitter.constants)["holds"]
        return compiled


def _is_leaf(node: t.Typed, variable: str, field: str | None) -> bool:
    """Whether the node is the item, or this field of it."""
    if field is None:
        return isinstance(node, t.Variable)
    if not isinstance(node, t.Field) or not isinstance(node.record, t.Variable):
        return False
    return node.name == field and node.record.name == variable
