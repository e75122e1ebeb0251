"""`comity check` and `comity list`: what is wrong with the policies, and what they are."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from documents.diagnostics import has_errors, in_order
from documents.folders import check_folders, installed_readers, unread_file, unread_files
from engine.bundle import Loaded, load_bundle, load_files, policy_files
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
    existing,
    moment,
    print_json,
)
from engine.cli.sarif import to_sarif
from engine.lint import lint_versions
from engine.policy.released import read_lock


class CheckFormat(StrEnum):
    text = "text"
    json = "json"
    sarif = "sarif"


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Policy files or folders.")
    ] = None,
    format: Annotated[CheckFormat, typer.Option("--format", help="How to print.")] = CheckFormat.text,
) -> None:
    """Check policies: read them, type every condition, and tell every problem with its place and the way out."""
    given = existing(paths or [Path("policies")])
    loaded = _with_folders(_linted(_load(given), given), given)
    if format is CheckFormat.json:
        print_json(text.check_report(loaded))
    elif format is CheckFormat.sarif:
        print_json(to_sarif(loaded.diagnostics))
    else:
        text.diagnostics(console(), loaded.diagnostics)
        text.checked(console(), loaded)
    if has_errors(loaded.diagnostics):
        raise typer.Exit(1)


def _linted(loaded: Loaded, paths: list[Path]) -> Loaded:
    """What loads is also read for what its owner cannot have meant."""
    if loaded.bundle is None:
        return loaded
    locks = [read_lock(path if path.is_dir() else path.parent)[0] for path in paths]
    released = {digest for lock in locks for digest in lock.digests.values()}
    policies = [[v.validated for v in versions.all] for versions in loaded.bundle.policies.values()]
    problems = [d for versions in policies for d in lint_versions(versions, released)]
    found = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(found) else loaded.bundle, found)


def _with_folders(loaded: Loaded, paths: list[Path]) -> Loaded:
    """What lies in folders beside the policies is checked by whoever reads it."""
    readers = installed_readers()
    problems = [d for path in paths if path.is_dir() for d in check_folders(path, readers)]
    files = [file for path in paths for file in (unread_files(path) if path.is_dir() else [path])]
    problems += [unread_file(file) for file in files if file.suffix != ".yaml"]
    found = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(found) else loaded.bundle, found)


def _load(paths: list[Path]) -> Loaded:
    if len(paths) == 1 and paths[0].is_dir():
        return load_bundle(paths[0], compile=backend())
    files: list[Path] = []
    for path in paths:
        files += policy_files(path) if path.is_dir() else [path]
    return load_files(dict.fromkeys(files), compile=backend())


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
