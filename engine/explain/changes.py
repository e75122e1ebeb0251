"""Generate single changes of facts that may change the result of a condition: boundary values, enum members, list items,
waiting."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, assert_never

from engine.backends.reference import Environment, evaluate, rows_of
from engine.explain.budget import Budget, Meter, sizes, steps
from engine.explain.change import NOW, Change, fact_at, path_of, type_at, value_at
from engine.explain.plain_values import fits, plain_value
from engine.expression import typed as t
from engine.expression.functions import CHOICES
from engine.expression.functions import EXACT as FUNCTIONS_OF_NUMBERS
from engine.expression.intervals import EXACT, of_type
from engine.expression.types import MAX_TIMESTAMP, ORDERED, Type
from engine.policy.validated import ValidatedPolicy

MAX_ROWS = 50
EVALUATED = 40
"""The factor by which the reference evaluator is slower per step, and the steps of inspecting a part of a condition."""
COMPARED = 4
"""The steps of comparing two list items."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


def possible_changes(
    validated: ValidatedPolicy, env: Environment, meter: Meter, budget: Budget
) -> Iterator[Change]:
    """Yield the distinct changes worth trying, in the order in which the policy's conditions suggest them.

    Changes are searched lazily. Raises OutOfBudget.
    """
    finder = _Finder(validated, env, meter, budget)
    for rule in validated.rules:
        if rule.applies is None:
            continue
        for _, variables in islice(rows_of(rule, validated.policy), MAX_ROWS):
            yield from finder.visit(rule.applies, replace(env, variables=variables), None)


class _Finder:
    def __init__(self, validated: ValidatedPolicy, env: Environment, meter: Meter, budget: Budget) -> None:
        self.validated = validated
        self.facts = validated.policy.facts
        self.meter = meter
        self.budget = budget
        self.sizes = sizes(env.facts)
        self.changes: list[Change] = []
        self.seen: set[str] = set()
        """Named conditions already visited, since each suggests the same changes wherever it is used."""

    def visit(
        self, node: t.Typed, env: Environment, because: str | None, unbound: frozenset[str] = frozenset()
    ) -> Iterator[Change]:
        """`unbound` are the variables of enclosing loops; an expression that reads one has no value here."""
        self.budget.spend(EVALUATED)
        match node:
            case t.ConditionRef(name=name):
                if name not in self.seen:
                    self.seen.add(name)
                    yield from self.visit(self.validated.conditions[name], replace(env, variables={}), name)
            case t.Compare() | t.In() | t.Quantifier() if unbound and _reads(node, unbound):
                return
            case t.Compare():
                yield from self._comparison(node, env, because)
                for part in node.walk():
                    if isinstance(part, t.Row) or (
                        isinstance(part, t.ConditionRef) and part.type.kind != "bool"
                    ):
                        yield from self.visit(part, env, because)
            case t.IsNull(operand=operand) if path := path_of(operand):
                yield from self._null_test(path, env, because)
            case t.FactRef(type=Type(kind="bool")) | t.Field(record=t.FactRef(), type=Type(kind="bool")):
                path = path_of(node) or ""
                yield from self._set(path, not value_at(path, env.facts), env, because)
            case t.Row():
                yield from self._keys(node, env, because, unbound)
            case t.In(item=item, container=container) if path := path_of(item):
                self.budget.spend(self._steps(container))
                members = [] if _reads_null(container, env) else list(evaluate(container, env))
                for member in members[:8]:
                    yield from self._set(path, member, env, because)
                yield from self._members(path, env, because)
            case t.Quantifier(source=t.FactRef(name=name)) if node.kind in ("exists", "exists_one", "all"):
                yield from self._items(name, node, env, because)
            case t.Quantifier(variable=variable, source=source, body=body):
                yield from self.visit(source, env, because, unbound)
                yield from self.visit(body, env, because, unbound | {variable})
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
                    yield from self.visit(child, env, because, unbound)
            case _:
                assert_never(node)

    def _steps(self, node: t.Typed, bound: Mapping[str, str] = _NOTHING) -> int:
        """The steps of evaluating a part of the policy once."""
        return EVALUATED + steps(self.meter.of(node, bound), self.sizes, slower=EVALUATED)

    def _set(self, fact: str, value: Any, env: Environment, because: str | None) -> Iterator[Change]:
        if fact == NOW:
            if env.now < value <= MAX_TIMESTAMP:
                yield from self._new(Change(NOW, "set", value, because))
        elif self._may_change(fact, value, env):
            yield from self._new(Change(fact, "set", value, because))

    def _may_change(self, path: str, value: Any, env: Environment) -> bool:
        """Whether a value can change; a field of a null record cannot."""
        name = fact_at(path)
        changeable = not self.facts[name].fixed and (name == path or env.facts[name] is not None)
        return changeable and value != value_at(path, env.facts) and fits(value, type_at(path, self.facts))

    def _new(self, change: Change) -> Iterator[Change]:
        self.budget.spend(COMPARED * len(self.changes))
        if not any(
            (c.fact, c.kind, c.value) == (change.fact, change.kind, change.value) for c in self.changes
        ):
            self.changes.append(change)
            yield change

    def _null_test(self, name: str, env: Environment, because: str | None) -> Iterator[Change]:
        if name == NOW:
            return
        type_ = type_at(name, self.facts)
        value = None
        if value_at(name, env.facts) is None:
            value = env.now if type_.kind == "timestamp" else plain_value(type_.required(), env.now)
        yield from self._set(name, value, env, because)

    def _members(self, name: str, env: Environment, because: str | None) -> Iterator[Change]:
        for member in type_at(name, self.facts).members[:8] if name != NOW else ():
            yield from self._set(name, member, env, because)

    def _keys(
        self, node: t.Row, env: Environment, because: str | None, unbound: frozenset[str]
    ) -> Iterator[Change]:
        """Changes that select other rows of the table, found in the parts of the keys."""
        table = self.validated.policy.parameters[node.table].table
        assert table is not None
        for position, key in enumerate(node.keys):
            path = path_of(key)
            for row in table.rows[:MAX_ROWS] if path is not None else ():
                self.budget.spend(COMPARED)
                yield from self._set(str(path), table.row_key(row)[position], env, because)
            yield from self.visit(key, env, because, unbound)

    def _comparison(self, node: t.Compare, env: Environment, because: str | None) -> Iterator[Change]:
        self.budget.spend(2 * self._steps(node))
        for leaf, values in _adjustable(node, env):
            for value in values:
                yield from self._set(leaf, value, env, because)
            yield from self._members(leaf, env, because)
        for part in node.walk() if _multiplies(node) and not _reads_null(node, env) else ():
            path = path_of(part)
            if path is not None and part.type.kind in EXACT and value_at(path, env.facts) is not None:
                for value in self._turning(node, path, env):
                    yield from self._set(path, value, env, because)

    def _turning(self, node: t.Compare, path: str, env: Environment) -> Iterator[int]:
        """The nearest values of a number, below and above, at which a comparison of a product changes its result.

        Both sides are assumed to be monotonic in the number, so the values are found by binary search.
        """
        now, holds = value_at(path, env.facts), evaluate(node, env)
        type_ = type_at(path, self.facts)
        for end in of_type(type_):
            self.budget.spend(self._steps(node))
            if evaluate(node, _with_value(env, path, end)) is holds:
                continue
            same, other = now, end
            while abs(other - same) > 1:
                self.budget.spend(self._steps(node))
                middle = (same + other) // 2
                if evaluate(node, _with_value(env, path, middle)) is holds:
                    same = middle
                else:
                    other = middle
            yield other

    def _items(
        self, name: str, node: t.Quantifier, env: Environment, because: str | None
    ) -> Iterator[Change]:
        if self.facts[name].fixed or _reads_null(node.body, env):
            return
        items = env.facts[name] or []
        each = self._steps(node.body, {node.variable: name})
        for item in items:
            self.budget.spend(each)
            held = bool(evaluate(node.body, env.binding(node.variable, item)))
            if held == (node.kind != "all"):
                yield from self._new(Change(name, "remove", item, because))
        if node.kind != "all":
            fields = len(node.source.type.item.fields) if node.source.type.item else 0
            self.budget.spend((2 + fields) * each + COMPARED * len(items))
            item = _item_for(node, env)
            possible = fits(item, node.source.type.item) if node.source.type.item else True
            if possible and evaluate(node.body, env.binding(node.variable, item)) and item not in items:
                yield from self._new(Change(name, "add", item, because))


def _multiplies(node: t.Typed) -> bool:
    return any(
        isinstance(part, t.Product) or (isinstance(part, t.Apply) and part.function in FUNCTIONS_OF_NUMBERS)
        for part in node.walk()
    )


def _with_value(env: Environment, path: str, value: Any) -> Environment:
    return replace(env, facts=Change(path, "set", value, None).apply(dict(env.facts)))


def _reads(node: t.Typed, variables: frozenset[str]) -> bool:
    return any(isinstance(part, t.Variable) and part.name in variables for part in node.walk())


def _adjustable(node: t.Compare, env: Environment) -> Iterator[tuple[str, list[Any]]]:
    """The facts (and `now`) that could change the result of a comparison, each with its boundary values."""
    if node.left.type.kind in ORDERED:
        right = ((-sign, leaf) for sign, leaf in _terms(node.right, 1, env))
        terms = [*_terms(node.left, 1, env), *right]
        if _reads_null(node, env):
            return
        gap = sum(sign * evaluate(leaf, env) for sign, leaf in terms)
        for sign, leaf in terms:
            name = path_of(leaf)
            if name is not None:
                yield name, _around(evaluate(leaf, env) - sign * gap, leaf.type.kind)
        return
    sides = _plain(node.left, env), _plain(node.right, env)
    for one, other in (sides, sides[::-1]):
        name = path_of(one)
        if name is not None and name != NOW:
            value = None if _reads_null(other, env) else evaluate(other, env)
            yield name, [] if value is None else [value]


def _reads_null(node: t.Typed, env: Environment) -> bool:
    """Whether evaluating a part of a condition here would read a null that an earlier null check normally rules out."""
    for part in node.walk():
        if part.type.optional:
            continue
        if isinstance(part, t.FactRef) and env.facts[part.name] is None:
            return True
        if isinstance(part, t.ConditionRef) and evaluate(part, env) is None:
            return True
        if isinstance(part, t.Row) and _row_is_missing(part, env):
            return True
        if isinstance(part, t.Field) and (path := path_of(part)) and value_at(path, env.facts) is None:
            return True
    return False


def _row_is_missing(node: t.Row, env: Environment) -> bool:
    """Whether the row is missing. Also true if a key reads a loop variable, which has no value here."""
    loops = any(isinstance(n, t.Variable) and n.name not in env.variables for n in node.walk())
    return loops or any(_reads_null(key, env) for key in node.keys) or evaluate(node, env) is None


def _plain(node: t.Typed, env: Environment) -> t.Typed:
    """The expression that a named value stands for."""
    while isinstance(node, t.ConditionRef):
        node = env.conditions[node.name]
    return node


def _terms(node: t.Typed, sign: int, env: Environment) -> list[tuple[int, t.Typed]]:
    node = _plain(node, env)
    if isinstance(node, t.Sum):
        other = sign if node.operator == "+" else -sign
        return [*_terms(node.left, sign, env), *_terms(node.right, other, env)]
    if isinstance(node, t.Apply) and node.function in CHOICES and len(node.args) == 2:
        chosen = next((arg for arg in node.args if _is_value_of(arg, node, env)), node)
        return _terms(chosen, sign, env) if chosen is not node else [(sign, node)]
    return [(sign, node)]


def _is_value_of(arg: t.Typed, node: t.Typed, env: Environment) -> bool:
    """Whether `min` or `max` currently returns this argument, so that changing the argument changes the result."""
    return not _reads_null(node, env) and evaluate(arg, env) == evaluate(node, env)


def _around(value: Any, kind: str) -> list[Any]:
    if kind == "double":
        return [value, math.nextafter(value, math.inf), math.nextafter(value, -math.inf)]
    return [value, value + 1, value - 1]


def _item_for(node: t.Quantifier, env: Environment) -> Any:
    """An item that matches the body of a quantifier, as far as its equalities determine one."""
    type_ = node.source.type.item
    assert type_ is not None
    if type_.kind != "record":
        return _wanted(node.body, lambda leaf: isinstance(leaf, t.Variable), env, plain_value(type_, env.now))
    item = {}
    for name, field in type_.fields:
        is_leaf = partial(_is_field, node.variable, name)
        item[name] = _wanted(node.body, is_leaf, env, plain_value(field, env.now))
    return item


def _is_field(variable: str, name: str, leaf: t.Typed) -> bool:
    if not isinstance(leaf, t.Field) or not isinstance(leaf.record, t.Variable):
        return False
    return leaf.name == name and leaf.record.name == variable


def _wanted(body: t.Typed, is_leaf: Callable[[t.Typed], bool], env: Environment, default: Any) -> Any:
    """The value that a leaf needs for `body` to be true."""
    for part in body.operands if isinstance(body, t.And) else (body,):
        if is_leaf(part):
            return True
        if isinstance(part, t.Not) and is_leaf(part.operand):
            return False
        if isinstance(part, t.Compare):
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if is_leaf(one) and not any(
                    isinstance(n, t.Variable) and n.name not in env.variables for n in other.walk()
                ):
                    return _satisfying(part, one is part.left, evaluate(other, env), default)
        if isinstance(part, t.In) and is_leaf(part.item):
            members = evaluate(part.container, env)
            return next(iter(members), default)
    return default


def _satisfying(part: t.Compare, leaf_is_left: bool, other: Any, default: Any) -> Any:
    if part.operator == "!=" or other is None:
        return default
    if part.operator in ("==", "<=", ">="):
        return other
    up = (part.operator == ">") == leaf_is_left
    if isinstance(other, float):
        return math.nextafter(other, math.inf if up else -math.inf)
    return other + 1 if up else other - 1
