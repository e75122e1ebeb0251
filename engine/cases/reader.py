"""Case files: tables of facts in and decision out, read as strictly as policies."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from documents.diagnostics import Diagnostic, has_errors, in_order
from documents.folders import is_yaml, unread_file
from documents.nodes import Mapping, Node, Scalar, Sequence, parse_documents
from documents.reader import Reader
from documents.source import read_source
from engine.expression.quantity import parse_timestamp, to_datetime

FILE_KEYS = {"policy": True, "at": True, "with": False, "given": False, "cases": False, "table": False}
CASE_KEYS = {"name": True, "at": False, "with": False, "facts": False, "without": False, "expect": True}
EXPECT_KEYS = {
    "outcome": True,
    "rule": True,
    "reason": False,
    "message": False,
    "obligations": False,
    "matched": False,
    "outputs": False,
}
TABLE_KEYS = {"facts": True, "expect": True, "rows": True}


@dataclass(frozen=True, slots=True)
class Case:
    """`expect` holds what the decision must say, by the names of its JSON form; `settings` are assumed parameter values."""

    policy: str
    name: str
    at: datetime
    facts: Map[str, Any]
    expect: Map[str, Any]
    settings: Map[str, Node]
    node: Node
    expect_nodes: Map[str, Node]

    @property
    def place(self) -> tuple[str, int]:
        line, _ = self.node.source.line_column(self.node.start)
        return self.node.source.file, line


@dataclass
class CaseFile:
    policy: str
    cases: list[Case] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the cases of a file share."""

    policy: str
    at: datetime
    given: Map[str, Any]
    settings: Map[str, Node]


def case_files(paths: list[Path]) -> list[Path]:
    """The case files at the given paths; folders are searched below."""
    found: list[Path] = []
    for path in paths:
        found += sorted(p for p in path.rglob("*") if is_yaml(p)) if path.is_dir() else [path]
    return found


def read_cases(path: Path) -> tuple[list[Case], tuple[Diagnostic, ...]]:
    """The cases of one file; there are none when there is any error."""
    if path.suffix != ".yaml":
        return [], (unread_file(path),)
    source, problems = read_source(path, str(path))
    if source is None or has_errors(problems):
        return [], in_order(problems)
    documents, found = parse_documents(source)
    problems += found
    reader = Reader()
    cases = [case for document in documents for case in _file(reader, document)]
    if not documents and not problems:
        problems.append(source.diagnostic(0, "empty-file", "the file holds no cases", None))
    diagnostics = in_order([*problems, *reader.problems])
    return ([] if has_errors(diagnostics) else cases), diagnostics


def _file(reader: Reader, node: Node) -> list[Case]:
    keys = reader.keys(node, "a case file", FILE_KEYS)
    if keys is None:
        return []
    policy = reader.text(keys.get("policy"), "`policy`")
    at = _moment(reader, keys.get("at"))
    given = _values(reader, keys.get("given"), "`given`")
    if policy is None or at is None:
        return []
    frame = _Frame(policy, at, given, _settings(reader, keys.get("with")))
    if "cases" not in keys and "table" not in keys:
        reader.report(node, "missing-key", "a case file needs `cases` or a `table`")
    cases = [
        case for item in reader.items(keys.get("cases"), "`cases`") if (case := _case(reader, item, frame))
    ]
    cases += _table(reader, keys.get("table"), frame)
    names: set[str] = set()
    for case in cases:
        if case.name in names:
            reader.report(
                case.node,
                "duplicate-case",
                f"the case `{case.name}` is given twice",
                "each case has its own name",
            )
        names.add(case.name)
    return cases


def _case(reader: Reader, node: Node, frame: _Frame) -> Case | None:
    keys = reader.keys(node, "a case", CASE_KEYS)
    if keys is None:
        return None
    name = reader.text(keys.get("name"), "`name`")
    at = _moment(reader, keys["at"]) if "at" in keys else frame.at
    facts = {**frame.given, **_values(reader, keys.get("facts"), "`facts`")}
    for gone in reader.words(keys.get("without"), "`without`"):
        if gone not in facts:
            reader.report(
                keys["without"], "unknown-name", f"the fact `{gone}` is not given, so it cannot be left out"
            )
        facts.pop(gone, None)
    expected = reader.keys(keys.get("expect"), "`expect`", EXPECT_KEYS) or {}
    settings = {**frame.settings, **_settings(reader, keys.get("with"))}
    if name is None or at is None or not expected:
        return None
    expect = {k: to_value(v) for k, v in expected.items()}
    return Case(frame.policy, name, at, facts, expect, settings, node, expected)


def _table(reader: Reader, node: Node | None, frame: _Frame) -> list[Case]:
    """`table: {facts: [a, b], expect: [outcome, rule], rows: [[1, 2, allow, x], …]}`, one case a row."""
    keys = reader.keys(node, "`table`", TABLE_KEYS)
    if not keys or any(k not in keys for k in TABLE_KEYS):
        return []
    facts = reader.words(keys["facts"], "`facts`")
    expects = [
        e
        for n in reader.items(keys["expect"], "`expect`")
        if (e := reader.choice(n, "an expectation", EXPECT_KEYS))
    ]
    if not {"outcome", "rule"} <= set(expects):
        reader.report(keys["expect"], "missing-key", "`expect` of a table needs `outcome` and `rule`")
    cases: list[Case] = []
    for item in reader.items(keys["rows"], "`rows`"):
        if not isinstance(item, Sequence) or len(item.items) != len(facts) + len(expects):
            names = ", ".join([*facts, *expects])
            reader.report(
                item, "bad-row", f"a row has {len(facts) + len(expects)} values", f"in this order: [{names}]"
            )
            continue
        case = _row(item, facts, expects, frame)
        clipped = "…" in case.name
        cases.append(replace(case, name=f"{case.name} (row {len(cases) + 1})") if clipped else case)
    return cases


def _row(node: Sequence, facts: tuple[str, ...], expects: list[str], frame: _Frame) -> Case:
    values = {name: to_value(n) for name, n in zip(facts, node.items, strict=False)}
    nodes = dict(zip(expects, node.items[len(facts) :], strict=True))
    name = ", ".join(f"{k}={_short(v)}" for k, v in values.items())
    expect = {k: to_value(n) for k, n in nodes.items()}
    return Case(frame.policy, name, frame.at, {**frame.given, **values}, expect, frame.settings, node, nodes)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _moment(reader: Reader, node: Node | None) -> datetime | None:
    if node is None:
        return None
    micros = parse_timestamp(node.text) if isinstance(node, Scalar) else None
    if micros is None:
        reader.report(node, "bad-timestamp", "`at` must be a timestamp", "such as `2026-03-01T12:00:00Z`")
        return None
    return to_datetime(micros)


def _values(reader: Reader, node: Node | None, what: str) -> dict[str, Any]:
    return {name: to_value(value) for name, _, value in reader.named(node, what)}


def _settings(reader: Reader, node: Node | None) -> dict[str, Node]:
    return {name: value for name, _, value in reader.named(node, "`with`")}


def to_value(node: Node) -> Any:
    """A node as plain Python, as JSON would have it."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [to_value(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: to_value(value) for key, value in node.entries}
