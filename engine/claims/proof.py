"""Prove a claim about one version of a policy, or find the smallest input that breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.backends import reference
from engine.backends.python.compiler import compile_policy
from engine.backends.smt.policy import Decided, decide
from engine.backends.smt.question import USUAL, Found, Limits, Nothing, ask
from engine.backends.smt.terms import Term, Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Items, Part, Record, Scalar, Source, Symbol
from engine.backends.smt.world import World
from engine.bundle import Versions
from engine.claims import inputs
from engine.claims.claim import Claim, TypedClaim, typed, variables_of
from engine.claims.difference import NotConfirmed
from engine.claims.inputs import Input
from engine.claims.timeline import Times, timeline
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision
from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.model import Parameter, Policy
from engine.policy.parameter_settings import with_parameters

Status = Literal["proven", "broken", "vacuous", "not proven"]
AFTER = "'"
"""Ends the names of what differs in the second of two inputs."""
RISEN = "+"
"""Ends the name of the item whose field rises."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An input that breaks a claim: facts and outputs as JSON, and the decision of the engine."""

    facts: Mapping[str, Any]
    at: str
    parameters: Mapping[str, Any]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict on a claim about one version."""

    claim: Claim
    of: Policy
    status: Status
    shown: tuple[Shown, ...] = ()
    bounds: Mapping[str, int] = field(default_factory=dict)
    why: str = ""


def prove(claim: Claim, versions: Versions, limits: Limits = USUAL) -> list[Proof]:
    """The verdict on each version that the claim is about. Raises NotConfirmed."""
    return [
        _Proving(
            claim, typed(claim, part.version.validated.policy)[0], part.version, part.times, limits
        ).run()
        for part in timeline(versions)
        if part.version is not None and not part.refuses and part.version.version >= claim.since
    ]


@dataclass(slots=True)
class _Proving:
    claim: Claim
    typed: TypedClaim
    version: CompiledPolicy
    times: Times
    limits: Limits
    terms: Terms = field(default_factory=Terms)
    types: dict[str, Type] = field(default_factory=dict)
    """The types of the facts, of what differs in the second input, and of the parameters that vary."""

    def run(self) -> Proof:
        policy = self.version.validated.policy
        facts = {name: fact.type for name, fact in policy.facts.items()}
        self.types = {**facts, **self._differing(facts)}
        world = World(self.terms, {})
        parameters, known = self._parameters(world)
        sides = [
            decide(Translator(world, self.version.validated, symbols, parameters))
            for symbols in self._inputs(world, facts)
        ]
        known += [self.times.hold(side.translator) for side in sides]
        known += self._rise(sides)
        about = self.terms.and_([*known, *self._about(sides)])
        answer = ask(world, self.terms.and_([about, self._broken(sides)]), self.limits)
        if isinstance(answer, Found):
            return self._found(answer)
        if not isinstance(answer, Nothing):
            return Proof(self.claim, self.version.validated.policy, "not proven", why=answer.why)
        if isinstance(ask(world, about, self.limits), Nothing):
            why = "no input is as `given` says"
            return Proof(self.claim, self.version.validated.policy, "vacuous", why=why)
        return Proof(self.claim, self.version.validated.policy, "proven", bounds=answer.sizes)

    def _differing(self, facts: Mapping[str, Type]) -> dict[str, Type]:
        if self.claim.kind != "rises":
            return {}
        name, _, inner = self.claim.rises.partition(".")
        type_ = facts[name]
        if type_.item is not None:
            type_ = type_.item.field(inner) or type_.item
        return {self.claim.rises + AFTER: replace(type_, optional=False)}

    def _parameters(self, world: World) -> tuple[dict[str, Symbol], list[Term]]:
        """Parameters that vary within their bounds, if the claim asks for that."""
        varied: dict[str, Symbol] = {}
        known: list[Term] = []
        if self.claim.parameters == "today":
            return varied, known
        for name, parameter in self.version.validated.policy.parameters.items():
            if _varies(parameter):
                type_ = replace(parameter.type, minimum=parameter.minimum, maximum=parameter.maximum)
                self.types[_parameter(name)] = type_
                varied[name] = world.fact(_parameter(name), type_)
        return varied, known

    def _inputs(self, world: World, facts: Mapping[str, Type]) -> Iterator[dict[str, Symbol]]:
        """The facts of the one input, or of the two that differ in what the claim names."""
        one = {name: world.fact(name, type_) for name, type_ in facts.items()}
        if self.claim.kind == "compare":
            for side in (0, 1):
                given = {n: self._constant(v[side], facts[n]) for n, v in self.claim.compared.items()}
                yield {**one, **given}
        elif self.claim.kind == "rises":
            yield from self._rising(world, one, facts)
        else:
            yield one

    def _constant(self, value: Any, type_: Type) -> Symbol:
        translator = Translator(World(self.terms, {}), self.version.validated, {})
        return translator.constant(value, type_)

    def _rising(
        self, world: World, one: dict[str, Symbol], facts: Mapping[str, Type]
    ) -> Iterator[dict[str, Symbol]]:
        name, _, inner = self.claim.rises.partition(".")
        after = self.claim.rises + AFTER
        risen = world.fact(after, self.types[after])
        of = one[name]
        if not isinstance(of, Source):
            yield one
            yield {**one, name: risen}
            return
        item = world.fact(name + RISEN, of.item)
        changed: Symbol = risen
        if inner:
            assert isinstance(item, Record)
            changed = replace(item, fields={**item.fields, inner: risen})
        for last in (item, changed):
            yield {**one, name: replace(of, null=self.terms.false, extra=(last,))}

    def _rise(self, sides: list[Decided]) -> list[Term]:
        """That the second value is not lower, and the list not too long."""
        if self.claim.kind != "rises":
            return []
        name, _, inner = self.claim.rises.partition(".")
        values = [side.translator.facts[name] for side in sides]
        known = []
        if isinstance(values[0], Source):
            longest = self.types[name].max_items
            number = sides[0].translator.number(values[0])
            known.append(self.terms.le(number, self.terms.integer(longest)))
            values = [v.extra[0] for v in values if isinstance(v, Source)]
        if inner:
            values = [v.fields[inner] for v in values if isinstance(v, Record)]
        low, high = values
        assert isinstance(low, Scalar) and isinstance(high, Scalar) and low.term and high.term
        return [*known, self.terms.not_(low.null), self.terms.le(low.term, high.term)]

    def _about(self, sides: list[Decided]) -> Iterator[Term]:
        """That `given` holds for each input, and `unless` for none."""
        for side in sides:
            decision = self._decision(side)
            if self.typed.given is not None:
                yield side.translator.holds(self.typed.given, decision)
            if self.typed.unless is not None:
                yield self.terms.not_(side.translator.holds(self.typed.unless, decision))

    def _decision(self, side: Decided) -> dict[str, Symbol]:
        """The names by which a claim reads the decision."""
        terms, policy = self.terms, self.version.validated.policy
        outcome = terms.choice({o: side.outcome(o) for o in policy.outcomes})
        rules = {id_: side.rule_of(id_) for id_ in variables_of(policy)["rule"].members[:-1]}
        names = {**rules, ON_ERROR: side.overlapping}
        held = (
            Part(side.obligation(name), Scalar(terms.false, terms.constant("text", name)))
            for name in policy.obligations
        )
        variables: dict[str, Symbol] = {
            "outcome": Scalar(terms.false, outcome),
            "rule": Scalar(terms.false, terms.choice(names)),
            "obligations": Items(terms.false, tuple(held)),
        }
        if policy.outputs and self._reads("outputs"):
            variables["outputs"] = Record(terms.false, {name: side.output(name) for name in policy.outputs})
        return variables

    def _reads(self, name: str) -> bool:
        trees = [tree for tree in (self.typed.given, self.typed.holds, self.typed.unless) if tree is not None]
        return any(isinstance(n, t.Variable) and n.name == name for tree in trees for n in tree.walk())

    def _broken(self, sides: list[Decided]) -> Term:
        terms, policy = self.terms, self.version.validated.policy
        if self.claim.kind in ("never", "always"):
            holds = sides[0].translator.holds(self.typed.holds, self._decision(sides[0]))
            return holds if self.claim.kind == "never" else terms.not_(holds)
        outcomes = list(enumerate(policy.outcomes))

        def changed(wrong: Any) -> Term:
            return terms.or_(
                terms.and_([sides[0].outcome(a), sides[1].outcome(b)])
                for i, a in outcomes
                for j, b in outcomes
                if wrong(i, j)
            )

        if self.claim.kind == "compare":
            wrong = {
                "not_laxer": lambda i, j: j < i,
                "not_stricter": lambda i, j: j > i,
                "same": lambda i, j: i != j,
            }
            return changed(wrong[self.claim.expect])
        dropped = terms.or_(
            terms.and_([sides[0].obligation(o), terms.not_(sides[1].obligation(o))])
            for o in policy.obligations
        )
        return terms.or_([changed(lambda i, j: j < i), terms.and_([changed(lambda i, j: i == j), dropped])])

    def _found(self, answer: Found) -> Proof:
        model = answer.model
        facts = {n: t for n, t in self.types.items() if n in self.version.validated.policy.facts}
        name = self.claim.rises.partition(".")[0]
        is_list = self.claim.kind == "rises" and facts[name].item is not None
        values = model.facts(facts, {name: name + RISEN} if is_list else {})
        if is_list and values[name] is None:
            values[name] = []
        values |= {n: model.value(n, type_) for n, type_ in self.types.items() if n not in facts}
        given = Input(values, model.moment(inputs.PLAIN_NOW))
        if not self.is_broken_by(given):
            if answer.certain:
                raise NotConfirmed(
                    f"the claim {self.claim.id}: the engine does not confirm {given.shown(self.types)}"
                )
            why = "the solver's input is not confirmed by the engine, and a text function may be why"
            return Proof(self.claim, self.version.validated.policy, "not proven", why=why)
        given = inputs.smallest(given, self.types, self.is_broken_by)
        version = self._settled(given)
        assert version is not None
        shown = tuple(
            Shown(
                one.shown(facts),
                one.moment,
                {n.removeprefix("parameter "): v for n, v in given.shown(self._varied()).items()},
                inputs.decide(version, facts, one),
            )
            for one in self._pair(given)
        )
        return Proof(self.claim, self.version.validated.policy, "broken", shown, answer.sizes)

    def _varied(self) -> dict[str, Type]:
        return {n: t for n, t in self.types.items() if n.startswith("parameter ")}

    def is_broken_by(self, given: Input) -> bool:
        """Whether the engine's decisions break the claim."""
        version = self._settled(given)
        pair = self._pair(given)
        if version is None or not pair or not all(self.times.include(one) for one in pair):
            return False
        facts = {n: t for n, t in self.types.items() if n in version.validated.policy.facts}
        if any(version.facts_check.check(one.given(facts))[1] for one in pair):
            return False
        decided = [self._variables(version, one, facts) for one in pair]
        for one, variables in zip(pair, decided, strict=True):
            if not self._evaluated(self.typed.given, version, one, variables, default=True):
                return False
            if self._evaluated(self.typed.unless, version, one, variables, default=False):
                return False
        if self.claim.kind in ("never", "always"):
            holds = self._evaluated(self.typed.holds, version, pair[0], decided[0], default=True)
            return holds is (self.claim.kind == "never")
        ranks = [version.outcomes.index(d["outcome"]) for d in decided]
        if self.claim.kind == "compare":
            return {
                "not_laxer": ranks[1] < ranks[0],
                "not_stricter": ranks[1] > ranks[0],
                "same": ranks[1] != ranks[0],
            }[self.claim.expect]
        dropped = set(decided[0]["obligations"]) - set(decided[1]["obligations"])
        return ranks[1] < ranks[0] or (ranks[1] == ranks[0] and bool(dropped))

    def _pair(self, given: Input) -> list[Input]:
        """The input, or the two inputs; none if the value would fall instead of rise."""
        facts = {n: v for n, v in given.facts.items() if n in self.version.validated.policy.facts}
        one = Input(facts, given.now)
        if self.claim.kind == "compare":
            return [
                Input({**facts, **{n: v[side] for n, v in self.claim.compared.items()}}, given.now)
                for side in (0, 1)
            ]
        if self.claim.kind != "rises":
            return [one]
        name, _, inner = self.claim.rises.partition(".")
        after, before = given.facts[self.claim.rises + AFTER], facts[name]
        changed: Any = after
        if self.types[name].item is not None:
            if not before:
                return []
            changed = [*before[:-1], {**before[-1], inner: after} if inner else after]
            before = before[-1][inner] if inner else before[-1]
        if before is None or after < before:
            return []
        return [one, Input({**facts, name: changed}, given.now)]

    def _settled(self, given: Input) -> CompiledPolicy | None:
        """The policy with the parameters of the input."""
        varied = self._varied()
        if not varied:
            return self.version
        policy = self.version.validated.policy
        parameters = dict(policy.parameters)
        for name in varied:
            plain = name.removeprefix("parameter ")
            parameters[plain] = replace(parameters[plain], value=given.facts[name])
        validated, _ = with_parameters(self.version.validated, replace(policy, parameters=parameters))
        return None if validated is None else compile_policy(validated)

    def _variables(self, version: CompiledPolicy, one: Input, facts: Mapping[str, Type]) -> dict[str, Any]:
        decision = inputs.decide(version, facts, one)
        outcome, rule, _, outputs = reference.decide(version.validated, one.facts, one.now)
        if (outcome, rule) != (decision.outcome, decision.rule):
            raise NotConfirmed(f"{version.name}: the compiler and the reference differ on {one.shown(facts)}")
        return {
            "outcome": outcome,
            "rule": rule.partition("[")[0],
            "obligations": list(decision.obligations),
            "outputs": outputs,
        }

    def _evaluated(
        self,
        tree: t.Typed | None,
        version: CompiledPolicy,
        one: Input,
        variables: Mapping[str, Any],
        *,
        default: bool,
    ) -> bool:
        if tree is None:
            return default
        env = reference.environment(version.validated, one.facts, one.now)
        return bool(reference.evaluate(tree, replace(env, variables=variables)))


def _varies(parameter: Parameter) -> bool:
    return parameter.table is None and parameter.minimum is not None and parameter.maximum is not None


def _parameter(name: str) -> str:
    """The name of the variable of a parameter, which no fact has."""
    return f"parameter {name}"
