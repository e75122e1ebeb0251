"""An order of named conditions in which each comes after those that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from engine.expression import syntax as s


def in_dependency_order(trees: Mapping[str, s.Syntax]) -> tuple[list[str], list[str]]:
    """The names in order, and those left out because they lead back to themselves."""
    needs = {name: {n for n in _names(tree) if n in trees} for name, tree in trees.items()}
    loops: list[str] = []
    while True:
        try:
            return list(TopologicalSorter(needs).static_order()), loops
        except CycleError as error:
            looped = error.args[1][0]
            loops.append(looped)
            del needs[looped]
            for others in needs.values():
                others.discard(looped)


def _names(node: s.Syntax) -> Iterator[str]:
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, s.Name):
            yield current.name
        elif isinstance(current, s.Syntax):
            stack += [getattr(current, slot) for slot in current.__dataclass_fields__]
        elif isinstance(current, tuple):
            stack += current
