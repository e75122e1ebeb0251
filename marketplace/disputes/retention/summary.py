"""Counts and bytes of a plan, by reason."""

from collections.abc import Sequence

from documents.plurals import counted
from marketplace.disputes.retention.planning import Item


def summarize(word: str, items: Sequence[Item]) -> list[str]:
    """One line per reason, and a total."""
    lines = []
    for rule in sorted({item.rule for item in items}):
        chosen = [item for item in items if item.rule == rule]
        lines.append(f"{word}, {rule}: {count(chosen)}")
    return [*lines, f"{word}: {count(items)}"]


def count(items: Sequence[Item]) -> str:
    disputes = len({item.dispute_id for item in items})
    return f"{counted(len(items), 'file')} of {counted(disputes, 'dispute')}, {sum(item.size for item in items)} bytes"
