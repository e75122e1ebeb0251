"""When each version of a policy decides, in terms of the moment that chooses it: `now`, or the earlier one of `in_force_by`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.backends.smt.terms import Term
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Scalar
from engine.bundle import Versions
from engine.claims.inputs import Input
from engine.compiled import CompiledPolicy
from engine.expression.types import MAX_TIMESTAMP
from engine.policy.in_force import moment_of_choice

END = MAX_TIMESTAMP + 1


@dataclass(frozen=True, slots=True)
class Times:
    """Stretches of time, each without its end."""

    stretches: tuple[tuple[int, int], ...]

    def hold(self, translator: Translator) -> Term:
        """Whether the moment that chooses the translator's version lies in them."""
        terms, moment = translator.terms, _moment(translator)
        return terms.or_(
            terms.and_([terms.le(terms.integer(start), moment), terms.lt(moment, terms.integer(end))])
            for start, end in self.stretches
        )

    def include(self, version: CompiledPolicy, given: Input) -> bool:
        fact = version.validated.policy.in_force_by
        moment = moment_of_choice(given.now, None if fact is None else given.facts[fact])
        return given.now <= MAX_TIMESTAMP and any(start <= moment < end for start, end in self.stretches)

    def shared(self, other: Times) -> Times:
        stretches = ((max(a, c), min(b, d)) for a, b in self.stretches for c, d in other.stretches)
        return Times(tuple((start, end) for start, end in stretches if start < end))


ALWAYS = Times(((0, END),))


def _moment(translator: Translator) -> Term:
    fact = translator.validated.policy.in_force_by
    if fact is None:
        return translator.now
    began = translator.facts[fact]
    assert isinstance(began, Scalar) and began.term is not None
    return translator.terms.ite(translator.terms.lt(began.term, translator.now), began.term, translator.now)


@dataclass(frozen=True, slots=True)
class InForce:
    """A version and its times; None for those at which no version is in force."""

    version: CompiledPolicy | None
    times: Times


def timeline(versions: Versions) -> list[InForce]:
    """Each version that is ever in force, in the order of its first time, after the gaps."""
    periods = [(0, None), *versions.periods]
    ends = [*(start for start, _ in periods[1:]), END]
    by_number: dict[int | None, list[tuple[int, int]]] = {}
    for (start, number), end in zip(periods, ends, strict=True):
        if start < end:
            by_number.setdefault(number, []).append((start, end))
    return [
        InForce(None if number is None else versions.by_number[number], Times(tuple(times)))
        for number, times in by_number.items()
    ]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions that can decide about the same input, each at its times."""

    old: InForce
    new: InForce


def pairs(old: Versions, new: Versions) -> Iterator[Pair]:
    """Which version of the one decides beside which of the other."""
    for one in timeline(old):
        for other in timeline(new):
            shared = one.times.shared(other.times)
            if _chooser(one) == _chooser(other) or one.version is None or other.version is None:
                if shared.stretches:
                    yield Pair(InForce(one.version, shared), InForce(other.version, shared))
            else:
                yield Pair(one, other)


def _chooser(of: InForce) -> str | None:
    return None if of.version is None else of.version.validated.policy.in_force_by
