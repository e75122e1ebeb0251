"""Find values and expressions that reveal private facts, because they are computed from one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.expression import typed as t
from engine.policy.model import Policy
from engine.policy.validated import ValidatedPolicy


def private_names(conditions: Mapping[str, t.Typed], policy: Policy) -> set[str]:
    """Conditions and values that depend on a private fact, directly or through other names. The input is in dependency order."""
    names: set[str] = set()
    for name, tree in conditions.items():
        if is_private(tree, names, policy):
            names.add(name)
    return names


def is_private(tree: t.Typed, names: Collection[str], policy: Policy) -> bool:
    """Whether an expression reads a private fact or one of these names."""
    return any(
        (isinstance(node, t.FactRef) and node.name in policy.facts and policy.facts[node.name].private)
        or (isinstance(node, t.ConditionRef) and node.name in names)
        for node in tree.walk()
    )


def private_outputs(validated: ValidatedPolicy) -> frozenset[str]:
    """The outputs whose value may reveal a private fact, whichever rule sets it."""
    hidden = private_names(validated.conditions, validated.policy)
    given = [*validated.outputs.items(), *validated.otherwise_sets.items()]
    given += [item for rule in validated.rules for item in rule.sets.items()]
    return frozenset(name for name, tree in given if is_private(tree, hidden, validated.policy))


def conditions_within(validated: ValidatedPolicy, facts: Collection[str]) -> frozenset[str]:
    """The conditions and values that read none but these facts, directly or through other names."""
    hidden = {name for name in validated.policy.facts if name not in facts}
    reading: set[str] = set()
    for name, tree in validated.conditions.items():
        if any(
            (isinstance(node, t.FactRef) and node.name in hidden)
            or (isinstance(node, t.ConditionRef) and node.name in reading)
            for node in tree.walk()
        ):
            reading.add(name)
    return frozenset(validated.conditions.keys() - reading)
