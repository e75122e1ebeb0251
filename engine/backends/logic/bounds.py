"""The theory of order: which bounds on differences between two values are satisfiable together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.backends.logic.formula import Number, Order, Term

Weight = tuple[Number, int]
"""A bound, and the number of strict inequalities in its sum."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`edges[left, right]` is an upper bound of `left - right`. The bounds are always consistent."""

    edges: Mapping[tuple[Term, Term], Weight] = field(default_factory=dict)

    def adding(self, order: Order) -> Bounds | None:
        """These bounds with one more; None if they contradict each other."""
        edge, weight = (order.left, order.right), (order.bound, -1 if order.strict else 0)
        known = self.edges.get(edge)
        if known is not None and known <= weight:
            return self
        back = (0, 0) if order.left == order.right else self._tightest(order.right, order.left)
        if back is not None and _sum(back, weight) < (0, 0):
            return None
        return Bounds({**self.edges, edge: weight})

    def _tightest(self, left: Term, right: Term) -> Weight | None:
        """The tightest bound on `left - right` that follows, found as a shortest path."""
        distances: dict[Term, Weight] = {left: (0, 0)}
        changed = True
        while changed:
            changed = False
            for (one, other), weight in self.edges.items():
                if one in distances:
                    through = _sum(distances[one], weight)
                    if other not in distances or through < distances[other]:
                        distances[other], changed = through, True
        return distances.get(right)


def _sum(one: Weight, other: Weight) -> Weight:
    return one[0] + other[0], one[1] + other[1]
