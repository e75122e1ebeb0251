"""Changes of YAML lists: remove an item, or swap two adjacent items."""

from __future__ import annotations

import re

from documents.nodes import Node, Sequence
from engine.mutation.mutant import Mutant, content_end

_DASH = re.compile(r"^[ ]*(-)", re.MULTILINE)


def dropping(items: Sequence, position: int, summary: str) -> Mutant:
    """Remove an item with its dash or one comma."""
    item = items.items[position]
    start, end = _extent(items, position)
    return Mutant(item.source, item.start, content_end(item), summary, (start, end, ""))


def _extent(items: Sequence, position: int) -> tuple[int, int]:
    item, last = items.items[position], position == len(items.items) - 1
    if items.source.text[items.start] != "[":
        return _dash(items, position), item.end if last else _dash(items, position + 1)
    if not last:
        return item.start, items.items[position + 1].start
    return (items.items[position - 1].end if position else item.start), item.end


def _dash(items: Sequence, position: int) -> int:
    text, item = items.source.text, items.items[position]
    before = items.items[position - 1] if position else items
    line = text.rfind("\n", 0, before.start) + 1
    return [m.start(1) for m in _DASH.finditer(text, line, item.start)][-1]


def swapping(items: Sequence, position: int, summary: str) -> Mutant:
    """Swap an item with the next one. The caret points at the second."""
    one, other = items.items[position], items.items[position + 1]
    text, middle, end = items.source.text, content_end(one), content_end(other)
    swapped = text[other.start : end] + text[middle : other.start] + text[one.start : middle]
    return Mutant(items.source, other.start, end, summary, (one.start, end, swapped))


def with_item(items: Sequence, written: str, summary: str) -> Mutant | None:
    """Append an item to a flow list; None for other lists."""
    if items.source.text[items.start] != "[":
        return None
    at = items.items[-1].end if items.items else items.start + 1
    comma = ", " if items.items else ""
    return Mutant(items.source, items.start, items.end, summary, (at, at, comma + written))


def items_of(node: Node | None) -> Sequence | None:
    return node if isinstance(node, Sequence) else None
