"""Mutants of parameters: shifted values, removed and added list items, shifted table cells, removed table rows."""

from __future__ import annotations

from collections.abc import Iterator

from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.expression.types import Type
from engine.mutation.condition_changes import next_member
from engine.mutation.lists import dropping, items_of, with_item
from engine.mutation.mutant import Mutant, replacing
from engine.mutation.shifts import shifted
from engine.policy.model import Parameter, Policy, Table


def parameter_mutants(policy: Policy) -> Iterator[Mutant]:
    for parameter in policy.parameters.values():
        if not isinstance(parameter.node, Mapping):
            continue
        if parameter.table is not None:
            yield from _table(parameter, parameter.table, items_of(parameter.node.get("rows")))
        else:
            yield from _value(parameter, parameter.node.get("value"))


def _value(parameter: Parameter, node: Node | None) -> Iterator[Mutant]:
    items, item = items_of(node), parameter.type.item
    if items is not None and item is not None:
        yield from _list(parameter.name, items, item)
    elif isinstance(node, Scalar):
        yield from scalar_mutants(node, parameter.type)


def scalar_mutants(node: Scalar, type_: Type) -> Iterator[Mutant]:
    quote = node.style if node.style in ("'", '"') else ""
    for after in [next_member(node.text, type_.members)] if type_.members else shifted(node.text, type_.kind):
        yield replacing(node, f"{quote}{after}{quote}")


def _list(name: str, items: Sequence, item: Type) -> Iterator[Mutant]:
    given = [n.text for n in items.items if isinstance(n, Scalar)]
    for position, word in enumerate(given):
        yield dropping(items, position, f"`{word}` is dropped from `{name}`")
    for member in item.members:
        more = None if member in given else with_item(items, member, f"`{name}` gets `{member}` too")
        if more is not None:
            yield more


def _table(parameter: Parameter, table: Table, rows: Sequence | None) -> Iterator[Mutant]:
    for position, row in enumerate(table.rows):
        assert rows is not None
        summary = f"the row `{table.row_name(row)}` of `{parameter.name}` is dropped"
        yield dropping(rows, position, summary)
        cells = rows.items[position]
        assert isinstance(cells, Sequence)
        for cell, (column, type_) in zip(cells.items, table.columns, strict=True):
            if column not in table.key and isinstance(cell, Scalar):
                yield from scalar_mutants(cell, type_)
