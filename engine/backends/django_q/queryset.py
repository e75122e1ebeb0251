"""The rows of a queryset about which a policy decides in a certain way.

A row is found exactly if `Bundle.decide`, asked about its facts, gives the outcome. Facts that do not fit have the outcome
`on_error`, and `now` or `in_force_by` chooses the version, as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model

from documents.diagnostics import Diagnostic, in_order
from engine.backends.backend import NotExpressible
from engine.backends.django_q.asked import CODE, HINT, Asked, answered
from engine.backends.django_q.columns import read
from engine.backends.django_q.comparison import compare
from engine.backends.django_q.fitting import Misfit, fits, prepare
from engine.backends.django_q.logic import Truth, all_of, any_of, opposite
from engine.backends.django_q.sources import Source
from engine.backends.django_q.terms import Known, Unsupported
from engine.backends.django_q.translate import Translator
from engine.compiled import CompiledPolicy
from engine.expression.quantity import from_datetime
from engine.policy.in_force import Period, latest_number, number_at
from engine.policy.validated import ValidatedPolicy

Sources = Mapping[str, Source]


class Versions(Protocol):
    """`engine.bundle.Versions`."""

    @property
    def periods(self) -> tuple[Period, ...]: ...
    @property
    def by_number(self) -> Mapping[int, CompiledPolicy]: ...
    @property
    def deciding(self) -> tuple[CompiledPolicy, ...]: ...
    def at(self, now: datetime) -> CompiledPolicy: ...


def find(versions: Versions, asked: Asked, facts: Sources, *, model: type[Model], now: datetime) -> Truth:
    """A condition on rows of the model, or True or False if it is the same for all rows.

    Raises NotExpressible, ValueError for a naive `now`, and PolicyNotInForce where `decide` would raise it for every row. Where
    it would for some rows only, these are left out.
    """
    micros = from_datetime(now)
    if micros is None:
        raise ValueError("`now` must be an aware datetime from 1970 to 2200")
    latest = latest_number(versions.periods, micros)
    chooser = None if latest is None else versions.by_number[latest].validated.policy.in_force_by
    if latest is None or chooser is None:
        return _answer(versions.at(now).validated, asked, facts, model, micros)
    began = _Fact.of(versions.by_number[latest].validated, chooser, facts, model)
    current = number_at(versions.periods, micros)
    failed = current is not None and asked.on_error(versions.by_number[current].validated.policy)
    chosen: list[Truth] = []
    conditions: list[Truth] = []
    for number, within in _by_version(versions.periods, began, micros):
        if number is not None:
            chosen.append(within)
            answer = _answer(versions.by_number[number].validated, asked, facts, model, micros)
            conditions.append(all_of([within, answer]))
    return any_of([*conditions, all_of([failed, opposite(any_of(chosen))])])


def check(versions: Versions, asked: Asked, facts: Sources, *, model: type[Model]) -> None:
    """Check that every version that ever decides can be asked. Facts that are given later are `Later()`. Raises
    NotExpressible."""
    problems: list[Diagnostic] = []
    for version in versions.deciding:
        try:
            _answer(version.validated, asked, facts, model, 0)
        except NotExpressible as error:
            problems += error.diagnostics
    if problems:
        raise NotExpressible(tuple(in_order(problems)))


@dataclass(frozen=True, slots=True)
class _Fact:
    """The fact that chooses the version. `valid` says where it fits."""

    term: Any
    valid: Truth

    @classmethod
    def of(cls, validated: ValidatedPolicy, name: str, facts: Sources, model: type[Model]) -> _Fact:
        type_ = validated.policy.facts[name].type
        try:
            source = prepare(facts.get(name), type_)
        except Misfit:
            return cls(None, False)
        term = source if isinstance(source, Known) else read(source, type_, 0, 0)
        return cls(term, fits(source, type_, model))


def _by_version(periods: Sequence[Period], began: _Fact, now: int) -> Iterator[tuple[int | None, Truth]]:
    """The number of the version of each period, and the condition that the fact is within. A moment after now counts as now."""
    ends: list[int | None] = [*(period.start for period in periods[1:]), None]
    for period, end in zip(periods, ends, strict=True):
        if period.start <= now and began.valid is not False:
            until = True if end is None or end > now else compare("<", began.term, Known(end))
            yield period.version, all_of([began.valid, compare(">=", began.term, Known(period.start)), until])


def _answer(validated: ValidatedPolicy, asked: Asked, facts: Sources, model: type[Model], now: int) -> Truth:
    policy = validated.policy
    failed = asked.on_error(policy)
    if not asked.is_known(policy):
        message = f"a list of the application needs the {asked}, which this version does not have"
        raise NotExpressible((policy.node.diagnostic(CODE, message, "add it, or change the list"),))
    sources, fitting = _sources(validated, facts, model)
    if fitting is False:
        return failed
    holds = answered(asked, Translator(validated, sources, now))
    return any_of([all_of([fitting, holds]), all_of([opposite(fitting), failed])])


def _sources(
    validated: ValidatedPolicy, facts: Sources, model: type[Model]
) -> tuple[dict[str, Source], Truth]:
    """The sources of the policy's facts, and where all of them fit. Raises NotExpressible for a fact without a source."""
    sources: dict[str, Source] = {}
    fitting: list[Truth] = []
    problems: list[Diagnostic] = []
    for name, fact in validated.policy.facts.items():
        if name not in facts and not fact.type.optional:
            message = f"a list of the application does not know the fact `{name}`"
            problems.append(fact.node.diagnostic(CODE, message, HINT_FACT))
            continue
        try:
            sources[name] = prepare(facts.get(name), fact.type)
            fitting.append(fits(sources[name], fact.type, model))
        except Misfit:
            fitting.append(False)
        except Unsupported as error:
            message = f"the fact `{name}` needs {error}, which a list cannot ask of the database"
            problems.append(fact.node.diagnostic(CODE, message, HINT))
    if problems:
        raise NotExpressible(tuple(in_order(problems)))
    return sources, all_of(fitting)


HINT_FACT = "give it a column in the list, or make it optional"
