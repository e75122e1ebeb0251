"""`comity release`: versions that have passed their cases are written to the lock, and never change again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.case_reader import case_files
from engine.cli import text
from engine.cli.app import (
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    console,
    existing,
    print_json,
    wrong_use,
)
from engine.cli.test import run_cases
from engine.diagnostics import did_you_mean
from engine.released import read_lock, write_lock


@app.command()
def release(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[POLICY]…", help="Policies; default all.")
    ] = None,
    policies: PoliciesOption = Path("policies"),
    cases: Annotated[Path, typer.Option("--cases", help="Their cases, which must pass.")] = Path(
        "tests/policy_cases"
    ),
    format: FormatOption = Format.text,
) -> None:
    """Release versions: their digests go to `released.lock`, and from then on a change is an error."""
    bundle = bundle_of(policies)
    for name in names or []:
        if name not in bundle.policies:
            wrong_use(f"there is no policy `{name}`; {did_you_mean(name, bundle.policies) or ''}")
    chosen = names or list(bundle.policies)
    results, problems = run_cases(bundle, case_files(existing([cases])))
    failed = [r for r in results if not r.passed and r.case.policy in chosen]
    if problems or failed:
        text.tested(console(), failed, problems, [], None)
        console().print("nothing is released: its cases must pass first")
        raise typer.Exit(1)
    released, _ = read_lock(policies)
    versions = [v.validated.policy for name in chosen for v in bundle.policies[name].all]
    new = write_lock(policies, released, versions)
    if format is Format.json:
        print_json({"released": [{"policy": name, "version": version} for name, version in new]})
    else:
        for name, version in new:
            console().print(f"released {name} version {version}")
        console().print(f"{len(new)} new versions in {policies / 'released.lock'}")
