"""`comity versions` and `comity changes`: the time line of a policy, and what changed between two of its versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from documents.diagnostics import did_you_mean
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
    print_json,
    wrong_use,
)
from engine.compiled import CompiledPolicy
from engine.expression.quantity import format_timestamp, from_datetime
from engine.policy.comparison import Change, compare
from engine.policy.in_force import number_at
from engine.policy.model import version_number
from engine.policy.released import Event, Version, read_lock

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
    events = {v.version: _events(released.versions.get((policy, v.version))) for v in known.all}
    report = _report(known, now, events)
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
        hint = did_you_mean(policy, bundle.policies)
        wrong_use(f"there is no policy `{policy}`{f'; {hint}' if hint else ''}")
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


def _report(known: Versions, now: datetime, events: dict[int, list[str]]) -> dict[str, Any]:
    micros = from_datetime(now)
    assert micros is not None
    ends = [period.start for period in known.periods[1:]]
    periods = [
        {
            "from": format_timestamp(period.start),
            "until": None if end is None else format_timestamp(end),
            "version": period.version,
        }
        for period, end in zip(known.periods, [*ends, None], strict=True)
    ]
    return {
        "at": format_timestamp(micros),
        "in_force": number_at(known.periods, micros),
        "periods": periods,
        "versions": [
            {
                "version": v.version,
                "revision": v.revision,
                "state": _state(known, v, micros),
                "released": events[v.version],
            }
            for v in known.all
        ],
        "in_force_by": list(_choosing(known)),
    }


def _state(known: Versions, version: CompiledPolicy, now: int) -> str:
    policy = version.validated.policy
    if policy.withdrawn is not None:
        return f"withdrawn: {policy.withdrawn}"
    if version not in known.deciding:
        return "never in force: others take precedence"
    if number_at(known.periods, now) == version.version:
        return "in force"
    starts = [p.start for p in known.periods if p.version == version.version]
    if later := [start for start in starts if start > now]:
        return f"{'returns' if starts[0] <= now else 'scheduled'} at {format_timestamp(later[0])}"
    last = max(i for i, p in enumerate(known.periods) if p.version == version.version)
    return f"ended at {format_timestamp(known.periods[last + 1].start)}"


def _choosing(known: Versions) -> Iterator[str]:
    """What `in_force_by` means, for the versions that have it."""
    by_fact: dict[str, list[str]] = {}
    for version in known.deciding:
        if version.in_force_by is not None:
            by_fact.setdefault(version.in_force_by, []).append(str(version.version))
    for fact, numbers in by_fact.items():
        one = len(numbers) == 1
        yield (
            f"while version{'' if one else 's'} {', '.join(numbers)} {'is' if one else 'are'} in force, what has an earlier "
            f"`{fact}` is decided by the version that was in force then"
        )


def _events(version: Version | None) -> list[str]:
    return [] if version is None else [_event(event) for event in version.events]


def _event(event: Event) -> str:
    details = event.details
    what = {
        "released": "released",
        "revised": f"texts corrected as revision {details.get('revision')}",
        "ends": f"end set to {details.get('until')}",
        "withdrawn": f"withdrawn: {details.get('because')}",
    }[event.kind]
    at = f" at {details['at']}" if "at" in details else ""
    by = f" by {details['by']}" if "by" in details else ""
    return f"{what}{at}{by}"
