"""Run the cases of the policies that a command was given, all of which must pass before it does anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.bundle import Bundle
from engine.cases.reader import case_files
from engine.cases.report import Report
from engine.cases.run import CaseResult
from engine.cli import text
from engine.cli.app import console, existing, no_policy
from engine.cli.test import run_cases

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[POLICY]…", help="Policy names; default all.")
]
CasesOption = Annotated[Path, typer.Option("--cases", help="Folder of the cases, which must pass.")]


def passing(
    bundle: Bundle, names: list[str] | None, cases: Path | None, *, otherwise: str
) -> dict[str, list[CaseResult]]:
    """The results of each policy, by name. If a case fails, report it with `otherwise` and end the command.

    Without a path, no cases run.
    """
    for name in names or []:
        if name not in bundle.policies:
            no_policy(name, bundle.policies)
    chosen = names or sorted(bundle.policies)
    results, problems = run_cases(bundle, case_files(existing([cases] if cases else [])))
    failed = [r for r in results if r.failed and r.case.policy in chosen]
    if problems or failed:
        text.tested(console(), Report(failed, problems))
        console().print(otherwise)
        raise typer.Exit(1)
    return {name: [r for r in results if r.case.policy == name] for name in chosen}
