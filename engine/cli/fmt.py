"""`comity fmt`: format policy and case files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from documents.diagnostics import Diagnostic
from documents.folders import is_unread, unread_file
from documents.formatter import format_source
from documents.source import read_source
from engine.cases.reader import case_files
from engine.cli import text
from engine.cli.app import app, console, error_console, existing, writing
from engine.policy.released import read_lock


@app.command()
def fmt(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]…", help="Files or folders.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail if a file is not formatted.")
    ] = False,
) -> None:
    """Format policy and case files: spaces, blank lines, table columns. Values and comments stay the same."""
    files = case_files(existing(paths) if paths else [p for p in DEFAULT if p.exists()])
    changed, problems = 0, []
    for file in files:
        tidied, file_problems = _tidied(file)
        problems += file_problems
        if tidied is not None:
            changed += 1
            console().print(f"{'would tidy' if check else 'tidied'} {file}")
            if not check:
                with writing():
                    file.write_bytes(tidied.encode())
    text.diagnostics(error_console(), problems)
    console().print(
        f"{len(files)} file{'' if len(files) == 1 else 's'}, {changed} {'to tidy' if check else 'tidied'}"
    )
    if problems or (check and changed):
        raise typer.Exit(1)


DEFAULT = (Path("policies"), Path("tests/policy_cases"))


def _tidied(file: Path) -> tuple[str | None, list[Diagnostic]]:
    """The formatted text of a file, or None if nothing changes."""
    if is_unread(file):
        return None, [unread_file(file)]
    source, problems = read_source(file, str(file))
    if source is None:
        return None, problems
    released, _ = read_lock(file.parent)
    formatted = format_source(source, released.old_digests)
    return None if formatted.text == source.text else formatted.text, [*formatted.diagnostics]
