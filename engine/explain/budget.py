"""Limit the search for counterfactuals by steps of work instead of time, so that equal requests get equal answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, assert_never
from weakref import WeakKeyDictionary

from engine.backends.python.table_index import TableIndex, band_test, item_test, split
from engine.compiled import CompiledPolicy
from engine.explain.list_bits import ListBits, list_bits
from engine.explain.shape import Shape
from engine.expression import typed as t
from engine.expression.functions import CHOICES, EXACT
from engine.policy.validated import TypedRule, ValidatedPolicy

STEPS = 1_000_000
"""The budget of one request: at most 50 ms on a 2026 machine, whatever the facts are. A step is one part of a condition evaluated
by the compiled rules, about 30 ns."""
CHARACTERS_A_STEP = 8
CALL = 24
"""The steps of calling a text function, in addition to those of reading the whole text."""


class OutOfBudget(Exception):
    """The budget is used up."""


class Budget:
    """The remaining steps. Several decisions of one request can share a budget."""

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises OutOfBudget, and sets the budget to 0, if fewer steps are left."""
        self.left -= steps
        if self.left < 0:
            self.left = 0
            raise OutOfBudget

    @contextmanager
    def share(self, of: int) -> Iterator[Budget]:
        """Lend one of `of` equal shares; unused steps are returned."""
        share = Budget(self.left // of)
        self.left -= share.left
        try:
            yield share
        finally:
            self.left += share.left


@dataclass(frozen=True, slots=True)
class Factor:
    """A number that depends on the facts: the length of the list `fact`, of a list in one of its items or fields, or of a text in
    it."""

    fact: str
    kind: str


Work = Counter[tuple[Factor, ...]]
"""Steps, grouped by the loops around them: 3 steps in a loop over `signals` and 5 outside are {(signals,): 3, (): 5}."""


def steps(work: Work, size: Callable[[Factor], int], slower: int = 1) -> int:
    """`slower` is the factor for a slower evaluator; text functions take equally long in all evaluators."""
    return sum(
        count * math.prod(map(size, factors)) * (1 if factors and factors[-1].kind == "text" else slower)
        for factors, count in work.items()
    )


def sizes(facts: Mapping[str, Any]) -> Callable[[Factor], int]:
    """The values of the factors for checked facts, each computed once and at least 1."""
    known: dict[Factor, int] = {}

    def size(factor: Factor) -> int:
        if factor not in known:
            known[factor] = max(1, _SIZES[factor.kind](facts[factor.fact]))
        return known[factor]

    return size


def _items(value: Any) -> int:
    return len(value or ())


def _inner(value: Any) -> int:
    records = [value] if isinstance(value, dict) else value or ()
    lists = (part for item in records for part in _parts_of(item) if isinstance(part, list))
    return max(map(len, lists), default=0)


def _text(value: Any) -> int:
    """The length of a text. For a list, the mean over its items, since a loop over the list multiplies by their number."""
    items = len(value) if isinstance(value, list) else 1
    return CALL + _characters(value) // (CHARACTERS_A_STEP * max(1, items))


def _characters(value: Any) -> int:
    return len(value) if isinstance(value, str) else sum(map(_characters, _parts_of(value)))


def _parts_of(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


_SIZES = {"items": _items, "inner": _inner, "text": _text}


class Meter:
    """Estimate the work of a policy's conditions as an upper bound, without early exits or skipped branches."""

    def __init__(self, validated: ValidatedPolicy) -> None:
        self.shape = Shape(validated)
        self._policy = validated.policy
        self._named: dict[str, Work] = {}
        self._known: dict[int, Work] = {}
        for name, tree in validated.conditions.items():
            self._named[name] = self._work(tree, {})
        self.decision: Work = Counter({(): 1})
        for rule in validated.rules:
            self.decision.update(self._rule(rule, validated))

    @cached_property
    def list_bits(self) -> ListBits | None:
        return list_bits(self.shape)

    def of(self, node: t.Typed, bound: Mapping[str, str]) -> Work:
        """The work of a part of the policy. `bound` maps the variables of enclosing loops to the facts that they iterate over."""
        if id(node) not in self._known:
            self._known[id(node)] = self._work(node, bound)
        return self._known[id(node)]

    def _rule(self, rule: TypedRule, validated: ValidatedPolicy) -> Work:
        """The work of a rule. For an indexed table, count only the rows that the index finds."""
        each, table = rule.rule.for_each, validated.table_of(rule)
        if each is None or table is None:
            return _NOTHING if rule.applies is None else self._work(rule.applies, {})
        columns = [name for name, _ in table.columns]
        keys, rest = split(rule.applies, each.variable)
        asked = item_test(rest, each.variable, [k.column for k in keys])
        by = [columns.index(k.column) for k in keys] + ([columns.index(asked.column)] if asked else [])
        most = max(Counter(tuple(row[c] for c in by) for row in table.rows).values(), default=0)
        if asked is None and TableIndex(tuple(by)).with_bands(
            band_test(rest, each.variable), columns, table.rows
        ):
            most = 1
        if asked is None:
            return _times(_ONE + self._all(rest, {}), (), most)
        variable, source = asked.quantifier.variable, asked.quantifier.source
        work = _ONE + self._all(asked.spread(rest), {variable: _fact_of(source, {})})
        return self._looped(source, {}, _times(work, (), most))

    def _all(self, nodes: Iterable[t.Typed], bound: Mapping[str, str]) -> Work:
        total: Work = Counter()
        for node in nodes:
            total.update(self._work(node, bound))
        return total

    def _work(self, node: t.Typed, bound: Mapping[str, str]) -> Work:
        match node:
            case t.Const() | t.FactRef() | t.ParameterRef() | t.Now() | t.Variable():
                return _NOTHING
            case t.ConditionRef(name=name):
                return self._named[name]
            case t.Not() | t.And() | t.Or():
                return self._all(node.children(), bound)
            case t.Quantifier(variable=variable, source=source, body=body):
                within = {**bound, variable: _fact_of(source, bound)}
                loop = self._looped(source, bound, _ONE + self._work(body, within))
                return _ONE + loop + self._work(source, bound)
            case t.In(item=item, container=container) if not isinstance(container, t.ParameterRef):
                return self._looped(container, bound, _ONE) + self._all((item, container), bound)
            case t.Apply(function=function, args=args) if function in (*CHOICES, "sum"):
                loop = self._looped(args[0], bound, _ONE) if len(args) == 1 else _NOTHING
                return _ONE + loop + self._all(args, bound)
            case t.Apply(function=function, args=args) if function not in ("size", *EXACT):
                return _ONE + Counter(_texts(args, bound)) + self._all(args, bound)
            case (
                t.Field()
                | t.Row()
                | t.IsNull()
                | t.Compare()
                | t.In()
                | t.ListOf()
                | t.Sum()
                | t.Product()
                | t.IfElse()
                | t.Apply()
            ):
                return _ONE + self._all(node.children(), bound)
            case _:
                assert_never(node)

    def _looped(self, source: t.Typed, bound: Mapping[str, str], body: Work) -> Work:
        """`body` once per item of `source`; if `source` can be either of two lists, once per item of both."""
        match source:
            case t.Quantifier(source=inner):
                return self._looped(inner, bound, body)
            case t.IfElse(then=then, otherwise=otherwise):
                return self._looped(then, bound, body) + self._looped(otherwise, bound, body)
            case t.FactRef(name=name):
                return _times(body, (Factor(name, "items"),))
            case t.Field(record=t.FactRef(name=name)):
                return _times(body, (Factor(name, "inner"),))
            case t.Field(record=t.Variable(name=name)) | t.Variable(name=name) if bound.get(name):
                return _times(body, (Factor(bound[name], "inner"),))
            case t.ListOf(items=items):
                return _times(body, (), len(items))
            case t.ParameterRef(name=name):
                value = self._policy.parameters[name].value
                return _times(body, (), len(value) if isinstance(value, tuple) else 1)
            case (
                t.Const()
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
                | t.Sum()
                | t.Product()
                | t.Apply()
            ):
                return body
            case _:
                assert_never(source)


_NOTHING: Work = Counter()
_ONE: Work = Counter({(): 1})


def _times(work: Work, factors: tuple[Factor, ...], count: int = 1) -> Work:
    """`work` once per iteration of the loops, and one step if there are none."""
    return _ONE + Counter({(*factors, *inner): count * n for inner, n in work.items()})


def _fact_of(source: t.Typed, bound: Mapping[str, str]) -> str:
    """The fact that a loop over `source` iterates over, possibly through nested items; None if there is none."""
    match source:
        case t.FactRef(name=name) | t.Field(record=t.FactRef(name=name)):
            return name
        case t.Quantifier(kind="filter", source=inner):
            return _fact_of(inner, bound)
        case t.Field(record=t.Variable(name=name)) | t.Variable(name=name):
            return bound.get(name, "")
        case (
            t.Const()
            | t.ParameterRef()
            | t.ConditionRef()
            | t.Now()
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
            return ""
        case _:
            assert_never(source)


def _texts(args: Iterable[t.Typed], bound: Mapping[str, str]) -> Iterator[tuple[Factor, ...]]:
    for node in (node for arg in args for node in arg.walk()):
        fact = node.name if isinstance(node, t.FactRef) else ""
        if isinstance(node, t.Variable):
            fact = bound.get(node.name, "")
        if fact:
            yield (Factor(fact, "text"),)


_meters: WeakKeyDictionary[CompiledPolicy, Meter] = WeakKeyDictionary()


def meter_of(version: CompiledPolicy) -> Meter:
    """Created on the first request for counterfactuals of a version."""
    meter = _meters.get(version)
    if meter is None:
        meter = _meters[version] = Meter(version.validated)
    return meter
