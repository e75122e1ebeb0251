"""Which texts a threshold can matter for, read from the conditions of the policy."""

from collections.abc import Iterable, Iterator
from typing import Final

from decisions.trial import Tunable
from engine.expression import typed as t
from engine.policy.validated import ValidatedPolicy

Place = tuple[str, str]
"""A mode and a category."""

COLUMNS: Final = frozenset({"mode", "category"})


def reached_by(policy: ValidatedPolicy, numbers: Iterable[Tunable]) -> frozenset[Place] | None:
    """The modes and categories in which a text must have a signal to be decided otherwise with other values of these numbers.
    None if any text may be."""
    places: set[Place] = set()
    for number in numbers:
        row = dict(number.row)
        if not row.keys() >= COLUMNS or not _asks_for_its_category(policy, number.parameter):
            return None
        places.add((str(row["mode"]), str(row["category"])))
    return frozenset(places)


def _asks_for_its_category(policy: ValidatedPolicy, table: str) -> bool:
    """Whether a row of the table applies only to texts of its mode with a signal of its category, and is used nowhere else."""
    if any(
        (isinstance(node, t.Row) and node.table == table)
        or (isinstance(node, t.ParameterRef) and node.name == table)
        for tree in policy.trees()
        for node in tree.walk()
    ):
        return False
    rules = [rule for rule in policy.rules if (each := rule.rule.for_each) and each.parameter == table]
    return all(
        rule.rule.for_each is not None
        and rule.applies is not None
        and _needs_its_row(list(_conjuncts(rule.applies)), rule.rule.for_each.variable)
        for rule in rules
    )


def _needs_its_row(conditions: list[t.Typed], row: str) -> bool:
    return any(_equal(one, row, "mode", "mode") for one in conditions) and any(
        isinstance(one, t.Quantifier)
        and one.kind == "exists"
        and isinstance(one.source, t.FactRef)
        and one.source.name == "signals"
        and one.variable != row
        and any(_equal(part, row, "category", one.variable) for part in _conjuncts(one.body))
        for one in conditions
    )


def _conjuncts(tree: t.Typed) -> Iterator[t.Typed]:
    """Each of them must hold for the whole to hold."""
    if isinstance(tree, t.And):
        for operand in tree.operands:
            yield from _conjuncts(operand)
    else:
        yield tree


def _equal(tree: t.Typed, row: str, column: str, other: str) -> bool:
    """Whether a column of the row is compared with the fact `other`, or with that field of the item `other`."""
    if not isinstance(tree, t.Compare) or tree.operator != "==":
        return False
    sides = (tree.left, tree.right), (tree.right, tree.left)
    return any(_is_field(one, row, column) and _is_other(two, column, other) for one, two in sides)


def _is_field(tree: t.Typed, variable: str, name: str) -> bool:
    return (
        isinstance(tree, t.Field)
        and tree.name == name
        and isinstance(tree.record, t.Variable)
        and tree.record.name == variable
    )


def _is_other(tree: t.Typed, column: str, other: str) -> bool:
    if isinstance(tree, t.FactRef):
        return tree.name == other == column
    return _is_field(tree, other, column)
