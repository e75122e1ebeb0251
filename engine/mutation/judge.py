"""Which mutants of a policy its cases notice. Each is loaded, validated and compiled like any policy, and decides every case
until one is not met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents.diagnostics import Diagnostic
from engine.bundle import Bundle, load_sources
from engine.cases.reader import Case
from engine.cases.run import Settled, run_case
from engine.compiled import CompiledPolicy
from engine.mutation.assumptions import unassuming
from engine.mutation.bounds import bound_mutants
from engine.mutation.conditions import condition_mutants
from engine.mutation.equivalence import equivalent
from engine.mutation.marks import Mark, read_marks
from engine.mutation.mutant import Mutant
from engine.mutation.parameters import parameter_mutants
from engine.mutation.rules import rule_mutants
from engine.policy.validated import ValidatedPolicy


@dataclass
class Verdicts:
    """`refused` mutants do not load, so nobody could put them in force. Of those that no case notices, `equivalent` ones are
    proven to decide alike, and `marked` ones carry the owner's reason."""

    policy: str
    noticed: int = 0
    refused: int = 0
    equivalent: int = 0
    marked: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.survivors and not self.problems


def judge(bundle: Bundle, policy: str, cases: Sequence[Case]) -> Verdicts:
    """The verdicts on every mutant of a policy, all its versions. The cases must pass on the policy as it is."""
    verdicts = Verdicts(policy)
    versions = [v.validated for v in bundle.policies[policy].all]
    marks, verdicts.problems = read_marks(versions[0].policy.node.source)
    used: set[Mark] = set()
    waiting = [unassuming(bundle, case) for case in cases]
    for mutant in sorted(_mutants(versions), key=lambda m: (m.start, m.end, m.told)):
        mutated = load_sources([mutant.mutated()]).bundle
        if mutated is None:
            verdicts.refused += 1
        elif _noticed(mutated, waiting):
            verdicts.noticed += 1
        elif _equivalent(versions, mutated.policies[policy].all):
            verdicts.equivalent += 1
        elif mark := next((m for m in marks if m.covers(mutant)), None):
            verdicts.marked += 1
            used.add(mark)
        else:
            verdicts.survivors.append(mutant)
    verdicts.problems += [mark.place for mark in marks if mark not in used]
    return verdicts


def _mutants(versions: Sequence[ValidatedPolicy]) -> Iterator[Mutant]:
    for version in versions:
        yield from rule_mutants(version.policy)
        yield from condition_mutants(version)
        yield from parameter_mutants(version.policy)
        yield from bound_mutants(version.policy)


def _equivalent(versions: Sequence[ValidatedPolicy], mutated: Sequence[CompiledPolicy]) -> bool:
    pairs = zip(versions, (m.validated for m in mutated), strict=True)
    return all(one.policy.digest == other.policy.digest or equivalent(one, other) for one, other in pairs)


def _noticed(mutated: Bundle, cases: list[Case]) -> bool:
    """Whether a case fails. It comes first from then on, since it is likely to notice the neighbors too.

    Cases that assume no parameters go before the others: those need the mutant compiled once more.
    """
    settled: Settled = {}
    order = [0, *sorted(range(1, len(cases)), key=lambda position: bool(cases[position].settings))]
    for position in order[: len(cases)]:
        if not run_case(mutated, cases[position], settled).passed:
            cases.insert(0, cases.pop(position))
            return True
    return False
