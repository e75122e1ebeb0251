"""Propose cases: a smallest input for every rule and row, and for what the cases so far would not notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.backends.smt.model import plain
from engine.backends.smt.policy import Decided, decide
from engine.backends.smt.question import USUAL, Found, Limits, Unknown, ask, ask_each
from engine.backends.smt.terms import Term, Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Record, Symbol
from engine.backends.smt.world import World
from engine.bundle import Bundle, load_sources
from engine.claims import inputs
from engine.claims.case_text import WrittenCase
from engine.claims.difference import Change, compare
from engine.claims.inputs import Input
from engine.claims.timeline import ALWAYS, Times, timeline
from engine.compiled import CompiledPolicy
from engine.expression.quantity import parse_timestamp, to_datetime
from engine.expression.types import Type
from engine.expression.values import format_value
from engine.mutation.bounds import bound_mutants
from engine.mutation.conditions import condition_mutants
from engine.mutation.mutant import Mutant
from engine.mutation.parameters import parameter_mutants
from engine.mutation.rules import rule_mutants
from engine.policy.validated import ValidatedPolicy

PARAMETER = "parameter "


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A rule or row that never decides. `wake` is a parameter and a value with which it would. `version` is None for the
    newest."""

    id: str
    wake: tuple[str, str] | None = None
    version: int | None = None


@dataclass(slots=True)
class Proposals:
    """`open` are questions that the solver did not answer."""

    cases: list[WrittenCase] = field(default_factory=list)
    unreachable: list[Unreachable] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    alike: int = 0
    """The number of small changes of the policy that are proven to decide alike."""


def propose(
    bundle: Bundle, policy: str, *, mcdc: bool = False, boundaries: bool = False, limits: Limits = USUAL
) -> Proposals:
    """Cases for every version of a policy that is ever in force, the newest first. Raises NotConfirmed."""
    proposals = Proposals()
    names: set[str] = set()
    times = {part.version: part.times for part in timeline(bundle.policies[policy]) if not part.refuses}
    newest = bundle.policies[policy].newest
    for version in sorted(bundle.policies[policy].deciding or [newest], key=lambda v: -v.version):
        number = None if version is newest else version.version
        proposing = _Proposing(version, times.get(version, ALWAYS), limits, number, proposals, names)
        proposing.rules()
        proposing.misfit()
        if mcdc or boundaries:
            for mutant in _mutants(version, mcdc=mcdc, boundaries=boundaries):
                proposing.notice(mutant)
    return proposals


def _mutants(version: CompiledPolicy, *, mcdc: bool, boundaries: bool) -> Iterator[Mutant]:
    """Small changes, each of which a case should notice."""
    validated = version.validated
    yield from condition_mutants(validated)
    if mcdc:
        yield from rule_mutants(validated.policy)
    if boundaries:
        yield from parameter_mutants(validated.policy)
        yield from bound_mutants(validated.policy)


@dataclass(slots=True)
class _Proposing:
    version: CompiledPolicy
    times: Times
    limits: Limits
    number: int | None
    """Of a version that is not the newest."""
    proposals: Proposals
    names: set[str]
    given: list[tuple[Mapping[str, Any], int, Any]] = field(default_factory=list)
    """The facts, moment and decision of each case."""

    @property
    def types(self) -> dict[str, Type]:
        return {name: fact.type for name, fact in self.version.validated.policy.facts.items()}

    def rules(self) -> None:
        """A case for every rule and row that can decide."""
        decided, dead = self._decided({}), []
        for entry, decides in zip(decided.entries, decided.decides, strict=True):
            given = self._search(decided, decides, entry.id, self.version)
            if isinstance(given, Input):
                self._add(entry.id, given)
            elif given is None:
                dead.append(entry.id)
        wakes = self._parameters_that_wake(dead)
        for id_ in dead:
            wake = wakes[id_] if id_ in wakes else self._cell_that_wakes(id_)
            self.proposals.unreachable.append(Unreachable(id_, wake, self.number))

    def misfit(self) -> None:
        """A case whose facts do not fit."""
        facts = {n: t for n, t in self.types.items() if not t.optional}
        usual = Input({n: plain(t) for n, t in self.types.items()}, self._moment())
        given = usual.given({n: self.types[n] for n in list(facts)[1:]}) if facts else {"unknown": True}
        shown = usual.shown({n: self.types[n] for n in list(facts)[1:]}) if facts else {"unknown": True}
        self._written("facts that do not fit", shown, given, usual.now)

    def _moment(self) -> int:
        """A moment at which the version is in force, plain if possible."""
        return self.times.plain_now(inputs.PLAIN_NOW)

    def _decided(self, parameters: Mapping[str, Type], cell: tuple[str, str, Type] | None = None) -> Decided:
        """The decision, with some parameters free, or one cell of the table row of an entry."""
        world = World(Terms(), {})
        facts = {name: world.fact(name, type_) for name, type_ in self.types.items()}
        free = {name: world.fact(PARAMETER + name, type_) for name, type_ in parameters.items()}
        translator = (
            Translator(world, self.version.validated, facts, free)
            if cell is None
            else _WithCell(world, self.version.validated, facts, cell)
        )
        return decide(translator)

    def _search(
        self, decided: Decided, decides: Term, id_: str, version: CompiledPolicy
    ) -> Input | Unknown | None:
        """The smallest input that the entry decides; None if there is none."""
        within = self.times.hold(decided.translator)
        answer = ask(decided.world, decided.world.terms.and_([within, decides]), self.limits)
        if isinstance(answer, Unknown):
            self.proposals.open.append(f"a case of `{id_}`: {answer.why}")
            return answer
        if not isinstance(answer, Found):
            return None
        given = Input(answer.model.facts(self.types, {}), answer.model.moment(inputs.PLAIN_NOW))

        def holds(one: Input) -> bool:
            return self.times.include(one) and inputs.decide(version, self.types, one).rule == id_

        if not holds(given):
            why = "the solver's input is not confirmed by the engine"
            self.proposals.open.append(f"a case of `{id_}`: {why}")
            return Unknown(why)
        return inputs.smallest(given, self.types, holds)

    def _parameters_that_wake(self, ids: list[str]) -> dict[str, tuple[str, str]]:
        """For entries that never decide, a parameter and a value with which they would decide some input."""
        wakes: dict[str, tuple[str, str]] = {}
        for name, parameter in self.version.validated.policy.parameters.items():
            left = [id_ for id_ in ids if id_ not in wakes]
            if left and parameter.table is None and None not in (parameter.minimum, parameter.maximum):
                type_ = replace(parameter.type, minimum=parameter.minimum, maximum=parameter.maximum)
                decided = self._decided({name: type_})
                answers = ask_each(decided.world, [decided.rule(id_) for id_ in left], self.limits)
                for id_, answer in zip(left, answers, strict=True):
                    if isinstance(answer, Found):
                        wakes[id_] = name, format_value(answer.model.value(PARAMETER + name, type_), type_)
        return wakes

    def _cell_that_wakes(self, id_: str) -> tuple[str, str] | None:
        """A cell of the row of an entry, and a value with which the entry would decide some input."""
        policy = self.version.validated.policy
        rule = next((r for r in policy.rules if r.id == id_.partition("[")[0]), None)
        each = rule.for_each if rule is not None else None
        table = policy.parameters[each.parameter].table if each is not None else None
        if each is None or table is None:
            return None
        for column, type_ in table.columns:
            if column in table.key or type_.kind not in ("int", "decimal", "double", "duration"):
                continue
            name = f"{PARAMETER}{each.parameter}"
            decided = self._decided({}, (id_, column, type_))
            answer = ask(decided.world, decided.rule(id_), self.limits)
            if isinstance(answer, Found):
                value = answer.model.value(name, type_)
                row = id_.partition("[")[2].rstrip("]")
                return f"{each.parameter}[{row}].{column}", format_value(value, type_)
        return None

    def notice(self, mutant: Mutant) -> None:
        """Add a case that notices a change of the policy, unless one does."""
        loaded = load_sources([mutant.mutated()]).bundle
        if loaded is None:
            return
        changed = next(
            (v for v in loaded.policies[self.version.name].all if v.version == self.version.version), None
        )
        if changed is None or any(self._differs(changed, *case) for case in self.given):
            return
        times = (self.times, self.times)
        difference = compare(self.version, changed, times=times, limits=self.limits, one=True)
        for change in difference.changes:
            if change.facts is not None and change.now is not None:
                self._add_change(change, mutant)
                return
        if difference.not_proven:
            self.proposals.open.append(f"a case where {mutant.summary}: {difference.not_proven[0].why}")
        elif difference.equal:
            self.proposals.alike += 1

    def _differs(self, changed: CompiledPolicy, facts: Mapping[str, Any], now: int, expected: Any) -> bool:
        return bool(_seen(changed, facts, now) != expected)

    def _add_change(self, change: Change, mutant: Mutant) -> None:
        assert change.facts is not None and change.now is not None
        now = parse_timestamp(change.now)
        assert now is not None
        self._written(f"notices when {mutant.summary}", change.facts, change.facts, now)

    def _add(self, name: str, given: Input) -> None:
        self._written(name, given.shown(self.types), given.given(self.types), given.now)

    def _written(self, name: str, shown: Mapping[str, Any], facts: Mapping[str, Any], now: int) -> None:
        decision = self.version.decide(facts, now=to_datetime(now), bundle_digest="")
        number = 2
        base = name = name if self.number is None else f"{name}, by version {self.number}"
        while name in self.names:
            name, number = f"{base} ({number})", number + 1
        self.names.add(name)
        self.proposals.cases.append(WrittenCase(name, shown, decision))
        self.given.append((facts, now, _seen(self.version, facts, now)))


def _seen(version: CompiledPolicy, facts: Mapping[str, Any], now: int) -> Any:
    """What a proposed case expects of a decision."""
    d = version.decide(facts, now=to_datetime(now), bundle_digest="")
    return d.outcome, d.rule, d.status, d.obligations, d.matched, d.outputs


class _WithCell(Translator):
    """A translator in which one numeric cell of the row that an entry sees is free."""

    def __init__(
        self,
        world: World,
        validated: ValidatedPolicy,
        facts: Mapping[str, Symbol],
        cell: tuple[str, str, Type],
    ) -> None:
        super().__init__(world, validated, facts)
        self.cell = cell

    def row_of(self, id_: str, row: Record) -> Record:
        wanted, column, type_ = self.cell
        if id_ != wanted:
            return row
        rule = next(r for r in self.validated.policy.rules if r.id == id_.partition("[")[0])
        assert rule.for_each is not None
        free = self.world.fact(PARAMETER + rule.for_each.parameter, type_)
        return Record(row.null, {**row.fields, column: free})
