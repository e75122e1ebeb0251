"""Rows for batches: valid facts near the boundaries of a policy, and misfits; and what the engine decides about each."""

import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from documents.strict_json import StrictJSONError, parse_json
from engine import Bundle
from engine.backends.sql.policy import COLUMNS
from engine.batch.run import Batch, Done, run
from engine.compiled import CompiledPolicy
from engine.expression.quantity import from_datetime, to_datetime
from engine.expression.types import MAX_TIMESTAMP, Type
from engine.expression.values import to_json
from tests.engine.generated.values import a_value

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
"""In the hour in which clocks change in Europe."""
MICROS = from_datetime(NOW) or 0
Row = dict[str, Any]
MISFITS = [
    None,
    True,
    0,
    -1,
    2**53 + 1,
    2**70,
    0.5,
    1e301,
    "",
    "x",
    "-0",
    "1e3",
    "2026-01-01",
    [],
    [None],
    {},
    {"a": 1},
    "a\0b",
    "x" * 9_000,
]
MISFITS += [
    "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00.1234567Z",
    "2026-01-01T00:00:00",
    "9999999999d",
    "-1d",
    "1.005",
    "1.5",
]
CELLS = [
    "true",
    "True",
    "1",
    "01",
    "1.0",
    "1e400",
    "[",
    '[{"a":1,"a":2}]',
    "null",
    " 1",
    "NaN",
    "2026-01-01T00:00:00-00:30",
]
ZONES = [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-9, minutes=-30))]


def moments(version: CompiledPolicy) -> list[int]:
    """Moments whose distance from now is a parameter of the policy, or a microsecond more or less; and the bounds."""
    spans = [0, *(p.value for p in version.validated.policy.parameters.values() if p.type.kind == "duration")]
    near = [MICROS - span + step for span in spans if isinstance(span, int) for step in (-1, 0, 1)]
    return [*(m for m in near if m >= 0), 0, MAX_TIMESTAMP]


def a_row(chance: random.Random, types: Mapping[str, Type], near: Sequence[int], names: Sequence[str]) -> Row:
    """Valid facts. Texts come from few, so that they often coincide."""

    def value(type_: Type) -> Any:
        if type_.optional and chance.random() < 0.2:
            return None
        if type_.item is not None:
            return [value(type_.item) for _ in range(chance.choice((0, 1, 1, 2, 3, 7)))]
        if type_.kind == "record":
            return {name: value(field) for name, field in type_.fields}
        if type_.kind == "timestamp":
            return to_datetime(chance.choice(near)).astimezone(chance.choice(ZONES))
        if type_.kind == "string":
            return chance.choice(names)
        if type_.kind == "double":
            return chance.choice((0.0, 0.3, 0.45, 0.5, 0.8, 0.9, 1.0, 0.1 + 0.2, chance.random()))
        if type_.kind == "int" and type_.minimum is None:
            return chance.choice((0, 1, 2, 3, 9, 10, 200_000_000, 200_000_001, 2**53, -(2**53)))
        return a_value(chance, replace(type_, optional=False) if type_.optional else type_)

    return {name: value(type_) for name, type_ in types.items()}


def a_misfit(chance: random.Random, row: Row, misfits: Sequence[Any]) -> Row:
    """The row with one wrong value, maybe inside a list or a record, or one name too few."""
    name = chance.choice(list(row))
    if chance.random() < 0.1:
        return {n: v for n, v in row.items() if n != name}
    return {**row, name: _spoiled(chance, row[name], misfits)}


def _spoiled(chance: random.Random, value: Any, misfits: Sequence[Any]) -> Any:
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [_spoiled(chance, v, misfits) if n == at else v for n, v in enumerate(value)]
    if isinstance(value, dict) and value and chance.random() < 0.8:
        if chance.random() < 0.2:
            return {**value, "surplus": 1}
        return a_misfit(chance, value, misfits)
    return chance.choice(misfits)


def write_lines(path: Path, rows: Sequence[Row]) -> list[Row]:
    """Write lines of JSON; return the rows as the engine gets them."""
    lines = [json.dumps(to_json(row), ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines))
    return [json.loads(line) for line in lines]


def write_cells(path: Path, rows: Sequence[Row], types: Mapping[str, Type]) -> list[Row]:
    """Write CSV in which NULL is an empty cell without quotes; return the rows as the engine gets them."""
    expected = []
    with path.open("w", newline="") as file:
        file.write(",".join(rows[0]) + "\n")
        for row in rows:
            cells = {name: _cell(value) for name, value in to_json(row).items()}  # type: ignore[attr-defined]
            file.write(
                ",".join("" if c is None else '"' + c.replace('"', '""') + '"' for c in cells.values()) + "\n"
            )
            expected.append({n: _meant(c, types[n]) if n in types else c for n, c in cells.items()})
    return expected


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _meant(cell: str | None, type_: Type) -> Any:
    """A cell as a value of its type if it is written as JSON writes that type, else as text."""
    if cell is None or type_.kind not in ("bool", "int", "double", "list", "record"):
        return cell
    try:
        value = parse_json(cell.encode())
    except StrictJSONError:
        return cell
    if cell != cell.strip() and type_.item is None and type_.kind != "record":
        return cell
    kinds = {
        "bool": (bool,),
        "int": (int,),
        "double": (int, float),
        "list": (list, dict, str),
        "record": (list, dict, str),
    }
    if type_.kind in ("list", "record"):
        return value
    if isinstance(value, bool) and type_.kind != "bool":
        return cell
    if type_.kind == "double" and isinstance(value, int):
        return float(value)
    return value if isinstance(value, kinds[type_.kind]) else cell


def write_parquet(path: Path, rows: Sequence[Row], types: Mapping[str, Type]) -> list[Row]:
    """Write typed columns; return the rows as the engine gets them."""
    schema = pa.schema([("id", pa.int64()), *((name, _arrow(type_)) for name, type_ in types.items())])
    pq.write_table(pa.Table.from_pylist(list(rows), schema), path, row_group_size=50)
    return [{name: _beyond(value) for name, value in row.items()} for row in rows]


def _beyond(value: Any) -> Any:
    """A moment that no policy accepts reaches the engine as text, as any moment of a column does."""
    if isinstance(value, list):
        return [_beyond(v) for v in value]
    if isinstance(value, dict):
        return {name: _beyond(v) for name, v in value.items()}
    outside = isinstance(value, datetime) and from_datetime(value) is None
    return f"{value:%Y-%m-%dT%H:%M:%S.%f}Z" if outside else value


def _arrow(type_: Type) -> pa.DataType:
    if type_.item is not None:
        return pa.list_(_arrow(type_.item))
    if type_.kind == "record":
        return pa.struct([(name, _arrow(field)) for name, field in type_.fields])
    if type_.kind == "decimal":
        return pa.decimal128(18, type_.scale)
    kinds = {
        "bool": pa.bool_(),
        "int": pa.int64(),
        "double": pa.float64(),
        "timestamp": pa.timestamp("us", "UTC"),
    }
    return kinds.get(type_.kind, pa.string())


def a_typed_misfit(chance: random.Random, row: Row, types: Mapping[str, Type]) -> Row:
    """The row with one wrong value that a typed column can hold."""
    name = chance.choice(list(types))
    return {**row, name: _typed_misfit(chance, row[name], types[name])}


def _typed_misfit(chance: random.Random, value: Any, type_: Type) -> Any:
    if chance.random() < 0.2 or value is None:
        return None
    if type_.item is not None:
        at = chance.randrange(len(value)) if value else None
        return [_typed_misfit(chance, v, type_.item) if n == at else v for n, v in enumerate(value)]
    if type_.kind == "record":
        return a_typed_misfit(chance, value, dict(type_.fields))
    wrong: dict[str, list[Any]] = {
        "int": [2**53 + 1, -(2**63), 2**63 - 1],
        "double": [math.nan, math.inf, -math.inf, 1.1e300],
        "timestamp": [
            datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
            datetime(2200, 1, 1, 0, 0, 0, 1, UTC),
        ],
        "bool": [None],
        "decimal": [None],
    }
    return chance.choice(
        wrong.get(type_.kind, ["x", "", "a\0b", "x" * 9_000, "9999999999d", "\u00e9" * 8_192])
    )


def decided(bundle: Bundle, policy: str, facts: Any, now: datetime = NOW) -> Row:
    """The columns of the engine's own decision."""
    shown = bundle.decide(policy, facts, now=now, superset=True).to_dict()
    return {name: shown.get(name) for name in COLUMNS}


def batch(
    bundle: Bundle, policy: str, path: Path, now: int | str = MICROS, columns: Sequence[str] = COLUMNS
) -> tuple[Done, list[Row]]:
    """Decide about a file, and read the result."""
    out = path.with_name(f"out-{path.stem}.jsonl")
    done = run(bundle, Batch(policy, [path], out, now, columns))
    return done, [json.loads(line) for line in out.read_text().splitlines()]
