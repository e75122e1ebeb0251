"""Read parameters: bounded scalars, lists of scalars, and tables with typed columns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence as Seq

from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.reader import Reader, is_unclear
from engine.expression.types import ERROR, SCALARS, Type
from engine.expression.values import format_value
from engine.policy.bounds_reader import read_bound, refuse_bounds
from engine.policy.model import Parameter, Table, Value
from engine.policy.type_reader import read_type
from engine.policy.value_reader import read_value, scalar_value

SCALAR_KEYS = {"value": True, "min": False, "max": False, "show": False, "help": False}
TABLE_KEYS = {"table": True, "key": False, "rows": True, "help": False}
MAX_ROWS = 20_000


def read_parameter(reader: Reader, name: str, node: Node) -> Parameter | None:
    what = f"the parameter `{name}`"
    if isinstance(node, Mapping) and (node.get("table") is not None or node.get("rows") is not None):
        return _table_parameter(reader, name, node, what)
    type_ = read_type(reader, node, what, SCALAR_KEYS) if not isinstance(node, Scalar) else None
    if isinstance(node, Scalar):
        hint = f"write `{{type: {_kind(node)}, value: {node.text[:40] or '…'}}}`"
        if amount := _AMOUNT.fullmatch(node.text.strip()):
            hint = f"write `{{decimal: 2, value: {amount[1]}}}`"
        reader.report(node, "bad-parameter", f"{what} needs a type and a value", hint)
    if type_ is None:
        return None
    return _scalar_parameter(reader, name, node, type_, what)


_AMOUNT = re.compile(r"[€$£]?\s*([0-9]+(?:\.[0-9]{1,2})?)\s*(?:[A-Z]{3}|[€$£])")


def _kind(node: Scalar) -> str:
    """Guess the type of a bare value."""
    kinds = ("bool", "int", "double", "duration", "timestamp", "string")
    return next((k for k in kinds if scalar_value(node, SCALARS[k]) is not None), "duration")


def _scalar_parameter(reader: Reader, name: str, node: Node, type_: Type, what: str) -> Parameter | None:
    keys = {k.text: v for k, v in node.entries}  # type: ignore[attr-defined]
    if type_.optional or (
        type_.kind == "list" and type_.item is not None and type_.item.kind in ("list", "record")
    ):
        hint = "a parameter always has a value: delete the `?`" if type_.optional else "use a table"
        reader.report(node, "bad-parameter", f"{what} has a type that a parameter cannot have", hint)
        return None
    value = read_value(reader, keys["value"], type_, what) if "value" in keys else None
    refused = refuse_bounds(reader, node, keys, type_, None, "bad-parameter")
    low, high = (
        None if refused else read_bound(reader, node, k, keys.get(k), type_, what) for k in ("min", "max")
    )
    if low is not None and high is not None and low > high:
        hint = "no value is in between: exchange the two, or change one"
        reader.report(keys["min"], "out-of-bounds", f"`min` of {what} is above its `max`", hint)
    elif value is not None and not within(value, low, high):
        message = f"{what} is outside its own `min` and `max`"
        held = bounds(Parameter(name, type_, node, minimum=low, maximum=high))
        hint = f"keep to {held}, or change the bounds"
        reader.report(keys["value"], "out-of-bounds", message, hint)
    shown = reader.flag(keys.get("show"), "`show`")
    help_ = reader.text(keys.get("help"), "`help`")
    return (
        Parameter(name, type_, node, value, None, shown or is_unclear(keys.get("show")), low, high, help_)
        if value is not None
        else None
    )


def within(value: Value, low: int | float | None, high: int | float | None) -> bool:
    if not isinstance(value, int | float):
        return True
    return (low is None or value >= low) and (high is None or value <= high)


def bounds(parameter: Parameter) -> str:
    """The bounds of a parameter, in the policy's spelling."""
    low, high = (
        None if b is None else f"`{format_value(b, parameter.type)}`"
        for b in (parameter.minimum, parameter.maximum)
    )
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}"


def _table_parameter(reader: Reader, name: str, node: Node, what: str) -> Parameter | None:
    keys = reader.keys(node, what, TABLE_KEYS)
    if keys is None or "table" not in keys:
        return None
    columns = []
    written = keys["table"]
    if isinstance(written, Sequence) or (
        isinstance(written, Mapping) and written.entries and all(v.start == v.end for _, v in written.entries)
    ):
        given = written.items if isinstance(written, Sequence) else [key for key, _ in written.entries]
        names = [n.text for n in given if isinstance(n, Scalar)]
        shape = ", ".join(f"{n}: …" for n in names[:8])
        hint = f"give each column its type: `table: {{{shape}}}`"
        reader.report(keys["table"], "not-a-mapping", "the columns of a table have names and types", hint)
        return None
    for column, _, declared in reader.named(keys["table"], "`table`"):
        type_ = read_type(reader, declared, f"the column `{column}`", {})
        if type_ and (type_.optional or type_.kind in ("list", "record")):
            hint = "delete the `?`: each row has a value" if type_.optional else "a cell holds one value"
            message = f"the column `{column}` must have a plain type without `?`"
            reader.report(declared, "bad-type", message, hint)
            type_ = type_.required() if type_.kind not in ("list", "record") else None
        columns.append((column, type_ or ERROR))
    if isinstance(keys["table"], Mapping) and not keys["table"].entries:
        reader.report(
            keys["table"],
            "bad-parameter",
            f"{what} has no columns",
            "write its columns and their types into the braces",
        )
    if not columns:
        return None
    key = _key(reader, keys.get("key"), [c for c, _ in columns])
    rows, nodes = read_rows(reader, keys.get("rows"), columns)
    if any(type_.kind == "error" for _, type_ in columns):
        return None
    record = Type("record", fields=tuple(columns))
    listed = keys.get("rows")
    unread = isinstance(listed, Sequence) and len(listed.items) > len(rows)
    table = Table(tuple(columns), key, tuple(rows), tuple(nodes), unread)
    return Parameter(
        name, Type("list", item=record), node, table=table, help=reader.text(keys.get("help"), "`help`")
    )


def _key(reader: Reader, node: Node | None, columns: list[str]) -> tuple[str, ...]:
    if node is None:
        return (columns[0],)
    known = [
        reader.choice(item, "a column of this table", columns, in_list=True)
        for item in reader.items(node, "`key`")
    ]
    if isinstance(node, Sequence) and not known:
        reader.report(node, "bad-parameter", "`key` names no column", "leave it out, or name the columns")
    return tuple(k for k in columns if k in known)


def read_rows(
    reader: Reader, node: Node | None, columns: Seq[tuple[str, Type]]
) -> tuple[list[tuple[Value, ...]], list[Node]]:
    rows: list[tuple[Value, ...]] = []
    nodes: list[Node] = []
    items = reader.items(node, "`rows`", most=MAX_ROWS)
    for item in items:
        if reader.full:
            break
        row = _row(reader, item, columns)
        if row is not None:
            rows.append(row)
            nodes.append(item)
    return rows, nodes


def _row(reader: Reader, node: Node, columns: Seq[tuple[str, Type]]) -> tuple[Value, ...] | None:
    if not isinstance(node, Sequence) or len(node.items) != len(columns):
        names = ", ".join(name for name, _ in columns)
        if isinstance(node, Mapping):
            cells = ", ".join(_cell_of(node, name) for name, _ in columns)
            message, hint = "a row is a list of values", f"write `[{cells}]`"
            if "\n" in node.source.text[node.start : node.end]:
                hint = f"write the whole row on one line: `- [{cells}]`"
        else:
            count = len(node.items) if isinstance(node, Sequence) else 1
            message = (
                f"this row has {count} value{'' if count == 1 else 's'}, and the table {len(columns)} columns"
            )
            at, hint = row_hint(node, [type_.kind for _, type_ in columns], names)
            node = at
        reader.report(node, "bad-row", message, hint)
        return None
    values = [
        _cell(reader, cell, name, type_) for cell, (name, type_) in zip(node.items, columns, strict=True)
    ]
    return None if any(v is None for v in values) else tuple(values)


def _cell_of(node: Mapping, name: str) -> str:
    cell = node.get(name)
    return cell.source.text[cell.start : cell.end] if isinstance(cell, Scalar) else "…"


def row_hint(node: Node, kinds: Seq[str], names: str) -> tuple[Node, str]:
    """What may be wrong, and where, with a row that has more or fewer values than its table has columns; `kinds` may be empty."""
    columns = len(kinds)
    if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Sequence):
        return node, "leave out the outer brackets"
    if isinstance(node, Scalar) and not node.style and len(parts := node.text.split(",")) == columns:
        return node, f"write it in brackets: `[{', '.join(p.strip() for p in parts)}]`"
    for sign in (r"\s*[|;]\s*", r"\s+"):
        if (
            isinstance(node, Scalar)
            and not node.style
            and len(parts := re.split(sign, node.text)) == columns > 1
        ):
            return node, f"write `[{', '.join(parts)}]`"
    if isinstance(node, Sequence) and (whole := _with_points(node, kinds)):
        return node, f"write `{whole}`: a number has a point, and no comma"
    if isinstance(node, Sequence) and len(node.items) == columns + 1 and (comma := _comma(node, kinds)):
        return comma
    glued = next(
        (i for i in getattr(node, "items", ()) if isinstance(i, Scalar) and re.search(r"\S\s+\S", i.text)),
        None,
    )
    if isinstance(node, Sequence) and len(node.items) < columns and glued is not None and not glued.style:
        return node, f"separate the values with `,`: `{', '.join(glued.text.split())}`"
    return node, f"write one value for each, in this order: [{names}]"


def _with_points(node: Sequence, kinds: Seq[str]) -> str | None:
    """A row in which several numbers have a decimal comma, with points instead."""
    written = node.source.text[node.start : node.end]
    if len(written) > 300:
        return None
    mended = re.sub(r"(?<=[0-9]),(?=[0-9]{1,2}(?:\s*[,\]]))", ".", written)
    cells = [cell.strip() for cell in mended.strip("[]").split(",")]
    right = len(cells) == len(kinds) < len(node.items) - 1
    decimals = all(
        kind in ("decimal", "double") for kind, cell in zip(kinds, cells, strict=False) if "." in cell
    )
    return mended if right and decimals and re.search(r",\s", written) and "\n" not in written else None


def _comma(node: Sequence, kinds: Seq[str]) -> tuple[Node, str] | None:
    """Find a number that contains a comma, which YAML reads as two values. Commas between values are followed by a space."""
    if not re.search(r",\s", node.source.text[node.start : node.end]):
        return None
    for at, (one, other) in enumerate(itertools.pairwise(node.items)):
        written = node.source.text[one.start : other.end]
        numbers = re.fullmatch(r"(-?[0-9]+),([0-9]+)", written)
        if numbers is None or kinds[at] not in ("int", "decimal", "double", ""):
            continue
        whole, decimals = numbers.groups()
        if len(decimals) == 3:
            return one, f"a `,` separates values: write `{whole}{decimals}{'.0' * (kinds[at] == 'double')}`"
        if kinds[at] == "int":
            cents = f"write `{int(whole + decimals)}` for `{written}`, if it counts cents"
            number = cents if len(decimals) == 2 else f"write a whole number for `{written}`"
            return one, f"a `,` separates values: {number}"
        return one, f"a `,` separates values: write `{whole}.{decimals}` for `{written}`"
    return None


def _cell(reader: Reader, node: Node, name: str, type_: Type) -> Value:
    if type_.kind == "error":
        return 0
    value = scalar_value(node, type_) if isinstance(node, Scalar) else None
    return value if value is not None else read_value(reader, node, type_, f"the column `{name}`")
