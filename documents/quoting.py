"""Text in YAML with quotes, where it would mean something else without them."""

from __future__ import annotations

import re

from documents.source import Source

_NOT_PLAIN = re.compile(r"[-?:](?: |$)|[!&*\[\]{}|>@`\"'%#,]|.*(?:: | #|:$)")


def in_quotes(text: str) -> str:
    """A text as YAML writes it, in single quotes unless it contains some."""
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def is_plain(text: str, in_brackets: bool) -> bool:
    """Whether YAML reads a text without quotes as that text."""
    return _NOT_PLAIN.match(text) is None and not (in_brackets and re.search(r"[,?\[\]{}]", text))


def is_in_brackets(source: Source, at: int) -> bool:
    """Whether a value stands between the brackets of a list or mapping that is opened on its line."""
    line = source.text[source.line_start(at) : at]
    line = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", line)
    return sum(line.count(sign) for sign in "[{") > sum(line.count(sign) for sign in "]}")
