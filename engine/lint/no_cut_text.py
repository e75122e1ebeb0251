"""A text for people is not cut off at an unquoted `#`, which begins a comment in YAML.

Bad: people read "Call gate".

    message: Call gate # 4 before you come.

Good: the text is quoted, or the comment is on its own line.

    message: "Call gate # 4 before you come."
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.lint.finding import warning
from engine.policy.validated import ValidatedPolicy

CODE = "no-cut-text"
_TEXTS = frozenset(["message", "summary", "source", "owner", "help", "permit_because"])
_COMMENT = re.compile(r"[ \t]+#")


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    yield from _below(validated.policy.node)


def _below(node: Node) -> Iterator[Diagnostic]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _below(item)
    for key, value in node.entries if isinstance(node, Mapping) else []:
        if isinstance(value, Scalar) and key.text in _TEXTS and not value.style and _is_cut(value):
            hint = "quote the text if the `#` belongs to it, or put the comment on its own line"
            yield warning(value, CODE, f"this {key.text} ends at a `#`, which begins a comment", hint)
        yield from _below(value)


def _is_cut(node: Scalar) -> bool:
    return _COMMENT.match(node.source.text, node.end) is not None
