"""Decide again after a set of changes. Sets are bit masks of positions in the list of changes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from engine.compiled import CompiledPolicy, Entry
from engine.explain.budget import Budget, meter_of, sizes, steps
from engine.explain.change import NOW, Change, fact_at
from engine.explain.changes import COMPARED
from engine.explain.list_bits import ListBits

TRIAL = 120
"""The steps of a trial, in addition to those of the policy's conditions."""
LOOKED_UP = 40
"""The steps of a trial whose changes of lists are bit masks, if the same masks were tried before."""
MOST_READ = 3
"""More changes of what items are compared with have too many combinations to look for useless changes."""


def trials_of(
    version: CompiledPolicy, facts: dict[str, Any], now: int, changes: list[Change], budget: Budget
) -> Trials:
    """Raises OutOfBudget."""
    bits = meter_of(version).list_bits
    if bits is not None and any(c.kind != "set" and c.fact in bits.lists for c in changes):
        return ListTrials(version, facts, now, changes, budget, bits)
    return Trials(version, facts, now, changes, budget)


class Trials:
    """Change the facts, and decide."""

    useless = 0
    """The changes that cannot be part of a smallest set."""

    def __init__(
        self,
        version: CompiledPolicy,
        facts: dict[str, Any],
        now: int,
        changes: list[Change],
        budget: Budget,
    ) -> None:
        self.version = version
        self.changes = changes
        self.budget = budget
        self.states: dict[int, tuple[dict[str, Any], int]] = {0: (facts, now)}
        self.trial = TRIAL + steps(meter_of(version).decision, sizes(facts))
        self.applying = [COMPARED * len(facts[c.fact] or ()) if c.kind != "set" else 1 for c in changes]

    def state(self, mask: int) -> tuple[dict[str, Any], int]:
        """The facts and `now` after the changes, in order."""
        known = self.states.get(mask)
        if known is None:
            last = mask.bit_length() - 1
            facts, now = self.state(mask ^ 1 << last)
            change = self.changes[last]
            self.budget.spend(self.applying[last])
            known = (facts, change.value) if change.fact == NOW else (change.apply(facts), now)
            if mask.bit_count() < 3:
                self.states[mask] = known
        return known

    def entry(self, mask: int) -> Entry:
        """The entry that decides after the changes. Raises OutOfBudget."""
        self.budget.spend(self.trial)
        return self.version.entry_for(*self.state(mask))


class ListTrials(Trials):
    """Items that are added and removed are bit masks; other changes are made."""

    def __init__(
        self,
        version: CompiledPolicy,
        facts: dict[str, Any],
        now: int,
        changes: list[Change],
        budget: Budget,
        bits: ListBits,
    ) -> None:
        super().__init__(version, facts, now, changes, budget)
        self.bits = bits
        listed = [place for place, c in enumerate(changes) if c.kind != "set" and c.fact in bits.lists]
        self.removed = [place for place in listed if changes[place].kind == "remove"]
        self.added = [place for place in listed if changes[place].kind == "add"]
        self.listed = _mask(listed)
        self.read = _mask(p for p, c in enumerate(changes) if not self.listed >> p & 1 and self._reads(c))
        self.rest = self._rest(facts)
        self.trial = TRIAL + steps(meter_of(version).decision, sizes({**facts, **dict.fromkeys(bits.lists)}))
        self.known_items: dict[int, tuple[int, dict[int, int]]] = {}
        self.known: dict[tuple[int, int], Entry] = {}
        self.useless = self._useless()

    def _reads(self, change: Change) -> bool:
        return fact_at(change.fact) in self.bits.reads

    def _rest(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """The items that no change removes."""
        rest = []
        for name in self.bits.lists:
            removed = [self.changes[p].value for p in self.removed if self.changes[p].fact == name]
            self.budget.spend(COMPARED * len(facts[name]) * len(removed))
            rest += [(name, item) for item in facts[name] if item not in removed]
        return rest

    def _useless(self) -> int:
        """The items whose addition only makes more rules apply, whatever else changes."""
        places = [place for place in range(len(self.changes)) if self.read >> place & 1]
        useless = _mask(self.added) if self.bits.worsening and len(places) <= MOST_READ else 0
        for size in range(MOST_READ) if useless else ():
            for chosen in combinations(places, size):
                _, items = self._items(_mask(chosen))
                useless &= _mask(p for p in self.added if not items[p] & ~self.bits.worsening)
        return useless

    def _items(self, others: int) -> tuple[int, dict[int, int]]:
        """The bits of all items that stay, and those of each item that is added or removed."""
        read = others & self.read
        known = self.known_items.get(read)
        if known is None:
            self.budget.spend(self.bits.steps * (len(self.rest) + len(self.removed) + len(self.added)))
            facts, now = self.state(read)
            of_item, rest = self.bits.of_item, 0
            for name, item in self.rest:
                rest |= of_item[name](facts, now, item)
            items = {
                place: of_item[self.changes[place].fact](facts, now, self.changes[place].value)
                for place in (*self.removed, *self.added)
            }
            known = self.known_items[read] = rest, items
        return known

    def entry(self, mask: int) -> Entry:
        self.budget.spend(LOOKED_UP)
        others = mask & ~self.listed
        bits, items = self._items(others)
        for place in self.removed:
            if not mask >> place & 1:
                bits |= items[place]
        for place in self.added:
            if mask >> place & 1:
                bits |= items[place]
        entry = self.known.get((others, bits))
        if entry is None:
            self.budget.spend(self.trial)
            matches = self.bits.rules(*self.state(others), bits)
            entry = self.known[others, bits] = self.version.entries[self.version.deciding(matches)]
        return entry


def _mask(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)
