"""Every YAML tool reads a policy file as Comity does, so that people can read and change it with their own tools.

Bad: PyYAML ends the text at the `?`, and reads the other two values as 90 and true.

    facts: {closed_at: timestamp?}
    parameters: {start: {type: string, value: 1:30}}
    on: {}

Good: quoted, or outside of brackets.

    facts:
      closed_at: timestamp?
      opened_at: {type: "timestamp?", show: true}
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from documents.portable import unportable
from engine.lint.finding import warning
from engine.policy.validated import ValidatedPolicy

CODE = "portable-yaml"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for problem in unportable(validated.policy.node):
        hint = f"write `{problem.mended}`; `comity fmt` does" if problem.mended else "write it in another way"
        yield warning(problem.node, CODE, problem.message, hint)
