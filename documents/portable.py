"""Finds what other YAML tools (PyYAML, ruamel.yaml, and npm's `yaml`) read differently or reject.

Only PyYAML implements YAML 1.1, in which `on` is true and `1:30` is ninety; its parser ends unquoted text in brackets at a `?`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from documents.nodes import Mapping, Node, Scalar, Sequence

_RESOLVER = yaml.resolver.Resolver()
_TAG = "tag:yaml.org,2002:"
_KINDS = {bool: "bool", int: "int", float: "float", str: "str", type(None): "null"}
_READ = {"bool": "true or false", "int": "a number", "float": "a number", "null": "nothing", "str": "text"}


@dataclass(frozen=True, slots=True)
class Unportable:
    """`mended` is a spelling that all tools read alike; None if only the author can know it."""

    node: Scalar
    message: str
    mended: str | None


def unportable(node: Node, *, in_brackets: bool = False) -> Iterator[Unportable]:
    """What is read differently below a node, in text order."""
    in_brackets = in_brackets or node.source.text[node.start : node.start + 1] in ("[", "{")
    if isinstance(node, Scalar):
        yield from _scalar(node, in_brackets)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from unportable(item, in_brackets=in_brackets)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield from _scalar(key, in_brackets, is_key=True)
            yield from unportable(value, in_brackets=in_brackets)


def _scalar(node: Scalar, in_brackets: bool, *, is_key: bool = False) -> Iterator[Unportable]:
    if node.style:
        return
    shown, ours = node.text[:40], "str" if is_key else _KINDS[type(node.value)]
    if in_brackets and "?" in node.text:
        yield Unportable(
            node,
            f"`{shown}` holds a `?`, at which other YAML tools end a text in brackets",
            _quoted(node.text),
        )
        return
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, node.text, (True, False))  # type: ignore[no-untyped-call]
    theirs = tag.removeprefix(_TAG)
    if theirs == ours or (ours == "str" and theirs == "timestamp"):
        return
    read = _READ.get(theirs, "something else")
    mended = _quoted(node.text) if ours == "str" else _plain(node.value)
    yield Unportable(node, f"other YAML tools read `{shown}` as {read}", mended)


def _quoted(text: str) -> str:
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _plain(value: object) -> str | None:
    """A number without an exponent, if that is exact and short."""
    if not isinstance(value, float) or not 1e-4 <= abs(value) < 1e15:
        return None
    return repr(value)
