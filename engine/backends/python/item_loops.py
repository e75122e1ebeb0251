"""Answer the questions about the items of a list in the loop that checks them, so that the list is read once.

Only conditions that cannot fail on checked facts are asked there: the loop may ask what the rules would not have reached.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from engine.backends.python.emitter import Emitter
from engine.backends.python.table_index import ItemTest, item_test, parts_of, split
from engine.backends.python.tables import append, look_up, plus
from engine.expression import typed as t
from engine.policy.model import Fact
from engine.policy.validated import TypedRule
from engine.python_ast import index, load, store

Rows = Callable[[tuple[str, ...], ItemTest], ast.expr | None]
"""Take the key columns and the item's test. Return an index with at most one row for each item, or None."""
MOST = 40
"""The questions asked in one loop. Of more, most would be asked in vain: rules stop early, and a loop does not."""
_COMPOSED = ("list", "record")


def item_name(fact: str, name: str | None = None) -> str:
    """The local variable of an item of a list, or of a field of the item."""
    return f"i_{fact}" if name is None else f"i_{fact}_{name}"


@dataclass
class Branch:
    """Tests that share their first parts: each is made once, and leads to further tests and to lines."""

    lines: list[ast.stmt] = field(default_factory=list)
    tests: dict[str, tuple[ast.expr, Branch]] = field(default_factory=dict)

    def add(self, tests: Iterable[ast.expr], line: ast.stmt) -> None:
        branch = self
        for test in tests:
            branch = branch.tests.setdefault(ast.dump(test), (test, Branch()))[1]
        branch.lines.append(line)

    def emitted(self) -> list[ast.stmt]:
        ifs: list[ast.stmt] = []
        last: ast.If | None = None
        for test, branch in self.tests.values():
            while not branch.lines and len(branch.tests) == 1:
                ((more, branch),) = branch.tests.values()
                parts = (
                    test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
                )
                test = ast.BoolOp(ast.And(), [*parts, more])
            one = ast.If(test, branch.emitted(), [])
            (last.orelse if last and _exclude(last.test, test) else ifs).append(one)
            last = one
        return [*self.lines, *ifs]


def _exclude(one: ast.expr, other: ast.expr) -> bool:
    """Whether two tests begin by comparing the same value with different constants, so that not both hold."""
    first, second = (
        e.values[0] if isinstance(e, ast.BoolOp) and isinstance(e.op, ast.And) else e for e in (one, other)
    )
    match first, second:
        case (
            ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=value)]),
            ast.Compare(left=right, ops=[ast.Eq()], comparators=[ast.Constant(value=another)]),
        ):
            return ast.dump(left) == ast.dump(right) and value != another
    return False


@dataclass
class ItemLoop:
    """What is asked about the items of one list: lines before the loop, look-ups of rows, and tests."""

    before: list[ast.stmt] = field(default_factory=list)
    rows: dict[str, tuple[str, ast.expr]] = field(default_factory=dict)
    asked: Branch = field(default_factory=Branch)
    count: int = 0

    def emitted(self) -> list[ast.stmt]:
        found: list[ast.stmt] = [ast.Assign([store(name)], value) for name, value in self.rows.values()]
        return [*found, *self.asked.emitted()]


@dataclass(frozen=True)
class KeptRows:
    """The local list of the entries that a table rule keeps, and the other parts of its condition."""

    name: str
    outside: tuple[t.Typed, ...]


class ItemLoops:
    """Collects the questions about all list facts. `emitter` owns the constants and indexes of the function."""

    def __init__(self, facts: dict[str, Fact], emitter: Emitter) -> None:
        self.loops = {
            name: ItemLoop() for name, f in facts.items() if f.type.kind == "list" and not f.type.optional
        }
        self.emitter = emitter
        self.flags: dict[int, str] = {}
        """The local variable of each quantifier, by the id of its node."""
        self._known: dict[tuple[str, str, str], str] = {}
        self._rows: dict[str, str] = {}

    def ask(self, node: t.Quantifier) -> None:
        """Ask a quantifier in the loop over its list, if possible."""
        source = node.source
        if not isinstance(source, t.FactRef) or node.kind not in ("exists", "all") or id(node) in self.flags:
            return
        loop = self.loops.get(source.name)
        if loop is None or not self._is_simple(node.body, (node.variable,)):
            return
        found = node.kind == "exists"
        item = _ItemEmitter(self.emitter, source.name, node.variable)
        tests = [item.emit(part) for part in parts_of(node.body)]
        if not found:
            tests = [ast.UnaryOp(ast.Not(), item.emit(node.body))]
        asked = (source.name, node.kind, ast.dump(ast.Tuple(tests, ast.Load())))
        if asked not in self._known:
            if loop.count == MOST:
                return
            loop.count += 1
            flag = self._known[asked] = f"q_{source.name}_{loop.count}"
            loop.before.append(ast.Assign([store(flag)], ast.Constant(not found)))
            loop.asked.add(tests, ast.Assign([store(flag)], ast.Constant(found)))
        self.flags[id(node)] = self._known[asked]

    def ask_rows(
        self, rule: TypedRule, first: int, columns: tuple[str, ...], rows: Rows, variable: str
    ) -> KeptRows | None:
        """Look up the rows of a table rule in the loop over the list whose items select them, if possible."""
        keys, rest = split(rule.applies, variable)
        asked = item_test(rest, variable, [k.column for k in keys])
        if asked is None or not isinstance(asked.quantifier.source, t.FactRef):
            return None
        fact, item = asked.quantifier.source.name, asked.quantifier.variable
        loop = self.loops.get(fact)
        inside, outside = _divided(asked.spread(rest), (variable, item))
        within = (variable, item)
        if (
            loop is None
            or loop.count == MOST
            or not all(self._is_simple(p, within) for p in (*inside, asked.value))
        ):
            return None
        found = rows(tuple(k.column for k in keys), asked)
        if found is None:
            return None
        loop.count += 1
        if keys:
            found = look_up(found, [self.emitter.emit(k.value) for k in keys], ast.Dict([], []))
        emitter = _ItemEmitter(self.emitter, fact, item)
        row = self._row(loop, fact, found, emitter.emit(asked.value))
        emitter.columns[variable], emitter.rows[variable] = columns, row
        kept = f"k_{fact}_{loop.count}"
        loop.before.append(ast.Assign([store(kept)], ast.List([], ast.Load())))
        there = ast.Compare(load(row), [ast.IsNot()], [ast.Constant(None)])
        tests = [there, *(emitter.emit(part) for part in inside)]
        loop.asked.add(tests, append(kept, plus(index(load(row), len(columns)), first)))
        return KeptRows(kept, tuple(outside))

    def _row(self, loop: ItemLoop, fact: str, rows: ast.expr, value: ast.expr) -> str:
        """The local variable of the row that an item selects. Rules over the same table share it."""
        name = self._rows.get(ast.dump(rows))
        if name is None:
            name = self._rows[ast.dump(rows)] = f"t_{fact}_{len(self._rows)}"
            loop.before.append(ast.Assign([store(name)], rows))
        found = look_up(load(name), [value], ast.Constant(None))
        return loop.rows.setdefault(ast.dump(found), (f"r_{fact}_{len(loop.rows)}", found))[0]

    def _is_simple(self, node: t.Typed, variables: tuple[str, ...]) -> bool:
        """Whether a condition costs little and cannot fail: it reads these variables, and facts that are never null."""
        match node:
            case t.Const() | t.ParameterRef() | t.Now():
                return True
            case t.FactRef(type=type_):
                return not type_.optional and type_.kind not in _COMPOSED
            case t.Variable(name=name) | t.Field(record=t.Variable(name=name)):
                return name in variables and node.type.kind not in _COMPOSED
            case t.ConditionRef(name=name):
                return self._is_simple(self.emitter.conditions[name], ())
            case t.In(container=t.FactRef() | t.ConditionRef() | t.Variable() | t.Field()):
                return False
            case (
                t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.ListOf() | t.Sum() | t.Product() | t.IfElse()
            ):  # fmt: skip
                return all(self._is_simple(child, variables) for child in node.children())
            case t.Variable() | t.Field() | t.Row() | t.Quantifier() | t.Apply():
                return False
            case _:
                assert_never(node)


def _divided(parts: list[t.Typed], variables: tuple[str, ...]) -> tuple[list[t.Typed], list[t.Typed]]:
    """The parts that read one of the variables, and the others."""
    inside = [part for part in parts if _reads(part, variables)]
    return inside, [part for part in parts if not _reads(part, variables)]


def _reads(node: t.Typed, variables: tuple[str, ...]) -> bool:
    return any(isinstance(part, t.Variable) and part.name in variables for part in node.walk())


def quantifiers_of(trees: Iterable[t.Typed]) -> Iterator[t.Quantifier]:
    return (node for tree in trees for node in tree.walk() if isinstance(node, t.Quantifier))


class _ItemEmitter(Emitter):
    """Emit a condition on an item whose fields are local variables."""

    def __init__(self, outer: Emitter, fact: str, variable: str) -> None:
        super().__init__(outer.conditions, outer.parameters)
        self.constants, self.functions = outer.constants, outer.functions
        self.literal = outer.literal  # type: ignore[method-assign]
        self.fact, self.variable = fact, variable

    def emit(self, node: t.Typed) -> ast.expr:
        if isinstance(node, t.Variable) and node.name == self.variable:
            return load(item_name(self.fact))
        return super().emit(node)

    def field(self, node: t.Field) -> ast.expr:
        if isinstance(node.record, t.Variable) and node.record.name == self.variable:
            return load(item_name(self.fact, node.name))
        return super().field(node)
