"""The text of one policy file: read within limits, and refused if it contains invisible characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from documents.diagnostics import Diagnostic, Severity

MAX_BYTES = 1_000_000
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """A file's display name and its text."""

    file: str
    text: str
    _problems: list[Diagnostic] = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        return [0, *(m.end() for m in _LINE_BREAK.finditer(self.text))]

    def line_column(self, index: int) -> tuple[int, int]:
        """The 1-based line and column of a character index."""
        import bisect

        line = bisect.bisect_right(self.line_starts, index) - 1
        return line + 1, index - self.line_starts[line] + 1

    def line_start(self, index: int) -> int:
        return self.line_starts[self.line_column(index)[0] - 1]

    def line_text(self, line: int) -> str:
        starts = self.line_starts
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def diagnostic(
        self,
        index: int,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        length: int = 1,
        severity: Severity = "error",
    ) -> Diagnostic:
        line, column = self.line_column(min(index, len(self.text)))
        shown = self.line_text(line)
        length = max(1, min(length, len(shown) - column + 1))
        return Diagnostic(self.file, line, column, code, message, hint, severity, length, shown)


def read_source(path: Path, name: str) -> tuple[Source | None, list[Diagnostic]]:
    """Read a file under the name shown in diagnostics; the source is None if it is not text."""
    data, problems = read_bytes(path, name)
    return (None, problems) if data is None else decode_source(data, name)


def read_bytes(path: Path, name: str) -> tuple[bytes | None, list[Diagnostic]]:
    """The bytes of a file; of one that is too large, just enough to detect that. None if it cannot be read."""
    if path.exists() and not path.is_file():
        return None, [Diagnostic(name, 1, 1, "unreadable-file", "this is not a file that can be read")]
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1), []
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        return None, [Diagnostic(name, 1, 1, "unreadable-file", f"the file cannot be read: {reason}")]


def decode_source(data: bytes, name: str) -> tuple[Source | None, list[Diagnostic]]:
    """Decode bytes; see `read_source`."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        return None, [Diagnostic(name, 1, 1, "file-too-large", message, "split it into one file per policy")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(data, name, error.start)]
    source = Source(name, text)
    return source, _invisible_characters(source) + _tab_indents(source)


def _not_utf8(data: bytes, name: str, at: int) -> Diagnostic:
    before = data[:at].decode("utf-8")
    source = Source(name, before)
    line, column = source.line_column(len(before))
    message = f"byte 0x{data[at]:02x} is not UTF-8"
    return Diagnostic(name, line, column, "not-utf8", message, "save the file as UTF-8", "error", 1, "")


def _invisible_characters(source: Source) -> list[Diagnostic]:
    return [
        source.diagnostic(
            m.start(),
            "invisible-character",
            f"the character U+{ord(m.group()):04X} cannot be seen and is not allowed",
            _HINTS.get(m.group(), "delete it; with invisible characters a rule is not what it seems"),
        )
        for m in _first(_INVISIBLE, source.text)
    ]


_HINTS = {"\ufeff": "save the file as UTF-8 without a byte order mark"}


def _tab_indents(source: Source) -> list[Diagnostic]:
    return [
        source.diagnostic(m.end() - 1, "tab-indent", "a tab indents this line", "indent with spaces")
        for m in _first(_TAB_INDENT, source.text)
    ]


def _first(pattern: re.Pattern[str], text: str, most: int = 20) -> list[re.Match[str]]:
    matches = []
    for match in pattern.finditer(text):
        matches.append(match)
        if len(matches) == most:
            break
    return matches
