"""The result of the validator: a policy with every condition typed. Only the validator creates these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.expression.typed import Apply, Product, Row, Typed
from engine.policy.messages import Part
from engine.policy.model import Policy, Rule, Table


@dataclass(frozen=True, slots=True)
class TypedRule:
    """`applies` is the whole condition (`when && !unless`), None if the rule always applies. The parts are kept for
    explanations."""

    rule: Rule
    applies: Typed | None
    when: Typed | None
    unless: Typed | None
    message: tuple[Part, ...]
    sets: Mapping[str, Typed]


@dataclass(frozen=True, slots=True)
class ValidatedPolicy:
    policy: Policy
    conditions: Mapping[str, Typed]
    """Named conditions and values in dependency order."""
    rules: tuple[TypedRule, ...]
    otherwise_message: tuple[Part, ...]
    outputs: Mapping[str, Typed]
    """Outputs that have a `value`; the others are set by rules."""
    otherwise_sets: Mapping[str, Typed]

    def table_of(self, rule: TypedRule) -> Table | None:
        """The table whose rows expand a rule; None for a rule without `for_each`."""
        each = rule.rule.for_each
        return None if each is None else self.policy.parameters[each.parameter].table

    def set_values(self) -> Iterator[Typed]:
        """All values that rules and `otherwise` set."""
        for rule in self.rules:
            yield from rule.sets.values()
        yield from self.otherwise_sets.values()

    def trees(self) -> Iterator[Typed]:
        """Every expression of the policy."""
        yield from self.conditions.values()
        yield from (rule.applies for rule in self.rules if rule.applies is not None)
        yield from self.outputs.values()
        yield from self.set_values()

    def relies_on_parameters(self) -> bool:
        """Whether the types of its expressions depend on the values of its parameters."""
        return any(
            isinstance(node, Row | Product | Apply) or node.type.kind == "decimal"
            for tree in self.trees()
            for node in tree.walk()
        )

    def count_of(self, rule: TypedRule) -> int:
        """The number of entries of a rule."""
        table = self.table_of(rule)
        return 1 if table is None else len(table.rows)
