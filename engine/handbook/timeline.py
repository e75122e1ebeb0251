"""The time line of a policy: which version decides when, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from engine.bundle import Versions
from engine.compiled import CompiledPolicy
from engine.expression.quantity import format_timestamp, from_datetime
from engine.policy.in_force import number_at
from engine.policy.released import Event, Released, Version


def timeline(known: Versions, released: Released, now: datetime) -> dict[str, Any]:
    """The periods, and the state and history of each version."""
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
                "released": _events(released.versions.get((v.name, v.version))),
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
