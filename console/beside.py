"""What a page shows beside each rule: what the cases miss, the claims that name the rule, and how often it decided lately."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from decisions.models import DecisionRecord
from engine.cases.coverage import PolicyCoverage
from engine.claims.claim import Claim
from engine.compiled import CompiledPolicy

LATELY: Final = 1_000
"""Of the newest decisions of a policy, how many are counted."""


@dataclass(frozen=True, slots=True)
class Beside:
    """`misses` are the rows that no case reaches, or the rule itself. `decided` counts decisions of this version."""

    misses: tuple[str, ...]
    decided: int
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the rules and rows, how many a case reaches."""

    rules: tuple[int, int]
    rows: tuple[int, int]
    missing: Mapping[str, tuple[str, ...]]
    """The rules that no case reaches, and for those with rows, the rows; by the id of the rule."""


@dataclass(frozen=True, slots=True)
class Lately:
    """The newest decisions of a policy: `looked` is their number, `by_rule` counts those of one version."""

    looked: int
    by_rule: Mapping[str, int]


def coverage_of(measured: PolicyCoverage) -> Coverage:
    missing: dict[str, list[str]] = {}
    for _, name, _ in measured.undecided():
        missing.setdefault(name.partition("[")[0], []).append(name)
    counts = measured.counts()
    return Coverage(counts["rules"], counts["rows"], {rule: tuple(names) for rule, names in missing.items()})


def decided_lately(version: CompiledPolicy) -> Lately:
    """One query, which costs the same however long the log is."""
    records = DecisionRecord.objects.filter(policy=version.name).order_by("-pk")
    newest = list(records.values_list("version", "rule")[:LATELY])
    counts = Counter(rule.partition("[")[0] for number, rule in newest if number == version.version)
    return Lately(len(newest), counts)


def beside(
    version: CompiledPolicy, coverage: Coverage | None, claims: Iterable[Claim], lately: Lately
) -> dict[str, Beside]:
    """By the id of the rule."""
    policy = version.validated.policy
    listed = list(claims)
    return {
        rule: Beside(
            coverage.missing.get(rule, ()) if coverage else (),
            lately.by_rule.get(rule, 0),
            tuple(claim.id for claim in listed if _names(claim, rule)),
        )
        for rule in [*(each.id for each in policy.rules), policy.otherwise.id]
    }


def _names(claim: Claim, rule: str) -> bool:
    texts = [text.text for text in (claim.given, claim.holds, claim.unless) if text is not None]
    return any(f"{quote}{rule}{quote}" in text for text in texts for quote in "\"'")
