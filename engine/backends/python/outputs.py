"""Emit the values of a policy's outputs."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from engine.backends.python.emitter import Emitter
from engine.expression import typed as t
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.python_ast import load, store


def emit_outputs(validated: ValidatedPolicy, plain: Emitter) -> tuple[list[ast.stmt], dict[str, ast.expr]]:
    """The statements that compute what rules set, and the value of each output. `chosen` is the position of the entry."""
    declared = validated.policy.outputs
    body: list[ast.stmt] = []
    values: dict[str, ast.expr] = {}
    for output in declared.values():
        if output.is_set:
            values[output.name] = load(f"set_{output.name}")
            default = plain.constant(f"d_{output.name}", output.default)
            body.append(ast.Assign([store(f"set_{output.name}")], default))
    if values:
        with plain.branch():
            body += _by_position(_assignments(validated, plain))
    # INVARIANT: emitted in the order in which it runs, since a condition is computed where it is emitted first.
    values |= {name: plain.emit(tree) for name, tree in validated.outputs.items()}
    return body, {name: values[name] for name in declared}


Assignments = tuple[int, list[ast.stmt]]
"""The position after a rule's last entry, and what the rule sets."""


def _assignments(validated: ValidatedPolicy, plain: Emitter) -> list[Assignments]:
    branches: list[Assignments] = []
    first = 0
    for rule in validated.rules:
        end = first + validated.count_of(rule)
        assigned = _assigned(rule.sets, plain, _row(rule, validated, first, plain)) if rule.sets else []
        if not assigned and branches and not branches[-1][1]:
            branches.pop()  # consecutive rules that set nothing share a branch
        branches.append((end, assigned))
        first = end
    return [*branches, (first + 1, _assigned(validated.otherwise_sets, plain, []))]


def _assigned(sets: Mapping[str, t.Typed], plain: Emitter, before: list[ast.stmt]) -> list[ast.stmt]:
    return [*before, *(ast.Assign([store(f"set_{name}")], plain.emit(tree)) for name, tree in sets.items())]


def _row(rule: TypedRule, validated: ValidatedPolicy, first: int, plain: Emitter) -> list[ast.stmt]:
    """`v_row = rows[chosen - first]` for a table rule."""
    each, table = rule.rule.for_each, validated.table_of(rule)
    if each is None or table is None:
        return []
    plain.columns[each.variable] = tuple(name for name, _ in table.columns)
    position = ast.BinOp(load("chosen"), ast.Sub(), ast.Constant(first)) if first else load("chosen")
    row = ast.Subscript(plain.constant(f"rows_{first}", table.rows), position, ast.Load())
    return [ast.Assign([store(f"v_{each.variable}")], row)]


def _by_position(branches: list[Assignments]) -> list[ast.stmt]:
    """Select the branch of the deciding entry by binary search, so that a thousand rules nest only ten deep."""
    if len(branches) == 1:
        return branches[0][1] or [ast.Pass()]
    middle = len(branches) // 2
    earlier = ast.Compare(load("chosen"), [ast.Lt()], [ast.Constant(branches[middle - 1][0])])
    return [ast.If(earlier, _by_position(branches[:middle]), _by_position(branches[middle:]))]
