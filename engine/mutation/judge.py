"""Find the mutants of a policy that its cases detect. Each mutant is loaded, validated and compiled like any policy, and decides
the cases until one fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import floor

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping
from engine.bundle import Bundle, Versions, load_sources
from engine.cases.case import Case
from engine.cases.run import Settled, run_case
from engine.mutation.assumptions import unassuming
from engine.mutation.bounds import bound_mutants
from engine.mutation.conditions import condition_mutants
from engine.mutation.equivalence import equivalent
from engine.mutation.lifetimes import KEYS, lifetime_mutants
from engine.mutation.marks import Mark, read_marks
from engine.mutation.mutant import Mutant
from engine.mutation.parameters import parameter_mutants
from engine.mutation.rules import rule_mutants
from engine.policy.model import Policy
from engine.policy.validated import ValidatedPolicy


@dataclass
class Verdicts:
    """`refused` mutants do not load, so nobody could deploy them. Of the undetected ones, `equivalent` mutants provably decide
    alike, and `marked` ones carry the owner's reason."""

    policy: str
    noticed: int = 0
    refused: int = 0
    equivalent: int = 0
    marked: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    first: list[Wanted] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.survivors and not self.problems

    @property
    def score(self) -> float:
        """The percentage of decision-changing mutants that cases detect."""
        return percentage(self.noticed, len(self.survivors))


def percentage(noticed: int, survived: int) -> float:
    """100 if there was nothing to detect; otherwise rounded down, so that only a complete result is 100."""
    return floor(1000 * noticed / (noticed + survived)) / 10 if noticed + survived else 100.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of a policy that lacks cases, such as (`rule`, `too-late`), and the mutants that survive in it."""

    policy: str
    version: int
    kind: str
    name: str
    survivors: tuple[Mutant, ...]

    @property
    def summary(self) -> str:
        """What a new case must show, given the mutants that survived."""
        return "; ".join(dict.fromkeys(mutant.summary for mutant in self.survivors[:3]))


def judge(bundle: Bundle, policy: str, cases: Sequence[Case]) -> Verdicts:
    """Judge every mutant of all versions of a policy that are ever in force, and of when they are. The cases must pass on the
    unchanged policy."""
    verdicts = Verdicts(policy)
    known = bundle.policies[policy]
    versions = [v.validated for v in known.deciding]
    idle = [v.validated.policy.node for v in known.all if v not in known.deciding]
    marks, verdicts.problems = read_marks(known.all[0].validated.policy.node.source)
    used: set[Mark] = set()
    waiting = [unassuming(bundle, case) for case in cases if case.skip is None]
    policies = [v.validated.policy for v in known.all]
    mutants = [*mutants_of(versions), *lifetime_mutants(policies)]
    for mutant in sorted(mutants, key=lambda m: (m.start, m.end, m.summary)):
        mutated = load_sources([mutant.mutated()]).bundle
        if mutated is None:
            verdicts.refused += 1
        elif _noticed(mutated, waiting):
            verdicts.noticed += 1
        elif _equivalent(known, mutated.policies[policy]):
            verdicts.equivalent += 1
        elif mark := next((m for m in marks if m.covers(mutant)), None):
            verdicts.marked += 1
            used.add(mark)
        else:
            verdicts.survivors.append(mutant)
    needless = [mark for mark in marks if mark not in used and not any(mark.within(node) for node in idle)]
    verdicts.problems += [mark.place for mark in needless]
    verdicts.first = _wanted(policies, verdicts.survivors)
    return verdicts


def _wanted(policies: Sequence[Policy], survivors: Iterable[Mutant]) -> list[Wanted]:
    """The parts with surviving mutants, most first, since one case may detect all mutants of a part."""
    by_part: dict[tuple[str, int, str, str], list[Mutant]] = {}
    for mutant in survivors:
        by_part.setdefault(_part(policies, mutant), []).append(mutant)
    wanted = [Wanted(*part, tuple(mutants)) for part, mutants in by_part.items()]
    return sorted(wanted, key=lambda w: -len(w.survivors))


def _part(policies: Sequence[Policy], mutant: Mutant) -> tuple[str, int, str, str]:
    policy = max((p for p in policies if p.node.start <= mutant.start), key=lambda p: p.node.start)
    assert isinstance(policy.node, Mapping)
    parts = [
        *(("key", key.text, value) for key, value in policy.node.entries if key.text in KEYS),
        *(("rule", rule.id, rule.node) for rule in policy.rules),
        *(("condition", name, text.node) for name, text in policy.conditions.items()),
        *(("value", name, text.node) for name, text in policy.values.items()),
        *(("fact", name, fact.node) for name, fact in policy.facts.items()),
        *(("parameter", name, parameter.node) for name, parameter in policy.parameters.items()),
        *(("output", name, output.node) for name, output in policy.outputs.items()),
    ]
    for kind, name, node in parts:
        if node.start <= mutant.start < node.end:
            return policy.name, policy.version, kind, name
    return policy.name, policy.version, "rule", policy.otherwise.id


def mutants_of(versions: Sequence[ValidatedPolicy]) -> Iterator[Mutant]:
    """Every mutant of what these versions of a policy decide while they are in force."""
    for version in versions:
        yield from rule_mutants(version.policy)
        yield from condition_mutants(version)
        yield from parameter_mutants(version.policy)
        yield from bound_mutants(version.policy)


def _equivalent(known: Versions, mutated: Versions) -> bool:
    if known.periods != mutated.periods:
        return False
    pairs = [(v.validated, mutated.by_number[v.version].validated) for v in known.deciding]
    return all(
        one.policy.in_force_by == other.policy.in_force_by
        and (one.policy.digest == other.policy.digest or equivalent(one, other))
        for one, other in pairs
    )


def _noticed(mutated: Bundle, cases: list[Case]) -> bool:
    """Whether a case fails. That case runs first from then on, since it is likely to detect neighboring mutants too.

    Cases that assume parameter values run last, since each assumption compiles the mutant again.
    """
    settled: Settled = {}
    order = [0, *sorted(range(1, len(cases)), key=lambda position: bool(cases[position].settings))]
    for position in order[: len(cases)]:
        if run_case(mutated, cases[position], settled).failed:
            cases.insert(0, cases.pop(position))
            return True
    return False
