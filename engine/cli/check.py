"""`comity check` and `comity list`: what is wrong with the policies, and what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.bundle import Loaded, load_bundle, load_files, policy_files
from engine.cli import text
from engine.cli.app import (
    AtOption,
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    console,
    existing,
    moment,
    print_json,
)
from engine.diagnostics import has_errors


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Policy files or folders.")
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Check policies: read them, type every condition, and tell every problem with its place and the way out."""
    loaded = _load(existing(paths or [Path("policies")]))
    if format is Format.json:
        print_json(text.check_report(loaded))
    else:
        text.diagnostics(console(), loaded.diagnostics)
        text.checked(console(), loaded)
    if has_errors(loaded.diagnostics):
        raise typer.Exit(1)


def _load(paths: list[Path]) -> Loaded:
    if len(paths) == 1 and paths[0].is_dir():
        return load_bundle(paths[0])
    files: list[Path] = []
    for path in paths:
        files += policy_files(path) if path.is_dir() else [path]
    return load_files(dict.fromkeys(files))


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
