"""Sort named conditions so that each comes after those that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expression import syntax as s


def in_dependency_order(trees: Mapping[str, s.Syntax]) -> tuple[list[str], list[str]]:
    """The names in dependency order, and one name from each cycle."""
    needs = {name: [n for n in _names(tree) if n in trees] for name, tree in trees.items()}
    entered: set[str] = set()
    finished: dict[str, None] = {}
    looped: dict[str, None] = {}
    stack = list(reversed(needs))
    while stack:
        name = stack[-1]
        if name in entered:
            finished[stack.pop()] = None
            continue
        entered.add(name)
        for other in needs[name]:
            if other not in entered:
                stack.append(other)
            elif other not in finished:
                looped[other] = None
    return [name for name in finished if name not in looped], list(looped)


def cycle_of(name: str, trees: Mapping[str, s.Syntax | None]) -> list[str]:
    """The shortest way from a name back to itself."""
    before: dict[str, str] = {}
    found = [name]
    for current in found:
        tree = trees.get(current)
        for other in _names(tree) if tree is not None else ():
            if other == name:
                way = [current]
                while way[-1] != name:
                    way.append(before[way[-1]])
                return [*reversed(way), name]
            if other in trees and other not in before:
                before[other] = current
                found.append(other)
    return [name, name]


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
