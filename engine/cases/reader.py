"""Read case files: tables of facts in and decision out, checked as strictly as policies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from documents.diagnostics import Diagnostic, did_you_mean, has_errors, in_order
from documents.folders import is_unread, is_yaml, unread_file
from documents.nodes import Mapping, Node, Scalar, Sequence, parse_documents
from documents.reader import read_document
from documents.source import Source, read_source
from engine.cases.values import in_yaml
from engine.expression.quantity import no_such_moment, parse_timestamp, to_datetime, why_no_timestamp
from engine.policy.key_words import CaseReader
from engine.policy.parameter_reader import row_hint

FIXTURES = "fixtures.yaml"
"""The file whose fixtures all case files in its folder can use."""
FILE_KEYS = {
    "policy": True,
    "at": True,
    "with": False,
    "fixtures": False,
    "use": False,
    "given": False,
    "tags": False,
    "skip": False,
    "cases": False,
    "table": False,
}
CASE_KEYS = {
    "name": True,
    "at": False,
    "with": False,
    "use": False,
    "facts": False,
    "without": False,
    "tags": False,
    "skip": False,
    "expect": True,
}
EXPECT_KEYS = {
    "outcome": True,
    "rule": True,
    "reason": False,
    "version": False,
    "status": False,
    "message": False,
    "obligations": False,
    "matched": False,
    "outputs": False,
}
TABLE_KEYS = {"facts": True, "expect": True, "rows": True}
ROW_KEYS = {"name": False, "tags": False, "skip": False, "values": True}

Facts = dict[str, tuple[Node, Node]]
"""Map the name of a fact to the nodes of its name and its value."""


@dataclass(frozen=True, slots=True)
class Case:
    """`expect` is what the decision must contain, by the names of its JSON form; `settings` are assumed parameter values.

    `skip` is the reason for not running the case, or None.
    """

    policy: str
    name: str
    at: datetime
    facts: Map[str, Any]
    expect: Map[str, Any]
    settings: Map[str, Node]
    tags: frozenset[str]
    skip: str | None
    node: Node
    fact_nodes: Map[str, tuple[Node, Node]]
    expect_nodes: Map[str, Node]
    policy_node: Node
    at_node: Node
    setting_keys: Map[str, Node]
    given_node: Node | None
    """The `given` node, which all cases of a document share."""
    left_out: Map[str, Node]
    """The facts that `without` removes."""

    @property
    def place(self) -> tuple[str, int]:
        line, _ = self.node.source.line_column(self.node.start)
        return self.node.source.file, line


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the cases of a document share."""

    policy: str
    policy_node: Node
    at: datetime
    at_node: Node
    facts: Facts
    values: Map[str, Any]
    settings: Map[str, Node]
    setting_keys: Map[str, Node]
    given_node: Node | None
    tags: frozenset[str]
    skip: str | None


def case_files(paths: list[Path]) -> list[Path]:
    """The case files at the given paths. Folders are searched recursively."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(p for p in path.rglob("*") if is_yaml(p) and p.name != FIXTURES)
        else:
            files.append(path)
    return files


def read_cases(path: Path) -> tuple[list[Case], tuple[Diagnostic, ...]]:
    """Read the cases of one file, and its problems. A problem in one case does not affect the others."""
    if is_unread(path):
        return [], (unread_file(path),)
    source, problems = read_source(path, str(path))
    if source is None or has_errors(problems):
        return [], in_order(problems)
    documents, yaml_problems = parse_documents(source)
    problems += yaml_problems
    if not documents and not problems:
        hint = "begin with `policy: name_of_the_policy`, or delete the file"
        problems.append(source.diagnostic(0, "empty-file", "the file holds no cases", hint))
    reading = _Reading(source, path.parent)
    for document in documents:
        reading.document(document)
    diagnostics = in_order([*problems, *reading.reader.problems])
    return reading.sound(diagnostics), diagnostics


class _Reading:
    """The cases found in one file, and the parts of it that an error may affect: an item, its list, its document."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self.folder = folder
        self.reader = CaseReader()
        self.cases: list[Case] = []
        self.parts: list[Node] = []
        self.neighbors: dict[str, Facts] | None = None

    def document(self, node: Node) -> None:
        reader = self.reader
        self.parts.append(node)
        keys = reader.keys(node, "a case file", FILE_KEYS)
        if keys is None:
            return
        policy = reader.text(keys.get("policy"), "`policy`")
        at = self.moment(keys.get("at"))
        if policy is None or at is None:
            return
        fixtures = self.fixtures(keys.get("fixtures"))
        facts = {**self.used(keys.get("use"), fixtures), **self.facts(keys.get("given"), "`given`")}
        frame = _Frame(
            policy,
            keys["policy"],
            at,
            keys["at"],
            facts,
            _values(facts),
            self.settings(keys.get("with")),
            _keys_of(keys.get("with")),
            _key_node(node, "given"),
            frozenset(reader.words(keys.get("tags"), "`tags`")),
            reader.text(keys.get("skip"), "`skip`"),
        )
        if "cases" not in keys and "table" not in keys:
            hint = "add `cases: [{name: …, expect: {outcome: …, rule: …}}]`"
            reader.report(node, "missing-key", "a case file needs `cases` or a `table`", hint)
        first = len(self.cases)
        if "cases" in keys:
            self.parts.append(keys["cases"])
            for item in reader.items(keys["cases"], "`cases`"):
                self.case(item, frame, fixtures)
        if "table" in keys:
            self.parts.append(keys["table"])
            self.table(keys["table"], frame)
        self.refuse_duplicates(self.cases[first:])

    def refuse_duplicates(self, cases: list[Case]) -> None:
        names: set[str] = set()
        for case in cases:
            if case.name in names:
                message = f"the case `{case.name}` is given twice"
                self.reader.report(case.node, "duplicate-case", message, "each case has its own name")
            names.add(case.name)

    def case(self, node: Node, frame: _Frame, fixtures: Map[str, Facts]) -> None:
        self.parts.append(node)
        reader = self.reader
        keys = reader.keys(node, "a case", CASE_KEYS)
        if keys is None:
            return
        name = reader.text(keys.get("name"), "`name`")
        at = self.moment(keys["at"]) if "at" in keys else frame.at
        own = {**self.used(keys.get("use"), fixtures), **self.facts(keys.get("facts"), "`facts`")}
        facts = {**frame.facts, **own}
        values = {**frame.values, **_values(own)}
        left_out = {}
        for gone in reader.words(keys.get("without"), "`without`"):
            left_out[gone] = keys["without"]
            if facts.pop(gone, None) is None:
                message = f"the fact `{gone}` is not given, so it cannot be left out"
                reader.report(keys["without"], "unknown-name", message, did_you_mean(gone, facts))
            values.pop(gone, None)
        expected = reader.keys(keys.get("expect"), "`expect`", EXPECT_KEYS) or {}
        settings = {**frame.settings, **self.settings(keys.get("with"))}
        setting_keys = {**frame.setting_keys, **_keys_of(keys.get("with"))}
        tags = frame.tags.union(reader.words(keys.get("tags"), "`tags`"))
        skip = reader.text(keys.get("skip"), "`skip`") or frame.skip
        if name is None or at is None or not expected:
            return
        expect = {k: to_value(v) for k, v in expected.items()}
        at_node = keys.get("at", frame.at_node)
        self.cases.append(
            Case(
                frame.policy, name, at, values, expect, settings, tags, skip,
                node, facts, expected, frame.policy_node, at_node, setting_keys, frame.given_node, left_out,
            )
        )  # fmt: skip

    def table(self, node: Node, frame: _Frame) -> None:
        """Read `table: {facts: [a, b], expect: [outcome, rule], rows: [[1, 2, allow, x], …]}`, with one case per row."""
        reader = self.reader
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
            self.parts.append(item)
            self.row(item, number, facts, expects, frame, kinds)

    def row(
        self,
        node: Node,
        number: int,
        facts: Map[str, Node],
        expects: list[str],
        frame: _Frame,
        kinds: list[str],
    ) -> None:
        """Read a row: its values, or a mapping that can also give it a name, tags or a reason to skip it."""
        reader, row, name = self.reader, node, None
        if isinstance(node, Mapping):
            keys = reader.keys(node, "a row", ROW_KEYS)
            if keys is None or "values" not in keys:
                return
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
            message = (
                f"this row has {count} value{'' if count == 1 else 's'}, and the table {columns} columns"
            )
            at, hint = row_hint(row, kinds or [""] * columns, names)
            reader.report(at, "bad-row", message, hint)
            return
        nodes = {name: (header, cell) for (name, header), cell in zip(facts.items(), row.items, strict=False)}
        values = _values(nodes)
        expected = dict(zip(expects, row.items[len(facts) :], strict=True))
        self.cases.append(
            Case(
                frame.policy, name or _name(nodes, number), frame.at, {**frame.values, **values},
                {name: to_value(n) for name, n in expected.items()},
                frame.settings, frame.tags, frame.skip, node, {**frame.facts, **nodes},
                expected, frame.policy_node, frame.at_node, frame.setting_keys, frame.given_node, {},
            )
        )  # fmt: skip

    def fixtures(self, node: Node | None) -> Map[str, Facts]:
        named = self.reader.named(node, "`fixtures`")
        return {name: self.facts(value, f"the fixture `{name}`") for name, _, value in named}

    def used(self, node: Node | None, fixtures: Map[str, Facts]) -> Facts:
        """The facts of the fixtures that `use` names. If two define the same fact, the later one wins."""
        facts: Facts = {}
        for name in self.reader.words(node, "`use`"):
            fixture = fixtures.get(name)
            if fixture is None:
                fixture = self.neighboring().get(name)
            if fixture is None:
                assert node is not None
                hint = did_you_mean(name, {*fixtures, *self.neighboring()})
                hint = hint or f"declare it under `fixtures` here or in `{FIXTURES}` beside this file"
                self.reader.report(node, "unknown-name", f"unknown fixture `{name}`", hint)
            facts.update(fixture or {})
        return facts

    def neighboring(self) -> dict[str, Facts]:
        """The fixtures of the folder, read when first needed."""
        if self.neighbors is None:
            self.neighbors = {}
            path = self.folder / FIXTURES
            if path.exists():
                document, problems = read_document(path, str(path))
                self.reader.problems += problems
                keys = self.reader.keys(document, "a file of fixtures", {"fixtures": True}) or {}
                self.neighbors = dict(self.fixtures(keys.get("fixtures")))
        return self.neighbors

    def facts(self, node: Node | None, what: str) -> Facts:
        return {name: (key, value) for name, key, value in self.reader.named(node, what)}

    def settings(self, node: Node | None) -> Map[str, Node]:
        return {name: value for name, _, value in self.reader.named(node, "`with`")}

    def moment(self, node: Node | None) -> datetime | None:
        if node is None:
            return None
        micros = parse_timestamp(node.text) if isinstance(node, Scalar) else None
        if micros is None:
            hint = (
                why_no_timestamp(node.text) if isinstance(node, Scalar) else "such as `2026-03-01T12:00:00Z`"
            )
            missing = no_such_moment(node.text) if isinstance(node, Scalar) else None
            message = missing[0] if missing else "`at` must be a moment with its offset"
            self.reader.report(node, "bad-timestamp", message, hint)
            return None
        return to_datetime(micros)

    def sound(self, diagnostics: tuple[Diagnostic, ...]) -> list[Case]:
        """The cases without errors. An error inside an item affects only that item; any other error affects every case that it
        may concern."""
        errors = [d for d in diagnostics if d.severity == "error"]
        if not errors:
            return self.cases
        parts = sorted(self.parts, key=lambda part: (part.start, -part.end))
        spoiled = [self._smallest(parts, error) for error in errors]
        if None in spoiled:
            return []
        return [c for c in self.cases if not any(_contains(part, c.node) for part in spoiled if part)]

    def _smallest(self, parts: list[Node], error: Diagnostic) -> Node | None:
        """The smallest part that contains an error; None if none does or the error is in another file."""
        if error.file != self.source.file:
            return None
        at = self.source.line_starts[error.line - 1] + error.column - 1
        before = parts[: bisect_right(parts, at, key=lambda part: part.start)]
        return next((part for part in reversed(before) if at < max(part.end, part.start + 1)), None)


_OUTPUTS = {
    "": "outputs belong under `outputs`: name the column `outputs`, and write `{name: value}` in its cells"
}
"""The hint for an unknown expectation."""


def _kinds(rows: list[Node], columns: int) -> list[str]:
    """Which columns have whole numbers and which have decimals, judged by the first complete row."""
    cells = (row.get("values") if isinstance(row, Mapping) else row for row in rows)
    whole = next((c for c in cells if isinstance(c, Sequence) and len(c.items) == columns), None)
    names = {int: "int", float: "double"}
    values = [item.value if isinstance(item, Scalar) else None for item in whole.items] if whole else []
    return [names.get(type(value), "other") for value in values]


def _keys_of(node: Node | None) -> dict[str, Node]:
    return {key.text: key for key, _ in node.entries} if isinstance(node, Mapping) else {}


def _key_node(node: Node, key: str) -> Node | None:
    return _keys_of(node).get(key)


def _contains(part: Node, node: Node) -> bool:
    return part.start <= node.start and node.end <= part.end


def _name(cells: Facts, number: int) -> str:
    """The default name of a row. If a value is truncated, the row number makes the name unique."""
    name = ", ".join([f"{fact}={_written(cell)}" for fact, (_, cell) in cells.items()])
    return f"{name} (row {number})" if "…" in name else name


def _written(node: Node) -> str:
    """The source spelling of a value, or one line of YAML, truncated if long."""
    text = node.text if isinstance(node, Scalar) and not node.style else in_yaml(to_value(node))
    return text if len(text) <= 40 else text[:39] + "…"


def _values(nodes: Facts) -> dict[str, Any]:
    return {name: to_value(value) for name, (_, value) in nodes.items()}


def to_value(node: Node) -> Any:
    """Convert a node to plain Python values, as in JSON."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [to_value(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: to_value(value) for key, value in node.entries}
