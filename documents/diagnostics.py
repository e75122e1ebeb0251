"""Diagnostics: problems in a YAML file, and how they are rendered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem with its location. `line` and `column` count characters from 1; `length` is what the caret underlines."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str | None = None
    severity: Severity = "error"
    length: int = 1
    source_line: str = ""

    def sort_key(self) -> tuple[str, int, int, str, str]:
        return (self.file, self.line, self.column, self.code, self.message)

    def render(self) -> str:
        """The headline, the source line with a caret below, and the hint."""
        lines = [f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}]: {self.message}"]
        if self.source_line.strip():
            number = str(self.line)
            shown, column, length = _window(self.source_line, self.column, self.length)
            lines.append(f"   {number} | {shown}")
            lines.append(f"   {' ' * len(number)} | {' ' * (column - 1)}{'^' * length}")
        if self.hint:
            lines.append(f"   hint: {self.hint}")
        return "\n".join(lines)

    def in_one_line(self) -> str:
        said = f"{self.file}:{self.line}:{self.column}: {self.message} ({self.code})"
        return f"{said}; hint: {self.hint}" if self.hint else said

    def to_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "length": self.length,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


_WIDTH = 120


def _window(line: str, column: int, length: int) -> tuple[str, int, int]:
    """Cuts a long line to a window around the problem, and replaces characters that a terminal would interpret."""
    start = max(0, column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = "".join(_visible(c) for c in line[start : start + _WIDTH])
    column -= start
    return shown, column, max(1, min(length, len(shown) - column + 1))


def _visible(character: str) -> str:
    """A visible character of the same width for one that a terminal would interpret or hide."""
    if character == "\t":
        return "\N{RIGHTWARDS ARROW}"
    if character.isspace() and character != " ":
        return "\N{OPEN BOX}"
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by file, line and column, without duplicates."""
    return tuple(sorted(set(diagnostics), key=Diagnostic.sort_key))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity == "error" for d in diagnostics)


def and_more(names: list[str], more: str = "") -> str:
    """Names joined by commas and `and`; of more than three, the first two and how many more there are."""
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more{more}"
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def shortened(text: str, most: int = 40) -> str:
    """A text to quote in a message; a long one is cut after a word and ends with `…`."""
    if len(text) <= most:
        return text
    kept = text[:most].rsplit(maxsplit=1)
    return f"{kept[0] if len(kept) > 1 else text[:most]} …"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest known word, or with all of them if there are few."""
    options = sorted(known)
    near = nearest(word, options)
    if near is not None:
        return f"did you mean `{near}`?"
    return "known here: " + ", ".join(f"`{o}`" for o in options) if options and len(options) <= 12 else None


def nearest(word: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The most similar known word, ignoring case."""
    likely = {o.lower(): o for o in known if abs(len(o) - len(word)) <= max(1, min(4, len(word) // 2))}
    near = difflib.get_close_matches(word.lower(), list(likely)[:200], n=1, cutoff=alike)
    return likely[near[0]] if near else None
