"""`comity versions` and `comity changes`: the time line of a policy, and what changed between two of its versions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from engine.bundle import Bundle, Versions
from engine.cli.app import (
    AtOption,
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    console,
    moment,
    no_policy,
    print_json,
    wrong_use,
)
from engine.compiled import CompiledPolicy
from engine.handbook.timeline import timeline
from engine.policy.comparison import Change, compare
from engine.policy.model import version_number
from engine.policy.released import read_lock

PolicyArgument = Annotated[str, typer.Argument(help="The policy's name.")]


@app.command()
def versions(
    policy: PolicyArgument,
    at: AtOption = None,
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Show which version of a policy decides when, and what is scheduled, ended or withdrawn."""
    now, bundle = moment(at), bundle_of(policies)
    known = _known(bundle, policy)
    released, _ = read_lock(policies)
    report = timeline(known, released, now)
    if format is Format.json:
        print_json({"policy": policy, **report})
        return
    console().print(f"{policy} at {report['at']}: {_in_words(known, report['in_force'])}")
    for period in report["periods"]:
        until = f"to {period['until']}" if period["until"] else "on"
        console().print(f"   from {period['from']} {until}: {_in_words(known, period['version'])}")
    for version in report["versions"]:
        number = version_number(version["version"], version["revision"])
        console().print(f"{number}: {version['state']}")
        for line in version["released"]:
            console().print(f"   {line}")
    for line in report["in_force_by"]:
        console().print(line)


@app.command()
def changes(
    policy: PolicyArgument,
    between: Annotated[str, typer.Argument(metavar="OLD..NEW", help="Two version numbers, such as 1..2.")],
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Say in words what changed from one version of a policy to another: its parts and texts, compared by meaning."""
    match = re.fullmatch(r"([0-9]{1,7})\.\.([0-9]{1,7})", between)
    if match is None:
        wrong_use(f"`{between}` does not name two versions, such as 1..2")
    known = _known(bundle_of(policies), policy)
    old, new = (_numbered(known, int(number)) for number in match.groups())
    differences = compare(old.validated, new.validated)
    if format is Format.json:
        listed = [change._asdict() | {"details": list(change.details)} for change in differences]
        print_json({"policy": policy, "old": old.version, "new": new.version, "changes": listed})
    else:
        _print_changes(differences)


def _print_changes(differences: list[Change]) -> None:
    for change in differences:
        console().print(change.sentence())
        for detail in change.details:
            console().print(f"   {detail}")
    if not differences:
        console().print("nothing but the number differs")


def _known(bundle: Bundle, policy: str) -> Versions:
    known = bundle.policies.get(policy)
    if known is None:
        no_policy(policy, bundle.policies)
    return known


def _numbered(known: Versions, number: int) -> CompiledPolicy:
    version = known.by_number.get(number)
    if version is None:
        numbers = ", ".join(str(v.version) for v in known.all)
        wrong_use(f"`{known.all[0].name}` has no version {number}: it has {numbers}")
    return version


def _in_words(known: Versions, number: int | None) -> str:
    if number is None:
        return "no version is in force"
    return f"{known.by_number[number].validated.policy.number} decides"
