"""Follow a hint to the letter: put what it says to write in the place of the underlined text."""

import re
from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping, Node, Scalar, Sequence, parse_documents
from documents.source import Source

_SHOWN = re.compile(
    "(?:the name of a zone is no offset: |count in cents: )?"
    "(?:write|did you mean|quote it:|quote it if it is text:|quote them:|nest it:|write it twice:) `([^`…]+)`"
    r"(?:$|[,;?]|: | or | for | where | if ).*"
)
_WHOLE = re.compile(r"write the whole as `([^`…]+)`|.* put the whole text in quotes: `([^`…]+)`")
_COLUMN = re.compile(r"begin it in column ([0-9]+),.*")
_OPTIONAL_KEY = re.compile(r"delete the key:.*")


def obeyed(text: str, diagnostic: Diagnostic) -> str | None:
    """The text after the hint was followed; None if the hint leaves it to the owner what to write."""
    hint, source = diagnostic.hint or "", Source("obeyed.yaml", text)
    line = source.line_starts[diagnostic.line - 1]
    at = line + diagnostic.column - 1
    if column := _COLUMN.fullmatch(hint):
        return text[:line] + " " * (int(column[1]) - 1) + text[at:]
    if whole := _WHOLE.fullmatch(hint):
        node = next(node for node in _values(source) if node.start <= at < node.end)
        return text[: node.start] + (whole[1] or whole[2]) + text[node.end :]
    if shown := _SHOWN.fullmatch(hint):
        return text[:at] + shown[1] + text[at + diagnostic.length :]
    if _OPTIONAL_KEY.fullmatch(hint):
        return text[:line] + text[line + len(diagnostic.source_line) + 1 :]
    return None


def _values(source: Source) -> Iterator[Scalar]:
    stack: list[Node] = [*parse_documents(source)[0]]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Mapping):
            stack += [value for _, value in node.entries]
