"""What the validator returns: the policy with every condition typed. Only the validator makes these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.expression.typed import Typed
from engine.messages import Part
from engine.model import Policy, Rule


@dataclass(frozen=True, slots=True)
class TypedRule:
    """`applies` is the whole condition (`when && !unless`), None where the rule always applies; parts are kept for explaining."""

    rule: Rule
    applies: Typed | None
    when: Typed | None
    unless: Typed | None
    message: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ValidatedPolicy:
    policy: Policy
    conditions: Mapping[str, Typed]
    """In an order in which each condition comes after those that it names."""
    rules: tuple[TypedRule, ...]
    otherwise_message: tuple[Part, ...]
    outputs: Mapping[str, Typed]
