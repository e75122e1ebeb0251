"""How many items of each list a question can need.

If an input answers a question, so does the input that keeps only the items which witness it: what holds for all items still holds
for those that are kept, and each `exists` that must hold has kept its witness. Negation is followed inwards first, so that it
is known which is which. Where each item needs a witness among all others, as in "for each item there is another", there is no
such number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.backends.smt.terms import FOLDS, Binder, ListName, Term
from engine.backends.smt.world import ITEM, World, bounds_of

Need = Mapping[ListName, float]
"""For each list, the number of items; infinite where there is none."""
_NONE: Need = {}
Interval = tuple[float, float]


def items_needed(world: World, question: Term) -> dict[str, float]:
    """For each list that the question reads, by its path. A list within items may be reached through several of them."""
    sizes: dict[str, float] = {}
    for (path, _), number in _Bound(world).need(question, True).items():
        sizes[path] = sizes.get(path, 0) + number
    return sizes


@dataclass(slots=True)
class _Bound:
    world: World
    known: dict[tuple[Term, bool], Need] = field(default_factory=dict)
    parts: dict[tuple[Term, bool], frozenset[tuple[Term, bool]]] = field(default_factory=dict)

    def need(self, term: Term, wanted: bool) -> Need:
        """Of a condition that must come out as wanted."""
        if not term.folds:
            return _NONE
        key = (term, wanted)
        if key not in self.known:
            self.known[key] = self._need(term, wanted)
        return self.known[key]

    def _need(self, term: Term, wanted: bool) -> Need:
        if term.op == "not":
            return self.need(term.args[0], not wanted)
        if term.op in ("and", "or"):
            parts = [self.need(a, wanted) for a in term.args]
            if (term.op == "and") is not wanted:
                return _most(parts)
            together = _sum(parts)
            once = _sum([self.need(*atom) for atom in self.atoms(term, wanted)])
            return {of: min(number, once.get(of, 0)) for of, number in together.items()}
        if term.op == "exists":
            of, body = term.value[0], term.args[0]
            if wanted:
                return _sum([{of: 1}, self.need(body, True)])
            return _sum([{of: 0}, self._for_all(term)])
        return _sum([self._conditions(term), self._counted(term, wanted)])

    def atoms(self, term: Term, wanted: bool) -> frozenset[tuple[Term, bool]]:
        """What a condition is made of. Each part keeps its witnesses once, however often it is repeated."""
        if not term.folds:
            return frozenset()
        key = (term, wanted)
        if key not in self.parts:
            if term.op == "not":
                self.parts[key] = self.atoms(term.args[0], not wanted)
            elif term.op in ("and", "or"):
                self.parts[key] = frozenset().union(*(self.atoms(a, wanted) for a in term.args))
            else:
                self.parts[key] = frozenset([key])
        return self.parts[key]

    def _for_all(self, quantifier: Term) -> Need:
        """Of what must come out false for each item. The item's own lists are its own: each keeps its witnesses."""
        needs = self.need(quantifier.args[0], False)
        binder = _binder(quantifier)
        return {of: number if of[1] == binder or not number else math.inf for of, number in needs.items()}

    def _conditions(self, term: Term) -> Need:
        """Of the conditions within a value: each may have to come out either way."""
        conditions: dict[Term, None] = {}
        pending = list(term.args)
        while pending:
            part = pending.pop()
            if part.sort == "bool":
                conditions[part] = None
            elif part.op not in ("count", "sum", "min", "max"):
                pending += part.args
        return _sum([_most([self.need(c, True), self.need(c, False)]) for c in conditions])

    def _counted(self, term: Term, wanted: bool) -> Need:
        """Of the counts, sums and extremes in a comparison."""
        folded = _folded(term)
        if not folded:
            return _NONE
        if term.op in ("lt", "le", "eq") and len(folded) == 1 and term.args[0].sort == "int":
            counts: Counter[Term] = Counter()
            low, high = self._linear(term.args[0], 1, counts)
            lower, higher = self._linear(term.args[1], -1, counts)
            if set(counts) == folded and all(c.op == "count" for c in folded):
                [(count, factor)] = counts.items()
                if factor in (1, -1):
                    return self._compared(term.op, wanted, count, factor, (low + lower, high + higher))
        return _most([dict.fromkeys(_lists(f), math.inf) for f in folded])

    def _compared(self, op: str, wanted: bool, count: Term, factor: int, rest: Interval) -> Need:
        """Of `factor * count + rest <op> 0`."""
        at_least = -rest[0] if factor == 1 else rest[1]
        at_most = _sum([{count.value[0]: 0}, self._for_all(count)])
        if op == "eq":
            return _sum([self._witnesses(count, at_least if wanted else at_least + 1), at_most])
        is_upper_bound = wanted if factor == 1 else not wanted
        if is_upper_bound:
            return at_most
        is_strict = op == ("le" if factor == 1 else "lt")
        return self._witnesses(count, at_least + is_strict)

    def _witnesses(self, count: Term, number: float) -> Need:
        of, binder = count.value[0], _binder(count)
        if number <= 0:
            return {of: 0}
        inside = self.need(count.args[0], True)
        kept = {name: n if name[1] == binder or not n else n * number for name, n in inside.items()}
        return _sum([{of: number}, kept])

    def _linear(self, term: Term, factor: int, counts: Counter[Term]) -> Interval:
        """The interval of a sum without its counts, which are added to `counts`."""
        if term.op in ("add", "sub"):
            one = self._linear(term.args[0], factor, counts)
            other = self._linear(term.args[1], factor if term.op == "add" else -factor, counts)
            return one[0] + other[0], one[1] + other[1]
        if term.op == "count":
            counts[term] += factor
            return 0, 0
        low, high = self._interval(term)
        return (low * factor, high * factor) if factor > 0 else (high * factor, low * factor)

    def _interval(self, term: Term) -> Interval:
        if term.op == "constant":
            return term.value, term.value
        if term.op in ("variable", "item"):
            name = term.value if term.op == "variable" else term.value[0][0] + ITEM + term.value[1]
            return bounds_of(self.world.type_of(name)) or (-math.inf, math.inf)
        if term.op == "ite":
            sides = [self._interval(a) for a in term.args[1:]]
            return min(s[0] for s in sides), max(s[1] for s in sides)
        return -math.inf, math.inf


def _folded(term: Term) -> set[Term]:
    """The counts, sums and extremes in a value, outside of its conditions."""
    folds: set[Term] = set()
    pending = [a for a in term.args if a.sort != "bool"]
    while pending:
        part = pending.pop()
        if part.op in ("count", "sum", "min", "max"):
            folds.add(part)
        else:
            pending += [a for a in part.args if a.sort != "bool"]
    return folds


def _binder(quantifier: Term) -> Binder:
    (path, _), depth = quantifier.value
    return path, depth


def _lists(term: Term) -> set[ListName]:
    """Every list that a term reads."""
    names = set[ListName]().union(*(_lists(a) for a in term.args)) if term.folds else set()
    if term.op in FOLDS:
        names.add(term.value[0])
    return names


def _sum(parts: list[Need]) -> Need:
    total: dict[ListName, float] = {}
    for part in parts:
        for of, number in part.items():
            total[of] = total.get(of, 0) + number
    return total


def _most(parts: list[Need]) -> Need:
    most: dict[ListName, float] = {}
    for part in parts:
        for of, number in part.items():
            most[of] = max(most.get(of, 0), number)
    return most
