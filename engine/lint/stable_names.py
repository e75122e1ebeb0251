"""Facts, outcomes and rule ids keep their names across versions, since callers, records and statistics depend on them.

Bad: version 2 renames an outcome of version 1, so callers that wait for `hold` wait forever.

    version 1: {outcomes: [pay, hold]}
    version 2: {outcomes: [pay, wait]}

Good: new outcomes are added, and existing ones keep their names.

    version 2: {outcomes: [pay, review, hold]}

The fact that chooses the version stays too. A version that drops it decides everything from then on, also what began earlier.

    version 1: {in_force_by: booked_at}
    version 2: {}

A released version cannot be changed, so nothing is reported about it.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

from documents.diagnostics import Diagnostic, nearest
from documents.nodes import Mapping
from engine.lint.finding import key_node, warning
from engine.policy.model import Policy

CODE = "stable-names"


def find(versions: Sequence[Policy], released: Collection[str] = ()) -> Iterator[Diagnostic]:
    """`released` has the digests of released versions."""
    for before, after in itertools.pairwise(versions):
        if after.digest not in released:
            for section, what in _SECTIONS.items():
                yield from _dropped(before, after, section, what)
            yield from _chosen_otherwise(before, after)


_SECTIONS = {"facts": "fact", "outcomes": "outcome", "rules": "rule"}
_HINTS = {
    "fact": "callers that still give it are refused; keep it, or tell them",
    "outcome": "callers that wait for it wait in vain; keep it, or tell them",
    "rule": "records and callers know it as a reason; keep the id while the rule means the same",
}


def _names(policy: Policy, section: str) -> list[str]:
    if section == "rules":
        return [rule.id for rule in policy.rules] + [policy.otherwise.id]
    return list(policy.facts if section == "facts" else policy.outcomes)


def _dropped(before: Policy, after: Policy, section: str, what: str) -> Iterator[Diagnostic]:
    names, known = _names(after, section), _names(before, section)
    new = [name for name in names if name not in known]
    for name in known:
        if name not in names:
            renamed = nearest(name, new)
            message = f"version {after.version} has no {what} `{name}`, which version {before.version} has"
            hint = f"if `{renamed}` means the same, call it `{name}`" if renamed else _HINTS[what]
            yield warning(key_node(after, section), CODE, message, hint)


def _chosen_otherwise(before: Policy, after: Policy) -> Iterator[Diagnostic]:
    """Whoever began under an earlier version keeps it only while each later version says so too."""
    fact = before.in_force_by
    if fact is not None and fact != after.in_force_by:
        message = f"version {after.version} has no `in_force_by: {fact}`, which version {before.version} has"
        node = after.node.get("in_force_by") if isinstance(after.node, Mapping) else None
        hint = f"write `{fact}`, or the version also decides what began before it takes effect"
        if node is None:
            hint = f"add `in_force_by: {fact}`, or the version also decides what began before it takes effect"
        yield warning(node or key_node(after, "in_force_by"), CODE, message, hint)
