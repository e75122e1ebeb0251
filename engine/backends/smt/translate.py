"""Typed expressions as terms. Covers the whole language.

A value that may be null is a pair: whether it is null, and its value, which is arbitrary where it is null. The checker has proven
that nothing reads it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import assert_never

from engine.backends.smt.terms import Sort, Term
from engine.backends.smt.values import Items, Part, Record, Scalar, Source, Symbol
from engine.backends.smt.world import NOW, World, sort_of
from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.model import Table, Value
from engine.policy.validated import ValidatedPolicy

Variables = Mapping[str, Symbol]
_ANY: Mapping[Sort, bool | int | float | str] = {"bool": False, "int": 0, "double": 0.0, "text": ""}


class Translator:
    """Translates the expressions of one policy over given facts. `parameters` replaces the values of some parameters."""

    def __init__(
        self,
        world: World,
        validated: ValidatedPolicy,
        facts: Mapping[str, Symbol],
        parameters: Mapping[str, Symbol] | None = None,
    ) -> None:
        self.world, self.terms = world, world.terms
        self.validated = validated
        self.facts = facts
        self.parameters = parameters or {}
        self.now = self.terms.variable("int", NOW)
        self._named: dict[str, Symbol] = {}

    def holds(self, node: t.Typed | None, variables: Variables | None = None) -> Term:
        """A condition; None always holds."""
        return self.terms.true if node is None else self._truth(node, variables or {}, 0)

    def value(self, node: t.Typed, variables: Variables | None = None) -> Symbol:
        return self._value(node, variables or {}, 0)

    def constant(self, value: Value, type_: Type) -> Symbol:
        """A value of a parameter, column or default."""
        terms = self.terms
        if value is None:
            return Scalar(terms.true, None)
        if isinstance(value, tuple):
            item = type_.item or type_
            return Items(terms.false, tuple(Part(terms.true, self.constant(v, item)) for v in value))
        assert isinstance(value, bool | int | float | str)
        return Scalar(terms.false, terms.constant(sort_of(type_), value))

    def row(self, table: Table, row: Sequence[Value]) -> Record:
        cells = zip(table.columns, row, strict=True)
        return Record(self.terms.false, {name: self.constant(v, type_) for (name, type_), v in cells})

    def row_of(self, id_: str, row: Record) -> Record:
        """The row that an entry of this id sees."""
        return row

    def _truth(self, node: t.Typed, variables: Variables, depth: int) -> Term:
        value = self._value(node, variables, depth)
        return self._term(value, "bool")

    def _term(self, value: Symbol, sort: Sort) -> Term:
        """The term of a value that is not null."""
        assert isinstance(value, Scalar)
        return value.term if value.term is not None else self._any(sort)

    def _any(self, sort: Sort) -> Term:
        """Stands for the value of `null`, which nothing reads."""
        return self.terms.constant(sort, _ANY[sort])

    def _plain(self, term: Term) -> Scalar:
        return Scalar(self.terms.false, term)

    def _value(self, node: t.Typed, variables: Variables, depth: int) -> Symbol:
        terms = self.terms
        match node:
            case t.Const(value=value):
                if value is None:
                    return Scalar(terms.true, None)
                return self._plain(terms.constant(sort_of(node.type), value))
            case t.FactRef(name=name):
                return self.facts[name]
            case t.ParameterRef(name=name):
                if name in self.parameters:
                    return self.parameters[name]
                parameter = self.validated.policy.parameters[name]
                return self.constant(parameter.value, parameter.type)
            case t.ConditionRef(name=name):
                if name not in self._named:
                    self._named[name] = self._value(self.validated.conditions[name], {}, 0)
                return self._named[name]
            case t.Now():
                return self._plain(self.now)
            case t.Variable(name=name):
                return variables[name]
            case t.Field(record=record, name=name):
                of = self._value(record, variables, depth)
                assert isinstance(of, Record)
                return of.fields[name]
            case t.Row():
                return self._looked_up(node, variables, depth)
            case t.Not(operand=operand):
                return self._plain(terms.not_(self._truth(operand, variables, depth)))
            case t.And(operands=operands):
                return self._plain(terms.and_(self._truth(o, variables, depth) for o in operands))
            case t.Or(operands=operands):
                return self._plain(terms.or_(self._truth(o, variables, depth) for o in operands))
            case t.IsNull(operand=operand):
                return self._plain(self._value(operand, variables, depth).null)
            case t.Compare():
                return self._plain(self._compared(node, variables, depth))
            case t.In(item=item, container=container):
                wanted = self._value(item, variables, depth)
                within = self._value(container, variables, depth)
                return self._plain(self._some(within, depth, lambda member, _: self.same(member, wanted)))
            case t.ListOf(items=items):
                parts = tuple(Part(terms.true, self._value(i, variables, depth)) for i in items)
                return Items(terms.false, parts)
            case t.Sum(operator=sign, left=left, right=right):
                op = {"+": "add", "-": "sub"}[sign]
                sort = sort_of(node.type)
                one, other = (self._term(self._value(n, variables, depth), sort) for n in (left, right))
                return self._plain(terms.arithmetic("f" + op if sort == "double" else op, one, other))
            case t.Product(left=left, right=right):
                one, other = (self._term(self._value(n, variables, depth), "int") for n in (left, right))
                return self._plain(terms.mul(one, other))
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                chosen = self._truth(condition, variables, depth)
                return self.choose(
                    chosen,
                    self._value(then, variables, depth),
                    self._value(otherwise, variables, depth),
                    depth,
                )
            case t.Quantifier():
                return self._quantified(node, variables, depth)
            case t.Apply():
                return self._applied(node, variables, depth)
            case _:
                assert_never(node)

    def choose(self, condition: Term, then: Symbol, otherwise: Symbol, depth: int = 0) -> Symbol:
        """One of two values."""
        terms = self.terms
        if condition.op == "constant":
            return then if condition.value else otherwise
        null = terms.ite(condition, then.null, otherwise.null)
        if isinstance(then, Scalar) and then.term is None:
            return replace(otherwise, null=null)
        if isinstance(otherwise, Scalar) and otherwise.term is None:
            return replace(then, null=null)
        if isinstance(then, Scalar) and isinstance(otherwise, Scalar):
            assert then.term is not None and otherwise.term is not None
            return Scalar(null, terms.ite(condition, then.term, otherwise.term))
        if isinstance(then, Record) and isinstance(otherwise, Record):
            pairs = {n: (v, otherwise.fields[n]) for n, v in then.fields.items()}
            return Record(null, {n: self.choose(condition, a, b, depth) for n, (a, b) in pairs.items()})
        if then == otherwise:
            return then
        parts = [
            replace(part, guard=terms.and_([wanted, part.guard]))
            for value, wanted in ((then, condition), (otherwise, terms.not_(condition)))
            for part in self.items(value, depth)
        ]
        return Items(null, tuple(parts))

    def items(self, value: Symbol, depth: int) -> tuple[Part, ...]:
        """The parts of a list, in the variables of the quantifier at this depth."""
        if isinstance(value, Items):
            return value.parts
        assert isinstance(value, Source)
        any_of = Part(self.terms.true, self.world.item(value.of, depth, value.item), value.of, depth)
        return (any_of, *(Part(self.terms.true, more) for more in value.extra))

    def same(self, one: Symbol, other: Symbol) -> Term:
        """Whether two values are equal, both null included. For two lists of the facts: whether they surely are."""
        terms = self.terms
        both = terms.and_([one.null, other.null])
        neither = terms.and_([terms.not_(one.null), terms.not_(other.null)])
        if isinstance(one, Scalar) and isinstance(other, Scalar):
            if one.term is None or other.term is None:
                return both
            return terms.or_([both, terms.and_([neither, terms.eq(one.term, other.term)])])
        if isinstance(one, Record) and isinstance(other, Record):
            fields = [self.same(value, other.fields[n]) for n, value in one.fields.items()]
            return terms.or_([both, terms.and_([neither, *fields])])
        if isinstance(one, Scalar | Record) or isinstance(other, Scalar | Record):
            return both
        return terms.or_([both, terms.and_([neither, terms.not_(self._items_differ(one, other))])])

    def _items_differ(self, one: Symbol, other: Symbol) -> Term:
        """Whether some item is in one of two lists only, or differs in value. Lists that differ so may still be equal."""
        terms = self.terms
        left, right = self.items(one, 0), self.items(other, 0)
        if [p.of for p in left] != [p.of for p in right]:
            return terms.true
        differences = []
        for mine, theirs in zip(left, right, strict=True):
            changed = terms.or_(
                [
                    terms.not_(terms.eq(mine.guard, theirs.guard)),
                    terms.and_([mine.guard, terms.not_(self.same(mine.value, theirs.value))]),
                ]
            )
            differences.append(changed if mine.of is None else terms.exists(mine.of, mine.depth, changed))
        return terms.or_(differences)

    def some(self, value: Symbol, body: Callable[[Symbol], Term]) -> Term:
        """Whether the body holds for some item."""
        return self._some(value, 0, lambda item, _depth: body(item))

    def number(self, value: Symbol, body: Callable[[Symbol], Term] | None = None) -> Term:
        """For how many items the body holds, or how many there are."""
        return self._number(value, 0, lambda item, _depth: self.terms.true if body is None else body(item))

    def _compared(self, node: t.Compare, variables: Variables, depth: int) -> Term:
        terms = self.terms
        one, other = self._value(node.left, variables, depth), self._value(node.right, variables, depth)
        if node.operator in ("==", "!="):
            same = self.same(one, other)
            return same if node.operator == "==" else terms.not_(same)
        sort = sort_of(node.left.type if node.left.type.kind != "null" else node.right.type)
        left, right = self._term(one, sort), self._term(other, sort)
        match node.operator:
            case "<":
                return terms.lt(left, right)
            case "<=":
                return terms.le(left, right)
            case ">":
                return terms.lt(right, left)
        return terms.le(right, left)

    def _some(self, value: Symbol, depth: int, body: Callable[[Symbol, int], Term]) -> Term:
        """Whether the body, which stands one quantifier deeper, holds for some item."""
        results = []
        for part in self.items(value, depth):
            holds = self.terms.and_([part.guard, body(part.value, depth + 1)])
            results.append(holds if part.of is None else self.terms.exists(part.of, part.depth, holds))
        return self.terms.or_(results)

    def _number(self, value: Symbol, depth: int, body: Callable[[Symbol, int], Term]) -> Term:
        """For how many items the body holds."""
        terms = self.terms
        counts = []
        for part in self.items(value, depth):
            holds = terms.and_([part.guard, body(part.value, depth + 1)])
            one = terms.ite(holds, terms.integer(1), terms.integer(0))
            counts.append(one if part.of is None else terms.count(part.of, part.depth, holds))
        return reduce(terms.add, counts) if counts else terms.integer(0)

    def _quantified(self, node: t.Quantifier, variables: Variables, depth: int) -> Symbol:
        terms = self.terms
        of = self._value(node.source, variables, depth)

        def body(item: Symbol, inner: int) -> Term:
            return self._truth(node.body, {**variables, node.variable: item}, inner)

        match node.kind:
            case "exists":
                return self._plain(self._some(of, depth, body))
            case "all":
                return self._plain(
                    terms.not_(self._some(of, depth, lambda item, inner: terms.not_(body(item, inner))))
                )
            case "exists_one":
                return self._plain(terms.eq(self._number(of, depth, body), terms.integer(1)))
            case "filter":
                kept = (
                    replace(p, guard=terms.and_([p.guard, body(p.value, depth + 1)]))
                    for p in self.items(of, depth)
                )
                return Items(terms.false, tuple(kept))
            case "map":
                mapped = (
                    replace(p, value=self._value(node.body, {**variables, node.variable: p.value}, depth + 1))
                    for p in self.items(of, depth)
                )
                return Items(terms.false, tuple(mapped))
            case _:
                assert_never(node.kind)

    def _looked_up(self, node: t.Row, variables: Variables, depth: int) -> Record:
        """The first row with the key."""
        terms = self.terms
        table = self.validated.policy.parameters[node.table].table
        assert table is not None
        columns = dict(table.columns)
        keys = [self._value(key, variables, depth) for key in node.keys]
        nothing = Record(
            terms.true, {name: self._plain(self._any(sort_of(type_))) for name, type_ in table.columns}
        )
        record: Symbol = nothing
        for row in reversed(table.rows):
            wanted = zip(table.key, table.row_key(row), keys, strict=True)
            here = terms.and_(self.same(self.constant(v, columns[name]), key) for name, v, key in wanted)
            record = self.choose(here, self.row(table, row), record)
        assert isinstance(record, Record)
        return record

    def _applied(self, node: t.Apply, variables: Variables, depth: int) -> Symbol:
        terms = self.terms
        args = [self._value(a, variables, depth) for a in node.args]
        match node.function, args:
            case "size", [Items() | Source() as of]:
                return self._plain(self._number(of, depth, lambda _item, _inner: terms.true))
            case "sum", [of]:
                return self._plain(self._total(of, depth))
            case ("min" | "max") as name, [Items() | Source() as of]:
                return self._furthest(name, of, depth, sort_of(node.type))
            case ("min" | "max") as name, [one, other]:
                return self._furthest_of_two(name, one, other, sort_of(node.type))
            case "round", [number, Scalar(term=cut), Scalar(term=mode)]:
                assert cut is not None and mode is not None
                return self._plain(self._rounded(self._term(number, "int"), cut.value, mode.value))
            case "divide", [number, divisor, Scalar(term=shift), Scalar(term=mode)]:
                assert shift is not None and mode is not None
                shifted = self._term(number, "int"), self._term(divisor, "int")
                return self._plain(self._divided(*shifted, shift.value, mode.value))
        sorts = [sort_of(a.type) if a.type.kind != "null" else "text" for a in node.args]
        texts = tuple(self._term(a, sort) for a, sort in zip(args, sorts, strict=True))
        return self._plain(terms.apply(node.function, sort_of(node.type), texts))

    def _total(self, of: Symbol, depth: int) -> Term:
        terms = self.terms
        totals = []
        for part in self.items(of, depth):
            value = self._term(part.value, "int")
            if part.of is None:
                totals.append(terms.ite(part.guard, value, terms.integer(0)))
            else:
                totals.append(terms.fold("sum", part.of, part.depth, part.guard, value))
        return reduce(terms.add, totals) if totals else terms.integer(0)

    def _furthest(self, name: str, of: Symbol, depth: int, sort: Sort) -> Scalar:
        """The least or greatest item; null for a list without items."""
        terms = self.terms
        furthest: Symbol = Scalar(terms.true, None)
        for part in self.items(of, depth):
            term, there = self._term(part.value, sort), part.guard
            if part.of is not None:
                term = terms.fold(name, part.of, part.depth, part.guard, term)
                there = terms.exists(part.of, part.depth, part.guard)
            best = self._furthest_of_two(name, furthest, self._plain(term), sort)
            more = self.choose(furthest.null, self._plain(term), best)
            furthest = self.choose(there, more, furthest)
        assert isinstance(furthest, Scalar)
        return furthest

    def _furthest_of_two(self, name: str, one: Symbol, other: Symbol, sort: Sort) -> Scalar:
        terms = self.terms
        left, right = self._term(one, sort), self._term(other, sort)
        turned = terms.lt(right, left) if name == "min" else terms.lt(left, right)
        return self._plain(terms.ite(turned, right, left))

    def _rounded(self, number: Term, cut: int, mode: str) -> Term:
        if cut <= 0:
            return self.terms.mul(number, self.terms.integer(10**-cut))
        return self._quotient(number, self.terms.integer(10**cut), mode)

    def _divided(self, number: Term, divisor: Term, shift: int, mode: str) -> Term:
        terms = self.terms
        if shift >= 0:
            return self._quotient(terms.mul(number, terms.integer(10**shift)), divisor, mode)
        return self._quotient(number, terms.mul(divisor, terms.integer(10**-shift)), mode)

    def _quotient(self, dividend: Term, divisor: Term, mode: str) -> Term:
        """As in `engine.expression.arithmetic`, on absolute values."""
        terms = self.terms
        zero, one = terms.integer(0), terms.integer(1)
        below, under = terms.lt(dividend, zero), terms.lt(divisor, zero)
        size = terms.ite(under, terms.sub(zero, divisor), divisor)
        whole, rest = terms.divmod(terms.ite(below, terms.sub(zero, dividend), dividend), size)
        twice = terms.add(rest, rest)
        odd = terms.eq(terms.divmod(whole, terms.integer(2))[1], one)
        tie = terms.eq(twice, size)
        up: Term = {
            "up": lambda: terms.lt(zero, rest),
            "half_up": lambda: terms.le(size, twice),
            "half_even": lambda: terms.or_([terms.lt(size, twice), terms.and_([tie, odd])]),
            "down": lambda: terms.false,
        }[mode]()
        grown = terms.ite(up, terms.add(whole, one), whole)
        return terms.ite(terms.eq(below, under), grown, terms.sub(zero, grown))
