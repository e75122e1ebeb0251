"""With `hit: unique`, two rules with different answers never apply together.

Bad: both rules apply to a paid order of 150.

    hit: unique
    rules: [{id: large, when: amount > 100, then: deny}, {id: paid, when: paid, then: allow}]

Good: each order has a single answer.

    hit: unique
    rules: [{id: large, when: amount > 100, then: deny}, {id: paid, when: paid && amount <= 100, then: allow}]

An answer consists of the outcome, the status and the outputs that are set. An overlap is demonstrated by an input on which both
rules were evaluated. An overlap that can be neither demonstrated nor ruled out is also an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from documents.quoting import in_quotes, is_plain
from engine.backends.logic.formula import Formula, all_of
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Translator
from engine.backends.reference import rows_of
from engine.expression import typed as t
from engine.expression.values import format_value
from engine.lint.common_input import common_input
from engine.policy.model import Text
from engine.policy.validated import TypedRule, ValidatedPolicy

CODE = "not-proven-unique"
MAX_ENTRIES = 300
_MIRRORED = {"<=": ">=", ">=": "<=", "==": "=="}
_STEPS_A_QUESTION = 20_000
_STEPS_A_POLICY = 400_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, or one row of a table rule."""

    name: str
    node: Node
    rule: TypedRule
    row: dict[str, Any]
    answer: tuple[str, str | None, tuple[tuple[str, object], ...]]
    applies: Formula


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    if validated.policy.hit != "unique":
        return
    search = _Search(validated)
    if len(search.entries) > MAX_ENTRIES:
        message = f"{len(search.entries)} rules and rows are too many to prove that no two apply together"
        hint = f"use at most {MAX_ENTRIES}, or `hit: first`"
        yield validated.policy.node.diagnostic(CODE, message, hint)
        return
    overlaps: dict[int, dict[str, tuple[Entry, Entry]]] = {}
    for one, other in combinations(search.entries, 2):
        found = overlaps.setdefault(other.node.start, {})
        name = _ROWS if one.rule is other.rule else one.name
        if one.answer != other.answer and name not in found and search.may_overlap(one, other):
            found[name] = one, other
    for found in overlaps.values():
        if rows := found.pop(_ROWS, None):
            yield _several_rows(*rows, validated)
        if found:
            earlier = [one for one, _ in found.values()]
            yield _accusation(earlier, next(iter(found.values()))[1], validated, search)


_ROWS = ""
"""Stands for the other rows of the same rule."""


def _several_rows(one: Entry, other: Entry, validated: ValidatedPolicy) -> Diagnostic:
    """Report a rule of which several rows match one input."""
    rule = other.rule.rule
    example = common_input(validated, [(one.rule.applies, one.row), (other.rule.applies, other.row)])
    table = rule.for_each.parameter if rule.for_each else "…"
    names = f"the rows `{one.name}` (line {_row_line(one, validated)}) and `{other.name}` (line {_row_line(other, validated)})"
    message = (
        f"{names} both match {example}" if example else f"it is not proven that {names} never match together"
    )
    message += _difference(one, other)
    first = "or use `hit: first`, with which the first row that matches decides"
    hint = f"test more columns in `when`, so that one row of `{table}` matches at a time, {first}"
    bounds = _row_bounds(other.rule)
    if len(bounds) == 1:
        left, sign, row, _ = bounds[0]
        end, opposite = ("below", "<") if sign.startswith(">") else ("above", ">")
        added = f"add `&& {left} {opposite} {row}.{end}`"
        hint = (
            f"{added}, {first}"
            if end in other.row[row]
            else f"give `{table}` a column `{end}` and {added}, {first}"
        )
    elif (
        len(bounds) == 2
        and {sign for _, sign, _, _ in bounds} == {">=", "<="}
        and bounds[0][0] == bounds[1][0]
    ):
        left, _, row, column = next(bound for bound in bounds if bound[1] == "<=")
        hint = f"write `{left} < {row}.{column}`, so that a row ends where the next one begins, {first}"
    elif bounds:
        hint = f"let no two rows of `{table}` cover the same values, {first}"
    return (rule.when.node if rule.when else rule.id_node).diagnostic(CODE, message, hint)


def _row_line(entry: Entry, validated: ValidatedPolicy) -> int:
    each = entry.rule.rule.for_each
    table = validated.policy.parameters[each.parameter].table if each else None
    for row, node in zip(table.rows, table.row_nodes, strict=True) if table else ():
        if table and table.named(row) in entry.row.values():
            return _line_of(node)
    return _line_of(entry.node)


def _row_bounds(typed: TypedRule) -> list[tuple[str, str, str, str]]:
    """The comparisons of a rule with its row, such as `age >= row.from`: the left side, the sign, the row and its column."""
    tree, when = typed.when, typed.rule.when
    if tree is None or when is None:
        return []
    found = []
    for part in tree.operands if isinstance(tree, t.And) else (tree,):
        if not isinstance(part, t.Compare) or part.operator not in _TURNED:
            continue
        sides = ((part.left, part.operator, part.right), (part.right, _TURNED[part.operator], part.left))
        for left, sign, right in sides:
            if isinstance(right, t.Field) and isinstance(right.record, t.Variable):
                found.append((_in_line(when.text[slice(*left.span)]), sign, right.record.name, right.name))
    return found


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _accusation(
    earlier: list[Entry], other: Entry, validated: ValidatedPolicy, search: _Search
) -> Diagnostic:
    """Report a rule that overlaps with earlier ones, with an example for the first of them."""
    one = earlier[0]
    hint = (_shared_bound(one, other, search) if len(earlier) == 1 else None) or _exclusion(earlier, other)
    example = common_input(validated, [(one.rule.applies, one.row), (other.rule.applies, other.row)])
    names = f"`{one.name}` (line {_line_of(one.node)}) and `{other.name}`"
    if example is None:
        message = f"it is not proven that {names} never apply together{_difference(one, other)}"
        return other.node.diagnostic(CODE, message, hint)
    message = f"{names} both apply where {example}{_difference(one, other)}"
    return other.node.diagnostic(CODE, message, hint)


def _difference(one: Entry, other: Entry) -> str:
    """What two rules answer differently: the outcome, otherwise the status, otherwise an output that one of them sets."""
    first, second = one.rule.rule, other.rule.rule
    if first.then != second.then:
        return f": they give `{first.then}` and `{second.then}`"
    if first.status != second.status:
        given = " and ".join(
            f"the status `{rule.status}`" if rule.status else "no status" for rule in (first, second)
        )
        return f": both give `{first.then}`, but with {given}"
    sets, other_sets = (dict(entry.answer[2]) for entry in (one, other))
    output = next(name for name in {**sets, **other_sets} if sets.get(name) != other_sets.get(name))
    if output not in sets or output not in other_sets:
        return f": both give `{first.then}`, but only `{(one if output in sets else other).name}` sets `{output}`"
    if (both := _set_to(one, output)) == _set_to(other, output):
        return f": both give `{first.then}`, but set `{output}` to `{both}` of different rows"
    return f": both give `{first.then}`, but set `{output}` to `{_set_to(one, output)}` and to `{_set_to(other, output)}`"


def _set_to(entry: Entry, output: str) -> str:
    """What a rule sets an output to, with the value for a cell of its row."""
    tree = entry.rule.sets[output]
    if isinstance(tree, t.Field) and isinstance(tree.record, t.Variable):
        return format_value(entry.row[tree.record.name][tree.name], tree.type)
    return _line(entry.rule.rule.sets[output])


def _line_of(node: Node) -> int:
    return node.source.line_column(node.start)[0]


def _shared_bound(one: Entry, other: Entry, search: _Search) -> str | None:
    """The hint for two rules that overlap only in a value that both include, such as `x <= 5` and `x >= 5`, or `x == 5`."""
    for left, sign, right, compare in _bounds(one.rule):
        opposite = (left, _MIRRORED[sign], right)
        both = sign != "==" and opposite in [bound[:3] for bound in _bounds(other.rule)]
        if both and search.is_apart(one, other, compare):
            strict, strictly = f"{left} {sign[0]} {right}", f"{left} {opposite[1][0]} {right}"
            hint = (
                f"decide which of the two has `{left} == {right}`: write `{strict}` in `{one.rule.rule.id}`"
            )
            return f"{hint}, or `{strictly}` in `{other.rule.rule.id}`"
    for wide, narrow in ((other, one), (one, other)):
        for left, sign, right, compare in _bounds(wide.rule):
            equal = any(bound[:3] == (left, "==", right) for bound in _bounds(narrow.rule))
            if sign != "==" and equal and search.is_apart(wide, narrow, compare):
                return (
                    f"if `{narrow.rule.rule.id}` decides where `{left} == {right}`, "
                    f"write `{left} {sign[0]} {right}` in `{wide.rule.rule.id}`"
                )
    return None


def _bounds(rule: TypedRule) -> Iterator[tuple[str, str, str, t.Compare]]:
    """The comparisons with `<=`, `>=` and `==` that must all hold for a rule, each also from right to left."""
    when = rule.when
    for part in when.operands if isinstance(when, t.And) else (when,):
        if isinstance(part, t.Compare) and part.operator in _MIRRORED and rule.rule.when is not None:
            left, right = (rule.rule.when.text[slice(*side.span)] for side in (part.left, part.right))
            yield left, part.operator, right, part
            yield right, _MIRRORED[part.operator], left, part


def _exclusion(earlier: list[Entry], other: Entry) -> str:
    """How a rule excludes what earlier ones decide."""
    names = " and ".join(f"`{entry.name}`" for entry in earlier[:3])
    rule = other.rule.rule
    with_rows = [entry for entry in earlier if entry.row]
    if with_rows and (without_rows := [entry for entry in earlier if not entry.row]):
        rows = with_rows[0].rule.rule.id
        apart = f"let one of `{rows}` and `{rule.id}` exclude the other, or use `hit: first`"
        return f"{_exclusion(without_rows, other)}; and {apart}"
    if with_rows:
        return _exclusion_from_rows(with_rows[0], other)
    excluded = {_line(entry.rule.rule.when) for entry in earlier if entry.rule.rule.when is not None}
    excluded |= set(_line(rule.unless).split(" || ")) if rule.unless is not None else set()
    conditions = [_condition(entry.rule, excluded) for entry in earlier]
    if None in conditions:
        return f"let `{rule.id}` exclude {names}, or use `hit: first`"
    added = " || ".join(dict.fromkeys(condition or "" for condition in conditions))
    whole = added if rule.unless is None else f"{_line(rule.unless)} || {added}"
    shown = whole if is_plain(whole, in_brackets=False) else in_quotes(whole)
    if len(shown) > 200:
        return f"if {names} {'decide' if len(earlier) > 1 else 'decides'} there, let `{rule.id}` exclude them with `unless`"
    return f"if {names} {'decide' if len(earlier) > 1 else 'decides'} there, give `{rule.id}` the exception `unless: {shown}`"


def _exclusion_from_rows(one: Entry, other: Entry) -> str:
    """How a rule and the rows of an earlier one exclude each other: only the other rule has a condition without a row."""
    rule, rows = other.rule.rule, one.rule.rule
    condition = None if other.row else _condition(other.rule, set())
    if condition is None:
        return f"let the `when` of `{rows.id}` or of `{rule.id}` exclude the other, or use `hit: first`"
    whole = condition if rows.unless is None else f"{_line(rows.unless)} || {condition}"
    shown = whole if is_plain(whole, in_brackets=False) else in_quotes(whole)
    return (
        f"if `{rule.id}` decides there, give `{rows.id}` the exception `unless: {shown}`; "
        "otherwise use `hit: first`, with which the first rule that applies decides"
    )


def _condition(typed: TypedRule, excluded: Set[str]) -> str | None:
    """When a rule applies, as one expression. Its own exception is left out where it is excluded too."""
    when, unless = typed.rule.when, typed.rule.unless
    if when is None:
        return f"!({_line(unless)})" if unless is not None else None
    shown = f"({_line(when)})" if "||" in when.text or "?" in when.text else _line(when)
    is_needed = unless is not None and not set(_line(unless).split(" || ")) <= excluded
    return f"{shown} && !({_line(unless)})" if is_needed and unless is not None else shown


def _line(text: Text) -> str:
    return _in_line(text.text)


def _in_line(text: str) -> str:
    return " ".join(text.split())


class _Search:
    def __init__(self, validated: ValidatedPolicy) -> None:
        self.translator = Translator(validated, settled=True)
        self.steps = _STEPS_A_POLICY
        self.entries = [
            self._entry(rule, name, row)
            for rule in validated.rules
            for name, row in rows_of(rule, validated.policy)
        ]

    def _entry(self, rule: TypedRule, name: str, row: dict[str, Any]) -> Entry:
        variable, cells = next(iter(row.items()), ("", {}))
        sets = tuple(
            (output, self.translator.value_key(tree, variable, cells))
            for output, tree in sorted(rule.sets.items())
        )
        answer = (rule.rule.then, rule.rule.status, sets)
        applies = self.translator.formula(rule.applies, True, variable, cells)
        return Entry(name, rule.rule.id_node, rule, row, answer, applies)

    def is_apart(self, one: Entry, other: Entry, bound: t.Compare) -> bool:
        """Whether two rules never apply together once a bound of the first excludes its end."""
        strict = self.translator.formula(replace(bound, operator=bound.operator[0]), True)
        return not self.may_overlap(replace(one, applies=all_of([one.applies, strict])), other)

    def may_overlap(self, one: Entry, other: Entry) -> bool:
        given = min(_STEPS_A_QUESTION, self.steps)
        effort = Effort(given)
        formulas = [one.applies, other.applies, *self.translator.known]
        try:
            return can_hold(formulas, effort, self.translator.enums)
        except GaveUp:
            return True
        finally:
            self.steps -= given - max(effort.steps, 0)
