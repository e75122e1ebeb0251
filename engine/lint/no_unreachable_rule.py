"""Every rule can decide: its condition can hold, and not only where an earlier rule has decided already.

Bad: whatever is at least 20 is at least 10; and no number is below 5 and above 7.

    - {id: many, when: count >= 10, then: deny}
    - {id: very-many, when: count >= 20, then: deny}
    - {id: odd, when: count < 5 && count > 7, then: deny}

Good: the narrower rule first.

    - {id: very-many, when: count >= 20, then: deny}
    - {id: many, when: count >= 10, then: deny}

Sound, not complete: a rule that is accused is never reached, whatever the facts are. It is an error where that holds for
every value of the parameters, and a warning where turning a parameter would change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from engine.backends.logic.formula import Formula, all_of, any_of
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Row, Translator
from engine.lint.finding import warning
from engine.policy.model import Table
from engine.policy.validated import TypedRule, ValidatedPolicy

CODE = "no-unreachable-rule"
MAX_ROWS = 40
"""The rows of a longer table are not looked at one by one."""
_STEPS_A_QUESTION = 5_000
_STEPS_A_POLICY = 50_000

Reason = tuple[str, str]
"""Message and hint."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A rule, or one row of a table rule: when it applies, and when it does not."""

    name: str
    node: Node
    applies: Formula
    applies_not: Formula


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    settled, any_values = (_Entries(validated, settled=settled) for settled in (True, False))
    reached = {number: settled.why_never(number) for number in range(len(settled.rules))}
    for number, reason in reached.items():
        if reason is not None:
            certain = any_values.why_never(number)
            yield _accusation(settled.rules[number], certain or reason, certain is not None)
    yield from _rows_without_use(settled, [n for n, reason in reached.items() if reason is None])


def _accusation(entry: Entry, reason: Reason, certain: bool) -> Diagnostic:
    message, hint = reason
    if certain:
        return replace(warning(entry.node, CODE, message, hint), severity="error")
    return warning(entry.node, CODE, f"as the parameters stand, {message}", hint)


def _rows_without_use(entries: _Entries, numbers: list[int]) -> Iterator[Diagnostic]:
    """The rows that no rule which reads them can reach; a row may well be there for one of several rules."""
    reasons: dict[int, list[Reason | None]] = {}
    nodes: dict[int, Node] = {}
    for number in numbers:
        for row in _first_of_each_key(entries.rows[number]):
            nodes[row.node.start] = row.node
            reasons.setdefault(row.node.start, []).append(entries.why_row_never(number, row))
    for start, found in reasons.items():
        if found[0] is not None and all(found):
            yield warning(nodes[start], CODE, *found[0])


def _first_of_each_key(rows: list[Entry]) -> Iterator[Entry]:
    """The others are what no-conflicting-rows tells of."""
    names: set[str] = set()
    for row in rows:
        if row.name not in names:
            yield row
        names.add(row.name)


class _Entries:
    """The rules of a policy as formulas, for the values of its parameters or for any; and what is left to spend on them."""

    def __init__(self, validated: ValidatedPolicy, *, settled: bool) -> None:
        self.translator = Translator(validated, settled=settled)
        self.first_decides = not validated.policy.finds_all
        self.steps = _STEPS_A_POLICY
        self.rows: list[list[Entry]] = []
        self.rules: list[Entry] = []
        for rule in validated.rules:
            table = (
                validated.policy.parameters[rule.rule.for_each.parameter].table
                if rule.rule.for_each
                else None
            )
            rows = self._rows(rule, table) if settled and table and len(table.rows) <= MAX_ROWS else []
            self.rows.append(rows)
            self.rules.append(self._rule(rule, rows))

    def _rule(self, rule: TypedRule, rows: list[Entry]) -> Entry:
        """A table rule whose rows are not known may apply in any way, and need not apply."""
        name, node = f"the rule `{rule.rule.id}`", rule.rule.id_node
        if rows:
            applies = any_of([r.applies for r in rows])
            return Entry(name, node, applies, all_of([r.applies_not for r in rows]))
        applies, applies_not = (self.translator.formula(rule.applies, wanted) for wanted in (True, False))
        return Entry(name, node, applies, applies_not if rule.rule.for_each is None else True)

    def _rows(self, rule: TypedRule, table: Table) -> list[Entry]:
        variable = rule.rule.for_each.variable if rule.rule.for_each else ""
        found = []
        for values, node in zip(table.rows, table.row_nodes, strict=True):
            row: Row = table.named(values)
            name = f"the row `{table.row_name(values)}` of the rule `{rule.rule.id}`"
            formulas = (
                self.translator.formula(rule.applies, wanted, variable, row) for wanted in (True, False)
            )
            found.append(Entry(name, node, *formulas))
        return found

    def why_never(self, number: int) -> Reason | None:
        """Why no facts lead to a rule; None where some may."""
        return self._why_never(self.rules[number], self.rules[:number])

    def why_row_never(self, number: int, row: Entry) -> Reason | None:
        rows = self.rows[number]
        return self._why_never(row, [*self.rules[:number], *rows[: rows.index(row)]])

    def _why_never(self, entry: Entry, before: list[Entry]) -> Reason | None:
        if not self._can_hold([entry.applies]):
            return f"{entry.name} can never apply", "look for parts of its condition that exclude each other"
        if not self.first_decides or self._can_hold([entry.applies, *(e.applies_not for e in before)]):
            return None
        for earlier in before:
            if not self._can_hold([entry.applies, earlier.applies_not]):
                message = (
                    f"{entry.name} is never reached: whenever it applies, {earlier.name} applies before it"
                )
                return message, "put the narrower one first, or delete this one"
        message = f"{entry.name} is never reached: whenever it applies, one of those before it applies"
        return message, "put it further up, or delete it"

    def _can_hold(self, formulas: list[Formula]) -> bool:
        """Whether some facts make all of them true, as far as the effort that is left can tell."""
        given = min(_STEPS_A_QUESTION, self.steps)
        effort = Effort(given)
        try:
            return can_hold([*formulas, *self.translator.known], effort, self.translator.enums)
        except GaveUp:
            return True
        finally:
            self.steps -= given - max(effort.steps, 0)
