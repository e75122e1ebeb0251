"""What two versions of a policy decide differently: for each kind of change a smallest input that the engine confirms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations
from typing import Any

from engine.backends.smt.policy import Decided, decide
from engine.backends.smt.question import USUAL, Found, Limits, Nothing, Unknown, ask
from engine.backends.smt.terms import Term, Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Scalar
from engine.backends.smt.world import World
from engine.claims import inputs
from engine.claims.inputs import Input
from engine.claims.shared_facts import accepted, all_facts
from engine.claims.timeline import ALWAYS, Times
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision, not_in_force
from engine.expression.quantity import to_datetime
from engine.expression.types import Type
from engine.policy.model import Status

_STATUSES: tuple[Status | None, ...] = ("conflict", "forbidden", None)


class NotConfirmed(Exception):
    """The engine decides otherwise than the solver says: one of the two is wrong, and so would be any answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """`old` and `new` say what changed.

    `kind` is outcome, rule, status, obligations, matched, outputs, accepted, on_error, in_force or policy.
    """

    policy: str
    kind: str
    old: Any
    new: Any
    facts: Mapping[str, Any] | None = None
    now: str | None = None
    old_decision: Mapping[str, Any] | None = None
    new_decision: Mapping[str, Any] | None = None
    confirmed: bool = True

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class NotProven:
    """A kind of change that was neither found nor excluded."""

    policy: str
    kind: str
    old: Any
    new: Any
    why: str

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(slots=True)
class Difference:
    """`bounds` has the number of items that had to be looked at, for each list of each policy. `texts` are policies of which only
    texts changed."""

    changes: list[Change] = field(default_factory=list)
    not_proven: list[NotProven] = field(default_factory=list)
    bounds: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    assumed: int | None = None

    @property
    def equal(self) -> bool:
        return not self.changes and not self.not_proven

    def to_dict(self) -> dict[str, Any]:
        return {
            "equal": self.equal,
            "bounds": self.bounds,
            "assumed_items": self.assumed,
            "changes": [c.to_dict() for c in self.changes],
            "not_proven": [n.to_dict() for n in self.not_proven],
            "texts": self.texts,
        }


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of change: a question for the solver, and the same for the engine's decisions."""

    name: str
    question: Term
    holds: Callable[[Decision, Decision], bool]
    told: Callable[[Decision, Decision], tuple[Any, Any]]
    exact: bool = True
    """Whether the question is exactly that of the decisions. Two lists may be equal although their items differ one by one."""


def compare(
    old: CompiledPolicy,
    new: CompiledPolicy,
    *,
    times: tuple[Times, Times] = (ALWAYS, ALWAYS),
    refuses: tuple[bool, bool] = (False, False),
    renamed: Mapping[str, str] | None = None,
    limits: Limits = USUAL,
    one: bool = False,
) -> Difference:
    """Compare two versions, each at the times at which it decides, or at which it refuses.

    `renamed` has new names of rules, or of rows such as `fee[abroad]`, by their old ones. With `one`, a single input is enough,
    of whatever kind.

    Raises NotConfirmed.
    """
    difference = Difference(assumed=limits.assumed_items)
    if old.digest == new.digest and not any(refuses):
        return difference
    types = [{name: fact.type for name, fact in v.validated.policy.facts.items()} for v in (old, new)]
    both = all_facts(*types)
    if both is None:
        difference.changes.append(Change(old.name, "accepted", None, None))
        return difference
    comparison = _Comparison(old, new, both, times, refuses, renamed or {}, limits, difference)
    comparison.run(one=one)
    if difference.equal and old.digest != new.digest:
        difference.texts.append(old.name)
    return difference


@dataclass(slots=True)
class _Comparison:
    old: CompiledPolicy
    new: CompiledPolicy
    types: Mapping[str, Type]
    times: tuple[Times, Times]
    refuses: tuple[bool, bool]
    renamed: Mapping[str, str]
    limits: Limits
    difference: Difference
    terms: Terms = field(default_factory=Terms)

    def run(self, *, one: bool) -> None:
        world = World(self.terms, {})
        facts = {name: world.fact(name, type_) for name, type_ in self.types.items()}
        sides = [decide(Translator(world, v.validated, facts)) for v in (self.old, self.new)]
        within = self.terms.and_(t.hold(s.translator) for t, s in zip(self.times, sides, strict=True))
        accepts = [
            self.terms.false if refuses else self._accepts(side)
            for side, refuses in zip(sides, self.refuses, strict=True)
        ]
        self._facts_checks(world, within, accepts)
        self._on_error()
        if one and any(change.facts is not None for change in self.difference.changes):
            return
        kinds = list(self._kinds(sides, accepts))
        anything = self.terms.and_([within, self.terms.or_(kind.question for kind in kinds)])
        answer = ask(world, anything, self.limits)
        if isinstance(answer, Nothing):
            self._looked_at(answer.sizes)
            return
        if one and isinstance(answer, Found) and self._shows(answer, kinds):
            return
        for kind in kinds:
            self._search(world, kind, self.terms.and_([within, kind.question]))

    def _looked_at(self, sizes: Mapping[str, int]) -> None:
        bounds = self.difference.bounds.setdefault(self.old.name, {})
        for path, size in sizes.items():
            bounds[path] = max(bounds.get(path, 0), size)

    def _accepts(self, side: Decided) -> Term:
        """Whether a side's facts check accepts the facts that it declares."""
        declared = side.validated.policy.facts
        return self.terms.and_(
            accepted(side.translator, side.translator.facts[name], self.types[name], fact.type)
            for name, fact in declared.items()
        )

    def _facts_checks(self, world: World, within: Term, accepts: list[Term]) -> None:
        """Inputs that only one side accepts, of the facts that this side declares."""
        for one, other in permutations(range(2)):
            mine, theirs = ((self.old, self.new)[i] for i in (one, other))
            own = mine.validated.policy.facts
            extra = own.keys() - theirs.validated.policy.facts.keys()
            missing = [
                n
                for n, fact in theirs.validated.policy.facts.items()
                if n not in own and not fact.type.optional
            ]
            refused = self.terms.boolean(bool(extra or missing))
            refuses = self.terms.or_([refused, self.terms.not_(accepts[other])])
            question = self.terms.and_([within, accepts[one], refuses])
            types = {name: self.types[name] for name in own}

            def holds(given: Input, types: Mapping[str, Type] = types, mine: CompiledPolicy = mine,
                      theirs: CompiledPolicy = theirs, other: int = other) -> bool:  # fmt: skip
                facts = given.given(types)
                refused = self.refuses[other] or bool(theirs.facts_check.check(facts)[1])
                return refused and not mine.facts_check.check(facts)[1] and self._in_time(given)

            label = ("accepted", "refused") if mine is self.old else ("refused", "accepted")
            answer = ask(world, question, self.limits)
            if isinstance(answer, Unknown):
                self.difference.not_proven.append(NotProven(self.old.name, "accepted", *label, answer.why))
            elif isinstance(answer, Found):
                given = self._input(answer, holds, types)
                if given is not None:
                    self._add("accepted", *label, given, types, superset=False)
                else:
                    self.difference.not_proven.append(
                        NotProven(self.old.name, "accepted", *label, "a text function is not decided")
                    )
            else:
                self._looked_at(answer.sizes)

    def _on_error(self) -> None:
        """Facts that neither side accepts."""
        one, other = (v.validated.policy.on_error for v in (self.old, self.new))
        if one != other:
            self.difference.changes.append(Change(self.old.name, "on_error", one, other))

    def _in_time(self, given: Input) -> bool:
        """Whether both versions decide about the input."""
        return all(times.include(given) for times in self.times)

    def _kinds(self, sides: list[Decided], accepts: list[Term]) -> Iterator[_Kind]:
        terms = self.terms
        outcomes = [list(dict.fromkeys(s.validated.policy.outcomes)) for s in sides]

        def total(side: int, outcome: str) -> Term:
            """The outcome, that of facts which are refused included."""
            is_on_error = sides[side].validated.policy.on_error == outcome
            refused = terms.boolean(is_on_error)
            return terms.ite(accepts[side], sides[side].outcome(outcome), refused)

        for one in outcomes[0]:
            for other in outcomes[1]:
                if one != other:
                    yield _Kind(
                        "outcome",
                        terms.and_([total(0, one), total(1, other)]),
                        lambda a, b, one=one, other=other: (a.outcome, b.outcome) == (one, other),  # type: ignore[misc]
                        lambda _a, _b, one=one, other=other: (one, other),  # type: ignore[misc]
                    )
        same_outcome = terms.or_(
            terms.and_([sides[0].outcome(o), sides[1].outcome(o)]) for o in outcomes[0] if o in outcomes[1]
        )
        both = [*accepts, same_outcome]
        yield self._rules(sides, both)
        other_status = terms.or_(
            terms.and_([sides[0].status(one), sides[1].status(other)])
            for one, other in permutations(_STATUSES, 2)
        )
        yield _Kind(
            "status",
            terms.and_([*both, other_status]),
            lambda a, b: a.outcome == b.outcome and a.status != b.status and not (a.errors or b.errors),
            lambda a, b: (a.status, b.status),
        )
        yield self._obligations(sides, both)
        yield from self._outputs(sides, both)
        if sides[0].validated.policy.finds_all or sides[1].validated.policy.finds_all:
            yield self._matched(sides, both)

    def _rules(self, sides: list[Decided], both: list[Term]) -> _Kind:
        terms = self.terms
        other = [terms.and_([sides[0].overlapping, terms.not_(sides[1].overlapping)])]
        for entry in sides[0].entries:
            stays = sides[1].rule(self._new_name(entry.id))
            other.append(terms.and_([sides[0].rule(entry.id), terms.not_(stays)]))
        return _Kind(
            "rule",
            terms.and_([*both, terms.or_(other)]),
            lambda a, b: (
                a.outcome == b.outcome and self._new_name(a.rule) != b.rule and not (a.errors or b.errors)
            ),
            lambda a, b: (a.rule, b.rule),
        )

    def _new_name(self, rule: str) -> str:
        name, bracket, row = rule.partition("[")
        return self.renamed.get(rule) or self.renamed.get(name, name) + bracket + row

    def _obligations(self, sides: list[Decided], both: list[Term]) -> _Kind:
        terms = self.terms
        names = dict.fromkeys(o for s in sides for e in s.entries for o in e.part.obligations)
        changed = [terms.not_(terms.eq(sides[0].obligation(n), sides[1].obligation(n))) for n in names]
        return _Kind(
            "obligations",
            terms.and_([*both, terms.or_(changed)]),
            lambda a, b: a.outcome == b.outcome and set(a.obligations) != set(b.obligations) and _fit(a, b),
            lambda a, b: (list(a.obligations), list(b.obligations)),
        )

    def _matched(self, sides: list[Decided], both: list[Term]) -> _Kind:
        terms = self.terms
        ids = dict.fromkeys(e.id for e in sides[0].entries[:-1])
        new = {e.id for e in sides[1].entries[:-1]}
        renamed = {self._new_name(id_) for id_ in ids}
        changed = [
            terms.not_(terms.eq(sides[0].matched(i), sides[1].matched(self._new_name(i)))) for i in ids
        ] + [sides[1].matched(i) for i in sorted(new - renamed)]
        return _Kind(
            "matched",
            terms.and_([*both, terms.or_(changed)]),
            lambda a, b: (
                a.outcome == b.outcome
                and {self._new_name(r) for r in a.matched} != set(b.matched)
                and _fit(a, b)
            ),
            lambda a, b: (list(a.matched), list(b.matched)),
        )

    def _outputs(self, sides: list[Decided], both: list[Term]) -> Iterator[_Kind]:
        terms = self.terms
        declared = [side.validated.policy.outputs for side in sides]
        decided = terms.not_(terms.or_(side.overlapping for side in sides))
        for name in dict.fromkeys([*declared[0], *declared[1]]):
            differs = terms.true
            if name in declared[0] and name in declared[1]:
                one, other = (side.output(name) for side in sides)
                kinds = [d[name].type.kind for d in declared]
                if kinds[0] == kinds[1] or _comparable(one, other):
                    differs = terms.not_(sides[0].translator.same(one, other))
            yield _Kind(
                f"outputs.{name}",
                terms.and_([*both, decided, differs]),
                lambda a, b, name=name: (  # type: ignore[misc]
                    a.outcome == b.outcome
                    and _fit(a, b)
                    and ON_ERROR not in (a.rule, b.rule)
                    and (
                        (name in a.outputs) != (name in b.outputs)
                        or a.outputs[name] != b.outputs[name]
                        or type(a.outputs[name]) is not type(b.outputs[name])
                    )
                ),
                lambda a, b, name=name: (_shown(a, name), _shown(b, name)),  # type: ignore[misc]
                exact=all(d[name].type.item is None for d in declared if name in d),
            )

    def _shows(self, answer: Found, kinds: list[_Kind]) -> bool:
        """Add the first kind of change that an input shows. False if the engine does not confirm any."""
        given = Input(answer.model.facts(self.types, {}), answer.model.moment(inputs.PLAIN_NOW))
        for kind in kinds:
            if self._has(kind, given):
                smaller = inputs.smallest(given, self.types, partial(self._has, kind))
                self._add(kind.name, *kind.told(*self._decisions(smaller)), smaller, self.types)
                return True
        return False

    def _has(self, kind: _Kind, given: Input) -> bool:
        return self._in_time(given) and kind.holds(*self._decisions(given))

    def _search(self, world: World, kind: _Kind, question: Term) -> None:
        """Add a change of this kind, or that none could be excluded."""
        answer = ask(world, question, self.limits)
        if isinstance(answer, Nothing):
            self._looked_at(answer.sizes)
            return
        label = _label(kind)
        if isinstance(answer, Unknown):
            self.difference.not_proven.append(NotProven(self.old.name, kind.name, *label, answer.why))
            return

        given = self._input(answer, partial(self._has, kind), self.types, exact=kind.exact)
        if given is None:
            why = (
                "the solver's input is not confirmed by the engine, and a text function or a list may be why"
            )
            self.difference.not_proven.append(NotProven(self.old.name, kind.name, *label, why))
            return
        self._add(kind.name, *kind.told(*self._decisions(given)), given, self.types)

    def _decisions(self, given: Input) -> tuple[Decision, Decision]:
        return self._decide(0, given, self.types), self._decide(1, given, self.types)

    def _decide(
        self, side: int, given: Input, types: Mapping[str, Type], *, superset: bool = True
    ) -> Decision:
        """The decision of one side; facts that it does not declare are ignored with `superset`."""
        version, now = (self.old, self.new)[side], to_datetime(given.now)
        if self.refuses[side]:
            fact = next(w.fact for w in self.times[side].windows if w.includes(given)) or ""
            return version.refuse((not_in_force(fact),), now, "")
        return version.decide(given.given(types), now=now, bundle_digest="", superset=superset)

    def _input(
        self, answer: Found, holds: inputs.Holds, types: Mapping[str, Type], *, exact: bool = True
    ) -> Input | None:
        """The smallest such input, which the engine confirms; None if it does not and the question was approximate."""
        now = answer.model.moment(inputs.PLAIN_NOW)
        given = Input(answer.model.facts(types, {}), now)
        if not holds(given):
            if answer.certain and exact:
                raise NotConfirmed(f"{self.old.name}: the engine does not confirm {given.shown(types)}")
            return None
        return inputs.smallest(given, types, holds)

    def _add(
        self, kind: str, old: Any, new: Any, given: Input, types: Mapping[str, Type], *, superset: bool = True
    ) -> None:
        one, other = (self._decide(side, given, types, superset=superset).to_dict() for side in (0, 1))
        self.difference.changes.append(
            Change(self.old.name, kind, old, new, given.shown(types), given.moment, one, other)
        )


def _fit(one: Decision, other: Decision) -> bool:
    """Whether both sides accept the facts."""
    return not (one.errors or other.errors)


def _comparable(one: object, other: object) -> bool:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.term is None or other.term is None or one.term.sort == other.term.sort
    return type(one) is type(other)


def _label(kind: _Kind) -> tuple[Any, Any]:
    """What is known about a change of this kind that was not found."""
    if kind.name != "outcome":
        return None, None
    nothing: Any = None
    return kind.told(nothing, nothing)


def _shown(decision: Decision, name: str) -> Any:
    return decision.to_dict()["outputs"].get(name)
