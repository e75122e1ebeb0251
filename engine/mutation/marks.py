"""Marks in a policy's text: `# mutant: equivalent, because …` says that changing the marked place has no effect.

A mark applies to its own line; if it is alone on its line, it applies to the next line and everything indented below that.
With a text, as in ``# mutant `2.00`: equivalent, because …``, it applies only to changes of exactly that text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from documents.source import Source
from engine.mutation.mutant import Mutant

_MARK = re.compile(r"(?:^|(?<=\s))# *mutants?\b(?: `(?P<text>[^`]+)`)?(?P<rest>.*)$")
_REASON = re.compile(r": equivalent, because \S.*")


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines count from 1; `text` is None if the mark applies to any change on the lines."""

    first: int
    last: int
    text: str | None
    place: Diagnostic

    def covers(self, mutant: Mutant) -> bool:
        line, _ = mutant.source.line_column(mutant.start)
        return self.first <= line <= self.last and self.text in (None, mutant.before)

    def within(self, node: Node) -> bool:
        """Whether the mark itself is in the text of a node."""
        return (
            node.source.line_column(node.start)[0] <= self.place.line <= node.source.line_column(node.end)[0]
        )


def read_marks(source: Source) -> tuple[list[Mark], list[Diagnostic]]:
    """The marks of a file. A mark without a reason is a problem."""
    lines = source.text.splitlines()
    marks, problems = [], []
    for number, line in enumerate(lines, 1):
        match = _MARK.search(line)
        if match is None:
            continue
        at, width = source.line_starts[number - 1] + match.start(), match.end() - match.start()
        if not _REASON.fullmatch(match["rest"].rstrip()):
            hint = "write `# mutant: equivalent, because …` and the reason"
            message = "a mark for mutants says why they change nothing"
            problems.append(source.diagnostic(at, "bad-mark", message, hint, length=width))
            continue
        own = not line[: match.start()].strip()
        first, last = _block(lines, number + 1) if own else (number, number)
        needless = "every change here is noticed or refused, so the mark is needless"
        place = source.diagnostic(at, "needless-mark", needless, "delete the mark", length=width)
        marks.append(Mark(first, last, match["text"], place))
    return marks, problems


def _block(lines: list[str], first: int) -> tuple[int, int]:
    """A line and the more deeply indented lines that follow."""
    last = first
    while last < len(lines) and (not lines[last].strip() or _indent(lines[last]) > _indent(lines[first - 1])):
        last += 1
    return first, last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
