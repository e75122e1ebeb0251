"""Read the tables of case files: one case per row."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import replace

from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.cases.case import (
    EXPECT_KEYS,
    ROW_KEYS,
    TABLE_KEYS,
    Case,
    Facts,
    Frame,
    are_single,
    to_value,
    values_of,
)
from engine.cases.values import in_yaml
from engine.policy.key_words import CaseReader
from engine.policy.parameter_reader import row_hint

_OUTPUTS = {
    "": "outputs belong under `outputs`: name the column `outputs`, and write `{name: value}` in its cells"
}
"""The hint for an unknown expectation."""


def read_table(reader: CaseReader, node: Node, frame: Frame) -> Iterator[tuple[Node, Case | None]]:
    """Read `table: {facts: [a, b], expect: [outcome, rule], rows: [[1, 2, allow, x], …]}`.

    Yields each row, with its case if the row is valid.
    """
    keys = reader.keys(node, "`table`", TABLE_KEYS)
    if not keys or any(k not in keys for k in TABLE_KEYS):
        return
    before = len(reader.problems)
    names = reader.words(keys["facts"], "`facts`")
    facts = dict(zip(names, reader.items(keys["facts"], "`facts`"), strict=False))
    expects = [
        e
        for n in reader.items(keys["expect"], "`expect`")
        if (e := reader.choice(n, "an expectation", EXPECT_KEYS, _OUTPUTS, in_list=True))
    ]
    if len(reader.problems) > before:
        return
    if not {"outcome", "rule"} <= set(expects):
        message = "`expect` of a table needs `outcome` and `rule`"
        reader.report(keys["expect"], "missing-key", message, "write `expect: [outcome, rule]`")
    rows = reader.items(keys["rows"], "`rows`")
    kinds = _kinds(rows, len(facts) + len(expects))
    for number, item in enumerate(rows, 1):
        yield item, _row(reader, item, number, facts, expects, frame, kinds)


def _row(
    reader: CaseReader,
    node: Node,
    number: int,
    facts: Map[str, Node],
    expects: list[str],
    frame: Frame,
    kinds: list[str],
) -> Case | None:
    """Read a row: its values, or a mapping that can also give it a name, tags or a reason to skip it."""
    row: Node = node
    name: str | None = None
    if isinstance(node, Mapping):
        keys = reader.keys(node, "a row", ROW_KEYS)
        if keys is None or "values" not in keys:
            return None
        row, name = keys["values"], reader.text(keys.get("name"), "`name`")
        tags = reader.words(keys.get("tags"), "`tags`")
        frame = replace(
            frame,
            tags=frame.tags.union(tags),
            skip=reader.text(keys.get("skip"), "`skip`") or frame.skip,
        )
    if not isinstance(row, Sequence) or len(row.items) != len(facts) + len(expects):
        names = ", ".join([*facts, *expects])
        count, columns = len(row.items) if isinstance(row, Sequence) else 1, len(facts) + len(expects)
        message = f"this row has {count} value{'' if count == 1 else 's'}, and the table {columns} columns"
        at, hint = row_hint(row, kinds or [""] * columns, names)
        reader.report(at, "bad-row", message, hint)
        return None
    nodes = {name: (header, cell) for (name, header), cell in zip(facts.items(), row.items, strict=False)}
    values = values_of(nodes)
    expected = dict(zip(expects, row.items[len(facts) :], strict=True))
    if not are_single(reader, expected):
        return None
    return Case(
        frame.policy, name or _name(nodes, number), frame.at, {**frame.values, **values},
        {name: to_value(n) for name, n in expected.items()},
        frame.settings, frame.tags, frame.skip, node, {**frame.facts, **nodes},
        expected, frame.policy_node, frame.at_node, frame.setting_keys, frame.given_node, {},
    )  # fmt: skip


def _kinds(rows: list[Node], columns: int) -> list[str]:
    """Which columns have whole numbers and which have decimals, judged by the first complete row."""
    cells = (row.get("values") if isinstance(row, Mapping) else row for row in rows)
    whole = next((c for c in cells if isinstance(c, Sequence) and len(c.items) == columns), None)
    names = {int: "int", float: "double"}
    values = [item.value if isinstance(item, Scalar) else None for item in whole.items] if whole else []
    return [names.get(type(value), "other") for value in values]


def _name(cells: Facts, number: int) -> str:
    """The default name of a row. If a value is truncated, the row number makes the name unique."""
    name = ", ".join([f"{fact}={_written(cell)}" for fact, (_, cell) in cells.items()])
    return f"{name} (row {number})" if "…" in name else name


def _written(node: Node) -> str:
    """The source spelling of a value, or one line of YAML, truncated if long."""
    text = node.text if isinstance(node, Scalar) and not node.style else in_yaml(to_value(node))
    return text if len(text) <= 40 else text[:39] + "…"
