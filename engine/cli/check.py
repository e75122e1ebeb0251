"""`comity check` and `comity list`: find problems in policies, and list them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from documents.diagnostics import has_errors, in_order
from engine.bundle import Loaded
from engine.check import Proved, check_paths, prove_claims
from engine.claims.difference import NotConfirmed
from engine.cli import text
from engine.cli.app import (
    AtOption,
    Format,
    FormatOption,
    PoliciesOption,
    app,
    backend,
    bundle_of,
    console,
    error_console,
    existing,
    moment,
    print_json,
)
from engine.cli.sarif import to_sarif
from engine.cli.since_release import with_changes


class CheckFormat(StrEnum):
    text = "text"
    json = "json"
    sarif = "sarif"


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Policy files or folders.")
    ] = None,
    format: Annotated[CheckFormat, typer.Option("--format", help="Output format.")] = CheckFormat.text,
) -> None:
    """Read policies, type-check every condition, and report each error with its place and a fix."""
    given = existing(paths or [Path("policies")])
    loaded = with_changes(check_paths(given, compile=backend()), given)
    proved = Proved()
    if loaded.bundle is not None:
        try:
            proved = prove_claims(loaded.bundle, given)
        except NotConfirmed as error:
            error_console().print(f"comity: {error}; please report this")
            raise typer.Exit(1) from None
        found = in_order([*loaded.diagnostics, *proved.diagnostics])
        loaded = Loaded(None if has_errors(found) else loaded.bundle, found)
    if format is CheckFormat.json:
        print_json(text.check_report(loaded))
    elif format is CheckFormat.sarif:
        print_json(to_sarif(loaded.diagnostics))
    else:
        text.diagnostics(console(), loaded.diagnostics)
        text.checked(console(), loaded)
        text.claims_proved(console(), proved)
    if has_errors(loaded.diagnostics):
        raise typer.Exit(1)


@app.command(name="list")
def list_(
    at: AtOption = None, policies: PoliciesOption = Path("policies"), format: FormatOption = Format.text
) -> None:
    """List the policies, their versions, and which version is in force."""
    now = moment(at)
    bundle = bundle_of(policies)
    rows = text.policy_rows(bundle, now)
    if format is Format.json:
        print_json({"digest": bundle.digest, "at": text.moment(now), "policies": rows})
    else:
        text.listed(console(), rows, bundle.digest)
