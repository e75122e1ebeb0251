"""Where the facts that do not fit stand in their JSON text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from documents.diagnostics import Diagnostic, has_errors
from documents.nodes import Mapping, Node, Scalar, Sequence, parse_documents
from documents.source import decode_source
from engine.decision import FactError

MOST = 100_000


def located(errors: Iterable[FactError], data: bytes, name: str) -> list[str]:
    """The message of each error, with its place in the text if that can be read as YAML, of which JSON is a part."""
    source, problems = decode_source(data, name) if len(data) <= MOST else (None, [])
    documents = parse_documents(source)[0] if source is not None and not has_errors(problems) else []
    root = documents[0] if documents else None
    return [_at(_node(root, error.path), error) if root is not None else error.message for error in errors]


def _at(node: Node | None, error: FactError) -> str:
    if node is None:
        return error.message
    place: Diagnostic = node.diagnostic(error.code, error.message)
    message = error.message
    if isinstance(node, Scalar) and type(node.value) in (int, float):
        message = message.replace('write it in quotes, such as "12.50"', f'write `"{node.text}"`')
    return f"{place.file}:{place.line}:{place.column}: {message}"


def _node(node: Node | None, path: str) -> Node | None:
    """The value at a path such as `lines[2].price`; the last one on the way to it that there is."""
    for name, index in re.findall(r"([a-z_]\w*)|\[([0-9]+)\]", path):
        inner: Node | None = None
        if name and isinstance(node, Mapping):
            inner = node.get(name)
        elif index and isinstance(node, Sequence) and int(index) < len(node.items):
            inner = node.items[int(index)]
        if inner is None:
            return node
        node = inner
    return node
