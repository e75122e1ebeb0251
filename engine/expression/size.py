"""Measure a condition together with everything it names, so that limits keep every decision fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.expression import typed as t
from engine.expression.list_checker import MAX_NESTING

MAX_DEPTH = 48
MAX_PARTS = 3_000


@dataclass(frozen=True, slots=True)
class Size:
    """`loops` is the depth of nested list searches. Named conditions count as if they were inlined."""

    parts: int = 1
    depth: int = 1
    loops: int = 0

    def too_large(self) -> str | None:
        """Which limit is exceeded, in words."""
        if self.loops > MAX_NESTING:
            return f"searches lists more than {MAX_NESTING} deep"
        if self.depth > MAX_DEPTH:
            return f"is nested deeper than {MAX_DEPTH} levels"
        return f"has more than {MAX_PARTS:,} parts" if self.parts > MAX_PARTS else None


def size_of(tree: t.Typed, named: Mapping[str, Size]) -> Size:
    """Measure a tree; `named` has the sizes of the conditions that it can name."""
    if isinstance(tree, t.ConditionRef):
        size = named.get(tree.name, Size())
        return Size(size.parts + 1, size.depth + 1, size.loops)
    sizes = list(_parts(tree, named))
    return Size(
        1 + sum(s.parts for s in sizes),
        1 + max((s.depth for s in sizes), default=0),
        max((s.loops for s in sizes), default=0),
    )


def _parts(tree: t.Typed, named: Mapping[str, Size]) -> Iterator[Size]:
    body = tree.body if isinstance(tree, t.Quantifier) else None
    for child in tree.children():
        size = size_of(child, named)
        yield Size(size.parts, size.depth, size.loops + (child is body))
