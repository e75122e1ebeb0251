"""Translate typed conditions to formulas. Named conditions are inlined, integer arithmetic is understood, and anything else is
opaque.

INVARIANT: facts that make a condition true also make its formula true. An opaque part equals only itself. Comparisons of null
values do not matter, since the checker has proved that a null check comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any, assert_never

from engine.backends.logic.formula import ZERO, Formula, Number, Order, Same, Term, Truth, all_of, any_of
from engine.expression import typed as t
from engine.expression.types import ORDERED, TEXTUAL, Type
from engine.policy.model import Parameter, Value
from engine.policy.validated import ValidatedPolicy

MAX_MEMBERS = 200
Row = Mapping[str, Value]
Linear = tuple[dict[Term, int], Number]
"""A linear sum: terms with their coefficients, and a constant."""


class Translator:
    """Numbers the terms consistently across all conditions of a policy. With `settled`, parameters have their values; otherwise
    they are arbitrary."""

    def __init__(self, validated: ValidatedPolicy, *, settled: bool) -> None:
        self.parameters: Mapping[str, Parameter] = validated.policy.parameters if settled else {}
        self.enums: dict[Term, frozenset[str]] = {}
        self.known: list[Formula] = []
        """Formulas about the terms that are true for all facts."""
        self._terms: dict[Any, Term] = {}
        self._variable = ""
        self._row: Row = {}
        self._named: dict[str, tuple[Formula, Formula, Term]] = {}
        self._values = {n: node for n, node in validated.conditions.items() if node.type.kind != "bool"}
        for name, node in validated.conditions.items():
            if name in self._values:
                continue
            formulas = self._holds(node, True), self._holds(node, False)
            self._named[name] = (*formulas, self._number(self._key(node)))

    def formula(
        self, node: t.Typed | None, wanted: bool, variable: str = "", row: Row | None = None
    ) -> Formula:
        """The formula that is true if a condition comes out as wanted; `row` is the row that a `for_each` rule sees as
        `variable`."""
        self._variable, self._row = variable, row or {}
        if node is None:
            return wanted
        return self._holds(node, wanted)

    def value_key(self, node: t.Typed, variable: str = "", row: Row | None = None) -> Any:
        """Equal only for expressions that always have the same value; `row` as for `formula`."""
        self._variable, self._row = variable, row or {}
        return self._key(node)

    def _holds(self, node: t.Typed, wanted: bool) -> Formula:
        constant = self._constant(node)
        if isinstance(constant, bool):
            return wanted if constant else not wanted
        match node:
            case t.Not(operand=operand):
                return self._holds(operand, not wanted)
            case t.And(operands=operands) | t.Or(operands=operands):
                parts = [self._holds(o, wanted) for o in operands]
                return all_of(parts) if isinstance(node, t.And) is wanted else any_of(parts)
            case t.ConditionRef(name=name):
                true, false, _ = self._named[name]
                return true if wanted else false
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                held = all_of([self._holds(condition, True), self._holds(then, wanted)])
                return any_of([held, all_of([self._holds(condition, False), self._holds(otherwise, wanted)])])
            case t.Compare():
                return self._compare(node, wanted)
            case t.In():
                return self._member(node, wanted)
            case (
                t.IsNull() | t.Quantifier() | t.Apply() | t.Const() | t.FactRef() | t.ParameterRef() | t.Now() | t.Variable()
                | t.Field() | t.Row() | t.ListOf() | t.Sum() | t.Product()
            ):  # fmt: skip
                return Truth(self._term(node), wanted)
            case _:
                assert_never(node)

    def _compare(self, node: t.Compare, wanted: bool) -> Formula:
        kinds = {node.left.type.kind, node.right.type.kind}
        equal = (node.operator == "==") is wanted
        if kinds <= TEXTUAL:
            return self._same(node.left, node.right, equal)
        if kinds == {"bool"}:
            ways = [(True, equal), (False, not equal)]
            return any_of([all_of([self._holds(node.left, a), self._holds(node.right, b)]) for a, b in ways])
        if len(kinds) == 1 and kinds <= ORDERED:
            return self._ordered(node, wanted)
        return Truth(self._term(node), wanted)

    def _same(self, left: t.Typed, right: t.Typed, equal: bool) -> Formula:
        one, other = (self._text(side) for side in (left, right))
        if one == other or (isinstance(one, str) and isinstance(other, str)):
            return (one == other) is equal
        first, second = sorted((one, other), key=lambda m: (isinstance(m, str), m))
        return Same(first, second, equal)

    def _text(self, node: t.Typed) -> Term | str:
        constant = self._constant(node)
        return constant if isinstance(constant, str) else self._term(node)

    def _ordered(self, node: t.Compare, wanted: bool) -> Formula:
        whole = node.left.type.kind != "double"
        difference = _minus(self._linear(node.left, whole), self._linear(node.right, whole))
        operator = node.operator if wanted else _OPPOSITE[node.operator]
        if operator == "==":
            return all_of([self._at_most(difference, "<=", whole), self._at_most(difference, ">=", whole)])
        if operator == "!=":
            return any_of([self._at_most(difference, "<", whole), self._at_most(difference, ">", whole)])
        return self._at_most(difference, operator, whole)

    def _at_most(self, difference: Linear, operator: str, whole: bool) -> Formula:
        """`difference <operator> 0` as a bound."""
        terms, number = difference
        if operator in (">", ">="):
            terms, number = {term: -times for term, times in terms.items()}, -number
            operator = "<" if operator == ">" else "<="
        if not terms:
            return number < 0 if operator == "<" else number <= 0
        left, right = self._ends(terms)
        if whole:
            return Order(left, right, -number - (operator == "<"))
        return Order(left, right, -number, operator == "<", False)

    def _ends(self, terms: dict[Term, int]) -> tuple[Term, Term]:
        """The two terms of a difference; any other sum is treated as a single term."""
        if sorted(terms.values()) in ([1], [-1], [-1, 1]):
            sides = {times: term for term, times in terms.items()}
            return sides.get(1, ZERO), sides.get(-1, ZERO)
        shape = tuple(sorted(terms.items()))
        if shape[0][1] > 0:
            return self._number(("sum", shape)), ZERO
        return ZERO, self._number(("sum", tuple((term, -times) for term, times in shape)))

    def _linear(self, node: t.Typed, whole: bool) -> Linear:
        node = self._plain(node)
        constant = self._constant(node)
        if isinstance(constant, int | float):
            return {}, int(constant) if whole else Fraction(constant)
        if whole and isinstance(node, t.Sum):
            left, right = self._linear(node.left, whole), self._linear(node.right, whole)
            return _plus(left, right) if node.operator == "+" else _minus(left, right)
        if whole and isinstance(node, t.Product):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(times := self._constant(one), int):
                    return _times(self._linear(other, whole), times)
        if whole and (times := _zeros_added(node)):
            assert isinstance(node, t.Apply)
            return _times(self._linear(node.args[0], whole), times)
        return {self._term(node): 1}, 0

    def _member(self, node: t.In, wanted: bool) -> Formula:
        options = self._options(node.container)
        if options is None or len(options) > MAX_MEMBERS:
            return Truth(self._term(node), wanted)
        tests = [self._compare(t.Compare(node.type, node.span, "==", node.item, o), wanted) for o in options]
        return any_of(tests) if wanted else all_of(tests)

    def _options(self, container: t.Typed) -> list[t.Typed] | None:
        if isinstance(container, t.ListOf):
            return list(container.items)
        item = container.type.item
        if isinstance(container, t.ParameterRef) and container.name in self.parameters and item is not None:
            values = self.parameters[container.name].value
            return [t.Const(item, container.span, v) for v in values] if isinstance(values, tuple) else None  # type: ignore[arg-type]
        return None

    def _plain(self, node: t.Typed) -> t.Typed:
        """The expression that a named value stands for."""
        while isinstance(node, t.ConditionRef) and node.name in self._values:
            node = self._values[node.name]
        return node

    def _constant(self, node: t.Typed) -> Value:
        node = self._plain(node)
        match node:
            case t.Const(value=value):
                return value
            case t.ParameterRef(name=name) if name in self.parameters:
                return self.parameters[name].value
            case t.Field(record=t.Variable(name=variable), name=name) if variable == self._variable:
                return self._row[name]
            case (
                t.FactRef()
                | t.ParameterRef()
                | t.ConditionRef()
                | t.Now()
                | t.Variable()
                | t.Field()
                | t.Row()
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
                return None
            case _:
                assert_never(node)

    def _term(self, node: t.Typed) -> Term:
        node = self._plain(node)
        key = self._key(node)
        new = key not in self._terms
        term = self._number(key)
        if new and node.type.kind == "enum":
            self.enums[term] = frozenset(node.type.members)
        if new and isinstance(node, t.Apply) and node.function == "size":
            self.known.append(Order(ZERO, term, 0))
        if new and _is_of_facts(node) and node.type.kind in ORDERED:
            self._know_bounds(term, node.type)
        return term

    def _know_bounds(self, term: Term, type_: Type) -> None:
        """Add the bounds of a fact. If the fact is null, nothing tests its value, so the bounds can be assumed anyway."""
        whole = type_.kind != "double"
        for bound, sign in ((type_.maximum, 1), (type_.minimum, -1)):
            if bound is not None:
                number = int(bound) if whole else Fraction(bound)
                left, right = (term, ZERO) if sign == 1 else (ZERO, term)
                self.known.append(Order(left, right, sign * number, False, whole))

    def _number(self, key: Any) -> Term:
        return self._terms.setdefault(key, len(self._terms) + 1)

    def _key(self, node: t.Typed) -> Any:
        """Equal only for expressions that always have the same value: the expression without its position and narrowed types."""
        node = self._plain(node)
        if node.type.kind == "error":
            return object()
        constant = self._constant(node)
        if constant is not None:
            return ("const", node.type.kind, constant)
        if isinstance(node, t.ConditionRef):
            return ("same", self._named[node.name][2])
        names = [f.name for f in fields(node) if f.name not in ("type", "span")]
        return (type(node).__name__, *(self._part(getattr(node, name)) for name in names))

    def _part(self, value: Any) -> Any:
        if isinstance(value, t.Typed):
            return self._term(value)
        return tuple(self._part(v) for v in value) if isinstance(value, tuple) else value


def _is_of_facts(node: t.Typed) -> bool:
    """Whether the node is a fact or a field of one, whose bounds are checked."""
    return isinstance(node, t.FactRef) or (isinstance(node, t.Field) and isinstance(node.record, t.FactRef))


_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _plus(one: Linear, other: Linear) -> Linear:
    terms = dict(one[0])
    for term, times in other[0].items():
        terms[term] = terms.get(term, 0) + times
    return {term: times for term, times in terms.items() if times}, one[1] + other[1]


def _zeros_added(node: t.Typed) -> int | None:
    """The factor by which a rounding that only adds decimal places multiplies the units."""
    cut = node.args[1] if isinstance(node, t.Apply) and node.function == "round" else None
    adds = isinstance(cut, t.Const) and isinstance(cut.value, int) and cut.value <= 0
    return 10 ** -int(cut.value) if adds and isinstance(cut, t.Const) and isinstance(cut.value, int) else None


def _times(linear: Linear, times: int) -> Linear:
    return {term: n * times for term, n in linear[0].items() if times}, linear[1] * times


def _minus(one: Linear, other: Linear) -> Linear:
    return _plus(one, ({term: -times for term, times in other[0].items()}, -other[1]))
