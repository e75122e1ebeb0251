"""Typed expressions as terms: what is known is computed, and the rest is told to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import product
from typing import Any, assert_never

from django.db.models import Exists, Q
from django.db.models.functions import Length

from engine.backends.django_q.columns import count_of, read
from engine.backends.django_q.comparison import as_text, compare, total, truth_of
from engine.backends.django_q.logic import Truth, all_of, any_of, opposite
from engine.backends.django_q.operations import added, applied, chosen, lifted, multiplied
from engine.backends.django_q.sources import Part, Source
from engine.backends.django_q.terms import (
    Bool,
    Choice,
    Double,
    Known,
    Listed,
    Number,
    Reader,
    Record,
    Related,
    Summand,
    Term,
    Text,
    Unsupported,
    certainly,
)
from engine.expression import typed as t
from engine.expression.functions import CHOICES
from engine.expression.types import Type
from engine.policy.validated import ValidatedPolicy

Variables = Mapping[str, Reader]


class Translator:
    """Translates the expressions of one policy. `facts` are sources; plain values are in the engine's representation already,
    as `Known`. `now` is in microseconds."""

    def __init__(self, validated: ValidatedPolicy, facts: Mapping[str, Source], now: int) -> None:
        self.validated = validated
        self.now = now
        types = {name: fact.type for name, fact in validated.policy.facts.items()}
        self.facts = {name: self.reader(facts[name], types[name], 0) for name in types}
        self._named: dict[tuple[str, int], Choice] = {}

    def holds(self, node: t.Typed | None, variables: Variables | None = None, depth: int = 0) -> Truth:
        """A condition; None always holds."""
        if node is None:
            return True
        return any_of(
            all_of([guard, truth_of(term)]) for guard, term in self.value(node, variables or {}, depth)
        )

    def value(self, node: t.Typed, variables: Variables, depth: int) -> Choice:
        """Raises Unsupported, with the node."""
        try:
            return self._value(node, variables, depth)
        except Unsupported as error:
            error.node = error.node or node
            raise

    def _value(self, node: t.Typed, variables: Variables, depth: int) -> Choice:
        def value(part: t.Typed) -> Choice:
            return self.value(part, variables, depth)

        def holds(part: t.Typed) -> Truth:
            return self.holds(part, variables, depth)

        match node:
            case t.Const(value=constant):
                return certainly(Known(constant))
            case t.FactRef(name=name):
                return self.facts[name](depth)
            case t.ParameterRef(name=name):
                return certainly(Known(self.validated.policy.parameters[name].value))
            case t.ConditionRef(name=name):
                if (name, depth) not in self._named:
                    self._named[name, depth] = self.value(self.validated.conditions[name], {}, depth)
                return self._named[name, depth]
            case t.Now():
                return certainly(Known(self.now))
            case t.Variable(name=name):
                return variables[name](depth)
            case t.Field(record=record, name=name):
                return self._field(value(record), name, depth)
            case t.Row():
                return self._row(node, variables, depth)
            case t.Not(operand=operand):
                return certainly(Bool(opposite(holds(operand))))
            case t.And(operands=operands):
                return certainly(Bool(all_of(map(holds, operands))))
            case t.Or(operands=operands):
                return certainly(Bool(any_of(map(holds, operands))))
            case t.IsNull(operand=operand):
                return certainly(
                    Bool(any_of(all_of([guard, null_of(term)]) for guard, term in value(operand)))
                )
            case t.Compare(operator=sign, left=left, right=right):
                return certainly(
                    Bool(_either_way(value(left), value(right), lambda a, b: compare(sign, a, b)))
                )
            case t.In(item=item, container=container):
                return certainly(Bool(self._in(value(item), item, variables, value(container), depth)))
            case t.ListOf(items=items):
                return certainly(Listed(tuple((_always, self._later(item, variables)) for item in items)))
            case t.Sum(operator=sign, left=left, right=right):
                return lifted(lambda a, b: added(node.type, sign, a, b), value(left), value(right))
            case t.Product(left=left, right=right):
                return lifted(multiplied, value(left), value(right))
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                holding = holds(condition)
                if isinstance(holding, bool):
                    return value(then if holding else otherwise)
                return (*_under(holding, value(then)), *_under(opposite(holding), value(otherwise)))
            case t.Quantifier():
                return self._quantify(node, variables, depth)
            case t.Apply(function=name, args=args):
                return self._apply(name, [value(arg) for arg in args], depth)
            case _:
                assert_never(node)

    def reader(self, source: Source, type_: Type, own: int) -> Reader:
        """Reads a source that belongs to rows of the depth `own`."""
        if isinstance(source, Mapping):
            fields = {name: self.reader(source[name], of, own) for name, of in type_.fields}
            return lambda depth: certainly(Record(fields))
        if isinstance(source, Known):
            return lambda depth: certainly(source)
        return lambda depth: certainly(read(source, type_, own, depth))

    def item_of(self, related: Related, part: Part) -> Reader:
        return self.reader(part.item, related.item, related.depth + 1)

    def _later(self, node: t.Typed, variables: Variables) -> Reader:
        return lambda depth: self.value(node, variables, depth)

    def _field(self, records: Choice, name: str, depth: int) -> Choice:
        fields: list[tuple[Truth, Term]] = []
        for guard, record in records:
            if isinstance(record, Record):
                fields += _under(guard, record.fields[name](depth))
            else:
                assert isinstance(record, Known)
                fields.append((guard, Known(record.value[name] if record.value else None)))
        return tuple(fields)

    def _row(self, node: t.Row, variables: Variables, depth: int) -> Choice:
        table = self.validated.policy.parameters[node.table].table
        assert table is not None
        keys = [self.value(key, variables, depth) for key in node.keys]
        choices: list[tuple[Truth, Term]] = []
        for row in table.rows:
            pairs = zip(keys, table.row_key(row), strict=True)
            same = all_of(
                _either_way(k, certainly(Known(v)), lambda a, b: compare("==", a, b)) for k, v in pairs
            )
            if same is True:
                return certainly(Known(table.named(row)))
            if same is not False:
                choices.append((same, Known(table.named(row))))
        return (*choices, (opposite(any_of(guard for guard, _ in choices)), Known(None)))

    def _in(self, item: Choice, node: t.Typed, variables: Variables, containers: Choice, depth: int) -> Truth:
        def is_item(candidate: Reader, at: int) -> Truth:
            wanted = item if at == depth else self.value(node, variables, at)
            return _either_way(candidate(at), wanted, lambda a, b: compare("==", a, b))

        return any_of(all_of([guard, self._exists(items, is_item, depth)]) for guard, items in containers)

    def _exists(self, items: Term, accepts: Callable[[Reader, int], Truth], depth: int) -> Truth:
        if isinstance(items, Related):
            found = (self._rows(items, part, accepts, depth) for part in items.rows.parts)
            return any_of(rows is not None and Q(Exists(rows)) for rows in found)
        return any_of(all_of([present(depth), accepts(item, depth)]) for present, item in listed(items).items)

    def _rows(
        self, items: Related, part: Part, accepts: Callable[[Reader, int], Truth] | None, depth: int
    ) -> Any:
        """The rows of the items that are kept and accepted; None if there are none."""
        if items.depth != depth:
            raise Unsupported("a list of the row inside a condition on the items of a list")
        item = self.item_of(items, part)
        keeps = [*items.keeps, *([accepts] if accepts else [])]
        wanted = all_of(keep(item, depth + 1) for keep in keeps)
        if isinstance(wanted, bool):
            return part.rows if wanted else None
        return part.rows.filter(wanted)

    def _quantify(self, node: t.Quantifier, variables: Variables, depth: int) -> Choice:
        def body(item: Reader, at: int) -> Truth:
            return self.holds(node.body, {**variables, node.variable: item}, at)

        def rejects(item: Reader, at: int) -> Truth:
            return opposite(body(item, at))

        sources = self.value(node.source, variables, depth)
        match node.kind:
            case "exists":
                return _asked(sources, lambda items: self._exists(items, body, depth))
            case "all":
                return _asked(sources, lambda items: opposite(self._exists(items, rejects, depth)))
            case "exists_one":
                return _asked(sources, lambda items: self._exactly_one(items, body, depth))
            case "filter":
                return lifted(lambda items: _filtered(items, body), sources)
            case "map":
                return lifted(lambda items: self._mapped(items, node, variables), sources)
            case _:
                assert_never(node.kind)

    def _exactly_one(self, items: Term, body: Callable[[Reader, int], Truth], depth: int) -> Truth:
        if isinstance(items, Related):
            return compare("==", self._count(_filtered(items, body), depth), Known(1))
        counted = [all_of([present(depth), body(item, depth)]) for present, item in listed(items).items]
        return any_of(
            all_of([one, *(opposite(other) for j, other in enumerate(counted) if j != i)])
            for i, one in enumerate(counted)
        )

    def _mapped(self, items: Term, node: t.Quantifier, variables: Variables) -> Term:
        if isinstance(items, Related):
            raise Unsupported("to compute a value from each row of a list")

        def mapped(item: Reader) -> Reader:
            return lambda depth: self.value(node.body, {**variables, node.variable: item}, depth)

        return Listed(tuple((present, mapped(item)) for present, item in listed(items).items))

    def _count(self, items: Term, depth: int) -> Number:
        if isinstance(items, Related):
            counts = [
                count_of(rows)
                for p in items.rows.parts
                if (rows := self._rows(items, p, None, depth)) is not None
            ]
            return Number(tuple(Summand(count, "int") for count in counts))
        present = [present(depth) for present, _ in listed(items).items]
        if not all(isinstance(each, bool) for each in present):
            raise Unsupported("to count the values of a row for which a condition holds")
        return Number((), present.count(True))

    def _apply(self, name: str, args: list[Choice], depth: int) -> Choice:
        if name == "size":
            return lifted(lambda arg: self._size(arg, depth), *args)
        if len(args) == 1 and name in (*CHOICES, "sum"):
            return reduce(
                lambda done, more: (*done, *more), (self._folded(name, *one, depth) for one in args[0])
            )
        if name in CHOICES:
            return reduce(lambda a, b: chosen(name, a, b), args)
        return lifted(lambda *terms: applied(name, terms), *args)

    def _size(self, term: Term, depth: int) -> Term:
        match term:
            case Known(value=None):
                return term
            case Known(value=value) if isinstance(value, str):
                return Known(len(value))
            case Text():
                return Number((Summand(Length(as_text(term)), "int"),))
            case _:
                return self._count(term, depth)

    def _folded(self, name: str, guard: Truth, items: Term, depth: int) -> Choice:
        """`sum`, `min` or `max` of a list."""
        if isinstance(items, Related):
            raise Unsupported(f"`{name}` of the rows of a list")
        if items == Known(None):
            return ((guard, items),)
        every = listed(items).items
        if any(present(depth) is not True for present, _ in every):
            raise Unsupported(f"`{name}` of the values of a row for which a condition holds")
        readers = [item(depth) for _, item in every]
        if name == "sum":
            folded = reduce(lambda a, b: lifted(total, a, b), readers, certainly(Known(0)))
        elif readers:
            folded = reduce(lambda a, b: chosen(name, a, b), readers)
        else:
            folded = certainly(Known(None))
        return tuple(_under(guard, folded))


def null_of(term: Term) -> Truth:
    match term:
        case Known(value=value):
            return value is None
        case Bool() | Number() | Double() | Text():
            return term.null
        case Record() | Listed() | Related():
            return False
        case _:
            assert_never(term)


def listed(items: Term) -> Listed:
    if isinstance(items, Known):
        return Listed(tuple((_always, _reads(Known(value))) for value in items.value or ()))
    assert isinstance(items, Listed)
    return items


def _either_way(left: Choice, right: Choice, function: Callable[[Term, Term], Truth]) -> Truth:
    return any_of(all_of(_lazily(g, h, function, a, b)) for (g, a), (h, b) in product(left, right))


def _lazily(g: Truth, h: Truth, function: Callable[[Term, Term], Truth], a: Term, b: Term) -> Iterable[Truth]:
    yield from (g, h)
    yield function(a, b)


def _asked(sources: Choice, asks: Callable[[Term], Truth]) -> Choice:
    return certainly(Bool(any_of(all_of([guard, asks(items)]) for guard, items in sources)))


def _filtered(items: Term, keep: Callable[[Reader, int], Truth]) -> Term:
    if isinstance(items, Related):
        return Related(items.rows, items.item, items.depth, (*items.keeps, keep))

    def kept(present: Callable[[int], Truth], item: Reader) -> Callable[[int], Truth]:
        return lambda depth: all_of([present(depth), keep(item, depth)])

    return Listed(tuple((kept(present, item), item) for present, item in listed(items).items))


def _under(guard: Truth, choice: Choice) -> list[tuple[Truth, Term]]:
    return [(all_of([guard, more]), term) for more, term in choice]


def _always(depth: int) -> Truth:
    return True


def _reads(term: Term) -> Reader:
    return lambda depth: certainly(term)
