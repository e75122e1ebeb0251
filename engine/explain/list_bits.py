"""Decide about a changed list without the list: each item becomes a bit mask of the quantifiers that it satisfies.

An `exists` depends on its list only through the union of these masks, and `all` likewise, with the items that fail. A list that
is read in any other way, such as by `size`, is not among `lists`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from engine.backends.python.emitter import Emitter
from engine.backends.python.rules import RuleEmitter
from engine.backends.python.table_index import ItemTest, by_items
from engine.backends.python.tables import both
from engine.explain.shape import Shape
from engine.expression import typed as t
from engine.policy.model import Table
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.python_ast import call, function, index, load, run, store

MAX_BITS = 1_000


@dataclass(frozen=True)
class ListBits:
    lists: frozenset[str]
    reads: frozenset[str]
    """What the bodies of the quantifiers read besides items: facts, and `now`."""
    worsening: int
    """Bits that can only make more rules apply, so that with `hit: worst` they never improve the outcome."""
    of_item: Mapping[str, Callable[[Mapping[str, Any], int, Any], int]]
    """For each list, a function from facts, `now` and an item to its bits."""
    rules: Callable[[Mapping[str, Any], int, int], Any]
    """As `CompiledPolicy.rules`, with the bits of all items as its third argument."""
    steps: int
    """An upper bound of the steps of one call of `of_item`."""


@dataclass(slots=True)
class _Asked:
    """A quantifier over a list. If it reads the row of a table rule, it has one bit for each row."""

    node: t.Quantifier
    fact: str
    row: str | None
    table: Table | None
    first: int
    worsens: bool = True

    @property
    def width(self) -> int:
        return 1 if self.table is None else len(self.table.rows)


def list_bits(shape: Shape) -> ListBits | None:
    """None if no list is read by quantifiers only. With `hit: unique`, answers are compared too, which bits do not show."""
    validated = shape.validated
    if validated.policy.hit == "unique":
        return None
    reader = _Reader(shape)
    for rule in validated.rules:
        if rule.applies is not None:
            reader.rule = rule
            reader.read(rule.applies, 1, False)
    asked = {key: one for key, one in reader.asked.items() if one.fact not in reader.whole}
    if not asked or sum(one.width for one in asked.values()) > MAX_BITS:
        return None
    first = worsening = 0
    for one in asked.values():
        one.first = first
        if one.worsens and validated.policy.hit == "worst":
            worsening |= (1 << one.width) - 1 << first
        first += one.width
    lists = frozenset(one.fact for one in asked.values())
    items = _Items(validated, asked.values())
    return ListBits(
        lists, frozenset(items.reads), worsening, items.compiled, _rules(validated, asked), items.steps
    )


class _Reader:
    """Find the quantifiers over lists, and the lists that are also read as a whole."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.validated = shape.validated
        self.rule: TypedRule | None = None
        self.asked: dict[int, _Asked] = {}
        self.whole: set[str] = set()
        self.seen: set[tuple[str, int, bool]] = set()

    def read(self, node: t.Typed, sign: int, inside: bool) -> None:
        """`sign` is 1 if the part can only make the rule apply, -1 if it can only keep it from applying, else 0. `inside` is
        whether the part is in the body of a quantifier."""
        match node:
            case t.Not(operand=operand):
                self.read(operand, -sign, inside)
            case t.And(operands=operands) | t.Or(operands=operands):
                for operand in operands:
                    self.read(operand, sign, inside)
            case t.ConditionRef(name=name):
                if (name, sign, inside) not in self.seen:
                    self.seen.add((name, sign, inside))
                    self.read(self.validated.conditions[name], sign, inside)
            case t.Quantifier(kind="exists" | "all" as kind, source=t.FactRef(name=name), body=body):
                if inside or self.validated.policy.facts[name].type.optional:
                    self.whole.add(name)
                else:
                    self._ask(node, name, sign if kind == "exists" else -sign)
                self.read(body, 0, True)
            case t.FactRef(name=name):
                self.whole.add(name)
            case (
                t.Const() | t.ParameterRef() | t.Now() | t.Variable() | t.Field() | t.Row() | t.IsNull() | t.Compare() | t.In()
                | t.ListOf() | t.Sum() | t.Product() | t.IfElse() | t.Quantifier() | t.Apply()
            ):  # fmt: skip
                for child in node.children():
                    self.read(child, 0, inside)
            case _:
                assert_never(node)

    def _ask(self, node: t.Quantifier, fact: str, sign: int) -> None:
        each = self.rule.rule.for_each if self.rule is not None else None
        one = self.asked.get(id(node))
        if one is None:
            row = table = None
            if each is not None and each.variable in self.shape.variables(node.body) - {node.variable}:
                assert self.rule is not None
                row, table = each.variable, self.validated.table_of(self.rule)
            one = self.asked[id(node)] = _Asked(node, fact, row, table, 0)
        one.worsens = one.worsens and sign > 0


class _Rules(RuleEmitter):
    def __init__(self, validated: ValidatedPolicy, hit: str, asked: Mapping[int, _Asked]) -> None:
        super().__init__(validated, hit)
        self.asked = asked

    def items_tested(self, rest: list[t.Typed], variable: str, taken: Collection[str]) -> ItemTest | None:
        return None

    def quantifier(self, node: t.Quantifier) -> ast.expr:
        one = self.asked.get(id(node))
        if one is None:
            return super().quantifier(node)
        place: ast.expr = ast.Constant(one.first)
        if one.row is not None:
            number = index(load(self.row(one.row)), len(self.columns[one.row]))
            place = ast.BinOp(number, ast.Add(), place)
        bit = ast.BinOp(ast.BinOp(load("bits"), ast.RShift(), place), ast.BitAnd(), ast.Constant(1))
        wanted = 1 if node.kind == "exists" else 0
        return ast.Compare(bit, [ast.Eq()], [ast.Constant(wanted)])


def _rules(validated: ValidatedPolicy, asked: Mapping[int, _Asked]) -> Callable[..., Any]:
    emitter = _Rules(validated, validated.policy.hit, asked)
    body = emitter.all_rules()
    body.append(ast.Return(load("hits") if validated.policy.finds_all else ast.Constant(emitter.count)))
    rules = function("rules", ["facts", "now", "bits"], emitter.prologue() + body)
    compiled: Callable[..., Any] = run([*emitter.functions, rules], emitter.constants)["rules"]
    return compiled


class _Items:
    """Emit `of_item` for each list."""

    def __init__(self, validated: ValidatedPolicy, asked: Collection[_Asked]) -> None:
        self.emitter = Emitter(validated.conditions, validated.policy.parameters)
        self.reads: set[str] = set()
        self.steps = 0
        functions = [
            self._function(fact, [one for one in asked if one.fact == fact])
            for fact in sorted({one.fact for one in asked})
        ]
        names = [f.name for f in functions]
        namespace = run([*self.emitter.functions, *functions], self.emitter.constants)
        self.compiled = {name.removeprefix("items_"): namespace[name] for name in names}

    def _function(self, fact: str, asked: list[_Asked]) -> ast.FunctionDef:
        lines = [line for one in asked for line in self._bits(one)]
        names = {n.id for line in lines for n in ast.walk(line) if isinstance(n, ast.Name)}
        facts = sorted(name.removeprefix("f_") for name in names if name.startswith("f_"))
        self.reads.update(facts, names & {"now"})
        given: list[ast.stmt] = [
            ast.Assign([store(f"f_{name}")], index(load("facts"), name)) for name in facts
        ]
        body = [*given, ast.Assign([store("bits")], ast.Constant(0)), *lines, ast.Return(load("bits"))]
        return function(f"items_{fact}", ["facts", "now", "item"], body)

    def _bits(self, one: _Asked) -> Iterator[ast.stmt]:
        node = one.node
        yield ast.Assign([store(f"v_{node.variable}")], load("item"))
        if one.row is None or one.table is None:
            test = self._test(node, [node.body])
            self.steps += self._parts(node.body)
            yield ast.If(test, [_set(ast.Constant(1 << one.first))], [])
            return
        columns = tuple(name for name, _ in one.table.columns)
        self.emitter.columns = {one.row: columns}
        rows = [(*row, 1 << one.first + number) for number, row in enumerate(one.table.rows)]
        asked = by_items(node, one.row, ()) if node.kind == "exists" else None
        if asked is None:
            found, most = self.emitter.constant(f"rows_{one.first}", tuple(rows)), len(rows)
            parts: list[t.Typed] = [node.body]
        else:
            column = columns.index(asked.column)
            groups: dict[Any, list[Any]] = {}
            for row in rows:
                groups.setdefault(row[column], []).append(row)
            most = max(Counter(row[column] for row in rows).values(), default=0)
            named = self.emitter.constant(f"rows_{one.first}", groups)
            value = self.emitter.emit(asked.value)
            found = call(ast.Attribute(named, "get", ast.Load()), value, ast.Tuple([], ast.Load()))
            parts = list(asked.others)
        self.steps += 1 + most * self._parts(node.body)
        taken: list[ast.stmt] = [_set(index(load(f"v_{one.row}"), len(columns)))]
        if parts:
            taken = [ast.If(self._test(node, parts), taken, [])]
        yield ast.For(store(f"v_{one.row}"), found, taken, [])
        self.emitter.columns = {}

    def _test(self, node: t.Quantifier, parts: list[t.Typed]) -> ast.expr:
        test = both([self.emitter.emit(part) for part in parts])
        return test if node.kind == "exists" else ast.UnaryOp(ast.Not(), test)

    def _parts(self, node: t.Typed) -> int:
        """The parts of a node, with those of the conditions that are inlined."""
        inlined = [self.emitter.conditions[n.name] for n in node.walk() if isinstance(n, t.ConditionRef)]
        return sum(1 for _ in node.walk()) + sum(map(self._parts, inlined))


def _set(bits: ast.expr) -> ast.stmt:
    return ast.AugAssign(store("bits"), ast.BitOr(), bits)
