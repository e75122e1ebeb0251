"""When each version of a policy decides: by `now`, or by the earlier moment of the fact that `in_force_by` names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from engine.backends.smt.terms import Term
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Scalar
from engine.bundle import Versions
from engine.claims.inputs import Input
from engine.compiled import CompiledPolicy
from engine.expression.types import MAX_TIMESTAMP
from engine.policy.in_force import Period, latest_number, moment_of_choice

END = MAX_TIMESTAMP + 1
Stretch = tuple[int, int]
"""A stretch of time without its end."""


@dataclass(frozen=True, slots=True)
class Window:
    """Inputs whose `now` lies in one stretch, and the moment that chooses the version in another.

    `fact` gives that moment, unless it is after `now`; without `fact` the moment is `now`. A fact that neither version declares
    may have any value.
    """

    moment: Stretch
    now: Stretch = (0, END)
    fact: str | None = None

    def hold(self, translator: Translator) -> Term:
        terms, now = translator.terms, translator.now
        chosen = [_within(translator, now, self.now)]
        if self.fact is None or self.fact in translator.facts:
            chosen.append(_within(translator, self._moment(translator), self.moment))
        else:
            chosen.append(terms.le(terms.integer(self.moment[0]), now))
        return terms.and_(chosen)

    def _moment(self, translator: Translator) -> Term:
        terms, now = translator.terms, translator.now
        began = None if self.fact is None else translator.facts[self.fact]
        if not isinstance(began, Scalar) or began.term is None:
            return now
        return terms.ite(terms.or_([began.null, terms.lt(now, began.term)]), now, began.term)

    def includes(self, given: Input) -> bool:
        start, end = self.moment
        if not self.now[0] <= given.now < self.now[1]:
            return False
        if self.fact is not None and self.fact not in given.facts:
            return start <= given.now
        began = None if self.fact is None else given.facts[self.fact]
        return start <= moment_of_choice(given.now, began) < end

    def first_shared(self, other: Window) -> int | None:
        """The earliest `now` of an input in both; None if there is none."""
        if self.fact == other.fact and _shared(self.moment, other.moment) is None:
            return None
        shared = _shared(self._all_now, other._all_now)
        return None if shared is None else shared[0]

    @property
    def _all_now(self) -> Stretch:
        start, end = self.now
        return max(start, self.moment[0]), min(end, self.moment[1]) if self.fact is None else end


def _within(translator: Translator, moment: Term, stretch: Stretch) -> Term:
    terms, (start, end) = translator.terms, stretch
    return terms.and_([terms.le(terms.integer(start), moment), terms.lt(moment, terms.integer(end))])


def _shared(one: Stretch, other: Stretch) -> Stretch | None:
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class Times:
    windows: tuple[Window, ...]

    def hold(self, translator: Translator) -> Term:
        return translator.terms.or_(window.hold(translator) for window in self.windows)

    def include(self, given: Input) -> bool:
        return given.now <= MAX_TIMESTAMP and any(window.includes(given) for window in self.windows)

    def first_shared(self, other: Times) -> int | None:
        """The earliest `now` of an input in both; None if there is none."""
        moments = (one.first_shared(two) for one, two in product(self.windows, other.windows))
        return min((moment for moment in moments if moment is not None), default=None)

    def plain_now(self, preferred: int) -> int:
        """A `now` at which a fact that is not earlier chooses the version: the preferred one, or one near it."""
        for window in reversed(self.windows):
            shared = _shared(window.now, window.moment)
            if shared is not None:
                return max(shared[0], min(preferred, shared[1] - 1))
        return preferred


ALWAYS = Times((Window((0, END)),))


@dataclass(frozen=True, slots=True)
class InForce:
    """A version and the inputs that it answers. With `refuses` it answers `on_error`, because no version was in force at the
    moment of the fact. Without a version, no decision is made."""

    version: CompiledPolicy | None
    times: Times
    refuses: bool = False


def timeline(versions: Versions) -> list[InForce]:
    """Each version that is ever in force, in the order of its first time, after the gaps; then the refusals of each."""
    stretches = _stretches(versions.periods)
    gaps = stretches.pop(None)
    choosing = list(_choosing(versions))
    nothing = [w for gap in gaps for fact, now in choosing for w in _windows(gaps, fact, _shared(now, gap))]
    parts = [InForce(None, Times((Window((0, versions.periods[0].start)), *nothing)))]
    for number, own in stretches.items():
        decides = [w for fact, now in choosing for w in _windows(own, fact, now)]
        parts.append(InForce(versions.by_number[number or 0], Times(tuple(decides))))
    for number, own in stretches.items():
        refuses = [
            window
            for stretch in own
            for fact, now in choosing
            if fact is not None
            for window in _windows(gaps, fact, _shared(now, stretch))
        ]
        if refuses:
            parts.append(InForce(versions.by_number[number or 0], Times(tuple(refuses)), refuses=True))
    return parts


def _stretches(periods: tuple[Period, ...]) -> dict[int | None, list[Stretch]]:
    """When each version is in force; under None, the gaps."""
    found: dict[int | None, list[Stretch]] = {None: [(0, periods[0].start)]}
    for (start, number), (end, _) in pairwise([*periods, Period(END, None)]):
        found.setdefault(number, []).append((start, end))
    return found


def _choosing(versions: Versions) -> Iterator[tuple[str | None, Stretch]]:
    """Which fact chooses the version at which `now`, from the first period on."""
    pending: tuple[str | None, Stretch] | None = None
    for (start, _), (end, _) in pairwise([*versions.periods, Period(END, None)]):
        number = latest_number(versions.periods, start)
        fact = None if number is None else versions.by_number[number].validated.policy.in_force_by
        if pending is not None and pending[0] == fact:
            pending = (fact, (pending[1][0], end))
            continue
        if pending is not None:
            yield pending
        pending = (fact, (start, end))
    if pending is not None:
        yield pending


def _windows(moments: list[Stretch], fact: str | None, now: Stretch | None) -> Iterator[Window]:
    """The windows of a stretch of `now` in which the choosing moment lies in one of the others."""
    if now is None:
        return
    for moment in moments:
        if fact is not None and moment[0] < now[1]:
            yield Window(moment, now, fact)
        elif fact is None and (shared := _shared(moment, now)) is not None:
            yield Window(shared)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions that can decide about the same input, the first at `start`."""

    old: InForce
    new: InForce
    start: int


def pairs(old: Versions, new: Versions) -> Iterator[Pair]:
    """Which version of the one decides beside which of the other."""
    for one, other in product(timeline(old), timeline(new)):
        start = one.times.first_shared(other.times)
        undecided = [part.version is None or part.refuses for part in (one, other)]
        if start is not None and not all(undecided):
            yield Pair(one, other, start)
