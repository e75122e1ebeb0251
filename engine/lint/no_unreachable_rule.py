"""Every rule can decide: its condition can hold in a case that no earlier rule has already decided.

Bad: every count that is at least 20 is also at least 10, and no number is both below 5 and above 7.

    - {id: many, when: count >= 10, then: deny}
    - {id: very-many, when: count >= 20, then: deny}
    - {id: odd, when: count < 5 && count > 7, then: deny}

Good: the narrower rule first.

    - {id: very-many, when: count >= 20, then: deny}
    - {id: many, when: count >= 10, then: deny}

Sound but not complete: a reported rule is never reached, whatever the facts are. It is an error if that is so for all parameter
values, and a warning if changing a parameter could make the rule reachable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from engine.backends.logic.formula import Formula, all_of, any_of
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Row, Translator
from engine.lint.finding import warning
from engine.lint.parts import Part, accused, parts_of, parts_of_rule
from engine.policy.model import Table
from engine.policy.validated import TypedRule, ValidatedPolicy

CODE = "no-unreachable-rule"
MAX_ROWS = 40
"""The rows of a longer table are not checked one by one."""
_STEPS_A_QUESTION = 5_000
_STEPS_A_POLICY = 50_000

Reason = tuple[Diagnostic | None, str, str]
"""A diagnostic at the part of the condition that is the cause, if one was found; otherwise a message and hint about the whole
rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A rule, or one row of a table rule: when it applies, and when it does not."""

    id: str
    name: str
    node: Node
    applies: Formula
    applies_not: Formula


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    return (problem for _, problem in unreachable(validated))


def unreachable(validated: ValidatedPolicy) -> Iterator[tuple[list[str], Diagnostic]]:
    """The findings, each with the ids of the rules and rows that it says are never reached, such as `fee` and `fee[small]`."""
    ids = [rule.rule.id for rule in validated.rules]
    settled, any_values = (_Entries(validated, settled=settled) for settled in (True, False))
    last = settled.always()
    reached = {number: settled.why_never(number) for number in range(last + 1)}
    if reached.get(last) is not None:  # so later rules are reported one by one
        reached |= {number: settled.why_never(number) for number in range(last + 1, len(settled.rules))}
    for number, reason in reached.items():
        if reason is not None:
            certain = any_values.why_never(number)
            yield [ids[number]], _accusation(settled.rules[number], certain or reason, certain is not None)
    yield from _rows_without_use(settled, [n for n, reason in reached.items() if reason is None])
    if last < len(settled.rules) - 1 and reached[last] is None:
        certainly = any_values.always() == last
        yield ids[last + 1 :], _accusation(settled.rules[last], settled.why_always(last), certainly)


def _accusation(entry: Entry, reason: Reason, certain: bool) -> Diagnostic:
    place, message, hint = reason
    problem = place or warning(entry.node, CODE, message, hint)
    if certain:
        return replace(problem, severity="error")
    return replace(problem, message=f"with the current parameters, {problem.message}", severity="warning")


def _rows_without_use(entries: _Entries, numbers: list[int]) -> Iterator[tuple[list[str], Diagnostic]]:
    """The rows that are unreachable in every rule that reads them; a row may be there for only one of several rules."""
    reasons: dict[int, list[Reason | None]] = {}
    nodes: dict[int, Node] = {}
    ids: dict[int, list[str]] = {}
    for number in numbers:
        for row in _first_of_each_key(entries.rows[number]):
            nodes[row.node.start] = row.node
            ids.setdefault(row.node.start, []).append(row.id)
            reasons.setdefault(row.node.start, []).append(entries.why_row_never(number, row))
    for start, row_reasons in reasons.items():
        if row_reasons[0] is not None and all(row_reasons):
            yield ids[start], warning(nodes[start], CODE, *row_reasons[0][1:])


def _short(entry: Entry) -> str:
    return entry.name.partition(" of the rule ")[0]


def _first_of_each_key(rows: list[Entry]) -> Iterator[Entry]:
    """The first row of each key. The others are reported by no-conflicting-rows."""
    names: set[str] = set()
    for row in rows:
        if row.name not in names:
            yield row
        names.add(row.name)


class _Entries:
    """The rules of a policy as formulas, for given or arbitrary parameter values, and the remaining effort."""

    def __init__(self, validated: ValidatedPolicy, *, settled: bool) -> None:
        self.translator = Translator(validated, settled=settled)
        self.policy = validated.policy
        self.typed = validated.rules
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
        """The formulas of a rule. A table rule whose rows are unknown may or may not apply, in any way."""
        id_, node = rule.rule.id, rule.rule.id_node
        name = f"the rule `{id_}`"
        if rows:
            applies = any_of([r.applies for r in rows])
            return Entry(id_, name, node, applies, all_of([r.applies_not for r in rows]))
        applies, applies_not = (self.translator.formula(rule.applies, wanted) for wanted in (True, False))
        return Entry(id_, name, node, applies, applies_not if rule.rule.for_each is None else True)

    def _rows(self, rule: TypedRule, table: Table) -> list[Entry]:
        variable = rule.rule.for_each.variable if rule.rule.for_each else ""
        entries = []
        for values, node in zip(table.rows, table.row_nodes, strict=True):
            row: Row = table.named(values)
            shown = table.row_name(values)
            name = f"the row `{shown}` of the rule `{rule.rule.id}`"
            formulas = (
                self.translator.formula(rule.applies, wanted, variable, row) for wanted in (True, False)
            )
            entries.append(Entry(f"{rule.rule.id}[{shown}]", name, node, *formulas))
        return entries

    def why_never(self, number: int) -> Reason | None:
        """Why no facts reach a rule; None if some may."""
        reason = self._why_never(self.rules[number], self.rules[:number])
        if reason is None or self._can_hold([self.rules[number].applies]):
            return reason
        parts = parts_of_rule(self.typed[number])
        entry = self.rules[number]
        place = accused(parts, self._can_be(number), self.policy, CODE, f"{entry.name} can never apply")
        return place, *reason[1:]

    def _can_be(self, number: int) -> Callable[[list[Part]], bool]:
        """Whether parts of a rule's condition can come out as wanted together."""

        def can_be(parts: list[Part]) -> bool:
            return self._can_hold([self._part(number, part) for part in parts])

        return can_be

    def _part(self, number: int, part: Part) -> Formula:
        each = self.typed[number].rule.for_each
        table = self.policy.parameters[each.parameter].table if each else None
        if each is None or table is None or not self.rows[number]:
            return self.translator.formula(part.node, part.wanted)
        rows = (table.named(values) for values in table.rows)
        return any_of([self.translator.formula(part.node, part.wanted, each.variable, row) for row in rows])

    def always(self) -> int:
        """The first rule that applies whatever the facts are, after which no rule can decide; if there is none, the last rule."""
        positions = (n for n, entry in enumerate(self.rules) if not self._can_hold([entry.applies_not]))
        return next(positions, len(self.rules) - 1) if self.first_decides else len(self.rules) - 1

    def why_always(self, number: int) -> Reason:
        rule, later = self.typed[number].rule, [f"`{r.rule.id}`" for r in self.typed[number + 1 :]]
        shown = [*later[:2], f"{len(later) - 2} more rules"] if later[3:] else later
        names = " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
        are = "are" if later[1:] else "is"
        message = f"the rule `{rule.id}` always applies, so {names} {are} never reached"
        typed = self.typed[number]
        place = None
        if rule.when is not None and typed.when is not None and rule.unless is None and not rule.for_each:
            parts = parts_of(rule.when, typed.when, False)
            place = accused(parts, self._can_be(number), self.policy, CODE, message)
        return place, message, "say when it applies, with `when` or `unless`, or put it last"

    def why_row_never(self, number: int, row: Entry) -> Reason | None:
        rows = self.rows[number]
        return self._why_never(row, [*self.rules[:number], *rows[: rows.index(row)]])

    def _why_never(self, entry: Entry, before: list[Entry]) -> Reason | None:
        if not self._can_hold([entry.applies]):
            return (
                None,
                f"{entry.name} can never apply",
                "look for parts of its condition that exclude each other",
            )
        if not self.first_decides or self._can_hold([entry.applies, *(e.applies_not for e in before)]):
            return None
        for earlier in before:
            if not self._can_hold([entry.applies, earlier.applies_not]):
                message = (
                    f"{entry.name} is never reached: whenever it applies, {earlier.name} applies before it"
                )
                if not self._can_hold([earlier.applies, entry.applies_not]):
                    return None, message, "delete one of the two, or change the condition of one"
                return None, message, f"put {_short(entry)} above {_short(earlier)}, or delete it"
        message = f"{entry.name} is never reached: whenever it applies, one of those before it applies"
        return None, message, "put it further up, or delete it"

    def _can_hold(self, formulas: list[Formula]) -> bool:
        """Whether some facts make all of the formulas true, as far as the remaining effort can tell."""
        given = min(_STEPS_A_QUESTION, self.steps)
        effort = Effort(given)
        try:
            return can_hold([*formulas, *self.translator.known], effort, self.translator.enums)
        except GaveUp:
            return True
        finally:
            self.steps -= given - max(effort.steps, 0)
