"""Build the diagnostics of lint rules, and locate the declarations of names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping, Node
from engine.expression import typed as t
from engine.policy.model import Policy, Text
from engine.policy.validated import ValidatedPolicy


def warning(node: Node, code: str, message: str, hint: str) -> Diagnostic:
    return replace(node.diagnostic(code, message, hint), severity="warning")


def name_node(policy: Policy, section: str, name: str) -> Node:
    """The node that declares a fact, parameter or condition."""
    named = policy.node.get(section) if isinstance(policy.node, Mapping) else None
    entries = named.entries if isinstance(named, Mapping) else []
    return next((key for key, _ in entries if key.text == name), policy.node)


def key_node(policy: Policy, key: str) -> Node:
    """A key at the top of a policy, such as `facts`; the policy itself if it lacks the key."""
    entries = policy.node.entries if isinstance(policy.node, Mapping) else []
    return next((node for node, _ in entries if node.text == key), policy.node)


def expressions(validated: ValidatedPolicy) -> Iterator[tuple[Text, t.Typed]]:
    """Every expression in a policy, as text and as a typed tree."""
    policy = validated.policy
    named = policy.named
    pairs = [(named[name], typed) for name, typed in validated.conditions.items()]
    yield from pairs
    written = {name: output.value for name, output in policy.outputs.items() if output.value is not None}
    yield from ((written[name], typed) for name, typed in validated.outputs.items())
    yield from ((policy.otherwise.sets[name], typed) for name, typed in validated.otherwise_sets.items())
    for rule in validated.rules:
        yield from ((rule.rule.sets[name], typed) for name, typed in rule.sets.items())
        for text, typed in ((rule.rule.when, rule.when), (rule.rule.unless, rule.unless)):
            if text is not None and typed is not None:
                yield text, typed
