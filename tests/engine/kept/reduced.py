"""Reduce a failing entry: replace expressions by their parts, and remove everything not needed to fail."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.expression import typed as t
from tests.engine.kept.entry import Entry


def reduced(entry: Entry, fails: Callable[[Entry], bool]) -> Entry:
    """Reduce greedily: take the first smaller entry that still fails, until there is none."""
    while True:
        smaller = next((c for c in _smaller(entry) if _loads(c) and fails(c)), None)
        if smaller is None:
            return entry
        entry = smaller


def _loads(entry: Entry) -> bool:
    try:
        return not entry.condition.compiled().facts_check.check(entry.values)[1]
    except AssertionError:
        return False


def _smaller(entry: Entry) -> Iterator[Entry]:
    for text in _shorter_texts(entry):
        if text != entry.condition.text:
            yield replace(entry, condition=replace(entry.condition, text=text))
    for section in ("conditions", "parameters", "facts"):
        for name in getattr(entry.condition, section):
            yield _without(entry, section, name)
    yield from _fewer_items(entry)


def _shorter_texts(entry: Entry) -> Iterator[str]:
    """Replace the whole by a part that is a condition, and a part by one of its own parts, or a literal, of the same type."""
    text = entry.condition.text
    tree = entry.condition.compiled().validated.conditions["asked"]
    yield from (_part(text, node) for node in tree.walk() if node.type.kind == "bool")
    for node in tree.walk():
        if isinstance(node, t.ConditionRef):
            yield _replaced(text, node, f"({entry.condition.conditions[node.name]})")
        elif node.type.kind == "bool" and not isinstance(node, t.Const):
            yield from (_replaced(text, node, literal) for literal in ("true", "false"))
        for child in node.children():
            if child.type.kind == node.type.kind:
                yield _replaced(text, node, _part(text, child))


def _part(text: str, node: t.Typed) -> str:
    return text[node.span[0] : node.span[1]]


def _replaced(text: str, node: t.Typed, part: str) -> str:
    return text[: node.span[0]] + part + text[node.span[1] :]


def _without(entry: Entry, section: str, name: str) -> Entry:
    left = _left(getattr(entry.condition, section), name)
    values = _left(entry.values, name) if section == "facts" else entry.values
    return replace(entry, condition=replace(entry.condition, **{section: left}), values=values)


def _left(named: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {n: value for n, value in named.items() if n != name}


def _fewer_items(entry: Entry) -> Iterator[Entry]:
    for name, value in entry.values.items():
        for index in range(len(value) if isinstance(value, list) else 0):
            yield replace(entry, values={**entry.values, name: value[:index] + value[index + 1 :]})
