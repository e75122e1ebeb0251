"""The theory of strings and enums: which equalities and inequalities are satisfiable together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.backends.logic.formula import Same, Term

Member = Term | str
Classes = dict[Member, Member]


@dataclass(frozen=True, slots=True)
class Equalities:
    """`enums` has the members of the terms that are enums. The literals are always consistent."""

    enums: Mapping[Term, frozenset[str]]
    same: tuple[Same, ...] = ()

    def adding(self, literal: Same) -> Equalities | None:
        """These literals with one more; None if they contradict each other."""
        if literal in self.same:
            return self
        more = Equalities(self.enums, (*self.same, literal))
        return more if more._consistent() else None

    def _consistent(self) -> bool:
        classes = self._classes()
        allowed: dict[Member, frozenset[str] | None] = {}
        for member, root in classes.items():
            values = frozenset([member]) if isinstance(member, str) else self.enums.get(member)
            before = allowed.get(root)
            allowed[root] = before if values is None else values if before is None else before & values
        for literal in self.same:
            if not literal.holds and not _keep_apart(classes, allowed, literal):
                return False
        return all(values is None or values for values in allowed.values())

    def _classes(self) -> Classes:
        """Map each member to the representative of its equivalence class."""
        classes: Classes = {}
        for literal in self.same:
            one, other = (classes.setdefault(m, m) for m in (literal.left, literal.right))
            if literal.holds and one != other:
                classes = {member: other if root == one else root for member, root in classes.items()}
        return classes


def _keep_apart(classes: Classes, allowed: dict[Member, frozenset[str] | None], literal: Same) -> bool:
    """If one side can have only one value, remove it from the values of the other. False if both are in one class."""
    left, right = classes[literal.left], classes[literal.right]
    if left == right:
        return False
    for one, other in ((left, right), (right, left)):
        single, values = allowed[one], allowed[other]
        if single is not None and len(single) == 1 and values is not None:
            allowed[other] = values - single
    return True
