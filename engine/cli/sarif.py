"""Diagnostics as SARIF 2.1.0, which code hosts show next to the changed lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from documents.diagnostics import Diagnostic

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """A log with one run of one tool, and one rule per diagnostic code. Columns count characters, as in diagnostics."""
    codes = sorted({d.code for d in diagnostics})
    rules = [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in codes]
    driver = {"name": "comity", "rules": rules}
    results = [_result(d, codes.index(d.code)) for d in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    message = (
        diagnostic.message if diagnostic.hint is None else f"{diagnostic.message}; hint: {diagnostic.hint}"
    )
    region = {
        "startLine": diagnostic.line,
        "startColumn": diagnostic.column,
        "endColumn": diagnostic.column + diagnostic.length,
    }
    place = {"artifactLocation": {"uri": _uri(diagnostic.file)}, "region": region}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    """A percent-encoded path relative to the current directory; a `file:` URI for files outside of it."""
    path = PurePath(file)
    if path.is_absolute():
        if not path.is_relative_to(Path.cwd()):
            return path.as_uri()
        path = path.relative_to(Path.cwd())
    return quote(path.as_posix(), safe="/")
