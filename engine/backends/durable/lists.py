"""Translate lists that conditions search: their values, and how many of their items match."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from engine.backends.durable.comparison import compare
from engine.backends.durable.questions import Questions
from engine.backends.durable.terms import (
    ALWAYS,
    ROOT,
    Level,
    Operand,
    Slot,
    Terms,
    Unfaithful,
    any_of,
    constant,
)
from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.model import Parameter, Value

MAX_ALONE = 100
"""The maximum length of a list literal in `exists_one`, which compares each item with all others."""

Values = tuple[tuple[Terms, Operand | None], ...]
"""The possible values of an expression, None for null, each with the terms under which it occurs."""
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list in the facts."""

    level: Level
    type: Type


Bound = Item | Values | Row
"""The value of a variable: an item, the possible values of an item of `map` or a list literal, or the row of a rule."""


@dataclass(frozen=True)
class Scope:
    """`level` is the level of the facts on which a condition is evaluated."""

    level: Level
    variables: Mapping[str, Bound]

    def binding(self, name: str, bound: Bound) -> Scope:
        return Scope(self.level, {**self.variables, name: bound})

    def inside(self, level: Level) -> Scope:
        return Scope(level, self.variables)


Body = Callable[[Bound, Scope], Terms]
Counted = Operand | tuple[Terms, ...]
"""The number of matching items, or for a list literal the terms under which each item matches."""


class Conditions(Protocol):
    """The methods that list translation needs from the condition translator."""

    questions: Questions
    parameters: Mapping[str, Parameter]

    def holds(self, node: t.Typed, scope: Scope, truth: bool = True) -> Terms: ...

    def sides(self, condition: t.Typed, scope: Scope) -> tuple[Terms, Terms]: ...

    def values(self, node: t.Typed, scope: Scope) -> Values: ...


class Lists:
    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.questions = conditions.questions

    def quantified(self, node: t.Quantifier, scope: Scope, truth: bool) -> Terms:
        def body(wanted: bool) -> Body:
            return lambda bound, inner: self.conditions.holds(
                node.body, inner.binding(node.variable, bound), wanted
            )

        match node.kind:
            case "exists":
                return self.some(node.source, scope, body(True), truth)
            case "all":
                return self.some(node.source, scope, body(False), not truth)
            case "exists_one":
                ways = self._counted(node.source, scope, body(True))
                return self._either((when, self._exactly_one(counted, truth)) for when, counted in ways)
            case "filter" | "map":
                raise AssertionError(node)
            case _:
                assert_never(node.kind)

    def some(self, source: t.Typed, scope: Scope, body: Body, truth: bool) -> Terms:
        """The terms under which some item matches, or none does if `truth` is false."""
        ways = self._counted(source, scope, body)
        return self._either((when, self._passing(counted, truth)) for when, counted in ways)

    def size(self, source: t.Typed, scope: Scope) -> Values:
        ways = self._counted(source, scope, lambda bound, inner: ALWAYS)
        return tuple((when, self._number(counted)) for when, counted in ways)

    def _either(self, ways: Iterable[tuple[Terms, Terms]]) -> Terms:
        return any_of(self.questions.all_of(way) for way in ways)

    def _counted(self, source: t.Typed, scope: Scope, body: Body) -> list[tuple[Terms, Counted]]:
        holds, values = self.conditions.holds, self.conditions.values
        match source:
            case t.Quantifier(kind="filter", variable=name, source=inner, body=kept):
                return self._counted(
                    inner,
                    scope,
                    lambda bound, at: self.questions.all_of(
                        [holds(kept, at.binding(name, bound)), body(bound, at)]
                    ),
                )
            case t.Quantifier(kind="map", variable=name, source=inner, body=made):
                return self._counted(
                    inner, scope, lambda bound, at: body(values(made, at.binding(name, bound)), at)
                )
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                sides = zip(self.conditions.sides(condition, scope), (then, otherwise), strict=True)
                return [
                    (self.questions.all_of([when, inner]), counted)
                    for when, side in sides
                    for inner, counted in self._counted(side, scope, body)
                ]
            case t.ListOf(items=items):
                return [(ALWAYS, tuple(body(values(item, scope), scope) for item in items))]
            case t.ParameterRef(name=name):
                written = self.conditions.parameters[name].value
                assert isinstance(written, tuple)
                return [(ALWAYS, tuple(body(((ALWAYS, constant(v)),), scope) for v in written))]
            case t.FactRef() | t.Variable() | t.Field():
                return [(ALWAYS, self._of_facts(source, scope, body))]
            case (
                t.Const() | t.ConditionRef() | t.Row() | t.Now() | t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In()
                | t.Sum() | t.Product() | t.Quantifier() | t.Apply()
            ):  # fmt: skip
                raise AssertionError(source)
            case _:
                assert_never(source)

    def _of_facts(self, source: t.Typed, scope: Scope, body: Body) -> Operand:
        [(_, slot)] = self.conditions.values(source, scope)
        assert isinstance(slot, Slot) and source.type.item is not None
        level = Level(scope.level.depth + 1, scope.level, slot)
        return self.questions.count(level, body(Item(level, source.type.item), scope.inside(level)))

    def _passing(self, counted: Counted, truth: bool) -> Terms:
        if not isinstance(counted, tuple):
            return compare(">=" if truth else "<=", counted, constant(1 if truth else 0))
        if truth:
            return any_of(counted)
        return self.questions.all_of(self.questions.none_of(terms) for terms in counted)

    def _exactly_one(self, counted: Counted, truth: bool) -> Terms:
        if not isinstance(counted, tuple):
            return compare("==" if truth else "!=", counted, constant(1))
        if len(counted) > MAX_ALONE:
            raise Unfaithful(
                f"`exists_one` of {len(counted)} constants, of which at most {MAX_ALONE} are allowed"
            )
        others = [self.questions.none_of(terms) for terms in counted]
        alone = any_of(
            self.questions.all_of([terms, *others[:i], *others[i + 1 :]]) for i, terms in enumerate(counted)
        )
        return alone if truth else self.questions.none_of(alone)

    def _number(self, counted: Counted) -> Operand:
        if not isinstance(counted, tuple):
            return counted
        if any(terms not in (ALWAYS, ()) for terms in counted):
            raise Unfaithful("the size of what is kept of a list that is written out")
        return constant(sum(terms == ALWAYS for terms in counted))


def read_bound(bound: Bound) -> Values:
    if isinstance(bound, tuple):
        return bound
    assert isinstance(bound, Item)
    return ((ALWAYS, Slot(bound.level, nullable=bound.type.optional)),)


def read_field(bound: Bound, name: str) -> Values:
    if isinstance(bound, Item):
        type_ = bound.type.field(name)
        assert type_ is not None
        return ((ALWAYS, Slot(bound.level, name, type_.optional)),)
    assert isinstance(bound, Mapping)
    return ((ALWAYS, constant(bound[name])),)


def read_fact(name: str, type_: Type) -> Values:
    return ((ALWAYS, Slot(ROOT, name, type_.optional)),)
