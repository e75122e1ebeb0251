"""`comity release`: versions that have passed their cases are written to the lock, and never change again."""

from __future__ import annotations

from pathlib import Path

from engine.cli.app import Format, FormatOption, PoliciesOption, app, bundle_of, console, print_json
from engine.cli.passing import CASES, CasesOption, NamesArgument, passing
from engine.policy.released import read_lock, write_lock


@app.command()
def release(
    names: NamesArgument = None,
    policies: PoliciesOption = Path("policies"),
    cases: CasesOption = CASES,
    format: FormatOption = Format.text,
) -> None:
    """Release versions: their digests go to `released.lock`, and from then on a change is an error."""
    bundle = bundle_of(policies)
    chosen = passing(bundle, names, cases, otherwise="nothing is released: its cases must pass first")
    released, _ = read_lock(policies)
    versions = [v.validated.policy for name in chosen for v in bundle.policies[name].all]
    new = write_lock(policies, released, versions)
    if format is Format.json:
        print_json({"released": [{"policy": name, "version": version} for name, version in new]})
    else:
        for name, version in new:
            console().print(f"released {name} version {version}")
        console().print(f"{len(new)} new versions in {policies / 'released.lock'}")
