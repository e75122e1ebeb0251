"""Read the values of lexicon files: words, phrases, numbers and mappings."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from documents.diagnostics import did_you_mean
from documents.nodes import Mapping as Fields
from documents.nodes import Node, Scalar, Sequence
from documents.reader import Reader

_WORD: Final = re.compile(r"[a-z0-9'*]+(?: [a-z0-9'*]+)*")


class FieldReader(Reader):
    """Collect problems and continue with what could be read. A word keeps its spelling, even if YAML would read it as another
    type."""

    def share(self, node: Node) -> float | None:
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self.report(node, "bad-severity", "a severity is a number above 0 and up to 1")
        return None

    def filled(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list of phrases or patterns, which may not be empty."""
        if isinstance(node, Sequence) and not node.items:
            self.report(node, "empty-list", f"{what} is empty", "write an item, or leave it out")
        return self.items(node, what, phrases=True)

    def phrases(self, node: Node | None, what: str) -> list[str]:
        return [word for item in self.filled(node, what) if (word := self.phrase(item)) is not None]

    def phrase(self, node: Node) -> str | None:
        if isinstance(node, Scalar) and _WORD.fullmatch(node.text):
            return node.text
        message = "a word or phrase holds small letters, digits, `'` and `*` only"
        self.report(node, "bad-word", message, "write it in small letters and without accents")
        return None

    def entries(self, node: Node | None, what: str) -> list[tuple[Scalar, Node]]:
        """Read a mapping whose keys the owner chooses."""
        if node is None:
            return []
        if not isinstance(node, Fields):
            self.report(node, "not-a-mapping", f"{what} must be a mapping of names to values")
            return []
        return node.entries

    def one_of(self, node: Node, value: Node | None, what: str, options: Collection[str]) -> str | None:
        """Read one of the options. If the value is missing, report the problem at `node`."""
        if isinstance(value, Scalar) and value.text in options:
            return value.text
        hint = did_you_mean(value.text, options) if isinstance(value, Scalar) else None
        message = f"{what} must be one of {', '.join(options) or 'the severities'}"
        self.report(value or node, "unknown-value", message, hint)
        return None
