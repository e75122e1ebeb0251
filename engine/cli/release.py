"""`comity release`: record versions that have passed their cases in the lock, after which their meaning cannot change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from documents.plurals import counted
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
from engine.cli.author import author
from engine.cli.passing import CasesOption, NamesArgument, passing
from engine.cli.test import CASES
from engine.expression.quantity import from_datetime
from engine.policy.model import version_number
from engine.policy.released import LOCK, NEVER, Event, read_lock, write_lock


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
            help="Release even if cases do not cover every rule and row; the lock records this reason.",
        ),
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Release versions: `released.lock` records them, and from then on a change of their meaning is an error.

    Cases must pass, and cover every rule and every row of a new version. Corrections of texts, ends and withdrawals of released
    versions are recorded too, each with its moment, and by whom if git says.
    """
    if without_cases is not None and not (without_cases.strip() and without_cases.isprintable()):
        wrong_use("`--without-cases` needs a reason on one line")
    bundle = bundle_of(policies)
    there = cases if without_cases is None or cases.exists() else None
    results = passing(bundle, names, there, otherwise="nothing is released: its cases must pass first")
    released, _ = read_lock(policies)
    every = (result for of_policy in results.values() for result in of_policy)
    covered = measure_coverage(bundle, every, results)
    bare = [c for c in covered if (c.policy, c.version) not in released.versions and c.undecided()]
    if bare and without_cases is None:
        _refuse(bare)
    reasons = {(c.policy, c.version): (without_cases or "").strip() for c in bare}
    chosen = [v.validated for name in results for v in bundle.policies[name].all]
    now = from_datetime(datetime.now(UTC))
    assert now is not None
    with writing():
        events = write_lock(
            policies, released, bundle.validated(), chosen, now=now, by=author(), without_cases=reasons
        )
    if format is Format.json:
        print_json(_report(events))
    else:
        for event in events:
            console().print(_line(event))
        count = sum(event.kind == "released" for event in events)
        console().print(f"{counted(count, 'new version')} in {policies / LOCK}")


def _report(events: Iterable[Event]) -> dict[str, Any]:
    """The new events by kind; `released` is always there."""
    report: dict[str, Any] = {"released": []}
    for event in events:
        entry: dict[str, Any] = {"policy": event.key[0], "version": event.key[1]}
        entry |= {k: event.details[k] for k in ("until", "because") if k in event.details}
        if "revision" in event.details:
            entry["revision"] = int(event.details["revision"])
        report.setdefault(event.kind, []).append(entry)
    return report


def _line(event: Event) -> str:
    version = f"{event.key[0]} version {event.key[1]}"
    match event.kind:
        case "revised":
            return f"corrected the texts of {version}: revision {event.details['revision']}"
        case "ends":
            until = event.details["until"]
            return f"{version} has no end any more" if until == NEVER else f"{version} ends at {until}"
        case "withdrawn":
            return f"withdrew {version}: {event.details['because']}"
    revision = int(event.details.get("revision", 0))
    return f"released {event.key[0]} {version_number(event.key[1], revision)}"


def _refuse(bare: Iterable[PolicyCoverage]) -> None:
    for coverage in bare:
        console().print(f"{coverage.policy} {coverage.of.number} is not covered by its cases:")
        for kind, name, missing in coverage.undecided():
            console().print(f"   {kind} `{name}`: {missing}")
    console().print(
        "nothing is released: write these cases, or say why there are none with `--without-cases REASON`"
    )
    raise typer.Exit(1)
