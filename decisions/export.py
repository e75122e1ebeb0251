"""Writes recorded decisions of one policy as Parquet, without any private column.

Each version of the policy may declare other facts; the columns are those of all of them. Whole numbers become int64, decimals
keep their places, moments are microseconds with UTC, and lists and records are JSON text.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from decisions.models import DecisionRecord
from decisions.records import exact
from decisions.texts import TextUnavailable, load_text
from engine.compiled import CompiledPolicy
from engine.expression.quantity import parse_duration
from engine.expression.types import Type

CHUNK: Final = 2_000
DIGITS: Final = 18
"""Of a decimal: its units are within 2^53."""
Columns = Mapping[str, Type]


class ExportRefused(Exception):
    """Nothing was written."""


def export(policy: str, since: datetime, out: Path) -> int:
    """Returns the number of rows. The file appears only once it is complete."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ExportRefused("pyarrow is not installed: `pip install 'comity[export]'`") from None
    records = DecisionRecord.objects.filter(policy=policy, decided_at__gte=since)
    facts, outputs = _declared(policy, records.order_by().values_list("digest", "version").distinct())
    schema = pyarrow.schema(
        [
            ("id", pyarrow.int64()),
            ("decided_at", pyarrow.timestamp("us", tz="UTC")),
            ("version", pyarrow.int64()),
            ("revision", pyarrow.int64()),
            ("digest", pyarrow.string()),
            ("engine", pyarrow.string()),
            ("outcome", pyarrow.string()),
            ("rule", pyarrow.string()),
            ("reason", pyarrow.string()),
            ("subject_kind", pyarrow.string()),
            ("subject_id", pyarrow.int64()),
            ("matched", pyarrow.list_(pyarrow.string())),
            ("obligations", pyarrow.list_(pyarrow.string())),
            *((f"fact_{name}", _arrow(type_, pyarrow)) for name, type_ in facts.items()),
            *((f"output_{name}", _arrow(type_, pyarrow)) for name, type_ in outputs.items()),
        ]
    )
    unfinished = out.with_name(out.name + ".unfinished")
    rows = 0
    try:
        with parquet.ParquetWriter(unfinished, schema) as writer:
            for chunk in _chunks(records):
                values = [_row(record, facts, outputs) for record in chunk]
                writer.write_table(pyarrow.Table.from_pylist(values, schema))
                rows += len(values)
        unfinished.replace(out)
    except OSError as error:
        raise ExportRefused(
            f"`{out}` cannot be written: {(error.strerror or 'unknown error').lower()}"
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _declared(policy: str, versions: Any) -> tuple[Columns, Columns]:
    """The public facts and outputs of the versions that decided. A private one in any version is left out of all. Where versions
    disagree about a type, the column is text."""
    facts: dict[str, Type] = {}
    outputs: dict[str, Type] = {}
    private: set[str] = set()
    for digest, number in versions:
        version = _version(policy, digest, number)
        declared = version.validated.policy
        _merge(facts, {name: fact.type for name, fact in declared.facts.items()})
        _merge(outputs, {name: output.type for name, output in declared.outputs.items()})
        private |= {f"fact_{name}" for name, fact in declared.facts.items() if fact.private}
        private |= {f"output_{name}" for name in version.private_outputs}
    return (
        {name: type_ for name, type_ in facts.items() if f"fact_{name}" not in private},
        {name: type_ for name, type_ in outputs.items() if f"output_{name}" not in private},
    )


def _version(policy: str, digest: str, number: int) -> CompiledPolicy:
    try:
        bundle = load_text(digest)
    except TextUnavailable as unavailable:
        raise ExportRefused(
            f"whether the facts of version {number} of `{policy}` are private is unknown: {unavailable}"
        ) from None
    return next(version for version in bundle.policies[policy].all if version.version == number)


def _merge(columns: dict[str, Type], declared: Columns) -> None:
    for name, type_ in declared.items():
        same = name not in columns or (columns[name].kind, columns[name].scale) == (type_.kind, type_.scale)
        columns[name] = type_ if same else Type("string")


def _arrow(type_: Type, pyarrow: Any) -> Any:
    match type_.kind:
        case "bool":
            return pyarrow.bool_()
        case "int":
            return pyarrow.int64()
        case "double":
            return pyarrow.float64()
        case "decimal":
            return pyarrow.decimal128(DIGITS, type_.scale)
        case "timestamp":
            return pyarrow.timestamp("us", tz="UTC")
        case "duration":
            return pyarrow.int64()
        case _:
            return pyarrow.string()


def _chunks(records: Any) -> Iterator[list[DecisionRecord]]:
    after = 0
    while chunk := list(records.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield chunk
        after = chunk[-1].pk


def _row(record: DecisionRecord, facts: Columns, outputs: Columns) -> dict[str, Any]:
    answer = record.answer or {}
    given = answer.get("outputs", {})
    plain = (
        "id",
        "decided_at",
        "version",
        "revision",
        "digest",
        "engine",
        "outcome",
        "rule",
        "reason",
        "subject_kind",
        "subject_id",
    )
    return {
        **{name: getattr(record, name) for name in plain},
        "matched": answer.get("matched"),
        "obligations": answer.get("obligations"),
        **{f"fact_{name}": _value(record.facts.get(name), type_) for name, type_ in facts.items()},
        **{f"output_{name}": _value(given.get(name), type_) for name, type_ in outputs.items()},
    }


def _value(value: Any, type_: Type) -> Any:
    """None for a value that its type does not admit: the decision says which fact was invalid."""
    try:
        return None if value is None else _read(value, type_)
    except (ValueError, TypeError, ArithmeticError):
        return None


def _read(value: Any, type_: Type) -> Any:
    match type_.kind:
        case "bool":
            return value if isinstance(value, bool) else None
        case "int":
            return value if type(value) is int and abs(value) <= 2**53 else None
        case "double":
            return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "decimal":
            number = Decimal(value)
            return number if number == round(number, type_.scale) else None
        case "timestamp":
            return datetime.fromisoformat(value)
        case "duration":
            lasted = exact(value, type_)
            return (
                lasted // timedelta(microseconds=1)
                if isinstance(lasted, timedelta)
                else parse_duration(value)
            )
        case _:
            return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
