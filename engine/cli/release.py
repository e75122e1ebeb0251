"""`comity release`: write versions that have passed their cases to the lock, after which they cannot change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from engine.cases.coverage import PolicyCoverage, measure_coverage
from engine.cli.app import (
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    console,
    print_json,
    writing,
    wrong_use,
)
from engine.cli.passing import CasesOption, NamesArgument, passing
from engine.cli.test import CASES
from engine.cli.text import counted
from engine.policy.released import read_lock, write_lock


@app.command()
def release(
    names: NamesArgument = None,
    policies: PoliciesOption = Path("policies"),
    cases: CasesOption = CASES,
    without_cases: Annotated[
        str | None,
        typer.Option(
            "--without-cases",
            metavar="REASON",
            help="Release although cases do not cover every rule and row; the lock keeps the reason.",
        ),
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Release versions: their digests go to `released.lock`, and from then on a change is an error.

    Cases must pass, and cover every rule and every row of a new version.
    """
    if without_cases is not None and not (without_cases.strip() and without_cases.isprintable()):
        wrong_use("`--without-cases` needs a reason on one line")
    bundle = bundle_of(policies)
    there = cases if without_cases is None or cases.exists() else None
    results = passing(bundle, names, there, otherwise="nothing is released: its cases must pass first")
    released, _ = read_lock(policies)
    covered = measure_coverage(
        bundle, (r for case_results in results.values() for r in case_results), results
    )
    new = [c for c in covered if (c.policy, c.version) not in released.digests]
    bare = [c for c in new if c.undecided()]
    if bare and without_cases is None:
        _refuse(bare)
    reasons = {(c.policy, c.version): (without_cases or "").strip() for c in bare}
    with writing():
        written = write_lock(policies, released, [c.of for c in new], reasons)
    if format is Format.json:
        print_json({"released": [{"policy": name, "version": version} for name, version in written]})
    else:
        for name, version in written:
            console().print(f"released {name} version {version}")
        console().print(f"{counted(len(written), 'new version')} in {policies / 'released.lock'}")


def _refuse(bare: Iterable[PolicyCoverage]) -> None:
    for coverage in bare:
        console().print(f"{coverage.policy} version {coverage.version} is not covered by its cases:")
        for kind, name, missing in coverage.undecided():
            console().print(f"   {kind} `{name}`: {missing}")
    console().print(
        "nothing is released: write these cases, or say why there are none with `--without-cases REASON`"
    )
    raise typer.Exit(1)
