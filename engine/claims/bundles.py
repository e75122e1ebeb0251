"""The exact difference of two sets of policies, version by version as they are in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.backends.smt.question import USUAL, Limits
from engine.bundle import Versions
from engine.claims.difference import Change, Difference, compare
from engine.claims.timeline import Pair, pairs
from engine.compiled import CompiledPolicy
from engine.expression.quantity import format_timestamp

Policies = Mapping[str, Versions]


def compare_policies(
    old: Policies,
    new: Policies,
    *,
    only: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    limits: Limits = USUAL,
) -> Difference:
    """Compare all policies, or only some. Each pair of versions is compared for the time that both are in force."""
    difference = Difference(assumed=limits.assumed_items)
    for name in sorted(only or {*old, *new}):
        if name not in old or name not in new:
            one, other = (v[name].newest.version if name in v else None for v in (old, new))
            difference.changes.append(Change(name, "policy", one, other))
            continue
        for pair in pairs(old[name], new[name]):
            add(difference, _compared(name, pair, renamed, limits))
    changed = {c.policy for c in difference.changes} | {n.policy for n in difference.not_proven}
    difference.texts = [name for name in difference.texts if name not in changed]
    return difference


def compare_versions(
    old: CompiledPolicy,
    new: CompiledPolicy,
    *,
    renamed: Mapping[str, str] | None = None,
    limits: Limits = USUAL,
) -> Difference:
    """Compare two versions as if each were in force at all times."""
    difference = Difference(assumed=limits.assumed_items)
    add(difference, compare(old, new, renamed=renamed, limits=limits))
    return difference


def _compared(name: str, pair: Pair, renamed: Mapping[str, str] | None, limits: Limits) -> Difference:
    old, new = pair.old.version, pair.new.version
    if old is None or new is None:
        one, other = (None if v is None else v.version for v in (old, new))
        return Difference([Change(name, "in_force", one, other, now=format_timestamp(pair.start))])
    times, refuses = (pair.old.times, pair.new.times), (pair.old.refuses, pair.new.refuses)
    return compare(old, new, times=times, refuses=refuses, renamed=renamed, limits=limits)


def add(difference: Difference, more: Difference) -> None:
    difference.changes += more.changes
    difference.not_proven += more.not_proven
    difference.texts += [name for name in more.texts if name not in difference.texts]
    for policy, bounds in more.bounds.items():
        kept = difference.bounds.setdefault(policy, {})
        for path, size in bounds.items():
            kept[path] = max(kept.get(path, 0), size)
