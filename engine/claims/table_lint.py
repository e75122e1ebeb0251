"""Gaps and overlaps of the tables that rules read with `for_each`, found by a solver.

- `table-gap`: an input that no row is for, although rows are for values on both sides of it, or most combinations of the keys
  have a row. Only inputs that `otherwise` decides are reported: the owner has thought of those that another rule decides.
- `table-overlap`: an input to which two rows with different answers apply. Each of them also applies without the other; so a
  ladder, each row of which includes those above it, is not reported.

Tables for which `seamless-bands` has a finding are left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

from documents.diagnostics import Diagnostic
from engine.backends import reference
from engine.backends.smt.policy import Decided
from engine.backends.smt.question import Found, ask
from engine.backends.smt.terms import Term
from engine.claims import inputs
from engine.claims.inputs import Holds, Input
from engine.compiled import CompiledPolicy
from engine.expression import typed as t
from engine.expression.types import Type
from engine.lint import seamless_bands
from engine.lint.finding import name_node, warning
from engine.lint.seamless_bands import ColumnTest, column_tests, mentions, shape_of, varies
from engine.policy.messages import Place
from engine.policy.model import Table, Value
from engine.policy.validated import TypedRule

MAX_ROWS = 40
"""Longer tables are not examined."""
Truth = Callable[[t.Typed, int], Term]
"""Whether a condition holds, given the number of the row that it reads."""


def find(decided: Decided, version: CompiledPolicy) -> Iterator[Diagnostic]:
    """At most one finding for each table."""
    told = {name for name, _ in seamless_bands.by_table(decided.validated)}
    for rule in decided.validated.rules:
        reading = _reading(decided, version, rule)
        if reading is not None and reading.name not in told:
            finding = reading.gap() or reading.overlap()
            if finding is not None:
                told.add(reading.name)
                yield finding


def _reading(decided: Decided, version: CompiledPolicy, rule: TypedRule) -> _Reading | None:
    each, table = rule.rule.for_each, decided.validated.table_of(rule)
    if each is None or table is None or rule.applies is None or not 1 < len(table.rows) <= MAX_ROWS:
        return None
    found = column_tests(rule.applies, each.variable)
    tests = [test for test in found if test and test.operator != "!=" and varies(test.value)]
    guards = [part for part in _conjuncts(rule.applies) if not mentions(part, each.variable)]
    reading = _Reading(
        decided, version, rule, each.parameter, each.variable, table, tests, guards, len(tests) == len(found)
    )
    if not tests or any(reading.cell(test, row) is None for test in tests for row in reading.rows):
        return None
    return reading


def _conjuncts(node: t.Typed) -> Iterator[t.Typed]:
    if isinstance(node, t.And):
        for operand in node.operands:
            yield from _conjuncts(operand)
    else:
        yield node


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a rule reads a table."""

    decided: Decided
    version: CompiledPolicy
    rule: TypedRule
    name: str
    variable: str
    table: Table
    tests: list[ColumnTest]
    """What the rule requires of a row's columns."""
    guards: list[t.Typed]
    """What else it requires, which is the same for all rows."""
    alone: bool
    """Whether the rule requires nothing of the row but `tests`."""

    @property
    def rows(self) -> range:
        return range(len(self.table.rows))

    def cell(self, test: ColumnTest, row: int) -> Value:
        return self.table.named(self.table.rows[row])[test.column]

    def gap(self) -> Diagnostic | None:
        terms, last = self.decided.world.terms, self.decided.entries[-1].id
        uncovered = self._uncovered(self._translated)
        if uncovered is terms.false:
            return None

        def holds(given: Input) -> bool:
            decision = inputs.decide(self.version, self._types, given)
            return decision.rule == last and self._uncovered(self._evaluated(given)) is terms.true

        given = self._example(terms.and_([self.decided.decides[-1], uncovered]), holds)
        if given is None:
            return None
        message = f"no row of `{self.name}` is for {self._shown(given)}, so `{last}` decides"
        return self._finding("table-gap", message, "add a row, or a rule if there is meant to be none")

    def overlap(self) -> Diagnostic | None:
        terms = self.decided.world.terms
        if not self.alone or self.decided.validated.policy.hit == "unique" or not self._has_bands():
            return None
        pairs = list(zip(self.decided.entries, self.decided.decides, strict=True))
        rows = [(entry, decides) for entry, decides in pairs if entry.part is self.rule.rule]
        both = [
            (one, other)
            for one, other in combinations(self.rows, 2)
            if rows[one][0].id != rows[other][0].id and self._answer(one) != self._answer(other)
        ]
        applies = [entry.applies for entry, _ in rows]
        if not self._is_possible(terms.or_(terms.and_([applies[i], applies[j]]) for i, j in both)):
            return None
        for one, other in both:
            overlapping = terms.and_([rows[one][1], applies[other]])
            alone = [
                terms.and_([applies[one], terms.not_(applies[other])]),
                terms.and_([applies[other], terms.not_(applies[one])]),
            ]
            if all(map(self._is_possible, [overlapping, *alone])):
                return self._overlap(overlapping, rows[one][0].id, other)
        return None

    def _overlap(self, overlapping: Term, deciding: str, other: int) -> Diagnostic | None:
        applies = self.rule.applies
        assert applies is not None

        def holds(given: Input) -> bool:
            if inputs.decide(self.version, self._types, given).rule != deciding:
                return False
            return self._evaluated(given)(applies, other) is self.decided.world.terms.true

        given = self._example(overlapping, holds)
        if given is None:
            return None
        upper, lower = deciding.partition("[")[2].rstrip("]"), self.table.row_name(self.table.rows[other])
        message = f"the rows `{upper}` and `{lower}` of `{self.name}` both apply, given {self._shown(given)}"
        return self._finding("table-overlap", message, f"let only one apply; as it is, `{upper}` decides")

    def _uncovered(self, truth: Truth) -> Term:
        """Whether no row is for an input that it seems to be for."""
        terms = self.decided.world.terms
        given = terms.and_(truth(guard, 0) for guard in self.guards)
        if given is terms.false:  # what the guards exclude, such as null, must not be evaluated
            return terms.false
        selected = (terms.and_(self._required(truth, row, self.tests)) for row in self.rows)
        seems = terms.or_([*self._between(truth), *self._at_bounds(truth), *self._combinations(truth)])
        return terms.and_([given, seems, terms.not_(terms.or_(selected))])

    def _required(self, truth: Truth, row: int, tests: Iterable[ColumnTest]) -> Iterator[Term]:
        return (truth(test.written, row) for test in tests)

    def _has_bands(self) -> bool:
        return any({test.operator[0] for test in ends} == {"<", ">"} for ends in self._by_value())

    def _by_value(self) -> list[list[ColumnTest]]:
        """The tests of each value that is compared with the ends of bands."""
        ends: dict[object, list[ColumnTest]] = {}
        for test in self.tests:
            if test.operator != "==":
                ends.setdefault(shape_of(test.value), []).append(test)
        return list(ends.values())

    def _between(self, truth: Truth) -> Iterator[Term]:
        """For each value, whether it lies above the band of one row and below that of another."""
        terms = self.decided.world.terms
        for ends in self._by_value():
            beyond: dict[str, list[Term]] = {"<": [], ">": []}
            for row in self.rows:
                if not self._is_empty(ends, row):
                    rest = list(self._required(truth, row, [x for x in self.tests if x not in ends]))
                    for side, found in beyond.items():
                        inside = self._required(truth, row, [x for x in ends if x.operator[0] == side])
                        found.append(terms.and_([*rest, terms.not_(terms.and_(inside))]))
            yield terms.and_([terms.or_(found) for found in beyond.values()])

    def _is_empty(self, ends: list[ColumnTest], row: int) -> bool:
        low, high = (
            [(self._number(x, row), x.operator) for x in ends if x.operator[0] == side] for side in (">", "<")
        )
        return any(
            start > end or (start == end and (one, other) != (">=", "<="))
            for start, one in low
            for end, other in high
        )

    def _number(self, test: ColumnTest, row: int) -> int | float:
        value = self.cell(test, row)
        assert isinstance(value, int | float)
        return value

    def _at_bounds(self, truth: Truth) -> Iterator[Term]:
        """Whether a fact is at the bound that it declares, where the band of a row ends and leaves it out."""
        terms = self.decided.world.terms
        for test in self.tests:
            bound = {"<": test.value.type.maximum, ">": test.value.type.minimum}.get(test.operator)
            if bound is None or not isinstance(test.value, t.FactRef):
                continue
            for row in self.rows:
                if self.cell(test, row) == bound:
                    rest = self._required(truth, row, [x for x in self.tests if x is not test])
                    yield terms.and_([*rest, terms.not_(truth(test.written, row))])

    def _combinations(self, truth: Truth) -> Iterator[Term]:
        """For each missing combination of the keys, whether the input has it."""
        keys = [test for test in self.tests if test.operator == "=="]
        members: list[tuple[bool | str, ...]] = [
            (False, True) if k.value.type.kind == "bool" else k.value.type.members for k in keys
        ]
        every = math.prod(map(len, members))
        present = {tuple(self.cell(key, row) for key in keys) for row in self.rows}
        if not keys or len(present) * 2 <= every or every > 2 * MAX_ROWS:
            return
        for combination in product(*members):
            if combination not in present:
                pairs = zip(keys, combination, strict=True)
                yield self.decided.world.terms.and_(truth(_equal(key, value), 0) for key, value in pairs)

    def _answer(self, row: int) -> list[Value]:
        """The cells that show in a decision of the row."""
        columns = {part.name for part in self.rule.message if isinstance(part, Place) and part.kind == "row"}
        for tree in self.rule.sets.values():
            columns |= {n.name for n in tree.walk() if isinstance(n, t.Field) and mentions(n, self.variable)}
        return [value for name, value in self.table.named(self.table.rows[row]).items() if name in columns]

    def _translated(self, node: t.Typed, row: int) -> Term:
        translator = self.decided.translator
        return translator.holds(node, {self.variable: translator.row(self.table, self.table.rows[row])})

    def _evaluated(self, given: Input) -> Truth:
        env = reference.environment(self.decided.validated, given.facts, given.now)

        def truth(node: t.Typed, row: int) -> Term:
            variables = {self.variable: self.table.named(self.table.rows[row])}
            return self.decided.world.terms.boolean(bool(reference.evaluate(node, env.seeing(variables))))

        return truth

    def _is_possible(self, question: Term) -> bool:
        return isinstance(ask(self.decided.world, question), Found)

    def _example(self, question: Term, holds: Holds) -> Input | None:
        """A smallest input, if the engine confirms it."""
        answer = ask(self.decided.world, question)
        if not isinstance(answer, Found):
            return None
        given = Input(answer.model.facts(self._types, {}), answer.model.moment(inputs.PLAIN_NOW))
        return inputs.smallest(given, self._types, holds) if holds(given) else None

    @property
    def _types(self) -> dict[str, Type]:
        return {name: fact.type for name, fact in self.decided.validated.policy.facts.items()}

    def _shown(self, given: Input) -> str:
        return f"{json.dumps(given.shown(self._types), ensure_ascii=False)} at {given.moment}"

    def _finding(self, code: str, message: str, hint: str) -> Diagnostic:
        place = name_node(self.decided.validated.policy, "parameters", self.name)
        return warning(place, code, message, hint)


def _equal(test: ColumnTest, value: bool | str) -> t.Typed:
    """Whether the value that a test compares with a column is this one."""
    constant = t.Const(test.value.type, test.value.span, value)
    return replace(test.written, left=test.value, right=constant)
