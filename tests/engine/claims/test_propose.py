"""Proposed cases reach every rule and row that can decide, and notice nearly every small change."""

from functools import cache
from pathlib import Path

import pytest

from engine.backends.smt.policy import Entry, decide
from engine.backends.smt.terms import Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.world import World
from engine.bundle import Bundle, load_bundle, load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.claims.bundles import compare_policies
from engine.claims.case_text import case_file
from engine.claims.propose import Proposals, Unreachable, propose
from engine.compiled import CompiledPolicy
from engine.mutation.judge import judge, percentage
from engine.mutation.mutant import Mutant
from tests.engine.generated.chance import FULL
from tests.engine.policies import RETURNS, bundle_of, shipped

SHOP = Path("tests/engine/shop/policies")
"""Policies of a newcomer: two versions, and lists of which any number of items can matter."""


@cache
def shop() -> Bundle:
    bundle = load_bundle(SHOP).bundle
    assert bundle is not None
    return bundle


POLICIES = (
    [(shipped, p) for p in sorted(shipped().policies)] + [(shop, p) for p in sorted(shop().policies)]
    if FULL
    else [(shipped, "chat")]
)


def judged(bundle: Bundle, policy: str, found: Proposals, path: Path) -> float:
    """The percentage of mutants that the proposals alone notice, without those that a proof says decide alike."""
    path.write_text(case_file(policy, found.cases, "proposed", "proposed"), encoding="utf-8")
    cases, problems = read_cases(path)
    assert problems == ()
    for case in cases:
        result = run_case(bundle, case)
        assert result.passed, (case.name, result.failures, result.problems)
    verdicts = judge(bundle, policy, cases)
    missed = [m for m in verdicts.survivors if not decides_alike(bundle, policy, m)]
    return percentage(verdicts.noticed, len(missed))


def decides_alike(bundle: Bundle, policy: str, mutant: Mutant) -> bool:
    loaded = load_sources([mutant.mutated()]).bundle
    assert loaded is not None
    return compare_policies({policy: bundle.policies[policy]}, dict(loaded.policies)).equal


@pytest.mark.parametrize(("bundle", "policy"), POLICIES, ids=[policy for _, policy in POLICIES])
def test_proposals_reach_every_rule_and_notice_nearly_every_change(bundle, policy, tmp_path):
    found = propose(bundle(), policy, mcdc=True, boundaries=True)
    for version in bundle().policies[policy].deciding:
        number = None if version is bundle().policies[policy].newest else version.version
        decided = {c.decision.rule for c in found.cases if c.decision.version == version.version}
        dead = {u.id for u in found.unreachable if u.version == number}
        every = {e.id for e in entries(version)}
        assert decided - {"on-error"} == every - dead
    score = judged(bundle(), policy, found, tmp_path / "cases.yaml")
    print(f"{policy}: {len(found.cases)} cases notice {score} %, {len(found.open)} open")  # noqa: T201
    assert score >= 90


def entries(version: CompiledPolicy) -> tuple[Entry, ...]:
    world = World(Terms(), {})
    facts = {name: world.fact(name, fact.type) for name, fact in version.validated.policy.facts.items()}
    return decide(Translator(world, version.validated, facts)).entries


def test_every_version_has_cases_for_its_own_time(tmp_path):
    second = RETURNS.replace("version: 1", "version: 2").replace("2026-01-01", "2027-01-01")
    bundle = bundle_of(f"{RETURNS}---\n{second.replace('amount > 1000', 'amount > 2000')}")
    found = propose(bundle, "returns")
    rules = {"never-paid", "large", "in-time", "too-late", "on-error"}
    decided = {(case.decision.version, case.decision.rule) for case in found.cases}
    assert decided == {(number, rule) for number in (1, 2) for rule in rules}
    assert {c.name for c in found.cases if c.decision.rule == "large"} == {"large", "large, by version 1"}
    path = tmp_path / "cases.yaml"
    path.write_text(case_file("returns", found.cases, "proposed", "proposed"), encoding="utf-8")
    cases, problems = read_cases(path)
    assert problems == () and all(run_case(bundle, case).passed for case in cases)


def test_a_case_is_found_where_any_number_of_items_can_matter():
    text = RETURNS.replace("  paid: bool\n", "  paid: bool\n  names: {list: string}\n").replace(
        "in_time && amount > 1000", "size(names) > amount"
    )
    found = propose(bundle_of(text), "returns")
    assert "large" in {case.decision.rule for case in found.cases} and found.open == []


def test_proposals_for_a_small_policy(tmp_path):
    bundle = bundle_of(RETURNS)
    found = propose(bundle, "returns")
    decided = {case.decision.rule for case in found.cases}
    assert decided == {"never-paid", "large", "in-time", "too-late", "on-error"}
    assert found.unreachable == [] and found.open == []


def test_what_never_decides_is_listed_with_what_would_wake_it():
    text = RETURNS.replace(
        "rules:\n", "rules:\n  - {id: old, when: paid && window > days(60) && !paid == false, then: review}\n"
    )
    found = propose(bundle_of(text), "returns")
    [entry] = found.unreachable
    assert entry.id == "old" and entry.wake is not None and entry.wake[0] == "window"


def test_what_nothing_wakes_is_listed_too():
    text = RETURNS.replace(
        "rules:\n", "rules:\n  - {id: old, when: paid && amount > 3 && amount < 3, then: review}\n"
    )
    assert propose(bundle_of(text), "returns").unreachable == [Unreachable("old")]
