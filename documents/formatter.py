"""Formats policy and case files. Only the space between values is changed; values and comments stay.

It normalizes trailing white space, runs of blank lines, the end of the file, comments that touch their `#`, and the columns of
`rows`, and quotes text that other YAML tools read as something else. Multi-line texts and released versions stay exactly as
they are.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from documents.diagnostics import Diagnostic, has_errors
from documents.nodes import Mapping, Node, Scalar, Sequence, digest_of, parse_documents
from documents.portable import unportable
from documents.source import Source


@dataclass(frozen=True, slots=True)
class Formatted:
    """`text` is None if the file is not valid YAML, or cannot be formatted without changing its meaning."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    start: int
    end: int
    text: str


def format_source(source: Source, released: Collection[str] = ()) -> Formatted:
    """The formatted text of a file; `released` are the digests of documents that must not change."""
    documents, problems = parse_documents(source)
    if has_errors(problems):
        return Formatted(None, tuple(problems))
    if "\r" in source.text and not any(digest_of(d) in released for d in documents):
        source = Source(source.file, re.sub("\r\n?", "\n", source.text))
        documents, _ = parse_documents(source)
    before = documents
    source = Source(source.file, _quoted(source.text, documents, released))
    documents, _ = parse_documents(source)
    text = _tidied(source.text, documents, released)
    after, problems = parse_documents(Source(source.file, text))
    if problems or [_meaning(d) for d in after] != [_meaning(d) for d in before]:
        message = "the file cannot be tidied without changing what it says"
        return Formatted(None, (source.diagnostic(0, "not-formatted", message, "tidy it by hand"),))
    return Formatted(text)


def _quoted(text: str, documents: list[Node], released: Collection[str]) -> str:
    """The text, with quotes around scalars that other YAML tools would read differently."""
    pieces, at = [], 0
    for document in documents:
        for finding in unportable(document) if digest_of(document) not in released else ():
            if finding.mended is not None:
                pieces += [text[at : finding.node.start], finding.mended]
                at = finding.node.end
    return "".join([*pieces, text[at:]])


def _tidied(text: str, documents: list[Node], released: Collection[str]) -> str:
    nodes = [node for document in documents for node in _walk(document)]
    kept = _Kept([d for d in documents if digest_of(d) in released], nodes)
    edits = [*_space_edits(text), *_column_edits(text, nodes), *_comment_edits(text, kept)]
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda e: e.start):
        if edit.start >= at and not kept.touches(edit.start, edit.end):
            pieces += [text[at : edit.start], edit.text]
            at = edit.end
    return "".join([*pieces, text[at:]])


def _walk(node: Node) -> Iterator[Node]:
    yield node
    children = node.items if isinstance(node, Sequence) else []
    if isinstance(node, Mapping):
        children = [part for entry in node.entries for part in entry]
    for child in children:
        yield from _walk(child)


class _Kept:
    """The ranges of a text that must not be edited: scalars and released documents."""

    def __init__(self, released: list[Node], nodes: list[Node]) -> None:
        spans = [(n.start, n.start + len(n.source.text[n.start : n.end].rstrip())) for n in released]
        spans += [_content(n) for n in nodes if isinstance(n, Scalar)]
        self.spans: list[tuple[int, int]] = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start < end and (not self.spans or start >= self.spans[-1][1]):
                self.spans.append((start, end))

    def touches(self, start: int, end: int) -> bool:
        place = bisect.bisect_right(self.spans, (start, end))
        return any(
            start < until and end > since for since, until in self.spans[max(0, place - 1) : place + 1]
        )


_BLANK_LINES_BEHIND = re.compile(r"(?:\n[ \t]*)*\Z")


def _content(node: Scalar) -> tuple[int, int]:
    """The range of a scalar's content: a block starts after its first line and ends before its trailing blank lines."""
    text = node.source.text[node.start : node.end]
    end = node.start + len(_BLANK_LINES_BEHIND.sub("", text))
    if node.style not in ("|", ">"):
        return node.start, end
    head = text.partition("\n")[0]
    return node.start + len(head), node.end if "+" in head.partition("#")[0] else end


_TRAILING = re.compile(r"(?<=[^ \t\n])[ \t]+(?=\n)")
_BLANK_LINES = re.compile(r"(?<=\n)(?:[ \t]*\n)+")
_BLANK_START = re.compile(r"\A(?:[ \t]*\n)+")


def _space_edits(text: str) -> Iterator[Edit]:
    body = len(text.rstrip())
    yield from (Edit(m.start(), m.end(), "") for m in _BLANK_START.finditer(text, 0, body))
    yield from (Edit(m.start(), m.end(), "") for m in _TRAILING.finditer(text, 0, body))
    yield from (Edit(m.start(), m.end(), "\n") for m in _BLANK_LINES.finditer(text, 0, body))
    if body:
        yield Edit(body, len(text), "\n")


_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#(.?)", re.MULTILINE)


def _comment_edits(text: str, kept: _Kept) -> Iterator[Edit]:
    """Adds a space after the `#` of a comment if a word follows directly."""
    line_end = -1
    for match in _COMMENT.finditer(text):
        if match.start() > line_end and not kept.touches(match.start(), match.start() + 1):
            line_end = text.find("\n", match.start()) % (len(text) + 1)
            if match[1].isalnum():
                yield Edit(match.start() + 1, match.start() + 1, " ")


def _column_edits(text: str, nodes: list[Node]) -> Iterator[Edit]:
    """Pads the cells of all `rows` that are on separate lines."""
    for node in nodes:
        for key, value in node.entries if isinstance(node, Mapping) else []:
            if key.text == "rows" and isinstance(value, Sequence) and _is_grid(text, value.items):
                rows = [row.items for row in value.items if isinstance(row, Sequence)]
                pitches = [_pitch(row) for row in itertools.pairwise(zip(*rows, strict=True))]
                for row, outer in zip(rows, value.items, strict=True):
                    yield from _cell_edits(row, outer, pitches)


def _pitch(columns: tuple[tuple[Node, ...], tuple[Node, ...]]) -> int:
    """The distance from one column to the next: the current one if the rows agree, otherwise just enough for the widest cell."""
    given = {after.start - cell.start for cell, after in zip(*columns, strict=True)}
    narrowest = max(cell.end - cell.start for cell in columns[0]) + len(", ")
    return max(given) if len(given) == 1 and max(given) >= narrowest else narrowest


def _is_grid(text: str, rows: list[Node]) -> bool:
    """Rows of plain values in brackets, one per line, all of the same length."""
    cells = [row.items for row in rows if isinstance(row, Sequence)]
    if not rows or len(cells) < len(rows) or len({len(row) for row in cells}) != 1 or not cells[0]:
        return False
    return all(_is_row(text, row, items) for row, items in zip(rows, cells, strict=True))


def _is_row(text: str, row: Node, cells: list[Node]) -> bool:
    before = text[text.rfind("\n", 0, row.start) + 1 : row.start]
    between = [text[a.end : b.start] for a, b in itertools.pairwise(cells)]
    around = text[row.start : cells[0].start] + text[cells[-1].end : row.end]
    return (
        all(isinstance(cell, Scalar) and "\n" not in text[cell.start : cell.end] for cell in cells)
        and all(re.fullmatch(" *, *", gap) for gap in between)
        and re.fullmatch(r"\[ *\]", around) is not None
        and not before.strip(" -")
    )


def _cell_edits(cells: list[Node], row: Node, pitches: list[int]) -> Iterator[Edit]:
    yield Edit(row.start + 1, cells[0].start, "")
    for (cell, after), pitch in zip(itertools.pairwise(cells), pitches, strict=True):
        yield Edit(cell.end, after.start, ",".ljust(pitch - (cell.end - cell.start)))
    yield Edit(cells[-1].end, row.end - 1, "")


Meaning = tuple[object, ...]


def _meaning(node: Node) -> Meaning:
    """The content of a node, without its location."""
    if isinstance(node, Scalar):
        return (type(node.value), node.value, *([node.text] if isinstance(node.value, str) else []))
    if isinstance(node, Sequence):
        return ("list", *(_meaning(item) for item in node.items))
    assert isinstance(node, Mapping)
    return ("mapping", *((key.text, _meaning(value)) for key, value in node.entries))
