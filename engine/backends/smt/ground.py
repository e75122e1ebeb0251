"""Write quantifiers out over a fixed number of items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise

from engine.backends.smt.terms import FOLDS, Binder, ListName, Term
from engine.backends.smt.world import ITEM, THERE, World

Places = Mapping[Binder, str]
"""The item that each variable of a quantifier stands for, such as `claims[0]`."""


@dataclass(slots=True)
class Ground:
    """`sizes` has the number of items of each list by its path. `variables` collects what the terms read."""

    world: World
    sizes: Mapping[str, int]
    variables: dict[str, Term] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    """The lists that were written out, by name, such as `claims[0].parts`, and their sizes."""
    _known: dict[tuple[object, ...], Term] = field(default_factory=dict)

    def of(self, term: Term, places: Places | None = None) -> Term:
        """The term without quantifiers."""
        places = places or {}
        key = (term, *sorted((binder, places[binder]) for binder in term.free))
        if key not in self._known:
            self._known[key] = self._of(term, places)
        return self._known[key]

    def _of(self, term: Term, places: Places) -> Term:
        terms = self.world.terms
        if term.op in ("variable", "item"):
            name = term.value
            if term.op == "item":
                binder, suffix = term.value
                name = places[binder] + suffix
                term = terms.variable(term.sort, name)
            self.variables[name] = term
            return term
        if term.op == "constant":
            return term
        if term.op not in FOLDS:
            return terms.rebuilt(term, tuple(self.of(a, places) for a in term.args))
        items = [
            (terms.and_([there, args[0]]), args[1] if len(args) > 1 else terms.integer(1))
            for there, args in self._items(term, places)
        ]
        match term.op:
            case "exists":
                return terms.or_(guard for guard, _ in items)
            case "count" | "sum":
                zero = terms.integer(0)
                return reduce(terms.add, (terms.ite(guard, value, zero) for guard, value in items), zero)
        return self._furthest(term.op, items, term)

    def _furthest(self, op: str, items: list[tuple[Term, Term]], term: Term) -> Term:
        terms = self.world.terms
        best, any_of = terms.constant(term.sort, 0), terms.false
        for guard, value in items:
            better = terms.lt(value, best) if op == "min" else terms.lt(best, value)
            best = terms.ite(terms.and_([guard, terms.or_([terms.not_(any_of), better])]), value, best)
            any_of = terms.or_([any_of, guard])
        return best

    def _items(self, term: Term, places: Places) -> Iterator[tuple[Term, list[Term]]]:
        """For each item: whether it is in the list, and the arguments with it."""
        of, depth = term.value
        name = list_name(of, places)
        size = self.sizes[of[0]]
        self.lists[name] = size
        for position in range(size):
            item = f"{name}[{position}]"
            there = self.world.terms.variable("bool", item + THERE)
            self.variables[item + THERE] = there
            inner = {**places, (of[0], depth): item}
            yield there, [self.of(a, inner) for a in term.args]

    def assumed(self) -> list[Term]:
        """What holds for all variables: the types of the facts, and that the items of a list stand at its beginning."""
        terms = self.world.terms
        assumptions = list(self.world.domain(self.variables))
        for name, size in self.lists.items():
            there = [terms.variable("bool", f"{name}[{n}]{THERE}") for n in range(size)]
            assumptions += [terms.implies(after, before) for before, after in pairwise(there)]
        return assumptions


def list_name(of: ListName, places: Places) -> str:
    path, owner = of
    return path if owner is None else places[owner] + path.removeprefix(owner[0] + ITEM)
