"""Emit the explanation of a policy as one Python function, so that explaining costs little more than deciding.

The part that stopped a rule is selected at run time and quoted from the policy's source. Everything known in advance is embedded
in the code in its final form.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, assert_never

from engine.backends.python.emitter import Emitter
from engine.compiled import Explainer
from engine.expression import typed as t
from engine.expression.types import TIMESTAMP, Type
from engine.expression.values import Show, shown_as, shown_as_it_is
from engine.policy.model import Otherwise, Rule, Text
from engine.policy.private import is_private, private_names
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.python_ast import call, function, index, load, run, store

MAX_ROWS_SHOWN = 20
"""The maximum number of rows to show for a table rule that did not apply."""
PRIVATE = "(private)"


def emit_explanation(validated: ValidatedPolicy, ids: tuple[str, ...]) -> Explainer:
    """`ids` are the ids of the policy's entries, by position."""
    emitter = _ExplanationEmitter(validated, ids)
    report = function("report", ["facts", "now", "applied", "chosen"], emitter.body())
    constants = {**emitter.constants, "rows_shown": _rows_shown}
    explainer: Explainer = run([*emitter.functions, report], constants)["report"]
    return explainer


def _rows_shown(first: int, count: int, applied: list[int]) -> Iterator[int]:
    """The positions of the table entries to explain: the first few that failed, and all that applied."""
    failed = 0
    for position in range(first, first + count):
        failed += position not in applied
        if failed > MAX_ROWS_SHOWN:
            yield from (p for p in applied if position < p < first + count)
            return
        yield position


class _ExplanationEmitter(Emitter):
    def __init__(self, validated: ValidatedPolicy, ids: tuple[str, ...]) -> None:
        super().__init__(validated.conditions, validated.policy.parameters)
        self.policy = validated.policy
        self.validated = validated
        self.ids = self.constant("ids", ids)
        self.told: set[str] = set()
        """The local variables that hold a value as it is shown."""
        self.hidden = private_names(validated.conditions, validated.policy)
        """Values that are computed from a private fact."""

    def condition(self, name: str) -> ast.expr:
        return load(f"c_{name}")

    def body(self) -> list[ast.stmt]:
        reports = {name: self._named(name, tree) for name, tree in self.conditions.items()}
        rules: list[ast.stmt] = [_assign("rules", ast.List([], ast.Load()))]
        first = 0
        for rule in self.validated.rules:
            rules += self._rule(rule, first)
            first += self.validated.count_of(rule)
        rules.append(_append(self._otherwise(first)))
        named = [line for lines, _ in reports.values() for line in lines]
        conditions = [one for name, (_, one) in reports.items() if name in self.policy.conditions]
        answer = {"rules": load("rules"), "conditions": ast.List(conditions, ast.Load())}
        if self.policy.values:
            values = [one for name, (_, one) in reports.items() if name in self.policy.values]
            answer["values"] = ast.List(values, ast.Load())
        lines = [*named, *rules, ast.Return(_dict(**answer))]
        return [*self._facts(), *lines]

    def _facts(self) -> Iterator[ast.stmt]:
        """The local variables for facts and `now`. What is never shown is not converted."""
        for name, fact in self.policy.facts.items():
            value = index(load("facts"), name)
            yield _assign(f"f_{name}", value)
            if f"shown_{name}" in self.told:
                shown = ast.Constant(PRIVATE) if fact.private else self._shown(value, fact.type)
                yield _assign(f"shown_{name}", shown)
        if "shown_now" in self.told:
            yield _assign("shown_now", self._shown(load("now"), TIMESTAMP))

    def _told(self, name: str) -> ast.expr:
        self.told.add(f"shown_{name}")
        return load(f"shown_{name}")

    def _shown(self, value: ast.expr, type_: Type) -> ast.expr:
        if shown_as_it_is(type_):
            return value
        return call(self.constant(f"show_{len(self.constants)}", shown_as(type_)), value)

    def _named(self, name: str, tree: t.Typed) -> tuple[list[ast.stmt], ast.expr]:
        """The statements that compute a condition or value, and its entry in the explanation."""
        if name in self.policy.conditions:
            return self._condition(name, tree)
        words = ast.Constant(" ".join(self.policy.values[name].text.split()))
        lines: list[ast.stmt] = [_assign(f"c_{name}", self.emit(tree))]
        return lines, _dict(
            name=ast.Constant(name), value=self._value(name), text=words, values=self._values(tree)
        )

    def _value(self, name: str) -> ast.expr:
        if name in self.hidden:
            return ast.Constant(PRIVATE)
        return self._shown(load(f"c_{name}"), self.conditions[name].type)

    def _condition(self, name: str, tree: t.Typed) -> tuple[list[ast.stmt], ast.expr]:
        """The statements that compute whether a condition is true and why, and its entry in the explanation."""
        text = self.policy.conditions[name]
        because = f"because_{name}"
        false, true = (self._blame(because, {}, tree, text, wanted) for wanted in (False, True))
        lines: list[ast.stmt] = [
            _assign(f"c_{name}", self.emit(tree)),
            ast.If(load(f"c_{name}"), false, true),
        ]
        words = ast.Constant(" ".join(text.text.split()))
        report = _dict(
            name=ast.Constant(name), holds=load(f"c_{name}"), text=words, values=self._values(tree)
        )
        return lines, report

    def _rule(self, rule: TypedRule, first: int) -> list[ast.stmt]:
        """For a table rule, emit `for position in rows_shown(…): row = rows[position - first]; …`. All rows of a short table are
        shown."""
        each, table = rule.rule.for_each, self.validated.table_of(rule)
        if each is None or table is None:
            return self._report(rule, ast.Constant(first), None)
        variable = each.variable
        self.columns[variable] = tuple(name for name, _ in table.columns)
        rows = self.constant(f"rows_{first}", table.rows)
        position = load("position")
        shown: ast.expr = call(
            load("rows_shown"), ast.Constant(first), ast.Constant(len(table.rows)), load("applied")
        )
        if len(table.rows) <= MAX_ROWS_SHOWN:
            shown = self.constant(f"positions_{first}", range(first, first + len(table.rows)))
        row = ast.Subscript(rows, ast.BinOp(position, ast.Sub(), ast.Constant(first)), ast.Load())
        report = self._report(rule, position, ast.Subscript(self.ids, position, ast.Load()))
        self.columns.pop(variable)
        return [ast.For(store("position"), shown, [_assign(f"v_{variable}", row), *report], [])]

    def _report(self, rule: TypedRule, position: ast.expr, id_: ast.expr | None) -> list[ast.stmt]:
        """The explanation of an entry. With `hit: first`, entries after the deciding one are not reached. `id_` differs between
        the rows of a table."""
        source = {"source": rule.rule.source} if rule.rule.source else {}
        entry = {"id": rule.rule.id, "outcome": rule.rule.then}
        varying: dict[str, ast.expr] = {} if id_ is None else {"id": id_}
        if not self.policy.finds_all:
            varying["reached"] = ast.Compare(position, [ast.LtE()], [load("chosen")])
        decides = ast.Compare(position, [ast.Eq()], [load("chosen")])
        known = {**entry, "applies": True, "decides": True, "reached": True, **source}
        applies = [*self._copy("entry", known, **varying, decides=decides), _append(load("entry"))]
        if rule.sets:
            sets = self._copy(
                "entry",
                {**known, "sets": None},
                **({} if id_ is None else {"id": id_}),
                sets=self._sets(rule.sets, rule.rule),
            )
            applies = [ast.If(decides, [*sets, _append(load("entry"))], applies)]
        if rule.applies is None:
            return applies
        failed = {**known, "applies": False, "decides": False, "stopped_by": None}
        stopped = self._stopped_by("stopped", rule)
        fails = self._copy("entry", failed, **varying, stopped_by=load("stopped"))
        is_applied = ast.Compare(position, [ast.In()], [load("applied")])
        return [ast.If(is_applied, applies, [*stopped, *fails, _append(load("entry"))])]

    def _copy(self, to: str, known: dict[str, Any], **varying: ast.expr) -> list[ast.stmt]:
        """Assign a copy of a dictionary with some values set, which takes a third of the time of building it."""
        template = self.constant(f"known_{len(self.constants)}", known)
        lines: list[ast.stmt] = [_assign(to, call(ast.Attribute(template, "copy", ast.Load())))]
        for name, value in varying.items():
            item = ast.Subscript(load(to), ast.Constant(name), ast.Store())
            lines.append(ast.Assign([item], value))
        return lines

    def _otherwise(self, position: int) -> ast.expr:
        otherwise = self.policy.otherwise
        decides = ast.Compare(ast.Constant(position), [ast.Eq()], [load("chosen")])
        entry = {"id": ast.Constant(otherwise.id), "outcome": ast.Constant(otherwise.then)}
        report = _dict(**entry, applies=decides, decides=decides, reached=decides)
        sets = self.validated.otherwise_sets
        if not sets:
            return report
        true = ast.Constant(True)
        deciding = _dict(**entry, applies=true, decides=true, reached=true, sets=self._sets(sets, otherwise))
        return ast.IfExp(decides, deciding, report)

    def _sets(self, sets: Mapping[str, t.Typed], part: Rule | Otherwise) -> ast.expr:
        """How the deciding rule computes what it sets: the source text, and the values that it reads."""
        report = {}
        for name, tree in sets.items():
            words = ast.Constant(" ".join(part.sets[name].text.split()))
            report[name] = _dict(text=words, values=self._values(tree))
        return _dict(**report)

    def _stopped_by(self, to: str, rule: TypedRule) -> list[ast.stmt]:
        """Assign the first part of a rule's condition that stopped it: its source text, and the values that it read."""
        parts = ((rule.when, rule.rule.when, True), (rule.unless, rule.rule.unless, False))
        asked = [
            (tree, text, wanted) for tree, text, wanted in parts if tree is not None and text is not None
        ]
        blames = [
            self._blame(to, {"key": "when" if wanted else "unless"}, tree, text, wanted)
            for tree, text, wanted in asked
        ]
        return self._first((tree for tree, _, _ in asked), blames, True)

    def _blame(
        self, to: str, start: dict[str, Any], tree: t.Typed, text: Text, wanted: bool
    ) -> list[ast.stmt]:
        """Assign the first part that kept `tree` from coming out as wanted."""
        match tree:
            case t.Not(operand=operand) if not isinstance(operand, t.IsNull):
                return self._blame(to, start, operand, text, not wanted)
            case t.And(operands=operands) if wanted:
                blames = [self._blame(to, start, o, text, True) for o in operands]
                return self._first(operands, blames, True)
            case t.Or(operands=operands) if not wanted:
                blames = [self._blame(to, start, o, text, False) for o in operands]
                return self._first(operands, blames, False)
            case (
                t.And() | t.Or() | t.Not() | t.IsNull() | t.Compare() | t.In() | t.IfElse() | t.Quantifier() | t.Apply()
                | t.Const() | t.FactRef() | t.ParameterRef() | t.ConditionRef() | t.Now() | t.Variable() | t.Field() | t.Row()
                | t.ListOf() | t.Sum() | t.Product()
            ):  # fmt: skip
                return self._blamed(to, start, tree, text, wanted)
            case _:
                assert_never(tree)

    def _blamed(
        self, to: str, start: dict[str, Any], tree: t.Typed, text: Text, wanted: bool
    ) -> list[ast.stmt]:
        words = " ".join(text.text[tree.span[0] : tree.span[1]].split())
        known = {**start, "text": words, "holds": not wanted, "values": None}
        if not isinstance(tree, t.ConditionRef):
            return self._copy(to, known, values=self._values(tree))
        because = load(f"because_{tree.name}")
        return self._copy(to, {**known, "because": None}, values=self._values(tree), because=because)

    def _first(
        self, operands: Iterable[t.Typed], blames: list[list[ast.stmt]], wanted: bool
    ) -> list[ast.stmt]:
        """The blame of the first operand that does not come out as wanted; the last operand needs no check."""
        *others, chosen = zip(operands, blames, strict=True)
        answer = chosen[1]
        for operand, blame in reversed(others):
            test = self.emit(operand)
            answer = [ast.If(test, answer, blame)] if wanted else [ast.If(test, blame, answer)]
        return answer

    def _values(self, tree: t.Typed) -> ast.expr:
        """The distinct facts, parameters, row cells and named conditions that a part reads; private facts are hidden."""
        values: dict[str, ast.expr] = {}
        for name, value in self._read(tree):
            values.setdefault(name, value)
        return _dict(**values)

    def _read(self, node: t.Typed) -> Iterator[tuple[str, ast.expr]]:
        match node:
            case t.FactRef(name=name):
                yield name, self._told(name)
            case t.ParameterRef(name=name):
                yield name, self._shown(self._parameter(name), self.parameters[name].type)
            case t.ConditionRef(name=name):
                yield name, load(f"c_{name}") if name in self.policy.conditions else self._value(name)
            case t.Field(record=t.Variable(name=row), name=name) if row in self.columns:
                yield f"{row}.{name}", self._shown(self.emit(node), node.type)
            case t.Field(record=t.FactRef(name=fact) | t.ConditionRef(name=fact), name=name):
                yield f"{fact}.{name}", self._field_of(node, fact)
            case t.Field(record=t.Row(table=table, keys=keys), name=name) if all(map(_is_plain, keys)):
                for key in keys:
                    yield from self._read(key)
                private = is_private(node, self.hidden, self.policy)
                yield f"{table}.{name}", ast.Constant(PRIVATE) if private else self._shown_part(node)
            case t.Now():
                yield "now", self._told("now")
            case (
                t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.ListOf() | t.Sum() | t.Product() | t.IfElse()
                | t.Quantifier() | t.Apply() | t.Field() | t.Row() | t.Variable() | t.Const()
            ):  # fmt: skip
                for child in node.children():
                    yield from self._read(child)
            case _:
                assert_never(node)

    def _field_of(self, node: t.Field, name: str) -> ast.expr:
        """A field of a fact or of a value that is a row; null if the fact or row is null."""
        fact = self.policy.facts.get(name)
        if name in self.hidden or (fact is not None and fact.private):
            return ast.Constant(PRIVATE)
        return self._shown_part(node)

    def _shown_part(self, node: t.Field) -> ast.expr:
        """Read a value that may not have been evaluated: a record may be null here despite its type."""
        type_ = node.record.type.field(node.name)
        assert type_ is not None
        record, name = self.emit(node.record), f"part_{len(self.constants)}"
        return call(self.constant(name, _part_of(node.name, shown_as(replace(type_, optional=True)))), record)


def _part_of(name: str, show: Show) -> Callable[[Any], Any]:
    return lambda record: None if record is None else show(record[name])


def _is_plain(key: t.Typed) -> bool:
    """Whether a key can be read even if no condition evaluated it, and it may be null."""
    return isinstance(key, t.Const | t.FactRef | t.ParameterRef | t.ConditionRef)


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([store(name)], value)


def _append(value: ast.expr) -> ast.stmt:
    return ast.Expr(call(ast.Attribute(load("rules"), "append", ast.Load()), value))


def _dict(**entries: ast.expr) -> ast.expr:
    return ast.Dict([ast.Constant(name) for name in entries], list(entries.values()))
