"""Read case files: tables of facts in and decision out, checked as strictly as policies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping as Map
from datetime import datetime
from pathlib import Path

from documents.diagnostics import Diagnostic, did_you_mean, has_errors, in_order
from documents.folders import is_unread, is_yaml, unread_file
from documents.nodes import Mapping, Node, Scalar, parse_documents
from documents.reader import read_document
from documents.source import Source, read_source
from engine.cases.case import (
    CASE_KEYS,
    EXPECT_KEYS,
    FILE_KEYS,
    Case,
    Facts,
    Frame,
    are_single,
    to_value,
    values_of,
)
from engine.cases.table import read_table
from engine.expression.quantity import no_such_moment, parse_timestamp, to_datetime, why_no_timestamp
from engine.policy.key_words import CaseReader

FIXTURES = "fixtures.yaml"
"""The file whose fixtures all case files in its folder can use."""


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
        frame = Frame(
            policy,
            keys["policy"],
            at,
            keys["at"],
            facts,
            values_of(facts),
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
            for row, case in read_table(reader, keys["table"], frame):
                self.parts.append(row)
                self.cases += [case] if case is not None else []
        self.refuse_duplicates(self.cases[first:])

    def refuse_duplicates(self, cases: list[Case]) -> None:
        names: set[str] = set()
        for case in cases:
            if case.name in names:
                message = f"the case `{case.name}` is given twice"
                self.reader.report(case.node, "duplicate-case", message, "each case has its own name")
            names.add(case.name)

    def case(self, node: Node, frame: Frame, fixtures: Map[str, Facts]) -> None:
        self.parts.append(node)
        reader = self.reader
        keys = reader.keys(node, "a case", CASE_KEYS)
        if keys is None:
            return
        name = reader.text(keys.get("name"), "`name`")
        at = self.moment(keys["at"]) if "at" in keys else frame.at
        own = {**self.used(keys.get("use"), fixtures), **self.facts(keys.get("facts"), "`facts`")}
        facts = {**frame.facts, **own}
        values = {**frame.values, **values_of(own)}
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
        if name is None or at is None or not expected or not are_single(reader, expected):
            return
        expect = {k: to_value(v) for k, v in expected.items()}
        at_node = keys.get("at", frame.at_node)
        self.cases.append(
            Case(
                frame.policy, name, at, values, expect, settings, tags, skip,
                node, facts, expected, frame.policy_node, at_node, setting_keys, frame.given_node, left_out,
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


def _keys_of(node: Node | None) -> dict[str, Node]:
    return {key.text: key for key, _ in node.entries} if isinstance(node, Mapping) else {}


def _key_node(node: Node, key: str) -> Node | None:
    return _keys_of(node).get(key)


def _contains(part: Node, node: Node) -> bool:
    return part.start <= node.start and node.end <= part.end
