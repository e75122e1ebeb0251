"""Generate single changes of facts that may change the result of a condition: boundary values, enum members, list items,
waiting."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from engine.backends.reference import Environment, evaluate
from engine.explain.budget import Budget, Meter, sizes, steps
from engine.explain.change import NOW, Change, fact_at, path_of, type_at, value_at
from engine.explain.plain_values import fits, plain_value
from engine.explain.shape import MAX_ROWS, Step, Wanted, WantedValue
from engine.expression import typed as t
from engine.expression.functions import CHOICES
from engine.expression.functions import EXACT as FUNCTIONS_OF_NUMBERS
from engine.expression.intervals import EXACT, of_type
from engine.expression.types import MAX_TIMESTAMP, ORDERED
from engine.policy.validated import ValidatedPolicy

CALLED = 10
"""The steps of calling the compiled body of a quantifier, in addition to those of its parts."""
EVALUATED = 40
"""The factor by which the reference evaluator is slower per step, and the steps of inspecting a part of a condition."""
COMPARED = 4
"""The steps of comparing two list items."""
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_VARIABLES: Mapping[str, Any] = MappingProxyType({})


def possible_changes(
    validated: ValidatedPolicy, env: Environment, meter: Meter, budget: Budget
) -> Iterator[Change]:
    """Yield the distinct changes worth trying, in the order in which the policy's conditions suggest them.

    Changes are searched lazily. Raises OutOfBudget.
    """
    finder = _Finder(validated, env, meter, budget)
    bare = env.seeing(_NO_VARIABLES)
    for plan in meter.shape.plans:
        for number, variables in enumerate(plan.rows):
            row = env.seeing(variables)
            for step in plan.again if number else plan.steps:
                budget.spend(EVALUATED)
                yield from finder.suggest(step, bare if step.named else row)


class _Finder:
    def __init__(self, validated: ValidatedPolicy, env: Environment, meter: Meter, budget: Budget) -> None:
        self.validated = validated
        self.facts = validated.policy.facts
        self.meter = meter
        self.budget = budget
        self.shape = meter.shape
        self.sizes = sizes(env.facts)
        self.known_steps: dict[int, int] = {}
        self.changes: list[Change] = []

    def suggest(self, step: Step, env: Environment) -> Iterator[Change]:
        node, because = step.node, step.because
        if isinstance(node, t.Compare):
            return self._comparison(node, env, because)
        if isinstance(node, t.IsNull):
            return self._null_test(path_of(node.operand) or "", env, because)
        if isinstance(node, t.Row):
            return self._key(node, step.key, env, because)
        if isinstance(node, t.In):
            return self._membership(node, env, because)
        if isinstance(node, t.Quantifier):
            return self._items(node, env, because)
        path = path_of(node) or ""
        return self._set(path, not value_at(path, env.facts), env, because)

    def _membership(self, node: t.In, env: Environment, because: str | None) -> Iterator[Change]:
        path, container = path_of(node.item) or "", node.container
        self.budget.spend(self._steps(container))
        members = [] if self._reads_null(container, env) else list(evaluate(container, env))
        for member in members[:8]:
            yield from self._set(path, member, env, because)
        yield from self._members(path, env, because)

    def _steps(self, node: t.Typed, bound: Mapping[str, str] = _NOTHING) -> int:
        """The steps of evaluating a part of the policy once."""
        known = self.known_steps.get(id(node))
        if known is None:
            known = EVALUATED + steps(self.meter.of(node, bound), self.sizes, slower=EVALUATED)
            self.known_steps[id(node)] = known
        return known

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
        for known in self.changes:
            if known.fact == change.fact and known.kind == change.kind and known.value == change.value:
                return
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

    def _key(self, node: t.Row, position: int, env: Environment, because: str | None) -> Iterator[Change]:
        """Changes of a key that select other rows of the table."""
        table = self.validated.policy.parameters[node.table].table
        path = path_of(node.keys[position])
        assert table is not None and path is not None
        for row in table.rows[:MAX_ROWS]:
            self.budget.spend(COMPARED)
            yield from self._set(path, table.row_key(row)[position], env, because)

    def _comparison(self, node: t.Compare, env: Environment, because: str | None) -> Iterator[Change]:
        self.budget.spend(2 * self._steps(node))
        for leaf, values in self._adjustable(node, env):
            for value in values:
                yield from self._set(leaf, value, env, because)
            yield from self._members(leaf, env, because)
        products = _multiplies(self.shape.parts(node)) and not self._reads_null(node, env)
        for part in self.shape.parts(node) if products else ():
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

    def _items(self, node: t.Quantifier, env: Environment, because: str | None) -> Iterator[Change]:
        assert isinstance(node.source, t.FactRef)
        name = node.source.name
        if self.facts[name].fixed or self._reads_null(node.body, env):
            return
        items = env.facts[name] or []
        holds = self.shape.holds(node)
        each = CALLED + steps(self.meter.of(node.body, {node.variable: name}), self.sizes)
        for item in items:
            self.budget.spend(each)
            held = bool(holds(env.facts, env.now, env.variables, item))
            if held == (node.kind != "all"):
                yield from self._new(Change(name, "remove", item, because))
        if node.kind != "all":
            fields = len(node.source.type.item.fields) if node.source.type.item else 0
            self.budget.spend((1 + fields) * self._steps(node.body, {node.variable: name}))
            self.budget.spend(COMPARED * len(items))
            item = _item_for(self.shape.wanted(node, env.variables.keys()), env)
            possible = fits(item, node.source.type.item) if node.source.type.item else True
            if possible and holds(env.facts, env.now, env.variables, item) and item not in items:
                yield from self._new(Change(name, "add", item, because))

    def _adjustable(self, node: t.Compare, env: Environment) -> Iterator[tuple[str, list[Any]]]:
        """The facts (and `now`) that could change the result of a comparison, each with its boundary values."""
        if node.left.type.kind in ORDERED:
            right = ((-sign, leaf) for sign, leaf in self._terms(node.right, 1, env))
            terms = [*self._terms(node.left, 1, env), *right]
            if self._reads_null(node, env):
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
                value = None if self._reads_null(other, env) else evaluate(other, env)
                yield name, [] if value is None else [value]

    def _reads_null(self, node: t.Typed, env: Environment) -> bool:
        """Whether evaluating a part of a condition here would read a null that an earlier null check normally rules out."""
        for part in self.shape.nullable(node):
            if isinstance(part, t.FactRef) and env.facts[part.name] is None:
                return True
            if isinstance(part, t.ConditionRef) and evaluate(part, env) is None:
                return True
            if isinstance(part, t.Row) and self._row_is_missing(part, env):
                return True
            if isinstance(part, t.Field) and (path := path_of(part)) and value_at(path, env.facts) is None:
                return True
        return False

    def _row_is_missing(self, node: t.Row, env: Environment) -> bool:
        """Whether the row is missing. Also true if a key reads a loop variable, which has no value here."""
        loops = not self.shape.variables(node) <= env.variables.keys()
        return loops or any(self._reads_null(key, env) for key in node.keys) or evaluate(node, env) is None

    def _terms(self, node: t.Typed, sign: int, env: Environment) -> list[tuple[int, t.Typed]]:
        node = _plain(node, env)
        if isinstance(node, t.Sum):
            other = sign if node.operator == "+" else -sign
            return [*self._terms(node.left, sign, env), *self._terms(node.right, other, env)]
        if isinstance(node, t.Apply) and node.function in CHOICES and len(node.args) == 2:
            chosen = next((arg for arg in node.args if self._is_value_of(arg, node, env)), node)
            return self._terms(chosen, sign, env) if chosen is not node else [(sign, node)]
        return [(sign, node)]

    def _is_value_of(self, arg: t.Typed, node: t.Typed, env: Environment) -> bool:
        """Whether `min` or `max` currently returns this argument, so that changing the argument changes the result."""
        return not self._reads_null(node, env) and evaluate(arg, env) == evaluate(node, env)


def _plain(node: t.Typed, env: Environment) -> t.Typed:
    """The expression that a named value stands for."""
    while isinstance(node, t.ConditionRef):
        node = env.conditions[node.name]
    return node


def _multiplies(parts: Iterable[t.Typed]) -> bool:
    return any(
        isinstance(part, t.Product) or (isinstance(part, t.Apply) and part.function in FUNCTIONS_OF_NUMBERS)
        for part in parts
    )


def _with_value(env: Environment, path: str, value: Any) -> Environment:
    return replace(env, facts=Change(path, "set", value, None).apply(dict(env.facts)))


def _around(value: Any, kind: str) -> list[Any]:
    if kind == "double":
        return [value, math.nextafter(value, math.inf), math.nextafter(value, -math.inf)]
    return [value, value + 1, value - 1]


def _item_for(wanted: Wanted, env: Environment) -> Any:
    """An item that matches the body of a quantifier, as far as its equalities determine one."""
    if wanted.fields is None:
        return _value_for(wanted.item, env)
    return {name: _value_for(field, env) for name, field in wanted.fields}


def _value_for(wanted: WantedValue, env: Environment) -> Any:
    """The value that a leaf needs for the body to be true."""
    default = plain_value(wanted.type, env.now)
    because = wanted.because
    if isinstance(because, t.Compare):
        other = evaluate(because.right if wanted.left else because.left, env)
        return _satisfying(because, wanted.left, other, default)
    if isinstance(because, t.In):
        return next(iter(evaluate(because.container, env)), default)
    return default if because is None else because


def _satisfying(part: t.Compare, leaf_is_left: bool, other: Any, default: Any) -> Any:
    if part.operator == "!=" or other is None:
        return default
    if part.operator in ("==", "<=", ">="):
        return other
    up = (part.operator == ">") == leaf_is_left
    if isinstance(other, float):
        return math.nextafter(other, math.inf if up else -math.inf)
    return other + 1 if up else other - 1
