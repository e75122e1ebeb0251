"""How a Comity with locks of the first format reads one: frozen from commit 4af6b08, so never change it."""

import re
from pathlib import Path

from documents.diagnostics import Diagnostic
from documents.source import read_source

_LINE = re.compile(r"([a-z][a-z0-9_]*) ([1-9][0-9]*) (sha256:[0-9a-f]{64})")


def read_old_lock(directory: Path) -> list[Diagnostic]:
    path = directory / "released.lock"
    source, problems = read_source(path, str(path))
    if source is None:
        return problems
    for number, line in enumerate(source.text.splitlines(), 1):
        if not _LINE.fullmatch(line) and line.strip() and not line.startswith("#"):
            at = source.line_starts[number - 1]
            hint = "restore the file from version control"
            problems.append(
                source.diagnostic(at, "bad-lock", "this line does not name a version", hint, length=len(line))
            )
    return problems
