"""A case: facts, a moment, and what the decision must contain; and the keys of case files."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.reader import Reader

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
SINGLE = ("outcome", "rule", "reason", "version", "status", "message")
"""Expectations that are one value."""
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
class Frame:
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


def values_of(nodes: Facts) -> dict[str, Any]:
    return {name: to_value(value) for name, (_, value) in nodes.items()}


def are_single(reader: Reader, expected: Map[str, Node]) -> bool:
    """Report a list or a mapping where one value is expected."""
    wrong = [key for key in SINGLE if isinstance(expected.get(key), Sequence | Mapping)]
    for key in wrong:
        node = expected[key]
        items = node.items if isinstance(node, Sequence) else []
        hint = f"write the {key} alone, without brackets"
        if len(items) == 1 and isinstance(items[0], Scalar):
            hint = f"write `{node.source.text[items[0].start : items[0].end]}`, without the brackets"
        reader.report(node, "not-text", f"a case expects one {key}", hint)
    return not wrong


def to_value(node: Node) -> Any:
    """Convert a node to plain Python values, as in JSON."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [to_value(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: to_value(value) for key, value in node.entries}
