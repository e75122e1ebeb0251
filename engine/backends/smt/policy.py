"""A policy as terms: which rule applies, which one decides, and what the decision has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from engine.backends.reference import rows_of
from engine.backends.smt.terms import Term
from engine.backends.smt.translate import Translator, Variables
from engine.backends.smt.values import Record, Scalar, Symbol
from engine.backends.smt.world import World
from engine.expression import typed as t
from engine.policy.model import Otherwise, Rule
from engine.policy.validated import ValidatedPolicy


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, one row of a table rule, or `otherwise`."""

    id: str
    part: Rule | Otherwise
    applies: Term
    sets: Mapping[str, t.Typed]
    row: Variables


@dataclass(slots=True)
class Decided:
    """The decision of a policy about the facts of a translator."""

    translator: Translator
    entries: tuple[Entry, ...]
    decides: tuple[Term, ...]
    """For each entry, whether it decides."""
    overlapping: Term
    """With `hit: unique`: whether two rules with different answers apply."""
    _outputs: dict[str, Symbol] = field(default_factory=dict)

    @property
    def validated(self) -> ValidatedPolicy:
        return self.translator.validated

    @property
    def world(self) -> World:
        return self.translator.world

    def outcome(self, outcome: str) -> Term:
        """Whether the decision has this outcome."""
        terms = self.world.terms
        deciding = [d for e, d in zip(self.entries, self.decides, strict=True) if e.part.then == outcome]
        on_error = [self.overlapping] if self.validated.policy.on_error == outcome else []
        return terms.or_([*deciding, *on_error])

    def rule(self, id_: str) -> Term:
        """Whether the entry of this id decides."""
        pairs = zip(self.entries, self.decides, strict=True)
        return self.world.terms.or_(d for e, d in pairs if e.id == id_)

    def rule_of(self, id_: str) -> Term:
        """Whether this rule decides, in whatever row."""
        pairs = zip(self.entries, self.decides, strict=True)
        return self.world.terms.or_(d for e, d in pairs if e.part.id == id_)

    def status(self, status: str | None) -> Term:
        pairs = zip(self.entries, self.decides, strict=True)
        on_error = [self.overlapping] if status is None else []
        return self.world.terms.or_([*(d for e, d in pairs if e.part.status == status), *on_error])

    def matched(self, id_: str) -> Term:
        """Whether the entry of this id is among those that applied."""
        terms = self.world.terms
        rules = list(zip(self.entries[:-1], self.decides, strict=False))
        if not self.validated.policy.finds_all:
            return terms.or_(d for e, d in rules if e.id == id_)
        applied = terms.or_(e.applies for e, _ in rules if e.id == id_)
        return terms.and_([applied, terms.not_(self.overlapping)])

    def obligation(self, name: str) -> Term:
        """Whether the decision has this obligation: of the deciding rule, or of all that apply."""
        terms = self.world.terms
        having = [
            (e, d) for e, d in zip(self.entries, self.decides, strict=True) if name in e.part.obligations
        ]
        if not self.validated.policy.finds_all:
            return terms.or_(d for _, d in having)
        last = self.entries[-1]
        giving = [d if e is last else e.applies for e, d in having]
        return terms.and_([terms.or_(giving), terms.not_(self.overlapping)])

    def output(self, name: str) -> Symbol:
        """The value of an output, which is arbitrary where rules overlap."""
        if name not in self._outputs:
            self._outputs[name] = self._output(name)
        return self._outputs[name]

    def _output(self, name: str) -> Symbol:
        tree = self.validated.outputs.get(name)
        if tree is not None:
            return self.translator.value(tree)
        terms = self.world.terms
        values = [self._set(entry, name) for entry in self.entries]
        groups: dict[tuple[int, int | None], tuple[Symbol, list[Term]]] = {}
        for value, decides in zip(values, self.decides, strict=True):
            if not isinstance(value, Scalar):
                return self._listed(values)
            key = (value.null.number, None if value.term is None else value.term.number)
            groups.setdefault(key, (value, []))[1].append(decides)
        (chosen, _), *others = sorted(groups.values(), key=lambda group: -len(group[1]))
        for value, deciding in others:
            chosen = self.translator.choose(terms.or_(deciding), value, chosen)
        return chosen

    def _listed(self, values: list[Symbol]) -> Symbol:
        *others, chosen = values
        for value, deciding in zip(others, self.decides, strict=False):
            chosen = self.translator.choose(deciding, value, chosen)
        return chosen

    def _set(self, entry: Entry, name: str) -> Symbol:
        if name in entry.sets:
            return self.translator.value(entry.sets[name], entry.row)
        output = self.validated.policy.outputs[name]
        return self.translator.constant(output.default, output.type)


def decide(translator: Translator) -> Decided:
    """The decision of the translator's policy about its facts."""
    validated = translator.validated
    terms = translator.terms
    entries = [*_entries(translator)]
    entries.append(
        Entry(
            validated.policy.otherwise.id,
            validated.policy.otherwise,
            terms.true,
            validated.otherwise_sets,
            {},
        )
    )
    order = list(range(len(entries)))
    if validated.policy.finds_all:
        rank = validated.policy.outcomes.index
        order[:-1] = sorted(order[:-1], key=lambda i: -rank(entries[i].part.then))
    decides = [terms.false] * len(entries)
    before = terms.false
    for position in order:
        decides[position] = terms.and_([entries[position].applies, terms.not_(before)])
        before = terms.or_([before, entries[position].applies])
    overlapping = terms.false
    if validated.policy.hit == "unique":
        overlapping = _overlapping(translator, entries[:-1])
        apart = terms.not_(overlapping)
        decides = [terms.and_([d, apart]) for d in decides]
    return Decided(translator, tuple(entries), tuple(decides), overlapping)


def _entries(translator: Translator) -> list[Entry]:
    validated = translator.validated
    entries = []
    for rule in validated.rules:
        for id_, variables in rows_of(rule, validated.policy):
            row: dict[str, Symbol] = {}
            table = validated.table_of(rule)
            for name, cells in variables.items():
                assert table is not None
                types = dict(table.columns)
                shown = {c: translator.constant(v, types[c]) for c, v in cells.items()}
                row[name] = translator.row_of(id_, Record(translator.terms.false, shown))
            entries.append(Entry(id_, rule.rule, translator.holds(rule.applies, row), rule.sets, row))
    return entries


def _overlapping(translator: Translator, entries: list[Entry]) -> Term:
    """Whether two entries apply whose answers differ in outcome, status or what they set."""
    terms = translator.terms
    decided = Decided(translator, tuple(entries), (), terms.false)
    overlaps = []
    for one, other in combinations(entries, 2):
        both = terms.and_([one.applies, other.applies])
        if (one.part.then, one.part.status) != (other.part.then, other.part.status):
            overlaps.append(both)
            continue
        names = sorted(one.sets.keys() | other.sets.keys())
        same = (translator.same(decided._set(one, n), decided._set(other, n)) for n in names)
        overlaps.append(terms.and_([both, terms.not_(terms.and_(same))]))
    return terms.or_(overlaps)
